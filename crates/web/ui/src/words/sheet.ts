// The words on the page, passage by passage: they follow the sound, a word is a place to hear from, doubts are told in
// words, and words can be picked from the first to the last.
//
// For the keyboard the sheet is one stop: up and down move between passages, left and right between words, Enter plays
// from there, E corrects, H says "I have listened". The buttons of the passage one is in come after it with Tab.

import { el } from "../dom.ts";
import type { Span } from "../selection.ts";
import { formatClock, speakTime } from "../time.ts";
import { keyOf, lookOf, nameOf, type Reading, type ReadSegment, type Voice } from "./model.ts";

/** Below this a word is drawn as uncertain: a dotted line. */
const DOUBTFUL = 0.5;

/** What is in the place of words where the machine found none. */
export const NO_WORDS = "Speech here that the machine could not put into words";

export interface Wishes {
  play(ms: number): void;
  correct(segment: ReadSegment, row: HTMLElement): void;
  heard(segment: ReadSegment): void;
  picked(span: Span): void;
}

interface Place {
  readonly start: number;
  readonly end: number;
  readonly node: HTMLElement;
}

interface Row {
  readonly segment: ReadSegment;
  readonly mark: string;
  readonly node: HTMLElement;
  readonly places: readonly Place[];
}

export class Sheet {
  private rows: Row[] = [];
  private current: Place | null = null;
  private currentRow: Row | null = null;
  private cursor: Place | null = null;
  private anchor: Place | null = null;
  private picked: Span | null = null;
  private handMoved = 0;
  following = true;
  /** Whether words are picked (first and last) or heard. */
  picking = false;

  constructor(
    private readonly host: HTMLElement,
    private readonly mayCorrect: boolean,
    private readonly wishes: Wishes,
  ) {
    host.replaceChildren();
    host.addEventListener("click", (event) => this.onClick(event));
    host.addEventListener("keydown", (event) => this.onKey(event));
    host.addEventListener("focusin", (event) => this.onFocus(event));
    for (const kind of ["wheel", "touchmove"] as const) {
      window.addEventListener(kind, () => (this.handMoved = Date.now()), { passive: true });
    }
  }

  get isEmpty(): boolean {
    return this.rows.length === 0;
  }

  /** Shows this reading. What looks the same keeps its elements, so that nothing jumps. */
  update(reading: Reading): void {
    const { segments, voices } = reading;
    const marks = segments.map((segment, at) => this.markOf(segment, segments[at - 1] ?? null, voices));
    let front = 0;
    while (front < marks.length && front < this.rows.length && marks[front] === this.rows[front]?.mark) front += 1;
    let back = 0;
    while (back < marks.length - front && back < this.rows.length - front && marks[marks.length - 1 - back] === this.rows[this.rows.length - 1 - back]?.mark) back += 1;
    const focused = this.rows.findIndex((row) => row.node.contains(document.activeElement));
    for (const stale of this.rows.slice(front, this.rows.length - back)) stale.node.remove();
    const next = this.rows[this.rows.length - back]?.node ?? null;
    const fresh = segments.slice(front, segments.length - back).map((segment, offset) => {
      const before = segments[front + offset - 1] ?? null;
      const row = this.make(segment, before, voices, marks[front + offset] ?? "");
      this.host.insertBefore(row.node, next);
      return row;
    });
    this.rows = [...this.rows.slice(0, front), ...fresh, ...this.rows.slice(this.rows.length - back)];
    if (this.current && !this.current.node.isConnected) this.current = this.currentRow = null;
    if (this.cursor && !this.cursor.node.isConnected) this.cursor = null;
    this.setPicked(this.picked);
    if (focused >= 0 && !this.host.contains(document.activeElement)) this.focusRow(Math.min(focused, this.rows.length - 1));
    else if (!this.host.querySelector(".hb-row__time[tabindex='0']")) this.activate(this.rows[0] ?? null);
  }

  /** Lights the word at this time and, when following, keeps it in sight. */
  highlight(ms: number): void {
    const at = this.rows.findLastIndex((row) => row.segment.start_ms <= ms);
    const row = this.rows[at] ?? null;
    // Between two words the last one stays lit.
    const place = row?.places.findLast((one) => one.start <= ms) ?? null;
    if (row !== this.currentRow) {
      this.currentRow?.node.classList.remove("is-now");
      row?.node.classList.add("is-now");
      this.currentRow = row;
    }
    if (place === this.current) return;
    this.current?.node.classList.remove("is-now");
    place?.node.classList.add("is-now");
    this.current = place;
    const busy = this.host.contains(document.activeElement) || Date.now() - this.handMoved < 4000;
    if (place && this.following && !busy) keepInSight(place.node);
  }

