// The words, beside the sound: they follow it, and a word is a place to play from.
//
// For the keyboard the transcript is one stop: up and down move between passages, left and right between words,
// Enter plays from there. Screen readers meet one button per passage and plain text after it.

import { el, setText } from "./dom.ts";
import { formatClock } from "./time.ts";
import type { Span } from "./selection.ts";

export interface Word {
  readonly start_ms: number;
  readonly end_ms: number;
  readonly text: string;
  /** The machine's own trust in the word, 0..1. */
  readonly p: number;
}

export interface Segment {
  readonly start_ms: number;
  readonly end_ms: number;
  readonly text: string;
  readonly speaker?: string | null;
  /** Why it is worth listening to. */
  readonly doubts?: readonly string[];
  readonly words: readonly Word[];
}

export interface TranscriptAnswer {
  readonly status: string;
  readonly language?: string | null;
  readonly model?: string | null;
  readonly segments: readonly Segment[];
}

/** Below this the word is drawn as uncertain: a dotted line, "listen here". */
const DOUBTFUL = 0.5;

export function isUnsure(word: { readonly p: number }): boolean {
  return word.p < DOUBTFUL;
}

/** Why a passage is worth listening to; null where nothing is in doubt. */
export function doubtsOf(segment: Segment): HTMLElement | null {
  if (!segment.doubts || segment.doubts.length === 0) return null;
  return el("span", { class: "hb-words__doubt" }, el("strong", {}, "Listen here. "), segment.doubts.join(" "));
}

/** So many passages are laid out together. */
const BLOCK = 40;

interface Place {
  readonly start: number;
  readonly end: number;
  readonly node: HTMLElement;
  readonly row: HTMLElement;
}

export class Transcript {
  private readonly list = el("div", { class: "hb-words__list" });
  private keys: string[] = [];
  private rowNodes: HTMLElement[] = [];
  private rowPlaces: Place[][] = [];
  private places: Place[] = [];
  private current: Place | null = null;
  private cursor: Place | null = null;
  private marked: Span | null = null;
  private shaded: readonly Place[] = [];
  private handMoved = 0;
  following = true;

  constructor(
    private readonly host: HTMLElement,
    private readonly onPlay: (ms: number) => void,
  ) {
    host.replaceChildren(this.list);
    this.list.addEventListener("click", (event) => this.onClick(event));
    this.list.addEventListener("keydown", (event) => this.onKey(event));
    for (const kind of ["wheel", "touchmove"] as const) {
      host.addEventListener(kind, () => (this.handMoved = Date.now()), { passive: true });
    }
  }

  get isEmpty(): boolean {
    return this.places.length === 0;
  }

  /** Shows these passages; those that have not changed keep their elements, so nothing jumps while words arrive. */
  update(segments: readonly Segment[]): void {
    let from = 0;
    const keys = segments.map((segment) => `${segment.start_ms}/${segment.end_ms}/${segment.speaker ?? ""}/${segment.words.length}/${segment.doubts?.length ?? 0}/${segment.text}`);
    while (from < keys.length && from < this.keys.length && keys[from] === this.keys[from]) from += 1;
    for (const stale of this.rowNodes.splice(from)) stale.remove();
    this.rowPlaces.length = from;
    for (let index = from; index < segments.length; index += 1) {
      const segment = segments[index];
      if (segment) this.append(segment, segments[index - 1]?.speaker ?? null);
    }
    this.keys = keys;
    this.places = this.rowPlaces.flat();
    if (this.current && !this.current.node.isConnected) this.current = null;
    if (this.cursor && !this.cursor.node.isConnected) this.cursor = null;
    if (this.list.querySelector("button[tabindex='0']") === null) this.list.querySelector("button")?.setAttribute("tabindex", "0");
    if (this.marked) this.setMarked(this.marked);
  }

  private append(segment: Segment, speakerBefore: string | null): void {
    const button = el(
      "button",
      { type: "button", class: "hb-words__time", tabindex: "-1", "aria-label": `${formatClock(segment.start_ms)}, play from here` },
      formatClock(segment.start_ms),
    );
    const text = el("span", { class: "hb-words__text" });
    const row = el("p", { class: "hb-words__row" }, button, text);
    if (segment.speaker && segment.speaker !== speakerBefore) text.append(el("strong", { class: "hb-words__speaker" }, `${segment.speaker}: `));
    const words = segment.words.length > 0 ? segment.words : [{ ...segment, text: segment.text === "" ? "(speech without words)" : segment.text, p: 1 }];
    const places = words.map((word): Place => {
      const node = el("span", { class: isUnsure(word) ? "hb-word hb-word--unsure" : "hb-word" }, word.text.trim());
      text.append(node, " ");
      return { start: word.start_ms, end: word.end_ms, node, row };
    });
    const doubts = doubtsOf(segment);
    if (doubts) text.append(doubts);
    this.rowNodes.push(row);
    this.rowPlaces.push(places);
    this.blockFor(this.rowNodes.length - 1).append(row);
  }

  /** Rows are laid out by the block, and only those in sight: one by one would be looked at one by one in every frame. */
  private blockFor(index: number): Element {
    const block = this.list.children[Math.floor(index / BLOCK)];
    if (block) return block;
    const next = el("div", { class: "hb-words__block" });
    this.list.append(next);
    return next;
  }

