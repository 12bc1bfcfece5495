// Whole-recording scores: one choice per item, saved as it is made, with the moments of that item beside it.

import { send, sentenceOf } from "../api.ts";
import { el, setText, show } from "../dom.ts";
import { formatClock } from "../time.ts";
import { itemKey, type Item } from "./framework.ts";
import { inOrder, type Code, type Score } from "./model.ts";

interface Hooks {
  readonly base: string;
  readonly readOnly: boolean;
  readonly onPlay: (code: Code) => void;
  readonly onChange: () => void;
}

type Choice = "1" | "2" | "3" | "4" | "5" | "none" | "";

interface Row {
  readonly item: Item;
  readonly radios: ReadonlyMap<string, HTMLInputElement>;
  readonly clear: HTMLElement;
  readonly state: HTMLElement;
  readonly retry: HTMLElement;
  readonly evidence: HTMLElement;
  chosen: Choice;
  /** What the server has; differs from `chosen` while saving or after a failure. */
  saved: Choice;
  /** Saves of one item go one after the other, so that the last choice wins. */
  queue: Promise<void>;
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
  private readonly rows: Row[];

  constructor(
    host: HTMLElement,
    items: readonly Item[],
    private readonly hooks: Hooks,
  ) {
    this.rows = items.map((item) => this.build(host, item));
  }

  /** How many items have a number or "not codable". */
  get given(): number {
    return this.rows.filter((row) => row.chosen !== "").length;
  }

  get total(): number {
    return this.rows.length;
  }

  /** Whether a choice has not reached the server. */
  get unsaved(): boolean {
    return this.rows.some((row) => row.chosen !== row.saved);
  }

  load(scores: readonly Score[]): void {
    for (const row of this.rows) {
      const score = scores.find(({ item }) => item === row.item.key);
      const choice: Choice = score?.not_codable ? "none" : score?.score ? (String(score.score) as Choice) : "";
      row.chosen = choice;
      row.saved = choice;
      this.paint(row);
    }
  }

  showEvidence(codes: readonly Code[]): void {
    for (const row of this.rows) {
      const own = inOrder(codes).filter((code) => itemKey(code.skill, code.sub) === row.item.key);
      const lines = own.map((code) =>
        el(
          "li",
          {},
          el(
            "button",
            { type: "button", class: "hb-tool hb-tool--small", "aria-label": `Play the moment at ${formatClock(code.start_ms)}`, onclick: () => this.hooks.onPlay(code) },
            el("span", { "aria-hidden": "true" }, "▶ "),
            formatClock(code.start_ms),
          ),
          code.note === "" ? null : el("span", { class: "hb-evidence__note" }, code.note),
        ),
      );
      row.evidence.replaceChildren(lines.length > 0 ? el("ul", { class: "hb-evidence" }, ...lines) : el("p", { class: "hb-small hb-quiet" }, "No moments marked."));
    }
  }

  private build(host: HTMLElement, item: Item): Row {
    const name = `score.${item.key}`;
    const radios = new Map<string, HTMLInputElement>();
    const scale = el("div", { class: "hb-scale" });
    for (const [value, text] of CHOICES) {
      const id = `${name}.${value}`;
      const input = el("input", { type: "radio", class: "hb-scale__input", name, id, value, disabled: this.hooks.readOnly });
      radios.set(value, input);
      scale.append(el("div", { class: value === "none" ? "hb-scale__one hb-scale__one--none" : "hb-scale__one" }, input, el("label", { class: "hb-scale__label", for: id }, text)));
    }
    const clear = el("button", { type: "button", class: "hb-link", "aria-label": `Clear: ${item.name}` }, "Clear");
    const state = el("span", { class: "hb-scale__state", role: "status" });
    const retry = el("button", { type: "button", class: "hb-tool hb-tool--small", hidden: true }, "Try again");
    scale.append(el("div", { class: "hb-score__foot" }, this.hooks.readOnly ? null : clear, state, retry));
    const evidence = el("div", { class: "hb-score__evidence", role: "group", "aria-label": `Moments: ${item.name}` });
    const row: Row = { item, radios, clear, state, retry, evidence, chosen: "", saved: "", queue: Promise.resolve() };
    for (const [value, input] of radios) input.addEventListener("change", () => this.choose(row, value as Choice));
    clear.addEventListener("click", () => {
      this.choose(row, "");
      radios.get("1")?.focus();
    });
    retry.addEventListener("click", () => this.choose(row, row.chosen));
    host.append(
      el(
        "div",
        { class: "hb-score" },
        el(
          "fieldset",
          { class: "govuk-fieldset hb-score__ask" },
          el("legend", { class: "hb-score__name" }, el("span", { class: `hb-swatch hb-swatch--${item.index % 8}`, "aria-hidden": "true" }), item.name),
          item.sub ? null : el("p", { class: "hb-small hb-quiet" }, item.skill.definition),
          scale,
        ),
        evidence,
      ),
    );
    return row;
  }

  private choose(row: Row, choice: Choice): void {
    row.chosen = choice;
    this.paint(row);
    setText(row.state, "Saving…");
    row.queue = row.queue.then(() => this.store(row, choice));
    this.hooks.onChange();
  }

  private async store(row: Row, choice: Choice): Promise<void> {
    if (row.chosen !== choice) return; // a newer choice follows in the queue
    const body = choice === "none" ? { not_codable: true } : { score: choice === "" ? null : Number(choice) };
    try {
      await send("PUT", `${this.hooks.base}/scores/${encodeURIComponent(row.item.key)}`, body);
      row.saved = choice;
      if (row.chosen === choice) setText(row.state, choice === "" ? "Cleared" : "Saved");
      show(row.retry, false);
    } catch (error) {
      setText(row.state, `Not saved. ${sentenceOf(error)}`);
      show(row.retry, true);
    }
    row.state.classList.toggle("is-trouble", row.chosen !== row.saved);
  }

  private paint(row: Row): void {
    for (const [value, input] of row.radios) input.checked = value === row.chosen;
    show(row.clear, row.chosen !== "");
  }
}
