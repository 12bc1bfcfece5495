// What was changed, by whom and when; each change can be taken back, and that too.

import { el } from "../dom.ts";
import { formatClock } from "../time.ts";
import type { Past, Reading } from "./model.ts";

export interface Backwards {
  undo(index: number): void;
  goTo(ms: number): void;
}

/** How many changes are listed at once. */
const SHOWN = 100;

export class History {
  constructor(
    private readonly host: HTMLElement | null,
    private readonly wishes: Backwards,
  ) {}

  show(reading: Reading): void {
    if (!this.host) return;
    const newest = [...reading.history].reverse().slice(0, SHOWN);
    const rows = newest.map((past) => this.row(past));
    const none = el("p", { class: "hb-small" }, "Nothing was changed.");
    this.host.replaceChildren(...(rows.length > 0 ? [el("ol", { class: "hb-history" }, ...rows)] : [none]));
  }

  private row(past: Past): HTMLElement {
    const { start_ms } = past;
    const where = start_ms === null ? null : el("button", { type: "button", class: "hb-link", onclick: () => this.wishes.goTo(start_ms) }, formatClock(start_ms));
    const words = past.was === null && past.is === null ? null : el("p", { class: "hb-history__words" }, el("del", {}, past.was || "(nothing)"), " ", el("span", { "aria-hidden": "true" }, "→"), " ", el("ins", {}, past.is || "(nothing)"));
    const undo = !past.undone ? el("button", { type: "button", class: "hb-link", onclick: () => this.wishes.undo(past.index) }, "Take it back", el("span", { class: "govuk-visually-hidden" }, `: ${past.what}`)) : null;
    return el(
      "li",
      { class: past.undone ? "hb-history__one is-undone" : "hb-history__one" },
      el("p", { class: "hb-small" }, where, where ? " " : "", past.what, past.undone ? " (taken back)" : ""),
      words,
      el("p", { class: "hb-small hb-quiet" }, `${past.who}, ${past.when} `, undo),
    );
  }
}
