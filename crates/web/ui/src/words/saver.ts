// Saving what is typed, by itself, a moment after the last key; and what comes of it when somebody else wrote meanwhile.

import { ApiError, sentenceOf } from "../api.ts";
import { after, tidy, type Change, type Reading } from "./model.ts";

/** How long a pause in typing is (ms). */
export const PAUSE = 1200;
/** How often it is tried once more where nobody else touched the passage. */
const TRIES = 3;
/** How long it waits for the network (ms). */
const WAIT = 4000;

export type SaveState =
  | { kind: "saved" }
  | { kind: "typing" }
  | { kind: "saving" }
  | { kind: "waiting"; why: string }
  | { kind: "refused"; why: string }
  | { kind: "theirs"; text: string };

export interface Wire {
  /** Sends a change made on this revision; the newest reading comes back. */
  correct(revision: number, change: Change): Promise<Reading>;
  /** The newest reading, and what stands in this passage. */
  read(passage: Passage): Promise<Reading>;
}

export interface Passage {
  readonly start_ms: number;
  readonly end_ms: number;
}

/** One passage being typed. What was typed is never lost here: it stays until it is saved or given up. */
export class Saver {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: Promise<void> | null = null;
  private mine: string;
  state: SaveState = { kind: "saved" };

  constructor(
    private readonly wire: Wire,
    private readonly passage: Passage,
    private was: string,
    private revision: number,
    private readonly tell: (state: SaveState) => void,
    private readonly learnt: (reading: Reading) => void,
    private readonly pause = PAUSE,
    private readonly wait = WAIT,
  ) {
    this.mine = was;
  }

  /** Something was typed; it is saved when nothing more comes for a while. */
  typed(text: string): void {
    this.mine = text;
    // Somebody else's words stand there: the person decides first.
    if (this.state.kind === "theirs") return;
    this.to({ kind: "typing" });
    this.later(this.pause);
  }

  /** Saves now, if there is anything to save; true if all is saved. */
  async flush(): Promise<boolean> {
    clearTimeout(this.timer);
    if (this.state.kind === "theirs") return false;
    await this.save();
    return (this.state as SaveState).kind === "saved";
  }

  /** The person's own words take the place of somebody else's. */
  async keepMine(): Promise<boolean> {
    if (this.state.kind !== "theirs") return this.flush();
    this.was = this.state.text;
    this.to({ kind: "typing" });
    return this.flush();
  }

  /** Somebody else's words stay; what they are. */
  takeTheirs(): string {
    const text = this.state.kind === "theirs" ? this.state.text : this.was;
    this.was = text;
    this.mine = text;
    this.to({ kind: "saved" });
    return text;
  }

  /** Nothing more is sent. */
  stop(): void {
    clearTimeout(this.timer);
  }

  private later(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.save(), ms);
  }

  private async save(): Promise<void> {
    // One request at a time; what was typed meanwhile goes with the next.
    while (this.running) await this.running;
    const text = tidy(this.mine);
    if (text === this.was) {
      this.to({ kind: "saved" });
      return;
    }
    this.running = this.send(text).finally(() => (this.running = null));
    await this.running;
    const kind = (this.state as SaveState).kind;
    if (kind === "saved" && tidy(this.mine) !== this.was) await this.save();
  }

  private async send(text: string): Promise<void> {
    this.to({ kind: "saving" });
    for (let tries = 0; tries < TRIES; tries += 1) {
      const { start_ms, end_ms } = this.passage;
      try {
        this.accept(await this.wire.correct(this.revision, { kind: "text", start_ms, end_ms, was: this.was, text }), text);
        return;
      } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 409) return this.failed(error);
      }
      try {
        const newer = await this.wire.read(this.passage);
        this.revision = newer.revision;
        const outcome = after(newer.there ?? "", this.was, text);
        if (outcome.kind === "again") continue;
        if (outcome.kind === "same") return this.accept(newer, text);
        this.learnt(newer);
        return this.to(outcome);
      } catch (error) {
        return this.failed(error);
      }
    }
    this.failed(new ApiError("Others are writing at the same moment. What you typed is still here, and it is tried again.", 503));
  }

  private accept(reading: Reading, text: string): void {
    this.revision = reading.revision;
    this.was = text;
    this.to({ kind: "saved" });
    this.learnt(reading);
  }

  private failed(error: unknown): void {
    const why = sentenceOf(error);
    if (error instanceof ApiError && error.worthRetrying) {
      this.to({ kind: "waiting", why });
      this.later(this.wait);
    } else this.to({ kind: "refused", why });
  }

  private to(state: SaveState): void {
    this.state = state;
    this.tell(state);
  }
}
