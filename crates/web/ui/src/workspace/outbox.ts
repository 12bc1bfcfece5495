// Every change on its way to the service, one after the other, in the order in which they were made.
//
// A change that cannot get through waits and is tried again by itself; one that the service refuses is given back.
// Each can be sent twice without harm: a code has its own id, a score takes the place of the one before.

export interface Letter {
  /** What it is about: `code …`, `score …`. */
  readonly place: string;
  /** Whether it says all there is to say about its place: of two such letters in a row only the later one is sent. */
  readonly whole: boolean;
  readonly method: "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
}

export interface OutboxHooks {
  readonly send: (letter: Letter) => Promise<unknown>;
  /** Whether the same letter may get through a little later. */
  readonly passing: (error: unknown) => boolean;
  readonly refused: (letter: Letter, error: unknown) => void;
  readonly changed: (state: OutboxState) => void;
  readonly wait: (ms: number) => Promise<void>;
}

/** "trouble": something waits that did not get through; it is tried again. */
export type OutboxState = "saved" | "saving" | "trouble";

const LONGEST_WAIT = 15_000;

export class Outbox {
  private waiting: Letter[] = [];
  private running: Promise<void> | null = null;
  private now: OutboxState = "saved";
  private wake: (() => void) | null = null;

  constructor(private readonly hooks: OutboxHooks) {}

  get state(): OutboxState {
    return this.now;
  }

  get isEmpty(): boolean {
    return this.running === null;
  }

  put(letter: Letter): void {
    const last = this.waiting.at(-1);
    // The first one in the row may be on its way already.
    if (letter.whole && last?.whole && last.place === letter.place && this.waiting.length > 1) this.waiting.pop();
    this.waiting.push(letter);
    this.running ??= this.run();
  }

  /** Tries now what waits for a better moment. */
  again(): void {
    this.wake?.();
  }

  /** Resolves when everything that was put in has been sent or refused. */
  async empty(): Promise<void> {
    while (this.running) await this.running;
  }

  private tell(state: OutboxState): void {
    this.now = state;
    this.hooks.changed(state);
  }

  private async run(): Promise<void> {
    let patience = 1000;
    this.tell("saving");
    for (let letter = this.waiting[0]; letter; letter = this.waiting[0]) {
      try {
        await this.hooks.send(letter);
      } catch (error) {
        if (this.hooks.passing(error)) {
          this.tell("trouble");
          await Promise.race([this.hooks.wait(patience), new Promise<void>((wake) => (this.wake = wake))]);
          patience = Math.min(patience * 2, LONGEST_WAIT);
          continue;
        }
        this.waiting.shift();
        this.hooks.refused(letter, error);
        continue;
      }
      this.waiting.shift();
      patience = 1000;
      if (this.now === "trouble") this.tell("saving");
    }
    this.running = null;
    this.tell("saved");
  }
}
