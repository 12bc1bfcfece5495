// The recording's sound: one <audio> element, a clock that ticks with the screen, spans that end where they end.

import type { Span } from "./selection.ts";

const SPEEDS = [0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2];

/** Where a recording's sound comes from: the copy that is made for listening, where it is there and this browser plays it (an old Safari does not). */
export function sourceOf(recording: string, hasCopy: boolean): string {
  const plays = document.createElement("audio").canPlayType('audio/mp4; codecs="opus"') !== "";
  return `/recordings/${recording}/${hasCopy && plays ? "listen" : "audio"}`;
}

export type SoundEvent = "tick" | "state" | "speed" | "trouble";

export class Sound {
  private readonly listeners = new Map<SoundEvent, Set<() => void>>();
  private span: Span | null = null;
  private looping = false;
  private frame = 0;
  private wanted: number | null = null;
  private knownDuration: number;
  private pausedAt: number | null = null;
  /** The speed to go back to when the span that is played slowly ends. */
  private usual: number | null = null;
  /** How far (ms) the sound goes back when it goes on after a pause. */
  rewindMs = 0;

  /** `durationMs` comes from the server: the element learns it only after the first bytes. */
  constructor(
    private readonly element: HTMLAudioElement,
    durationMs: number,
  ) {
    this.knownDuration = durationMs;
    element.preservesPitch = true;
    element.addEventListener("play", () => this.onState());
    element.addEventListener("pause", () => this.onState());
    element.addEventListener("ended", () => this.onState());
    element.addEventListener("seeked", () => {
      this.wanted = null;
      this.emit("tick");
    });
    element.addEventListener("timeupdate", () => {
      this.keepSpan(); // a tab in the background gets no frames
      this.emit("tick");
    });
    element.addEventListener("error", () => this.emit("trouble"));
  }

  on(event: SoundEvent, listener: () => void): void {
    const set = this.listeners.get(event) ?? new Set();
    set.add(listener);
    this.listeners.set(event, set);
  }

  private emit(event: SoundEvent): void {
    for (const listener of this.listeners.get(event) ?? []) listener();
  }

  get durationMs(): number {
    return this.knownDuration > 0 ? this.knownDuration : Math.round((this.element.duration || 0) * 1000);
  }

  /** The longer truth, when it becomes known. */
  setDuration(ms: number): void {
    this.knownDuration = ms;
  }

  /** Where we are, in milliseconds; while a seek is under way, where we are going. */
  get at(): number {
    return this.wanted ?? this.element.currentTime * 1000;
  }

  get playing(): boolean {
    return !this.element.paused && !this.element.ended;
  }

  get speed(): number {
    return this.usual ?? this.element.playbackRate;
  }

  get loopingSpan(): Span | null {
    return this.looping ? this.span : null;
  }

  seek(ms: number): void {
    // Never the very end: an element at its end would start over on the next play.
    const at = Math.min(Math.max(0, ms), Math.max(0, this.durationMs - 1));
    this.wanted = at;
    this.element.currentTime = at / 1000;
    // Without data yet there will be no `seeked`; the browser keeps the wish for later.
    if (this.element.readyState === 0) this.wanted = null;
    this.emit("tick");
  }

  /** Moves by `ms`; leaves a running span when it goes outside. */
  skip(ms: number): void {
    const to = this.at + ms;
    if (this.span && (to < this.span.start || to > this.span.end)) this.release();
    this.seek(to);
  }

  play(): void {
    if (this.element.ended) this.seek(0);
    else if (this.pausedAt !== null && this.rewindMs > 0 && Math.abs(this.at - this.pausedAt) < 50) this.seek(Math.max(0, this.at - this.rewindMs));
    this.pausedAt = null;
    this.element.play().catch((error: unknown) => {
      // A play that is overtaken by a pause or a seek is no trouble.
      if (!(error instanceof DOMException && error.name === "AbortError")) this.emit("trouble");
    });
  }

  pause(): void {
    if (this.playing) this.pausedAt = this.at;
    this.element.pause();
  }

  toggle(): void {
    if (this.playing) this.pause();
    else this.play();
  }

  /** Plays from here on and forgets any span. */
  playFrom(ms: number): void {
    this.release();
    this.seek(ms);
    this.play();
  }

  /** Plays exactly this span, once or round and round. */
  playSpan(span: Span, loop: boolean): void {
    this.atUsualSpeed();
    this.span = span;
    this.looping = loop;
    this.pausedAt = null;
    this.seek(span.start);
    this.play();
    this.emit("state");
  }

  /** Plays a span once at this speed; afterwards the speed is what it was. */
  playSlowly(span: Span, speed: number): void {
    this.playSpan(span, false);
    this.usual = this.element.playbackRate;
    this.element.playbackRate = Math.min(speed, this.usual);
  }

  private atUsualSpeed(): void {
    if (this.usual !== null) this.element.playbackRate = this.usual;
    this.usual = null;
  }

  /** The span that goes round was changed; the sound stays inside the new one. */
  follow(span: Span): void {
    if (!this.looping) return;
    this.span = span;
    if (this.at < span.start || this.at > span.end) this.seek(span.start);
  }

  /** Forgets the span; the sound goes on where it is. */
  release(): void {
    this.atUsualSpeed();
    this.span = null;
    this.looping = false;
    this.emit("state");
  }

  changeSpeed(direction: 1 | -1): number {
    const now = this.speed;
    const next = direction > 0 ? SPEEDS.find((speed) => speed > now + 0.01) : SPEEDS.findLast((speed) => speed < now - 0.01);
    return this.setSpeed(next ?? now);
  }

  setSpeed(speed: number): number {
    this.usual = null;
    this.element.playbackRate = speed;
    this.element.defaultPlaybackRate = speed;
    this.emit("speed");
    return speed;
  }

  private onState(): void {
    this.emit("state");
    cancelAnimationFrame(this.frame);
    if (this.playing) this.frame = requestAnimationFrame(this.tick);
  }

  /** At the end of the span: round again, or stop exactly there. */
  private keepSpan(): void {
    const { span } = this;
    if (!span || !this.playing || this.wanted !== null || this.at < span.end) return;
    if (this.looping) {
      this.seek(span.start);
    } else {
      this.element.pause();
      this.pausedAt = null;
      this.seek(span.end);
      this.release();
    }
  }

  private readonly tick = (): void => {
    if (!this.playing) return;
    this.keepSpan();
    this.emit("tick");
    this.frame = requestAnimationFrame(this.tick);
  };
}
