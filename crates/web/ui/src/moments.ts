// Marking moments of one's own recording while it plays: one tap, and the list below has it.

import { announce } from "./announce.ts";
import { sendFields, sentenceOf } from "./api.ts";
import { byId, setText, show } from "./dom.ts";
import type { Sound } from "./sound.ts";

interface Moment {
  readonly id: string;
  readonly kind: "proud" | "wonder";
  readonly title: string;
  readonly start: string;
  readonly end: string;
  readonly start_ms: number;
  readonly end_ms: number;
  readonly note: string;
}

/** What the template's addresses and ids are made with. */
const BLANK = "00000000-0000-0000-0000-000000000000";

/** Shows the card of moments, and lets them be marked at the playhead and heard. */
export function startMarking(base: string, sound: Sound): void {
  const card = byId("moments-card");
  const list = byId("moments");
  const problem = byId("mark-problem");
  show(card, true);

  list.addEventListener("click", (event) => {
    const button = (event.target as HTMLElement).closest("[data-hear]");
    const item = button?.closest<HTMLElement>("[data-moment]");
    if (item) sound.playSpan({ start: Number(item.dataset["start"]), end: Number(item.dataset["end"]) }, false);
  });

  for (const button of card.querySelectorAll<HTMLButtonElement>("[data-mark]")) {
    button.addEventListener("click", () => void mark(button));
  }

  async function mark(button: HTMLButtonElement): Promise<void> {
    // Where it is heard now, not where it will be when the answer comes.
    const fields = { kind: button.dataset["mark"] ?? "", at: String(Math.round(sound.at)), note: "" };
    button.disabled = true;
    try {
      const moment = await sendFields<Moment>(`${base}/moments`, fields);
      if (!moment) return;
      add(moment);
      show(problem, false);
      announce(`Marked: ${moment.title}, ${moment.start} to ${moment.end}`);
    } catch (error) {
      setText(problem, sentenceOf(error));
      show(problem, true);
    } finally {
      button.disabled = false;
    }
  }

  function add(moment: Moment): void {
    const item = itemOf(moment);
    const after = [...list.children].find((other) => Number((other as HTMLElement).dataset["start"]) > moment.start_ms);
    list.insertBefore(item, after ?? null);
    item.scrollIntoView({ block: "nearest" });
  }
}

/** The template, filled in. */
function itemOf(moment: Moment): HTMLElement {
  const part = byId<HTMLTemplateElement>("moment-template").content.cloneNode(true) as DocumentFragment;
  const item = part.querySelector<HTMLElement>("[data-moment]");
  if (!item) throw new Error("the template has no moment");
  item.dataset["moment"] = moment.id;
  item.dataset["start"] = String(moment.start_ms);
  item.dataset["end"] = String(moment.end_ms);
  for (const node of item.querySelectorAll("*")) {
    for (const name of ["id", "for", "action", "aria-describedby"]) {
      const value = node.getAttribute(name);
      if (value?.includes(BLANK)) node.setAttribute(name, value.replace(BLANK, moment.id));
    }
  }
  const text = (selector: string, words: string): void => {
    const node = item.querySelector(selector);
    if (node) setText(node, words);
  };
  text("[data-title]", moment.title);
  text("[data-when]", `${moment.start} – ${moment.end}`);
  text("[data-note]", moment.note);
  for (const hidden of item.querySelectorAll(".govuk-visually-hidden")) setText(hidden, `: ${moment.title}, ${moment.start}`);
  const input = (name: string): HTMLInputElement | null => item.querySelector(`input[name="${name}"]`);
  const start = input("start");
  const end = input("end");
  if (start) start.value = moment.start;
  if (end) end.value = moment.end;
  for (const radio of item.querySelectorAll<HTMLInputElement>('input[name="kind"]')) radio.checked = radio.value === moment.kind;
  return item;
}
