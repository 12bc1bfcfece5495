// What was heard, for the coder alone: counted while it plays, reported now and then, shown beneath the overview.

import { getJson, send } from "../api.ts";
import { byId, setText } from "../dom.ts";
import type { Span } from "../selection.ts";
import type { Sound } from "../sound.ts";
import { formatClock, speakTime } from "../time.ts";
import type { Waveform } from "../waveform.ts";
import { Heard, STRETCH, type HeardStretch } from "./heard.ts";

/** How often it is reported while the sound plays, in milliseconds. */
const EVERY = 30_000;

interface Hooks {
  readonly base: string;
  readonly part: Span;
  readonly sound: Sound;
  readonly wave: Waveform;
  readonly onChange: () => void;
}

export class Listening {
  private readonly heard = new Heard();
  private reported = Date.now();
  private shownStretch = -1;
  private sending = false;

  constructor(private readonly hooks: Hooks) {
    const { sound } = hooks;
    sound.on("tick", () => this.tick());
    sound.on("state", () => {
      this.tick();
      if (!sound.playing) void this.report(false);
    });
    document.addEventListener("visibilitychange", () => document.hidden && void this.report(true));
    window.addEventListener("pagehide", () => void this.report(true));
    this.load().catch(() => undefined);
  }

  /** The share (0..1) of what is to be coded that was heard. */
  get share(): number {
    return this.heard.share(this.hooks.part.start, this.hooks.part.end);
  }

  /** Where the next stretch begins that was not heard yet; null if all was. */
  next(): number | null {
    const { part, sound } = this.hooks;
    return this.heard.nextUnheard(sound.at, part.start, part.end);
  }

  private async load(): Promise<void> {
    const { heard } = await getJson<{ heard: readonly HeardStretch[] }>(`${this.hooks.base}/coding/heard`);
    this.heard.load(heard);
    this.show();
  }

  private tick(): void {
    const { sound } = this.hooks;
    this.heard.tick(sound.at, sound.playing);
    const stretch = Math.floor(sound.at / STRETCH);
    if (sound.playing && stretch !== this.shownStretch) {
      this.shownStretch = stretch;
      this.show();
    }
    if (sound.playing && Date.now() - this.reported > EVERY) void this.report(false);
  }

  private show(): void {
    const { part, sound, wave } = this.hooks;
    const duration = sound.durationMs;
    wave.setHeard({ stretchMs: STRETCH, times: (stretch) => this.heard.times(stretch, duration) });
    const stretches = Array.from({ length: Math.ceil(duration / STRETCH) }, (_, stretch) => this.heard.times(stretch, duration));
    const most = stretches.reduce((a, b) => Math.max(a, b), 0);
    const total = this.heard.totalMs;
    const all = this.heard.share(part.start, part.end) >= 0.995;
    const often = most >= 1.5 ? `, some of it ${Math.round(most)} times` : "";
    setText(byId("heard-state"), total < 1000 ? "Nothing heard yet." : `${formatClock(total)} listened in all${often}. ${all ? "All of it was heard." : ""}`);
    byId("heard-state").setAttribute("aria-label", total < 1000 ? "Nothing heard yet." : `${speakTime(total)} listened in all${often}.`);
    this.hooks.onChange();
  }

  private async report(leaving: boolean): Promise<void> {
    if (this.sending && !leaving) return;
    const stretches = this.heard.report();
    this.reported = Date.now();
    if (stretches.length === 0) return;
    this.sending = true;
    try {
      await send("POST", `${this.hooks.base}/coding/heard`, { heard: stretches }, { keepalive: leaving });
    } catch {
      this.heard.failed(stretches);
    } finally {
      this.sending = false;
      this.show();
    }
  }
}