  /** Lights the word at this time and, when following, keeps it in sight inside the transcript's own box. */
  highlight(ms: number): void {
    const place = this.placeAt(ms);
    if (place === this.current) return;
    this.current?.node.classList.remove("is-now");
    this.current?.row.classList.remove("is-now");
    this.current = place;
    if (!place) return;
    place.node.classList.add("is-now");
    place.row.classList.add("is-now");
    if (this.following && Date.now() - this.handMoved > 4000 && !this.list.contains(document.activeElement)) this.keepInSight(place.node);
  }

  /** Shades the words of the marked span. */
  setMarked(span: Span | null): void {
    this.marked = span;
    for (const place of this.shaded) place.node.classList.remove("is-marked");
    const inMiddle = (place: Place): boolean => span !== null && (place.start + place.end) / 2 >= span.start && (place.start + place.end) / 2 <= span.end;
    this.shaded = span ? this.within(span).filter(inMiddle) : [];
    for (const place of this.shaded) place.node.classList.add("is-marked");
  }

  /** The words spoken within a span, for the list of codes. */
  textWithin(span: Span): string {
    return this.within(span)
      .map((place) => place.node.textContent ?? "")
      .join(" ");
  }

  /** When the words near a span begin and end. */
  timesNear(span: Span, reach: number): Span[] {
    return this.within({ start: span.start - reach, end: span.end + reach }).map(({ start, end }) => ({ start, end }));
  }

  /** The words that lie at least partly within a span. Words follow each other in time, a few overlapping by a little. */
  private within(span: Span): Place[] {
    const first = this.indexAfter(span.start - 30_000);
    const last = this.indexAfter(span.end);
    return this.places.slice(Math.max(0, first - 1), last).filter((place) => place.start < span.end && place.end > span.start);
  }

  private placeAt(ms: number): Place | null {
    // Between two words the last one stays lit.
    return this.places[this.indexAfter(ms) - 1] ?? null;
  }

  /** Where the words begin that start after this moment. */
  private indexAfter(ms: number): number {
    let low = 0;
    let high = this.places.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.places[middle]?.start ?? 0) <= ms) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private keepInSight(node: HTMLElement): void {
    const box = this.host.getBoundingClientRect();
    const spot = node.getBoundingClientRect();
    if (spot.top >= box.top + 8 && spot.bottom <= box.bottom - 40) return;
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    const top = this.host.scrollTop + spot.top - box.top - box.height / 3;
    this.host.scrollTo({ top, behavior: calm ? "auto" : "smooth" });
  }

  private onClick(event: Event): void {
    const target = event.target as HTMLElement;
    const row = target.closest<HTMLElement>(".hb-words__row");
    if (!row) return;
    const places = this.rowPlaces[this.rowNodes.indexOf(row)];
    const pressed = target.closest(".hb-words__time") !== null;
    if (pressed) {
      const place = this.cursor && this.cursor.row === row ? this.cursor : places?.[0];
      if (place) this.onPlay(place.start);
      return;
    }
    const word = places?.find((place) => place.node === target);
    // Drawing a text selection to copy a quote is not a wish to play.
    if (word && (document.getSelection()?.isCollapsed ?? true)) this.onPlay(word.start);
  }

  private onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const row = (event.target as HTMLElement).closest<HTMLElement>(".hb-words__row");
    const index = row ? this.rowNodes.indexOf(row) : -1;
    if (index < 0) return;
    const rowTo: Record<string, number> = { ArrowUp: index - 1, ArrowDown: index + 1, Home: 0, End: this.rowNodes.length - 1 };
    const wordBy: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1 };
    if (event.key in rowTo) this.moveRow(index, rowTo[event.key] ?? index);
    else if (event.key in wordBy) this.moveWord(index, wordBy[event.key] ?? 0);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private moveRow(from: number, to: number): void {
    const next = this.rowNodes[to]?.querySelector("button");
    if (!next) return;
    this.rowNodes[from]?.querySelector("button")?.setAttribute("tabindex", "-1");
    next.setAttribute("tabindex", "0");
    next.focus();
    this.setCursor(null);
  }

  private moveWord(index: number, by: number): void {
    const places = this.rowPlaces[index] ?? [];
    const now = this.cursor ? places.indexOf(this.cursor) : -1;
    const place = places[Math.min(Math.max(0, now + by), places.length - 1)];
    if (place) this.setCursor(place);
  }

  private setCursor(place: Place | null): void {
    this.cursor?.node.classList.remove("is-cursor");
    this.cursor = place;
    place?.node.classList.add("is-cursor");
    const button = place?.row.querySelector("button");
    if (button && place) button.setAttribute("aria-label", `${button.textContent ?? ""}, play from “${place.node.textContent ?? ""}”`);
  }
}

/** One sentence on where the words stand; empty when they are simply there. */
export function transcriptSentence(status: string, hasWords: boolean): string {
  switch (status) {
    case "not_wanted":
      return "Nobody turned this recording into words, because not everyone wanted that. The sound is all here.";
    case "waiting":
      return "The words will appear here a little later. You can listen in the meantime.";
    case "running":
      return hasWords ? "More words are on their way." : "The first words will appear here in a moment. You can listen in the meantime.";
    case "stopped":
      return hasWords ? "The machine was stopped here. It can go on." : "The machine was stopped before it wrote anything.";
    case "failed":
      return "The words could not be made. The sound is all here.";
    default:
      return hasWords ? "" : "No words were heard in this recording.";
  }
}

/** Shows that sentence, or hides its line. */
export function showTranscriptSentence(node: HTMLElement, status: string, hasWords: boolean): void {
  const sentence = transcriptSentence(status, hasWords);
  setText(node, sentence);
  node.hidden = sentence === "";
}
