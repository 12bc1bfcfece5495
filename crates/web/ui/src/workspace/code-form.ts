// "Mark a moment": the span, the skill, the note. What is typed stays until it is saved or given up.

import { announce } from "../announce.ts";
import { byId, el, setText, show } from "../dom.ts";
import { NOTHING, spanOf, type Selection } from "../selection.ts";
import { formatPrecise, parseTime } from "../time.ts";
import { itemKey, type Area, type Item } from "./framework.ts";
import type { Code, CodeDraft } from "./model.ts";

interface Hooks {
  readonly durationMs: () => number;
  readonly onSelect: (selection: Selection) => void;
  readonly onSave: (draft: CodeDraft, editing: Code | null) => void;
  /** A skill was picked; returns true when the marked moment is to be saved at once. */
  readonly onPick: (item: Item) => boolean;
  /** Something was typed, picked or marked. */
  readonly onTyped: () => void;
}

export interface Typed {
  readonly selection: Selection;
  readonly item: string | null;
  readonly note: string;
  readonly nonverbal: string;
  readonly exemplar: boolean;
}

/** All that is in the form and not saved. */
export interface FormState {
  readonly now: Typed;
  /** The saved moment that is open. */
  readonly editing: string | null;
  readonly stashed: Typed | null;
}

const EMPTY: Typed = { selection: NOTHING, item: null, note: "", nonverbal: "", exemplar: false };

export class CodeForm {
  private readonly start = byId<HTMLInputElement>("start");
  private readonly end = byId<HTMLInputElement>("end");
  private readonly note = byId<HTMLTextAreaElement>("note");
  private readonly nonverbal = byId<HTMLInputElement>("nonverbal");
  private readonly exemplar = byId<HTMLInputElement>("exemplar");
  private readonly radios = new Map<string, HTMLInputElement>();
  private selection: Selection = NOTHING;
  private editing: Code | null = null;
  private before: Typed = EMPTY;
  /** A new moment that was being marked when an older one was opened to change it. */
  private stashed: Typed | null = null;

  constructor(
    private readonly items: readonly Item[],
    areas: readonly Area[],
    private readonly hooks: Hooks,
  ) {
    for (const area of areas) byId("skills").append(this.areaBlock(area));
    byId("code-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    byId("code-form").addEventListener("input", () => this.hooks.onTyped());
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
    this.hooks.onTyped();
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
      const own = this.items.filter((item) => item.skill === skill).map((item) => this.radio(item));
      if (skill.subs.length > 0) block.append(el("div", { class: "hb-skill" }, el("span", { class: "hb-skill__name" }, skill.name), ...own));
      else block.append(...own);
    }
    return block;
  }

  private radio(item: Item): HTMLElement {
    const id = `skill-${item.index}`;
    const input = el("input", { type: "radio", name: "item", id, value: item.key, class: "hb-choice__input" });
    input.addEventListener("change", () => this.picked(item));
    this.radios.set(item.key, input);
    const swatch = el("span", { class: `hb-swatch hb-swatch--${item.index % 8}`, "aria-hidden": "true" });
    const name = el("span", {}, item.sub ? el("span", { class: "govuk-visually-hidden" }, `${item.skill.name}: `) : null, item.short);
    return el("label", { class: "hb-choice", for: id }, input, swatch, name, el("kbd", { "data-key": `pick ${item.key}`, hidden: true }));
  }

  pick(item: Item): void {
    const radio = this.radios.get(item.key);
    if (!radio) return;
    radio.checked = true;
    announce(item.name);
    this.picked(item);
  }

  private picked(item: Item): void {
    this.problem("skill", "");
    this.hooks.onTyped();
    if (this.hooks.onPick(item) && this.editing === null && spanOf(this.selection)) this.submit();
  }

  toggleExemplar(): void {
    this.exemplar.checked = !this.exemplar.checked;
    announce(this.exemplar.checked ? "A good example." : "No good example.");
    this.hooks.onTyped();
  }

