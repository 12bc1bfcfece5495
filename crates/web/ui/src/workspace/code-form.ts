// "Mark a moment": the span, the skill, the note. What is typed stays until it is saved or given up.

import { announce } from "../announce.ts";
import { sentenceOf } from "../api.ts";
import { byId, el, setText, show } from "../dom.ts";
import { NOTHING, spanOf, type Selection } from "../selection.ts";
import { formatPrecise, parseTime } from "../time.ts";
import { itemKey, type Area, type Item, type Skill } from "./framework.ts";
import type { Code, CodeDraft } from "./model.ts";

interface Hooks {
  readonly durationMs: () => number;
  readonly onSelect: (selection: Selection) => void;
  /** Stores it; rejects with the sentence to show. */
  readonly onSave: (draft: CodeDraft, editing: Code | null) => Promise<void>;
}

interface Typed {
  readonly selection: Selection;
  readonly item: string | null;
  readonly note: string;
  readonly exemplar: boolean;
}

const EMPTY: Typed = { selection: NOTHING, item: null, note: "", exemplar: false };

export class CodeForm {
  private readonly start = byId<HTMLInputElement>("start");
  private readonly end = byId<HTMLInputElement>("end");
  private readonly note = byId<HTMLTextAreaElement>("note");
  private readonly exemplar = byId<HTMLInputElement>("exemplar");
  private readonly save = byId<HTMLButtonElement>("save");
  private readonly radios = new Map<string, HTMLInputElement>();
  private selection: Selection = NOTHING;
  private editing: Code | null = null;
  private before: Typed = EMPTY;
  /** A new moment that was being marked when an older one was opened to change it. */
  private stashed: Typed | null = null;
  private saving = false;

