// The table of marked moments: the form of the codes that everyone can reach, in the order of the sound.

import { byId, el, show } from "../dom.ts";
import { formatPrecise, speakTime } from "../time.ts";
import { itemKey, type Item } from "./framework.ts";
import { inOrder, type Code } from "./model.ts";

interface Hooks {
  readonly readOnly: boolean;
  readonly wordsOf: (code: Code) => string;
  readonly onPlay: (code: Code) => void;
  readonly onEdit: (code: Code) => void;
  readonly onDelete: (code: Code) => void;
}

/** As many of the spoken words as help to recognise the moment. */
const WORDS = 160;

export class CodeList {
  private readonly rows = new Map<string, HTMLTableRowElement>();

  constructor(
    private readonly items: readonly Item[],
    private readonly hooks: Hooks,
  ) {}

  itemOf(code: Code): Item | null {
    return this.items.find(({ key }) => key === itemKey(code.skill, code.sub)) ?? null;
  }

  render(codes: readonly Code[], active: string | null): void {
    this.rows.clear();
    const rows = inOrder(codes).map((code) => {
      const row = this.row(code);
      row.classList.toggle("is-active", code.id === active);
      this.rows.set(code.id, row);
      return row;
    });
    byId("codes").replaceChildren(...rows);
    show(byId("codes-scroll"), rows.length > 0);
    show(byId("codes-none"), rows.length === 0);
  }

  /** Marks one row as the current one without building the table anew. */
  activate(id: string | null): void {
    for (const [key, row] of this.rows) row.classList.toggle("is-active", key === id);
  }

  focus(id: string, action: "play" | "edit"): void {
    this.rows.get(id)?.querySelector<HTMLElement>(`[data-action="${action}"]`)?.focus();
  }

  private row(code: Code): HTMLTableRowElement {
    const item = this.itemOf(code);
    const name = item?.name ?? itemKey(code.skill, code.sub);
    const words = this.hooks.wordsOf(code);
    const about = `${name}, ${speakTime(code.start_ms)}`;
    const action = (key: string, text: string, run: () => void): HTMLElement =>
      el("button", { type: "button", class: "hb-tool hb-tool--small", "data-action": key, "aria-label": `${text}: ${about}`, onclick: run }, text);
    const actions = el("td", { class: "govuk-table__cell hb-codes__actions" }, action("play", "Play", () => this.hooks.onPlay(code)));
    if (!this.hooks.readOnly) {
      actions.append(
        action("edit", "Edit", () => this.hooks.onEdit(code)),
        action("delete", "Delete", () => this.hooks.onDelete(code)),
      );
    }
    return el(
      "tr",
      { class: "govuk-table__row" },
      el("td", { class: "govuk-table__cell hb-codes__time" }, `${formatPrecise(code.start_ms)} – ${formatPrecise(code.end_ms)}`),
      el(
        "th",
        { scope: "row", class: "govuk-table__header hb-codes__skill" },
        el("span", { class: `hb-swatch hb-swatch--${(item?.index ?? 7) % 8}`, "aria-hidden": "true" }),
        name,
        code.exemplar && el("span", { class: "hb-badge" }, "Good example"),
      ),
      el(
        "td",
        { class: "govuk-table__cell hb-codes__words" },
        words !== "" && el("p", { class: "hb-said" }, words.length > WORDS ? `“${words.slice(0, WORDS).trimEnd()}…”` : `“${words}”`),
        code.note !== "" && el("p", { class: "hb-codes__note" }, code.note),
      ),
      actions,
    );
  }
}
