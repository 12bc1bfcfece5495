// Whole-recording scores: one choice per item, kept as it is made, with the moments of that item beside it. What is
// counted instead of scored shows its number.

import { el, setText, show } from "../dom.ts";
import { formatClock } from "../time.ts";
import { itemKey, type Item } from "./framework.ts";
import { pointsList } from "./guide.ts";
import type { Choice, Code } from "./model.ts";

interface Hooks {
  readonly readOnly: boolean;
  readonly onPlay: (code: Code) => void;
  readonly onChoose: (item: string, choice: Choice) => void;
  /** Somebody is at this item. */
  readonly onItem: (item: Item) => void;
}

interface Row {
  readonly item: Item;
  readonly radios: ReadonlyMap<string, HTMLInputElement>;
  readonly clear: HTMLElement;
  readonly count: HTMLElement;
  readonly evidence: HTMLElement;
  codes: readonly Code[];
  chosen: Choice;
  /** Which of its moments is played next. */
  next: number;
}

const CHOICES: readonly (readonly [Choice, string])[] = [
  ["1", "1"],
  ["2", "2"],
  ["3", "3"],
  ["4", "4"],
  ["5", "5"],
  ["none", "Not codable"],
];

export class Scores {
  private readonly rows: readonly Row[];

  constructor(
    host: HTMLElement,
    items: readonly Item[],
    private readonly hooks: Hooks,
  ) {
    this.rows = items.map((item) => this.build(host, item));
  }

  private get scored(): readonly Row[] {
    return this.rows.filter(({ item }) => item.scored);
  }

  /** How many items have a number or "not codable". */
  get given(): number {
    return this.scored.filter((row) => row.chosen !== "").length;
  }

  get total(): number {
    return this.scored.length;
  }

  show(choiceOf: (item: string) => Choice): void {
    for (const row of this.rows) {
      row.chosen = choiceOf(row.item.key);
      for (const [value, input] of row.radios) input.checked = value === row.chosen;
      show(row.clear, row.chosen !== "" && row.item.scored && !this.hooks.readOnly);
    }
  }

  /** `codes` in the order of the sound. */
  showEvidence(codes: readonly Code[]): void {
    const byItem = new Map<string, Code[]>();
    for (const code of codes) {
      const key = itemKey(code.skill, code.sub);
      const own = byItem.get(key);
      if (own) own.push(code);
      else byItem.set(key, [code]);
    }
    for (const row of this.rows) {
      const own = byItem.get(row.item.key) ?? [];
      const same = own.length === row.codes.length && own.every((code, index) => code === row.codes[index]);
      if (same && row.evidence.hasChildNodes()) continue;
      row.codes = own;
      row.next = 0;
      this.paintEvidence(row);
    }
  }

  /** Goes to the first item without an answer, or to the first. */
  focus(): void {
    const row = this.scored.find(({ chosen }) => chosen === "") ?? this.scored[0];
    if (row) this.focusRow(row);
  }

  private focusRow(row: Row): void {
    const radio = row.radios.get(row.chosen) ?? row.radios.get("1");
    radio?.focus();
    this.hooks.onItem(row.item);
  }

  private paintEvidence(row: Row): void {
    setText(row.count, row.item.scored ? "" : String(row.codes.length));
    const lines = row.codes.map((code) =>
      el(
        "li",
        {},
        el(
          "button",
          { type: "button", class: "hb-tool hb-tool--small", "aria-label": `Play the moment at ${formatClock(code.start_ms)}: ${row.item.name}`, onclick: () => this.hooks.onPlay(code) },
          el("span", { "aria-hidden": "true" }, code.exemplar ? "★ " : "▶ "),
          formatClock(code.start_ms),
        ),
        el("span", { class: "hb-evidence__note" }, code.note, code.note !== "" && code.nonverbal !== "" ? " " : null, code.nonverbal === "" ? null : el("em", {}, code.nonverbal)),
      ),
    );
    row.evidence.replaceChildren(lines.length > 0 ? el("ul", { class: "hb-evidence" }, ...lines) : el("p", { class: "hb-small hb-quiet" }, "No moments marked."));
  }

  private build(host: HTMLElement, item: Item): Row {
    const radios = new Map<string, HTMLInputElement>();
    const clear = el("button", { type: "button", class: "hb-link", hidden: true, "aria-label": `Clear: ${item.name}` }, "Clear");
    const count = el("span", { class: "hb-score__count" });
    const evidence = el("div", { class: "hb-score__evidence", role: "group", "aria-label": `Moments: ${item.name}`, tabindex: "0" });
    const row: Row = { item, radios, clear, count, evidence, codes: [], chosen: "", next: 0 };
    const title = [el("span", { class: `hb-swatch hb-swatch--${item.index % 8}`, "aria-hidden": "true" }), item.name];
    const ask = item.scored
      ? el("fieldset", { class: "govuk-fieldset hb-score__ask" }, el("legend", { class: "hb-score__name" }, ...title), this.scale(row), hints(item))
      : el("div", { class: "hb-score__ask" }, el("p", { class: "hb-score__name" }, ...title), el("p", { class: "hb-score__counted" }, count, " marked. This one is counted, and has no number from 1 to 5."));
    const node = el("div", { class: "hb-score" }, ask, evidence);
    node.addEventListener("keydown", (event) => this.onKey(event, row));
    node.addEventListener("focusin", () => this.hooks.onItem(item));
    host.append(node);
    return row;
  }

  private scale(row: Row): HTMLElement {
    const name = `score.${row.item.key}`;
    const scale = el("div", { class: "hb-scale" });
    for (const [value, text] of CHOICES) {
      const id = `${name}.${value}`;
      const input = el("input", { type: "radio", class: "hb-scale__input", name, id, value, disabled: this.hooks.readOnly });
      (row.radios as Map<string, HTMLInputElement>).set(value, input);
      input.addEventListener("change", () => this.hooks.onChoose(row.item.key, value));
      scale.append(el("div", { class: value === "none" ? "hb-scale__one hb-scale__one--none" : "hb-scale__one" }, input, el("label", { class: "hb-scale__label", for: id }, text)));
    }
    row.clear.addEventListener("click", () => {
      this.hooks.onChoose(row.item.key, "");
      row.radios.get("1")?.focus();
    });
    scale.append(el("div", { class: "hb-score__foot" }, row.clear));
    return scale;
  }

  /** Beside a number the digits give it. */
  private onKey(event: KeyboardEvent, row: Row): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.key === "e" && row.codes.length > 0) {
      event.preventDefault();
      const code = row.codes[row.next % row.codes.length];
      row.next += 1;
      if (code) this.hooks.onPlay(code);
      return;
    }
    const choice: Choice | null = /^[1-5]$/.test(event.key) ? (event.key as Choice) : event.key === "x" || event.key === "0" ? "none" : null;
    if (choice === null || this.hooks.readOnly || !row.item.scored) return;
    event.preventDefault();
    this.hooks.onChoose(row.item.key, choice);
    const rows = this.scored;
    this.focusRow(rows[rows.indexOf(row) + 1] ?? row);
  }
}

/** What the skill is and what the points stand for, where the framework says so. */
function hints(item: Item): HTMLElement {
  const { definition, indicators } = item.skill;
  const points = pointsList(indicators ?? []);
  if (!points) return el("p", { class: "hb-small hb-quiet" }, definition);
  return el("details", { class: "hb-hints" }, el("summary", {}, "What the points stand for", el("span", { class: "govuk-visually-hidden" }, `: ${item.name}`)), el("p", {}, definition), points);
}
