// Words to pick from: press the first one, then the last one with Shift; or the same with the keyboard.
//
// Every word is a toggle in one group with one stop for the Tab key: the arrow keys move, Space or Enter marks a word,
// Shift with an arrow key marks on from it. What is picked is told by `aria-pressed`, a border and a background.

import { el } from "./dom.ts";
import type { Span } from "./selection.ts";
import { doubtsOf, isUnsure, type Segment } from "./transcript.ts";

/** A word, and where it is said (ms). */
export interface Place extends Span {
  readonly text: string;
}

/** From the first to the last of two words, whichever way round they were picked. */
export function spanBetween(places: readonly Span[], from: number, to: number): Span | null {
  const picked = places.slice(Math.min(from, to), Math.max(from, to) + 1);
  if (picked.length === 0) return null;
  const span = { start: Math.min(...picked.map((one) => one.start)), end: Math.max(...picked.map((one) => one.end)) };
  // A word without a length of its own still takes some time to say.
  return span.end > span.start ? span : { start: span.start, end: span.start + 1 };
}

/** Where the arrow keys lead from a word; null for a key that leads nowhere. */
export function moved(key: string, at: number, count: number): number | null {
  const to: Record<string, number> = { ArrowLeft: at - 1, ArrowUp: at - 1, ArrowRight: at + 1, ArrowDown: at + 1, Home: 0, End: count - 1 };
  const next = to[key];
  return next === undefined ? null : Math.min(Math.max(0, next), count - 1);
}

export class WordPicker {
  private places: Place[] = [];
  private nodes: HTMLButtonElement[] = [];
  private anchor = 0;
  private current: HTMLElement | null = null;

  constructor(
    private readonly host: HTMLElement,
    private readonly onPick: (span: Span) => void,
  ) {
    host.addEventListener("click", (event) => {
      const at = this.nodes.indexOf((event.target as Element).closest("button") as HTMLButtonElement);
      if (at >= 0) this.pick(at, event.shiftKey);
    });
    host.addEventListener("keydown", (event) => this.onKey(event));
  }

  get isEmpty(): boolean {
    return this.places.length === 0;
  }

  /** Shows these words; those that lie in a passage of `hidden` are drawn as hidden. */
  update(segments: readonly Segment[], hidden: readonly Span[]): void {
    this.places = [];
    this.nodes = [];
    const rows = segments.map((segment) => {
      // Speech that was not put into words has none to pick.
      const words = segment.words.length > 0 ? segment.words : segment.text === "" ? [] : [segment];
      const row = el("p", { class: "hb-pick" });
      if (segment.speaker) row.append(el("strong", { class: "hb-words__speaker" }, `${segment.speaker}: `));
      for (const word of words) {
        const under = hidden.some((span) => span.start < word.end_ms && word.start_ms < span.end);
        const kinds = ["hb-pick__word", under ? "is-hidden-word" : "", "p" in word && isUnsure(word) ? "hb-word--unsure" : ""];
        const node = el("button", { type: "button", class: kinds.filter(Boolean).join(" "), tabindex: "-1", "aria-pressed": "false" }, word.text.trim());
        if (under) node.append(el("span", { class: "govuk-visually-hidden" }, ", hidden"));
        this.places.push({ start: word.start_ms, end: word.end_ms, text: word.text.trim() });
        this.nodes.push(node);
        row.append(node, " ");
      }
      const doubts = doubtsOf(segment);
      if (doubts) row.append(doubts);
      return row;
    });
    this.host.replaceChildren(...rows);
    this.nodes[0]?.setAttribute("tabindex", "0");
  }

  /** Presses the words of which more than half lies in the span. */
  setMarked(span: Span | null): void {
    this.nodes.forEach((node, at) => {
      const place = this.places[at];
      const middle = place ? (place.start + place.end) / 2 : -1;
      node.setAttribute("aria-pressed", String(span !== null && middle >= span.start && middle <= span.end));
    });
  }

  /** Lights the word at this time. */
  highlight(ms: number): void {
    const node = this.nodes[this.places.findLastIndex((place) => place.start <= ms)] ?? null;
    if (node === this.current) return;
    this.current?.classList.remove("is-now");
    node?.classList.add("is-now");
    this.current = node;
  }

  private pick(at: number, further: boolean): void {
    if (!further) this.anchor = at;
    this.focus(at);
    const span = spanBetween(this.places, this.anchor, at);
    if (span) this.onPick(span);
  }

  private focus(at: number): void {
    this.host.querySelector("[tabindex='0']")?.setAttribute("tabindex", "-1");
    this.nodes[at]?.setAttribute("tabindex", "0");
    this.nodes[at]?.focus();
  }

  private onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = this.nodes.indexOf(event.target as HTMLButtonElement);
    const to = at < 0 ? null : moved(event.key, at, this.nodes.length);
    if (to === null) return;
    event.preventDefault();
    if (event.shiftKey) this.pick(to, true);
    else {
      this.anchor = to;
      this.focus(to);
    }
  }
}
