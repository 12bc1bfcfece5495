// One <audio> element that is where everybody in the room is.

import { step, type Play } from "./step.ts";

/** How often it is looked at (ms). */
const LOOK = 60;

export class InStep {
  private play: Play = { at: 0, since: 0, playing: false };
  private length = 0;
  private pending = 0;
  private rested = 0;

  constructor(
    private readonly element: HTMLAudioElement,
    private readonly now: () => number,
    private readonly trouble: () => void,
  ) {
    element.preservesPitch = true;
    window.setInterval(() => this.look(), LOOK);
  }

  /** What is on; an empty address is nothing. */
  put(source: string, length: number): void {
    this.cancel();
    this.length = length;
    this.play = { at: 0, since: 0, playing: false };
    this.element.pause();
    if (source === "") this.element.removeAttribute("src");
    else this.element.src = source;
    // With no address this lets go of what was loaded.
    this.element.load();
  }

  /** Where everybody is. */
  be(play: Play): void {
    this.cancel();
    this.rested = 0;
    this.play = play;
    this.look();
  }

  private cancel(): void {
    window.clearTimeout(this.pending);
    this.pending = 0;
  }

  private look(): void {
    const { element } = this;
    if (!element.hasAttribute("src") || this.pending !== 0) return;
    const here = element.currentTime * 1000;
    const next = step(this.play, this.now(), this.length, here, !element.paused && !element.ended);
    // A jump takes its time: what the sound says of itself meanwhile is not where it is.
    if (element.seeking || performance.now() < this.rested) {
      if (next.kind !== "stop") return;
    }
    if (next.kind === "stop") {
      element.pause();
      element.playbackRate = 1;
      if (Math.abs(here - next.at) >= 30) this.go(next.at);
    } else if (next.kind === "start") {
      if (Math.abs(here - next.at) >= 5) this.go(next.at);
      if (next.wait > 0) element.pause();
      this.pending = window.setTimeout(() => {
        this.pending = 0;
        element.playbackRate = 1;
        element.play().catch((error: unknown) => {
          if (!(error instanceof DOMException && error.name === "AbortError")) this.trouble();
        });
        this.rest(120);
      }, Math.max(0, next.wait));
    } else if (next.kind === "jump") {
      this.go(next.at);
      this.rest(200);
    } else if (next.kind === "speed" && element.playbackRate !== next.rate) {
      element.playbackRate = next.rate;
    }
  }

  private rest(ms: number): void {
    this.rested = performance.now() + ms;
  }

  private go(ms: number): void {
    this.element.currentTime = ms / 1000;
  }
}