  focusNonverbal(): void {
    this.nonverbal.focus();
  }

  focusNote(): void {
    this.note.focus();
  }

  // ---- changing, leaving, saving ----

  get isEditing(): boolean {
    return this.editing !== null;
  }

  /** What is here and not saved; null if nothing is. */
  get state(): FormState | null {
    return this.dirty ? { now: this.read(), editing: this.editing?.id ?? null, stashed: this.stashed } : null;
  }

  /** Puts back what an earlier visit left. `codeOf` finds the moment that was open. */
  restore(state: FormState, codeOf: (id: string | null) => Code | null): void {
    const code = codeOf(state.editing);
    // The moment that was being changed is gone: what was typed is a new one.
    this.editing = code;
    this.fill({ ...EMPTY, ...state.now });
    this.before = code ? typedOf(code) : EMPTY;
    this.stashed = state.stashed;
    this.title();
  }

  /** Whether something here is not saved. */
  get dirty(): boolean {
    const now = this.read();
    return JSON.stringify(now) !== JSON.stringify(this.before) || this.stashed !== null;
  }

  /** Opens a saved moment; returns false when another change waits to be saved first. */
  edit(code: Code): boolean {
    if (this.editing && this.editing.id !== code.id && this.dirty) {
      this.saveProblem("Save this change first, or leave it as it was.");
      byId("save").focus();
      return false;
    }
    const draft = this.read();
    if (!this.editing && JSON.stringify(draft) !== JSON.stringify(EMPTY)) this.stashed = draft;
    this.editing = code;
    this.fill(typedOf(code));
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

  /** Saves what is marked; without a span or a skill says what is missing. Whether it was saved. */
  submit(): boolean {
    const now = this.read();
    const span = spanOf(now.selection);
    const item = this.items.find(({ key }) => key === now.item);
    this.problem("span", span ? "" : "Mark where it begins and where it ends.");
    this.problem("skill", item ? "" : "Pick the skill that is heard.");
    if (!span) {
      (now.selection.start === null ? this.start : this.end).focus();
      announce("Mark where it begins and where it ends.");
      return false;
    }
    if (!item) {
      this.radios.values().next().value?.focus();
      announce("Pick the skill that is heard.");
      return false;
    }
    this.saveProblem("");
    const { note, nonverbal, exemplar } = now;
    const draft: CodeDraft = { skill: item.skill.key, sub: item.sub?.key ?? null, start_ms: span.start, end_ms: span.end, note, nonverbal, exemplar };
    const { editing } = this;
    this.editing = null;
    this.fill(this.stashed ?? EMPTY);
    this.before = EMPTY;
    this.stashed = null;
    this.title();
    this.hooks.onSave(draft, editing);
    announce(`Saved: ${item.name}, ${formatPrecise(span.start)} to ${formatPrecise(span.end)}.`);
    return true;
  }

  private read(): Typed {
    const item = [...this.radios].find(([, radio]) => radio.checked)?.[0] ?? null;
    return { selection: this.selection, item, note: this.note.value.trim(), nonverbal: this.nonverbal.value.trim(), exemplar: this.exemplar.checked };
  }

  private fill(typed: Typed): void {
    for (const [key, radio] of this.radios) radio.checked = key === typed.item;
    this.note.value = typed.note;
    this.nonverbal.value = typed.nonverbal;
    this.exemplar.checked = typed.exemplar;
    this.before = typed;
    this.problem("span", "");
    this.problem("skill", "");
    this.saveProblem("");
    this.hooks.onSelect(typed.selection);
  }

  private title(): void {
    setText(byId("code-title"), this.editing ? "Change this moment" : "Mark a moment");
    setText(byId("save-word"), this.editing ? "Save the change" : "Save this moment");
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

function typedOf(code: Code): Typed {
  const { note, nonverbal, exemplar } = code;
  return { selection: { start: code.start_ms, end: code.end_ms }, item: itemKey(code.skill, code.sub), note, nonverbal, exemplar };
}
