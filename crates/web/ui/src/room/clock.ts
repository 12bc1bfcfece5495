// What the room's clock shows, told from beats: each says when it was sent, what the room answered and when that came.
// The answer that took the shortest way is believed most (Cristian 1989): it can be wrong by half of its way at most.
// Pure.

export interface Sample {
  /** Milliseconds of this browser's stopwatch. */
  readonly sent: number;
  readonly received: number;
  /** Milliseconds of the room's. */
  readonly room: number;
}

/** As many answers as are remembered: clocks drift apart, slowly. */
const REMEMBERED = 12;

export class RoomClock {
  private samples: readonly Sample[] = [];

  add(sample: Sample): void {
    if (sample.received < sample.sent) return;
    this.samples = [...this.samples, sample].slice(-REMEMBERED);
  }

  get known(): boolean {
    return this.samples.length > 0;
  }

  /** The room's time at `local`, in milliseconds. */
  at(local: number): number {
    const best = this.samples.reduce<Sample | null>((one, other) => (one && way(one) <= way(other) ? one : other), null);
    return best ? local + best.room - (best.sent + best.received) / 2 : local;
  }
}

function way({ sent, received }: Sample): number {
  return received - sent;
}
