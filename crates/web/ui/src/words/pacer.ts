// The sound waits while somebody types, and goes back a little before it goes on: hands stay on the keys.

export interface Paced {
  readonly playing: boolean;
  readonly at: number;
  play(): void;
  pause(): void;
  seek(ms: number): void;
}

/** After how long without a key the sound goes on (ms), and how far it goes back (ms). */
export const GOES_ON = 1500;
export const GOES_BACK = 2000;

export class Pacer {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private waiting = false;

  constructor(
    private readonly sound: Paced,
    private readonly goesOn = GOES_ON,
    private readonly goesBack = GOES_BACK,
  ) {}

  /** A key was pressed that changed the text. */
  typed(): void {
    if (this.sound.playing) {
      this.sound.pause();
      this.waiting = true;
    }
    if (!this.waiting) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.resume(), this.goesOn);
  }

  /** Somebody started or stopped the sound themself: nothing happens behind their back. */
  leave(): void {
    clearTimeout(this.timer);
    this.waiting = false;
  }

  private resume(): void {
    if (!this.waiting) return;
    this.waiting = false;
    this.sound.seek(Math.max(0, this.sound.at - this.goesBack));
    this.sound.play();
  }
}
