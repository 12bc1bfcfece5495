// Correcting one passage, in its place. What is typed is saved by itself; the sound waits meanwhile.

import { el, setText, show } from "../dom.ts";
import { formatClock } from "../time.ts";
import type { Reading, ReadSegment } from "./model.ts";
import { Saver, type SaveState, type Wire } from "./saver.ts";

export interface Around {
  /** A key changed the text. */
  typed(): void;
  /** Hear this passage. */
  hear(): void;
  /** Play or pause. */
  toggle(): void;
  /** Closed; on to the next passage, or not. */
  closed(next: boolean): void;
  learnt(reading: Reading): void;
  speaker(id: string): void;
}

const LINES: Record<Exclude<SaveState["kind"], "waiting" | "refused">, string> = {
  saved: "Saved.",
  typing: "It is saved when you pause.",
  saving: "Saving …",
  theirs: "",
};

export class Editor {
  private readonly box: HTMLTextAreaElement;
  private readonly line = el("p", { class: "hb-edit__line", role: "status" });
  private readonly conflict = el("div", { class: "hb-problem", role: "alert", hidden: true });
  private readonly saver: Saver;
  private readonly panel: HTMLElement;
  private closing = false;

  constructor(
    readonly segment: ReadSegment,
    private readonly row: HTMLElement,
    reading: Reading,
    wire: Wire,
    private readonly around: Around,
  ) {
    const { start_ms, end_ms } = segment;
    const id = `edit-${start_ms}`;
    this.box = el("textarea", { class: "govuk-textarea hb-edit__box", id, rows: "3", maxlength: "4000", spellcheck: "true" });
    this.box.value = segment.text;
    this.saver = new Saver(wire, { start_ms, end_ms }, segment.text, reading.revision, (state) => this.tell(state), (newer) => around.learnt(newer));
    this.panel = el(
      "div",
      { class: "hb-edit" },
      el("label", { class: "hb-label", for: id }, `What is said from ${formatClock(start_ms)} to ${formatClock(end_ms)}`),
      this.box,
      this.line,
      this.conflict,
      el(
        "div",
        { class: "hb-edit__tools" },
        el("button", { type: "button", class: "hb-tool", onclick: () => around.hear() }, "Hear it ", el("kbd", {}, "Alt J")),
        el("button", { type: "button", class: "hb-tool", onclick: () => void this.close(true) }, "Next ", el("kbd", {}, "Ctrl Enter")),
        el("button", { type: "button", class: "hb-tool hb-tool--main", onclick: () => void this.close(false) }, "Done ", el("kbd", {}, "Esc")),
        this.whoSays(reading),
      ),
    );
    this.box.addEventListener("input", () => {
      this.grow();
      around.typed();
      this.saver.typed(this.box.value);
    });
    this.box.addEventListener("blur", () => void this.saver.flush());
    this.panel.addEventListener("keydown", (event) => this.onKey(event));
    row.classList.add("is-editing");
    row.querySelector(".hb-row__body")?.append(this.panel);
    setText(this.line, "Type, and it is saved when you pause. The sound waits while you type.");
    this.box.focus();
    this.box.setSelectionRange(0, 0);
    this.grow();
  }

  /** Who says this passage, where voices are told apart. */
  private whoSays({ voices, next_voice }: Reading): HTMLElement | null {
    if (voices.length === 0) return null;
    const id = `who-${this.segment.start_ms}`;
    const options = voices.map((voice) => el("option", { value: voice.id, selected: voice.id === this.segment.speaker }, voice.name));
    const select = el("select", { class: "hb-select", id }, ...(this.segment.speaker === null ? [el("option", { value: "" }, "Not known")] : []), ...options, next_voice === null ? null : el("option", { value: next_voice }, "Somebody else"));
    select.addEventListener("change", () => {
      if (select.value !== "") void this.saver.flush().then((saved) => saved && this.around.speaker(select.value));
    });
    return el("span", { class: "hb-edit__who" }, el("label", { class: "hb-bar__label", for: id }, "Who says it? "), select);
  }

  private grow(): void {
    this.box.style.setProperty("height", "auto");
    this.box.style.setProperty("height", `${this.box.scrollHeight + 4}px`);
  }

  private onKey(event: KeyboardEvent): void {
    // What is typed here is typed, and moves nothing else.
    event.stopPropagation();
    if (event.key === "Escape") void this.close(false);
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void this.close(true);
    else if (event.altKey && event.code === "KeyJ") this.around.hear();
    else if (event.altKey && event.code === "KeyK") this.around.toggle();
    // A passage is one paragraph.
    else if (event.key === "Enter" && event.target === this.box) void 0;
    else return;
    event.preventDefault();
  }

  private tell(state: SaveState): void {
    if (!this.line.isConnected) return;
    const said = state.kind === "waiting" ? `${state.why} It is tried again by itself.` : state.kind === "refused" ? state.why : LINES[state.kind];
    setText(this.line, said);
    this.line.classList.toggle("is-trouble", state.kind === "waiting" || state.kind === "refused");
    show(this.conflict, state.kind === "theirs");
    if (state.kind === "theirs") this.ask(state.text);
  }

  private ask(theirs: string): void {
    this.conflict.replaceChildren(
      el("p", {}, "Somebody changed these words while you were typing. Yours are still in the box above, and nothing is lost."),
      el("p", {}, el("strong", {}, "There now: "), theirs === "" ? "nothing." : theirs),
      el(
        "div",
        { class: "hb-both" },
        el("button", { type: "button", class: "hb-tool", onclick: () => void this.saver.keepMine() }, "Put mine in their place"),
        el("button", { type: "button", class: "hb-tool", onclick: () => this.takeTheirs() }, "Leave theirs"),
      ),
    );
  }

  private takeTheirs(): void {
    this.box.value = this.saver.takeTheirs();
    this.box.focus();
  }

  /** Whether something typed is not saved yet. */
  get unsaved(): boolean {
    return this.saver.state.kind !== "saved";
  }

  /** Saves what is left and closes; stays open if that does not work, so that nothing is lost. */
  async close(next: boolean): Promise<void> {
    if (this.closing) return;
    this.closing = true;
    const saved = await this.saver.flush();
    this.closing = false;
    if (!saved) return;
    this.saver.stop();
    this.panel.remove();
    this.row.classList.remove("is-editing");
    this.around.closed(next);
  }
}
