// How often each stretch was heard (QAL-04): for the coder alone. Pure; the page reports it and shows it.

/** Length of a stretch, in milliseconds. The service counts in the same. */
export const STRETCH = 5000;

/** What was heard of one stretch, in milliseconds of the recording. */
export interface HeardStretch {
  readonly stretch: number;
  readonly ms: number;
}

/** A step of the clock that is longer than this (ms) is a jump, not listening. */
const JUMP = 1000;

export class Heard {
  private readonly total = new Map<number, number>();
  private fresh = new Map<number, number>();
  private at: number | null = null;

  load(stretches: readonly HeardStretch[]): void {
    for (const { stretch, ms } of stretches) this.total.set(stretch, (this.total.get(stretch) ?? 0) + ms);
  }

  /** The sound is here and playing; or it stands still. */
  tick(ms: number, playing: boolean): void {
    const from = this.at;
    this.at = playing ? ms : null;
    if (from === null || ms <= from || ms - from > JUMP) return;
    for (let at = from; at < ms; ) {
      const stretch = Math.floor(at / STRETCH);
      const until = Math.min(ms, (stretch + 1) * STRETCH);
      this.total.set(stretch, (this.total.get(stretch) ?? 0) + until - at);
      this.fresh.set(stretch, (this.fresh.get(stretch) ?? 0) + until - at);
      at = until;
    }
  }

  /** What was heard since the last report, in whole milliseconds; what is left over is reported next time. */
  report(): HeardStretch[] {
    const stretches: HeardStretch[] = [];
    const left = new Map<number, number>();
    for (const [stretch, ms] of this.fresh) {
      const whole = Math.floor(ms);
      if (whole > 0) stretches.push({ stretch, ms: whole });
      if (ms > whole) left.set(stretch, ms - whole);
    }
    this.fresh = left;
    return stretches;
  }

  /** A report that did not get through is reported again. */
  failed(stretches: readonly HeardStretch[]): void {
    for (const { stretch, ms } of stretches) this.fresh.set(stretch, (this.fresh.get(stretch) ?? 0) + ms);
  }

  /** How often a stretch was heard: 2 is twice. The last stretch of a recording may be shorter than the others. */
  times(stretch: number, durationMs: number): number {
    const length = Math.min(STRETCH, durationMs - stretch * STRETCH);
    return length > 0 ? (this.total.get(stretch) ?? 0) / length : 0;
  }

  /** The share (0..1) of this part that was heard at least once, nearly. */
  share(start: number, end: number): number {
    let all = 0;
    let heard = 0;
    for (let stretch = Math.floor(start / STRETCH); stretch * STRETCH < end; stretch += 1) {
      const length = Math.min(end, (stretch + 1) * STRETCH) - Math.max(start, stretch * STRETCH);
      all += length;
      heard += Math.min(length, this.total.get(stretch) ?? 0);
    }
    return all > 0 ? heard / all : 0;
  }

  /** All that was listened to, in milliseconds of the recording. */
  get totalMs(): number {
    return [...this.total.values()].reduce((sum, ms) => sum + ms, 0);
  }

  /** Where the next stretch begins, from here on and then from the beginning, that was heard for less than half; null if all was heard. */
  nextUnheard(from: number, start: number, end: number): number | null {
    const first = Math.floor(start / STRETCH);
    const count = Math.ceil(end / STRETCH) - first;
    const begin = Math.min(Math.max(0, Math.ceil(from / STRETCH) - first), count);
    for (let step = 0; step < count; step += 1) {
      const stretch = first + ((begin + step) % count);
      if (this.times(stretch, end) < 0.5) return Math.max(start, stretch * STRETCH);
    }
    return null;
  }
}
