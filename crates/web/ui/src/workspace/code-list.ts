// The table of marked moments: the form of the codes that everyone can reach, in the order of the sound. Only what has
// changed is built anew, so that six hundred of them stay quick. Rows that are laid out one by one are no table to the
// browser any more: their roles say that they are one.

import { byId, el, show } from "../dom.ts";
import { formatPrecise, speakTime } from "../time.ts";
import { itemKey, type Item } from "./framework.ts";
import type { Code } from "./model.ts";

interface Hooks {
  readonly readOnly: boolean;
  readonly wordsOf: (code: Code) => string;
  readonly onPlay: (code: Code) => void;
  readonly onEdit: (code: Code) => void;
  readonly onDelete: (code: Code) => void;
}

/** As many of the spoken words as help to recognise the moment. */
const WORDS = 160;

/** More than this scroll in a box of their own. */
const MANY = 100;

interface Row {
  readonly node: HTMLTableRowElement;
  readonly code: Code;
  readonly words: string;
}

export class CodeList {
  private readonly rows = new Map<string, Row>();
  private readonly byKey: ReadonlyMap<string, Item>;
  private readonly filter = byId<HTMLSelectElement>("codes-filter");
  private active: string | null = null;

  constructor(
    items: readonly Item[],
    private readonly hooks: Hooks,
  ) {
    this.byKey = new Map(items.map((item) => [item.key, item]));
    this.filter.append(...items.map((item) => el("option", { value: item.key }, item.name)), el("option", { value: "*" }, "Good examples"));
    this.filter.addEventListener("change", () => this.applyFilter());
  }

  itemOf(code: Code): Item | null {
    return this.byKey.get(itemKey(code.skill, code.sub)) ?? null;
  }

  /** `codes` in the order of the sound. */
  render(codes: readonly Code[], active: string | null): void {
    const body = byId("codes");
    const there = new Set(codes.map(({ id }) => id));
    for (const [id, row] of this.rows) {
      if (there.has(id)) continue;
      row.node.remove();
      this.rows.delete(id);
    }
    let spot = body.firstElementChild;
    for (const code of codes) {
      const old = this.rows.get(code.id)?.node;
      const node = this.rowFor(code);
      if (old && old !== node) {
        if (old === spot) spot = spot.nextElementSibling;
        old.remove();
      }
      if (node === spot) spot = spot.nextElementSibling;
      else body.insertBefore(node, spot);
    }
    byId("codes-scroll").classList.toggle("is-many", codes.length > MANY);
    show(byId("codes-scroll"), codes.length > 0);
    show(byId("codes-filter-box"), codes.length > 0);
    show(byId("codes-none"), codes.length === 0);
    this.activate(active);
    this.applyFilter();
  }

  /** Marks one row as the current one without building the table anew. */
  activate(id: string | null): void {
    if (this.active !== null) this.rows.get(this.active)?.node.classList.remove("is-active");
    this.active = id;
    if (id !== null) this.rows.get(id)?.node.classList.add("is-active");
  }

  focus(id: string, action: "play" | "edit"): boolean {
    const button = this.rows.get(id)?.node.querySelector<HTMLElement>(`[data-action="${action}"]`);
    button?.focus();
    return button !== null && button !== undefined;
  }

  private rowFor(code: Code): HTMLTableRowElement {
    const words = this.hooks.wordsOf(code);
    const old = this.rows.get(code.id);
    if (old && old.code === code && old.words === words) return old.node;
    const node = this.build(code, words);
    this.rows.set(code.id, { node, code, words });
    return node;
  }

  private applyFilter(): void {
    const { value } = this.filter;
    for (const { node, code } of this.rows.values()) {
      const wanted = value === "" || (value === "*" ? code.exemplar : itemKey(code.skill, code.sub) === value);
      if (node.hidden === wanted) node.hidden = !wanted;
    }
  }

  private build(code: Code, words: string): HTMLTableRowElement {
    const item = this.itemOf(code);
    const name = item?.name ?? itemKey(code.skill, code.sub);
    const about = `${name}, ${speakTime(code.start_ms)}`;
    const action = (key: string, text: string, run: () => void): HTMLElement =>
      el("button", { type: "button", class: "hb-tool hb-tool--small", "data-action": key, "aria-label": `${text}: ${about}`, onclick: run }, text);
    const actions = el("td", { role: "cell", class: "govuk-table__cell hb-codes__actions" }, action("play", "Play", () => this.hooks.onPlay(code)));
    if (!this.hooks.readOnly) {
      actions.append(
        action("edit", "Edit", () => this.hooks.onEdit(code)),
        action("delete", "Delete", () => this.hooks.onDelete(code)),
      );
    }
    return el(
      "tr",
      { class: "govuk-table__row", role: "row", "data-code": code.id },
      el("td", { role: "cell", class: "govuk-table__cell hb-codes__time" }, `${formatPrecise(code.start_ms)} – ${formatPrecise(code.end_ms)}`),
      el(
        "th",
        { scope: "row", role: "rowheader", class: "govuk-table__header hb-codes__skill" },
        el("span", { class: `hb-swatch hb-swatch--${(item?.index ?? 7) % 8}`, "aria-hidden": "true" }),
        name,
        code.exemplar && el("span", { class: "hb-badge" }, "Good example"),
      ),
      el(
        "td",
        { role: "cell", class: "govuk-table__cell hb-codes__words" },
        words !== "" && el("p", { class: "hb-said" }, words.length > WORDS ? `“${words.slice(0, WORDS).trimEnd()}…”` : `“${words}”`),
        code.nonverbal !== "" && el("p", { class: "hb-codes__sounded" }, el("span", { class: "hb-quiet" }, "How it sounded: "), code.nonverbal),
        code.note !== "" && el("p", { class: "hb-codes__note" }, code.note),
      ),
      actions,
    );
  }
}
