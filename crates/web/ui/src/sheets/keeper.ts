// Keeping what somebody types on a sheet, by itself, a moment after the last key. One request at a time; what was typed
// meanwhile goes with the next; what does not get through waits, and is tried again.

/** How long a pause in typing is (ms). */
export const PAUSE = 900;
/** How long it waits before it tries again (ms). */
const AGAIN = 5000;

export type State = { kind: "kept"; at: Date | null } | { kind: "typing" } | { kind: "keeping" } | { kind: "waiting"; why: string } | { kind: "meanwhile" } | { kind: "refused"; why: string };

export interface Wire {
  /** What stands on the sheet now. */
  read(): string;
  /** Sends it as it stands, made from this revision; the next revision comes back. */
  send(revision: number, last: boolean): Promise<number>;
  /** What came of it. */
  why(error: unknown): { text: string; again: boolean; meanwhile: boolean };
}

export class Keeper {
  state: State = { kind: "kept", at: null };
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: Promise<void> | null = null;
  private kept: string;

  constructor(
    private readonly wire: Wire,
    public revision: number,
    private readonly tell: (state: State) => void,
    private readonly pause = PAUSE,
    private readonly again = AGAIN,
    /** Whether what stands there at the beginning is kept already. */
    fresh = true,
  ) {
    this.kept = fresh ? wire.read() : "";
  }

  /** Something was typed. */
  typed(): void {
    if (this.state.kind === "meanwhile") return;
    this.to({ kind: "typing" });
    this.later(this.pause);
  }

  /** Keeps it now, if there is anything to keep; true if all of it is kept. */
  async flush(last = false): Promise<boolean> {
    clearTimeout(this.timer);
    while (this.running) await this.running;
    if (this.state.kind === "meanwhile") return false;
    if (this.wire.read() !== this.kept) {
      this.running = this.send(last).finally(() => (this.running = null));
      await this.running;
    } else if (this.state.kind !== "kept") {
      this.to({ kind: "kept", at: null });
    }
    return (this.state as State).kind === "kept";
  }

  private later(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.flush(), ms);
  }

  private async send(last: boolean): Promise<void> {
    this.to({ kind: "keeping" });
    const text = this.wire.read();
    try {
      this.revision = await this.wire.send(this.revision, last);
      this.kept = text;
      this.to({ kind: "kept", at: new Date() });
      if (this.wire.read() !== text) this.typed();
    } catch (error) {
      const { text: why, again, meanwhile } = this.wire.why(error);
      if (meanwhile) this.to({ kind: "meanwhile" });
      else if (again) {
        this.to({ kind: "waiting", why });
        this.later(this.again);
      } else this.to({ kind: "refused", why });
    }
  }

  private to(state: State): void {
    this.state = state;
    this.tell(state);
  }
}