  /** Brings the passage at this time into sight and puts the focus there. */
  goTo(ms: number): void {
    const at = Math.max(0, this.rows.findLastIndex((row) => row.segment.start_ms <= ms));
    this.focusRow(at);
    const row = this.rows[at];
    const place = row?.places.findLast((one) => one.start <= ms) ?? null;
    this.setCursor(place);
    row?.node.scrollIntoView({ block: "center" });
  }

  /** The row of a passage, to write in. */
  rowOf(segment: ReadSegment): HTMLElement | null {
    return this.rows.find((row) => keyOf(row.segment) === keyOf(segment))?.node ?? null;
  }

  /** The passage after this one. */
  after(segment: ReadSegment): ReadSegment | null {
    const at = this.rows.findIndex((row) => keyOf(row.segment) === keyOf(segment));
    return this.rows[at + 1]?.segment ?? null;
  }

  focusOn(segment: ReadSegment): void {
    const at = this.rows.findIndex((row) => row.segment.start_ms >= segment.start_ms);
    this.focusRow(at < 0 ? this.rows.length - 1 : at);
  }

  /** Shades the words of this span. */
  setPicked(span: Span | null): void {
    this.picked = span;
    for (const place of this.rows.flatMap((row) => row.places)) {
      const middle = (place.start + place.end) / 2;
      place.node.classList.toggle("is-marked", span !== null && middle >= span.start && middle <= span.end);
    }
  }

  private markOf(segment: ReadSegment, before: ReadSegment | null, voices: readonly Voice[]): string {
    return `${keyOf(segment)} ${this.heading(segment, before, voices) ?? ""} ${lookOf(segment)}`;
  }

  /** The name above a passage where another person begins. */
  private heading(segment: ReadSegment, before: ReadSegment | null, voices: readonly Voice[]): string | null {
    const name = nameOf(voices, segment.speaker);
    return before === null || before.speaker !== segment.speaker ? name : null;
  }

  private make(segment: ReadSegment, before: ReadSegment | null, voices: readonly Voice[], mark: string): Row {
    const clock = formatClock(segment.start_ms);
    const said = speakTime(segment.start_ms);
    const time = el("button", { type: "button", class: "hb-row__time", tabindex: "-1", "aria-label": `${clock}, hear it from here` }, clock);
    const text = el("p", { class: "hb-row__text" });
    const places = segment.words.map((word): Place => {
      const kinds = [word.corrected ? "hb-word--corrected" : word.p < DOUBTFUL ? "hb-word--unsure" : "", word.hidden ? "is-hidden-word" : ""];
      const node = el("span", { class: ["hb-word", ...kinds].filter(Boolean).join(" ") }, word.text.trim());
      if (word.hidden) node.append(el("span", { class: "govuk-visually-hidden" }, " (hidden in extracts)"));
      text.append(node, " ");
      return { start: word.start_ms, end: word.end_ms, node };
    });
    const empty = places.length === 0;
    if (empty) text.append(el("em", { class: "hb-row__none" }, `${NO_WORDS}.`));
    const correct = !this.mayCorrect ? null : el("button", { type: "button", class: "hb-link hb-row__correct", tabindex: "-1" }, empty ? "Write what is said" : "Correct", el("span", { class: "govuk-visually-hidden" }, ` at ${said}`));
    const line = el("div", { class: "hb-row__line" }, time, el("div", { class: "hb-row__body" }, text, this.doubts(segment, said), machine(segment)), correct);
    const name = this.heading(segment, before, voices);
    const node = el("div", { class: segment.doubts.length > 0 ? "hb-row hb-row--doubt" : "hb-row" }, name ? el("h3", { class: "hb-row__who" }, name) : null, line);
    return { segment, mark, node, places };
  }

  private doubts(segment: ReadSegment, said: string): HTMLElement | null {
    if (segment.doubts.length === 0) return null;
    const reasons = el("span", { class: "hb-doubt__why" }, el("strong", {}, "Listen here. "), segment.doubts.join(" "));
    const button = !this.mayCorrect ? null : el("button", { type: "button", class: "hb-tool hb-tool--small hb-doubt__heard", tabindex: "-1" }, "I have listened to this", el("span", { class: "govuk-visually-hidden" }, ` at ${said}`));
    return el("div", { class: "hb-doubt" }, el("span", { class: "hb-doubt__mark", "aria-hidden": "true" }, "?"), reasons, button);
  }

  private rowAt(target: EventTarget | null): Row | null {
    const node = (target as Element | null)?.closest?.(".hb-row");
    return this.rows.find((row) => row.node === node) ?? null;
  }

