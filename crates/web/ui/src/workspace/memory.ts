// What lies on the desk and is no code yet: the moment in the form, the pass, where the sound was, what can be undone.
// Kept by the service, sealed, so that a tab that dies takes nothing with it and nothing stays in a shared browser.

import type { FormState } from "./code-form.ts";
import type { Step } from "./history.ts";
import type { Pass } from "./passes.ts";

export interface Memory {
  readonly v: 1;
  readonly pass: Pass | null;
  /** Where the sound was, in milliseconds. */
  readonly at: number;
  readonly form: FormState | null;
  readonly steps: readonly Step[];
}

/** What an earlier visit left; null where that makes no sense to this page any more. */
export function recall(text: string | null): Memory | null {
  try {
    const memory = JSON.parse(text ?? "null") as Memory | null;
    return memory?.v === 1 && typeof memory.at === "number" && Array.isArray(memory.steps) ? memory : null;
  } catch {
    return null;
  }
}

export interface KeeperHooks {
  readonly now: () => Memory;
  /** `leaving`: the page may be gone before the answer. */
  readonly send: (text: string, leaving: boolean) => Promise<unknown>;
  readonly wait: (ms: number, run: () => void) => unknown;
  readonly cancel: (timer: unknown) => void;
}

/** After a pause in typing of this length (ms) it is kept … */
const PAUSE = 700;
/** … and while somebody goes on typing, at least this often. */
const LONGEST = 2500;
const AGAIN = 5000;

export class Keeper {
  private timer: unknown = null;
  private since: number | null = null;
  private kept = "";
  private sending = false;

  constructor(
    private readonly hooks: KeeperHooks,
    private readonly clock: () => number,
  ) {}

  /** Something on the desk has changed. */
  touch(): void {
    const now = this.clock();
    this.since ??= now;
    this.plan(Math.max(0, Math.min(PAUSE, this.since + LONGEST - now)));
  }

  /** The page is being left, or hidden. */
  leave(): void {
    const text = this.text();
    if (text === this.kept) return;
    this.hooks.cancel(this.timer);
    this.hooks.send(text, true).then(
      () => (this.kept = text),
      () => undefined,
    );
  }

  /** What was recalled is what is kept. */
  begin(): void {
    this.kept = this.text();
  }

  private text(): string {
    return JSON.stringify(this.hooks.now());
  }

  private plan(ms: number): void {
    this.hooks.cancel(this.timer);
    this.timer = this.hooks.wait(ms, () => void this.send());
  }

  private async send(): Promise<void> {
    if (this.sending) return this.plan(PAUSE);
    const text = this.text();
    this.since = null;
    if (text === this.kept) return;
    this.sending = true;
    try {
      await this.hooks.send(text, false);
      this.kept = text;
    } catch {
      this.plan(AGAIN);
    } finally {
      this.sending = false;
    }
  }
}
