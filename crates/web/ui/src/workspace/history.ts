// Undo and redo without limit: each step knows what was there before and after. Pure; who applies it is the coding.

import type { Choice, Code } from "./model.ts";

/** One thing that a person did. A code is null where there was none; a score is "" where there was none. */
export type Step =
  | { readonly kind: "code"; readonly id: string; readonly before: Code | null; readonly after: Code | null }
  | { readonly kind: "score"; readonly item: string; readonly before: Choice; readonly after: Choice };

export function inverse(step: Step): Step {
  return step.kind === "code"
    ? { ...step, before: step.after, after: step.before }
    : { ...step, before: step.after, after: step.before };
}

/** What a step is about. */
export function placeOf(step: Step): string {
  return step.kind === "score" ? `score ${step.item}` : `code ${step.id}`;
}

/** How long (characters) what is kept beyond this page's life may be: a tab that died can still be undone. */
const KEPT = 40_000;

export class History {
  private done: Step[] = [];
  private undone: Step[] = [];

  get canUndo(): boolean {
    return this.done.length > 0;
  }

  get canRedo(): boolean {
    return this.undone.length > 0;
  }

  /** Something was done; what had been undone before cannot be redone any more. */
  did(step: Step): void {
    this.done.push(step);
    this.undone = [];
  }

  /** The step that takes the latest one back, or null. */
  undo(): Step | null {
    const step = this.done.pop();
    if (!step) return null;
    this.undone.push(step);
    return inverse(step);
  }

  /** The step that does again what was taken back last, or null. */
  redo(): Step | null {
    const step = this.undone.pop();
    if (!step) return null;
    this.done.push(step);
    return step;
  }

  /** What the service did not take is no step that can be undone. */
  forget(place: string): void {
    this.done = this.done.filter((step) => placeOf(step) !== place);
    this.undone = this.undone.filter((step) => placeOf(step) !== place);
  }

  /** The latest steps, as many as there is room for, for keeping beside the draft. */
  latest(): Step[] {
    let room = KEPT;
    let first = this.done.length;
    while (first > 0 && (room -= JSON.stringify(this.done[first - 1]).length) >= 0) first -= 1;
    return this.done.slice(first);
  }

  /** Takes up the steps that an earlier visit left, if nothing was done yet. */
  resume(steps: readonly Step[]): void {
    if (this.done.length === 0 && this.undone.length === 0) this.done = [...steps];
  }
}