  private onClick(event: Event): void {
    const target = event.target as HTMLElement;
    const row = this.rowAt(target);
    if (!row || target.closest(".hb-edit")) return;
    if (target.closest(".hb-row__time")) {
      const own = this.cursor && row.places.includes(this.cursor) ? this.cursor : null;
      this.wishes.play(own?.start ?? row.segment.start_ms);
    } else if (target.closest(".hb-row__correct")) this.wishes.correct(row.segment, row.node);
    else if (target.closest(".hb-doubt__heard")) this.wishes.heard(row.segment);
    else {
      const place = row.places.find((one) => one.node === target.closest(".hb-word"));
      if (!place) return;
      if (this.picking) this.pick(place, (event as MouseEvent).shiftKey);
      // Drawing a text selection to copy something is not a wish to hear it.
      else if (document.getSelection()?.isCollapsed ?? true) this.wishes.play(place.start);
    }
  }

  private pick(place: Place, further: boolean): void {
    if (!further || !this.anchor?.node.isConnected) this.anchor = place;
    const start = Math.min(this.anchor.start, place.start);
    const end = Math.max(this.anchor.end, place.end);
    this.wishes.picked({ start, end: Math.max(end, start + 1) });
  }

  private onFocus(event: FocusEvent): void {
    const row = this.rowAt(event.target);
    if (row) this.activate(row);
  }

  /** The buttons of one passage are in the way of the Tab key, those of the others are not. */
  private activate(row: Row | null): void {
    if (!row) return;
    for (const button of this.host.querySelectorAll(".hb-row button[tabindex='0'], .hb-row summary[tabindex='0']")) {
      if (!row.node.contains(button)) button.setAttribute("tabindex", "-1");
    }
    for (const button of row.node.querySelectorAll(".hb-row__line button, .hb-row__line summary")) button.setAttribute("tabindex", "0");
  }

  private onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const row = this.rowAt(event.target);
    if (!row || (event.target as Element).closest("textarea, select, input")) return;
    const at = this.rows.indexOf(row);
    const rowTo: Record<string, number> = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: this.rows.length - 1 };
    const wordBy: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1 };
    const key = event.key.toLowerCase();
    if (event.key in rowTo) this.focusRow(rowTo[event.key] ?? at);
    else if (event.key in wordBy) this.moveWord(row, wordBy[event.key] ?? 0, event.shiftKey);
    else if (key === "e" && this.mayCorrect) this.wishes.correct(row.segment, row.node);
    else if (key === "h" && this.mayCorrect && row.segment.doubts.length > 0) this.wishes.heard(row.segment);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private focusRow(at: number): void {
    const row = this.rows[at];
    if (!row) return;
    this.setCursor(null);
    this.activate(row);
    row.node.querySelector<HTMLElement>(".hb-row__time")?.focus();
  }

  private moveWord(row: Row, by: number, further: boolean): void {
    const now = this.cursor ? row.places.indexOf(this.cursor) : -1;
    const place = row.places[Math.min(Math.max(0, now + by), row.places.length - 1)];
    if (!place) return;
    this.setCursor(place);
    if (this.picking) this.pick(place, further);
    const button = row.node.querySelector(".hb-row__time");
    if (button) button.setAttribute("aria-label", `${button.textContent ?? ""}, hear it from “${place.node.textContent ?? ""}”`);
  }

  private setCursor(place: Place | null): void {
    this.cursor?.node.classList.remove("is-cursor");
    this.cursor = place;
    place?.node.classList.add("is-cursor");
  }
}

function machine(segment: ReadSegment): HTMLElement | null {
  if (segment.machine === null) return null;
  const words = segment.machine === "" ? "Nothing." : segment.machine;
  return el("details", { class: "hb-row__machine" }, el("summary", { tabindex: "-1" }, "Corrected. What the machine wrote"), el("p", {}, words));
}

/** Scrolls the page so that this is in sight, below the sound and above the end. */
function keepInSight(node: HTMLElement): void {
  const spot = node.getBoundingClientRect();
  const bar = document.querySelector(".hb-deskbar");
  const stuck = bar && getComputedStyle(bar).position === "sticky" ? bar.getBoundingClientRect().bottom : 0;
  if (spot.top >= stuck + 8 && spot.bottom <= window.innerHeight - 60) return;
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  window.scrollBy({ top: spot.top - stuck - (window.innerHeight - stuck) / 3, behavior: calm ? "auto" : "smooth" });
}

/** How many passages are to be listened to, in words. */
export function doubtLine(open: number): string {
  if (open === 0) return "Nothing is marked to be listened to.";
  return open === 1 ? "One passage is worth listening to." : `${open} passages are worth listening to.`;
}

