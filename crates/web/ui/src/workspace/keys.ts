// The desk's keyboard: listens for what is bound, and shows the sheet on which every key can be changed.

import { announce } from "../announce.ts";
import { byId, el, setText, show } from "../dom.ts";
import { canBeBound, chordOf, shown, typesNothing, type Action, type Keymap } from "./keymap.ts";
import type { SettingsStore } from "./settings.ts";

/** Whether typing goes into this element, so that letters are letters. */
function takesText(target: Element): boolean {
  if (target.closest("textarea, select, [contenteditable]")) return true;
  const input = target.closest("input");
  return input !== null && !["checkbox", "radio", "button", "submit"].includes(input.type);
}

/** What a text field does with these itself. */
const EDITING = new Set(["ctrl+z", "ctrl+y", "ctrl+shift+z", "ctrl+a"]);

interface Chorded {
  readonly chord: string | null;
}

function read(event: KeyboardEvent): Chorded {
  const { key, code, shiftKey, ctrlKey, altKey, metaKey } = event;
  return { chord: chordOf({ key, code, shiftKey, ctrlKey, altKey, metaKey, altGraph: event.getModifierState("AltGraph") }) };
}

export interface KeyHooks {
  readonly save: () => void;
  readonly escape: (from: Element) => void;
}

export class Keys {
  private readonly dialog = byId<HTMLDialogElement>("help");
  private readonly singles = byId<HTMLInputElement>("keys-on");
  private readonly held = new Map<string, Action>();
  /** The action that waits for its new key. */
  private asking: Action | null = null;

  constructor(
    private readonly map: Keymap,
    private readonly settings: SettingsStore,
    private readonly hooks: KeyHooks,
  ) {
    this.singles.checked = settings.current.singleKeys;
    this.singles.addEventListener("change", () => settings.change({ singleKeys: this.singles.checked }));
    byId("help-open").addEventListener("click", () => this.openSheet());
    byId("help-close").addEventListener("click", () => this.dialog.close());
    byId("keys-reset").addEventListener("click", () => {
      map.reset();
      this.keep("All keys are as they came.");
    });
    this.dialog.addEventListener("close", () => this.ask(null));
    // In the dialog's own phase, before Escape closes it or a button takes Space.
    this.dialog.addEventListener("keydown", (event) => this.onAnswer(event), { capture: true });
    document.addEventListener("keydown", (event) => this.onDown(event));
    document.addEventListener("keyup", (event) => this.onUp(event));
    window.addEventListener("blur", () => this.letGo());
    this.paint();
  }

  openSheet(): void {
    this.dialog.showModal();
  }

  // ---- pressing ----

  private onDown(event: KeyboardEvent): void {
    const target = event.target as Element;
    if (this.dialog.open || event.defaultPrevented || event.isComposing) return;
    if (event.key === "Enter" && this.saves(event, target)) {
      event.preventDefault();
      this.hooks.save();
      return;
    }
    if (event.key === "Escape") {
      this.hooks.escape(target);
      return;
    }
    const { chord } = read(event);
    if (chord === null) return;
    const typing = takesText(target);
    if (typing && (!typesNothing(chord) || EDITING.has(chord))) return;
    if (chord === "?") {
      event.preventDefault();
      this.openSheet();
      return;
    }
    if (!this.settings.current.singleKeys && !typesNothing(chord)) return;
    if (chord === "space" && target.closest("button, a, summary, input")) return;
    const action = this.map.find(chord);
    if (!action) return;
    event.preventDefault();
    if (action.release && (event.repeat || this.held.has(event.code))) return;
    if (action.release) this.held.set(event.code, action);
    action.run();
  }

  /** Ctrl+Enter saves from everywhere; Enter alone where it does nothing else. */
  private saves(event: KeyboardEvent, target: Element): boolean {
    if (event.ctrlKey || event.metaKey) return true;
    return !event.shiftKey && !event.altKey && target.closest("a, button, summary, input, textarea, select, form, dialog, .hb-words") === null;
  }

  private onUp(event: KeyboardEvent): void {
    const action = this.held.get(event.code);
    this.held.delete(event.code);
    action?.release?.();
  }

  /** Whoever leaves the window with a pedal down has let go of it. */
  private letGo(): void {
    for (const action of this.held.values()) action.release?.();
    this.held.clear();
  }

