// The edges of what is being marked, or else of the saved moment that is current: set, moved by tenths, snapped.

import { announce } from "../announce.ts";
import { Peaks } from "../peaks.ts";
import * as selecting from "../selection.ts";
import { spanOf, type Selection, type Span } from "../selection.ts";
import { formatPrecise } from "../time.ts";
import type { Transcript } from "../transcript.ts";
import { pausesBetween, REACH, toPauses, toWords } from "./snap.ts";

const NUDGE = 100;

interface Hooks {
  readonly at: () => number;
  readonly part: Span;
  readonly words: Transcript;
  readonly snaps: () => boolean;
  readonly selection: () => Selection;
  readonly select: (selection: Selection) => void;
  /** The saved moment that is current, if nothing is being marked. */
  readonly current: () => Span | null;
  readonly changeCurrent: (span: Span) => void;
}

export class Edges {
  peaks: Peaks | null = null;

  constructor(private readonly hooks: Hooks) {}

  markIn(): void {
    const { hooks } = this;
    this.mark(selecting.markIn(hooks.selection(), this.now(), hooks.part.end), "start");
  }

  markOut(): void {
    const { hooks } = this;
    this.mark(selecting.markOut(hooks.selection(), this.now(), hooks.part.end), "end");
  }

  /** Marks the last `ms` before now. Whether there was anything to mark. */
  markLast(ms: number): boolean {
    const end = this.now();
    const start = Math.max(this.hooks.part.start, end - ms);
    const drawn = selecting.dragged(start, end, this.hooks.part.end);
    if (!drawn) {
      announce("Nothing was heard yet.");
      return false;
    }
    this.hooks.select(this.hooks.snaps() ? this.snapped(drawn) : drawn);
    announce(`The last ${Math.round((end - start) / 1000)} seconds are marked.`);
    return true;
  }

  nudge(edge: "start" | "end", direction: -1 | 1): void {
    const { hooks } = this;
    const now = this.target();
    if (!now || now[edge] === null) return announce(edge === "start" ? "Mark in first." : "Mark out first.");
    this.put(this.within(selecting.nudge(now, edge, direction * NUDGE, hooks.part.end)));
    this.say(edge);
  }

  snap(to: "words" | "pauses"): void {
    const now = this.target();
    if (!now) return announce("Mark a moment first.");
    const next = this.within(to === "words" ? this.atWords(now) : this.atPauses(now));
    if (next.start === now.start && next.end === now.end) return announce(to === "words" ? "No word begins or ends near here." : "No pause is near here.");
    this.put(next);
    const span = spanOf(next);
    announce(span ? `${formatPrecise(span.start)} to ${formatPrecise(span.end)}.` : "Moved.");
  }

  /** As snapping by itself does: to words where there are some near, else to pauses. */
  snapped(selection: Selection): Selection {
    const words = this.atWords(selection);
    return this.within(words.start === selection.start && words.end === selection.end ? this.atPauses(selection) : words);
  }

  private now(): number {
    return Math.min(Math.max(this.hooks.at(), this.hooks.part.start), this.hooks.part.end);
  }

  private within(selection: Selection): Selection {
    const { start, end } = this.hooks.part;
    const clamp = (at: number | null): number | null => (at === null ? null : Math.min(Math.max(at, start), end));
    return { start: clamp(selection.start), end: clamp(selection.end) };
  }

  private mark(next: Selection, edge: "start" | "end"): void {
    this.hooks.select(this.hooks.snaps() ? this.snapped(next) : next);
    this.say(edge);
  }

  private say(edge: "start" | "end"): void {
    const at = (this.target() ?? selecting.NOTHING)[edge];
    announce(`${edge === "start" ? "In" : "Out"} at ${formatPrecise(at ?? 0)}`);
  }

  private target(): Selection | null {
    const marked = this.hooks.selection();
    if (marked.start !== null || marked.end !== null) return marked;
    return this.hooks.current();
  }

  private put(next: Selection): void {
    const marked = this.hooks.selection();
    const span = spanOf(next);
    if (marked.start !== null || marked.end !== null) this.hooks.select(next);
    else if (span) this.hooks.changeCurrent(span);
  }

  private around(selection: Selection): Span {
    const at = selection.start ?? selection.end ?? 0;
    return { start: at, end: selection.end ?? at };
  }

  private atWords(selection: Selection): Selection {
    const { start, end } = this.around(selection);
    const near = [...this.hooks.words.timesNear({ start, end: start + 1 }, REACH + 1000), ...this.hooks.words.timesNear({ start: end, end: end + 1 }, REACH + 1000)];
    return toWords(selection, near);
  }

  private atPauses(selection: Selection): Selection {
    if (!this.peaks) return selection;
    const { start, end } = this.around(selection);
    const near = (at: number): Span[] => (this.peaks ? pausesBetween(this.peaks, at - REACH - 1000, at + REACH + 1000) : []);
    return toPauses(selection, [...near(start), ...near(end)]);
  }
}