  constructor(
    private readonly items: readonly Item[],
    areas: readonly Area[],
    private readonly hooks: Hooks,
  ) {
    for (const area of areas) byId("skills").append(this.areaBlock(area));
    byId("code-form").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.submit();
    });
    byId("cancel").addEventListener("click", () => this.leave());
    byId("span-clear").addEventListener("click", () => this.hooks.onSelect(NOTHING));
    for (const edge of ["start", "end"] as const) {
      this[edge].addEventListener("change", () => this.typed(edge));
      this[edge].addEventListener("keydown", (event) => {
        if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
          event.preventDefault(); // the browser would send the form
          this.typed(edge);
        }
      });
    }
  }

  // ---- the span ----

  /** Shows a span that was marked elsewhere. */
  setSelection(selection: Selection): void {
    this.selection = selection;
    this.start.value = selection.start === null ? "" : formatPrecise(selection.start);
    this.end.value = selection.end === null ? "" : formatPrecise(selection.end);
    const span = spanOf(selection);
    setText(byId("span-length"), span ? `${((span.end - span.start) / 1000).toFixed(1)} s` : "");
    if (span) this.problem("span", "");
  }

  private typed(edge: "start" | "end"): void {
    const text = this[edge].value.trim();
    const at = text === "" ? null : parseTime(text);
    if (text !== "" && (at === null || at > this.hooks.durationMs())) {
      this.problem("span", at === null ? "Write a time as minutes and seconds, like 1:23.450." : `The recording ends at ${formatPrecise(this.hooks.durationMs())}.`);
      return;
    }
    const next = { ...this.selection, [edge]: at };
    if (next.start !== null && next.end !== null && next.end <= next.start) {
      this.problem("span", "The end comes after the start.");
      return;
    }
    this.problem("span", "");
    this.hooks.onSelect(next);
  }

  // ---- the skills ----

  private areaBlock(area: Area): HTMLElement {
    const block = el("div", { class: "hb-area", role: "group", "aria-label": area.name }, el("p", { class: "hb-area__name" }, area.name));
    for (const skill of area.skills) {
      const row = el("div", { class: skill.subs.length > 0 ? "hb-skill hb-skill--subs" : "hb-skill" });
      if (skill.subs.length > 0) row.append(el("span", { class: "hb-skill__name" }, skill.name));
      row.append(...this.items.filter((item) => item.skill === skill).map((item) => this.radio(item)), promptsOf(skill));
      block.append(row);
    }
    return block;
  }

  private radio(item: Item): HTMLElement {
    const id = `skill-${item.index}`;
    const input = el("input", { type: "radio", name: "item", id, value: item.key, class: "hb-choice__input" });
    input.addEventListener("change", () => this.problem("skill", ""));
    this.radios.set(item.key, input);
    const swatch = el("span", { class: `hb-swatch hb-swatch--${item.index % 8}`, "aria-hidden": "true" });
    const name = el("span", {}, item.sub ? el("span", { class: "govuk-visually-hidden" }, `${item.skill.name}: `) : null, item.short);
    return el("label", { class: "hb-choice", for: id }, input, swatch, name, item.digit ? el("kbd", {}, item.digit) : null);
  }

  pick(item: Item): void {
    const radio = this.radios.get(item.key);
    if (!radio) return;
    radio.checked = true;
    this.problem("skill", "");
    announce(item.name);
  }

  focusNote(): void {
    this.note.focus();
  }

  // ---- changing, leaving, saving ----

  get isEditing(): boolean {
    return this.editing !== null;
  }

  /** Whether leaving the page now would lose something. */
  get dirty(): boolean {
    const now = this.read();
    return JSON.stringify(now) !== JSON.stringify(this.before) || this.stashed !== null;
  }

  /** Opens a saved moment; returns false when another change waits to be saved first. */
  edit(code: Code): boolean {
    if (this.editing && this.editing.id !== code.id && this.dirty) {
      this.saveProblem("Save this change first, or leave it as it was.");
      this.save.focus();
      return false;
    }
    const draft = this.read();
    if (!this.editing && JSON.stringify(draft) !== JSON.stringify(EMPTY)) this.stashed = draft;
    this.editing = code;
    this.fill({
      selection: { start: code.start_ms, end: code.end_ms },
      item: itemKey(code.skill, code.sub),
      note: code.note,
      exemplar: code.exemplar,
    });
    this.title();
    this.note.focus();
    return true;
  }

  /** Ends a change without saving it. */
  leave(): void {
    const code = this.editing;
    this.editing = null;
    this.fill(this.stashed ?? EMPTY);
    this.before = EMPTY;
    this.stashed = null;
    this.title();
    if (code) announce("Left as it was.");
  }

  /** The moment that is open was deleted. */
  forget(id: string): void {
    if (this.editing?.id === id) this.leave();
  }

  async submit(): Promise<void> {
    if (this.saving) return;
    const now = this.read();
    const span = spanOf(now.selection);
    const item = this.items.find(({ key }) => key === now.item);
    this.problem("span", span ? "" : "Mark where it begins and where it ends.");
    this.problem("skill", item ? "" : "Pick the skill that is heard.");
    if (!span) {
      (now.selection.start === null ? this.start : this.end).focus();
      announce("Mark where it begins and where it ends.");
      return;
    }
    if (!item) {
      this.radios.values().next().value?.focus();
      announce("Pick the skill that is heard.");
      return;
    }
    const draft: CodeDraft = {
      skill: item.skill.key,
      sub: item.sub?.key ?? null,
      start_ms: span.start,
      end_ms: span.end,
      note: now.note,
      exemplar: now.exemplar,
    };
    this.saving = true;
    this.save.setAttribute("aria-disabled", "true");
    try {
      await this.hooks.onSave(draft, this.editing);
      this.saveProblem("");
      announce(`Saved: ${item.name}, ${formatPrecise(span.start)} to ${formatPrecise(span.end)}.`);
      this.afterSave(now);
    } catch (error) {
      this.saveProblem(sentenceOf(error));
    } finally {
      this.saving = false;
      this.save.removeAttribute("aria-disabled");
      this.title();
    }
  }

  /** Clears the form, unless more was typed while the save was under way. */
  private afterSave(saved: Typed): void {
    const untouched = JSON.stringify(this.read()) === JSON.stringify(saved);
    this.editing = null;
    if (untouched) this.fill(this.stashed ?? EMPTY);
    this.before = EMPTY;
    this.stashed = untouched ? null : this.stashed;
  }

  private read(): Typed {
    const item = [...this.radios].find(([, radio]) => radio.checked)?.[0] ?? null;
    return { selection: this.selection, item, note: this.note.value.trim(), exemplar: this.exemplar.checked };
  }

  private fill(typed: Typed): void {
    for (const [key, radio] of this.radios) radio.checked = key === typed.item;
    this.note.value = typed.note;
    this.exemplar.checked = typed.exemplar;
    this.before = typed;
    this.problem("span", "");
    this.problem("skill", "");
    this.saveProblem("");
    this.hooks.onSelect(typed.selection);
  }

  private title(): void {
    setText(byId("code-title"), this.editing ? "Change this moment" : "Mark a moment");
    const failed = !byId("save-problem").hidden;
    setText(byId("save-word"), failed ? "Try saving again" : this.editing ? "Save the change" : "Save this moment");
    show(byId("cancel"), this.editing !== null);
  }

  private problem(which: "span" | "skill", text: string): void {
    const node = byId(`${which}-problem`);
    setText(node, text);
    show(node, text !== "");
    if (which === "span") for (const input of [this.start, this.end]) input.classList.toggle("govuk-input--error", text !== "");
  }

  private saveProblem(text: string): void {
    setText(byId("save-problem-text"), text);
    show(byId("save-problem"), text !== "");
  }
}

/** Definition, questions and examples, folded away beside the skill. */
function promptsOf(skill: Skill): HTMLElement {
  const list = (lines: readonly string[], name: string): HTMLElement => el("ul", { class: name }, ...lines.map((line) => el("li", {}, line)));
  return el(
    "details",
    { class: "hb-prompts" },
    el("summary", {}, "What to listen for", el("span", { class: "govuk-visually-hidden" }, `: ${skill.name}`)),
    el("p", {}, skill.definition),
    skill.prompts.length > 0 && list(skill.prompts, "hb-prompts__list"),
    skill.exemplars.length > 0 && list(skill.exemplars, "hb-prompts__list hb-prompts__list--said"),
  );
}
