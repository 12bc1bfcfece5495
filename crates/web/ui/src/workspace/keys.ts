// The desk's keyboard: one table for what a key does and for the help that explains it.

import { byId, el, show } from "../dom.ts";

export interface Shortcut {
  /** `event.key` values, lower case. */
  readonly keys: readonly string[];
  /** How the keys are written in the help. */
  readonly shown: readonly string[];
  readonly what: string;
  readonly run: () => void;
}

const STORED = "hearback.single-keys";

/** Whether typing goes into this element, so that letters are letters. */
function takesText(target: Element): boolean {
  if (target.closest("textarea, select, [contenteditable]")) return true;
  const input = target.closest("input");
  return input !== null && !["checkbox", "radio", "button", "submit"].includes(input.type);
}

/** Listens for the shortcuts; `save` (Ctrl+Enter) and `escape` work from text fields too. */
export function bindKeys(shortcuts: readonly Shortcut[], save: () => void, escape: (from: Element) => void): void {
  const dialog = byId<HTMLDialogElement>("help");
  const toggle = byId<HTMLInputElement>("keys-on");
  const table = new Map(shortcuts.flatMap((shortcut) => shortcut.keys.map((key) => [key, shortcut] as const)));
  toggle.checked = localStorage.getItem(STORED) !== "off";
  toggle.addEventListener("change", () => localStorage.setItem(STORED, toggle.checked ? "on" : "off"));
  byId("help-open").addEventListener("click", () => dialog.showModal());
  byId("help-close").addEventListener("click", () => dialog.close());
  fillHelp(shortcuts);

  document.addEventListener("keydown", (event) => {
    const target = event.target as Element;
    if (dialog.open || event.defaultPrevented || event.isComposing) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      save();
      return;
    }
    if (event.key === "Escape") {
      escape(target);
      return;
    }
    // AltGr types brackets on many keyboards; it arrives as Ctrl+Alt.
    const altGr = event.getModifierState("AltGraph");
    if (((event.ctrlKey || event.altKey) && !altGr) || event.metaKey || takesText(target)) return;
    if (event.key === "?") {
      event.preventDefault();
      dialog.showModal();
      return;
    }
    if (!toggle.checked) return;
    if (event.key === " " && target.closest("button, a, summary, input")) return;
    const shortcut = table.get(event.key.toLowerCase());
    if (!shortcut) return;
    event.preventDefault();
    shortcut.run();
  });
}

function fillHelp(shortcuts: readonly Shortcut[]): void {
  const row = (shown: readonly string[], what: string): HTMLElement => {
    const term = el("dt");
    shown.forEach((key, index) => term.append(index > 0 ? " or " : "", el("kbd", {}, key)));
    return el("div", {}, term, el("dd", {}, what));
  };
  byId("help-list").replaceChildren(
    ...shortcuts.filter((shortcut) => shortcut.what !== "").map((shortcut) => row(shortcut.shown, shortcut.what)),
    row(["Ctrl Enter"], "save the moment, also while typing"),
    row(["Esc"], "leave a text field; then leave the marked span"),
    row(["?"], "this help"),
    row(["← →"], "on the sound’s picture: one second, with Shift a tenth; in the words: from word to word, Enter plays"),
  );
  show(byId("help-list"), true);
}