  // ---- the sheet ----

  private onAnswer(event: KeyboardEvent): void {
    if (!this.asking) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape") {
      this.ask(null);
      return;
    }
    const { chord } = read(event);
    if (chord === null || event.repeat) return;
    const action = this.asking;
    if (!canBeBound(chord)) {
      this.say(`${shown(chord)} has to stay what it is. Press another key, or Esc.`);
      return;
    }
    const lost = this.map.bind(action.id, chord);
    this.asking = null;
    this.keep(lost ? `${shown(chord)} is now: ${action.what}. It was: ${lost.what}.` : `${shown(chord)} is now: ${action.what}.`);
    byId("help-list").querySelector<HTMLElement>(`[data-action="${CSS.escape(action.id)}"]`)?.focus();
  }

  private ask(action: Action | null): void {
    this.asking = action;
    this.say(action ? `Press the key or the pedal for: ${action.what}. Esc leaves it as it is.` : "");
    for (const button of byId("help-list").querySelectorAll("button")) button.classList.toggle("is-asking", button.dataset["action"] === action?.id);
  }

  private keep(sentence: string): void {
    this.settings.change({ keys: this.map.changed });
    this.paint();
    this.say(sentence);
    announce(sentence);
  }

  private say(sentence: string): void {
    setText(byId("help-said"), sentence);
    show(byId("help-said"), sentence !== "");
  }

  private paint(): void {
    const groups = new Map<string, Action[]>();
    for (const action of this.map.actions) groups.set(action.group, [...(groups.get(action.group) ?? []), action]);
    const blocks = [...groups].map(([name, actions]) => el("section", { class: "hb-keys__group" }, el("h3", { class: "govuk-heading-s" }, name), el("dl", { class: "hb-keys" }, ...actions.map((action) => this.row(action)))));
    byId("help-list").replaceChildren(...blocks, fixed());
    for (const node of document.querySelectorAll<HTMLElement>("kbd[data-key]")) {
      const action = this.map.actions.find(({ id }) => id === node.dataset["key"]);
      const key = action ? this.map.keysOf(action)[0] : undefined;
      setText(node, key === undefined ? "" : shown(key));
      show(node, key !== undefined);
      const button = node.closest("button");
      if (key === undefined) button?.removeAttribute("aria-keyshortcuts");
      else button?.setAttribute("aria-keyshortcuts", ariaOf(key));
    }
  }

  private row(action: Action): HTMLElement {
    const keys = this.map.keysOf(action);
    const term = el("dt");
    keys.forEach((key, index) => term.append(index > 0 ? " or " : "", el("kbd", {}, shown(key))));
    if (keys.length === 0) term.append(el("span", { class: "hb-quiet" }, "no key"));
    const change = el("button", { type: "button", class: "hb-link", "data-action": action.id, "aria-label": `Change the key: ${action.what}`, onclick: () => this.ask(action) }, "Change");
    return el("div", {}, term, el("dd", {}, el("span", {}, action.what), change));
  }
}

/** `ctrl+shift+z` as `aria-keyshortcuts` writes it. */
function ariaOf(chord: string): string {
  const names: Record<string, string> = { ctrl: "Control", shift: "Shift", alt: "Alt", space: "Space" };
  return chord === "+" ? "Plus" : chord.split("+").map((part) => names[part] ?? (part.length === 1 ? part.toUpperCase() : part)).join("+");
}

function fixed(): HTMLElement {
  const row = (key: string, what: string): HTMLElement => el("div", {}, el("dt", {}, el("kbd", {}, key)), el("dd", {}, what));
  return el(
    "section",
    { class: "hb-keys__group" },
    el("h3", { class: "govuk-heading-s" }, "Always the same"),
    el(
      "dl",
      { class: "hb-keys" },
      row("Enter", "save the moment; while typing Ctrl Enter"),
      row("Esc", "leave a text field; then leave the marked span"),
      row("← →", "on the sound’s picture: one second, with Shift a tenth"),
      row("↑ ↓ ← →", "in the words: from passage to passage and word to word; Enter plays"),
      row("1 … 5, X", "beside a number: give it, or “not codable”, and go on to the next"),
      row("E", "beside a number: play its moments, one after the other"),
      row("?", "this sheet"),
    ),
  );
}
