// The briefing room: coder and coach hear the same at the same moment, and write to each other.

import { announce } from "./announce.ts";
import { sentenceOf, submit } from "./api.ts";
import { byId, el, pageData, setText, show } from "./dom.ts";
import { InStep } from "./room/in-step.ts";
import { Room, type Piece, type View } from "./room/room.ts";
import { position } from "./room/step.ts";
import { formatClock, speakTime } from "./time.ts";

interface Moment {
  readonly id: string;
  readonly skill: string;
  readonly start: string;
  readonly start_ms: number;
  readonly length_ms: number;
}

interface Data {
  readonly recording: string;
  readonly leads: boolean;
  readonly moments: readonly Moment[];
}

interface Said {
  readonly notes: readonly { readonly who: string; readonly when: string; readonly text: string }[];
  readonly proposals: readonly Proposal[];
}

interface Proposal {
  readonly code: string;
  readonly what: string;
  readonly strength: string;
  readonly question: string;
  readonly who: string;
}

const data = pageData<Data>();
const base = `/recordings/${data.recording}/briefing`;
const element = el("audio", { preload: "auto" });
document.body.append(element);

let view: View | null = null;
let piece: Piece | null = null;
let said = -1;
let dragging = false;

const room = new Room(base, {
  view: see,
  gone: (why) => {
    // Nothing that was heard here stays.
    sound.put("", 0);
    view = null;
    piece = null;
    paint();
    setText(byId("people"), "You are not in the room.");
    if (why) problem(why);
    byId("enter").focus();
  },
});
const sound = new InStep(element, () => room.now, () => problem("The sound could not be played just now. Leave the room and come in again."));

function problem(sentence: string): void {
  setText(byId("room-problem"), sentence);
  show(byId("room-problem"), sentence !== "");
}

function see(next: View): void {
  const before = view;
  view = next;
  const now = next.piece;
  if (now?.number !== piece?.number) {
    piece = now;
    sound.put(now ? `${base}/audio?piece=${now.number}` : "", lengthOf(now));
    announce(now ? `Put on: ${title(now)}.` : "Nothing is on.");
  }
  sound.be(next);
  const names = next.people.map(({ name }) => name);
  setText(byId("people"), names.length === 1 ? "You are here alone. Nothing is heard until the other one is here too." : `Here: ${names.join(", ")}.`);
  if (before && before.people.length !== next.people.length) announce(byId("people").textContent ?? "");
  if (said !== -1 && said !== next.said) void read();
  said = next.said;
  paint();
}

function lengthOf(one: Piece | null): number {
  return one ? one.end - one.start : 0;
}

function momentOf(one: Piece): Moment | undefined {
  return data.moments.find((moment) => moment.start_ms === one.start && moment.start_ms + moment.length_ms === one.end);
}

function title(one: Piece): string {
  const moment = momentOf(one);
  return moment ? `${moment.skill}, ${moment.start}` : `a passage at ${formatClock(one.start)}`;
}

// ---- what the page shows ----

function paint(): void {
  const inside = room.isIn;
  show(byId("deck"), inside);
  show(byId("enter"), !inside);
  setText(byId("on"), piece ? title(piece) : data.leads ? "Nothing is on. Choose a moment." : "Nothing is on.");
  for (const id of ["play", "back", "again", "place"]) byId<HTMLButtonElement>(id).disabled = piece === null;
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-put-on]")) button.disabled = !inside;
  const now = piece && momentOf(piece);
  for (const row of document.querySelectorAll<HTMLElement>("[data-moment]")) row.classList.toggle("is-now", row.dataset["moment"] === now?.id);
  move();
}

function here(): number {
  return view && piece ? position(view, room.now, lengthOf(piece)) : 0;
}

function playing(): boolean {
  return view !== null && view.playing && here() < lengthOf(piece);
}

/** The place in the passage: the room's, which is everybody's. */
function move(): void {
  setText(byId("play-word"), playing() ? "Pause" : "Play");
  const at = here();
  setText(byId("clock"), `${formatClock(at)} of ${formatClock(lengthOf(piece))}`);
  const place = byId<HTMLInputElement>("place");
  place.max = String(lengthOf(piece));
  if (dragging) return;
  place.value = String(at);
  place.setAttribute("aria-valuetext", `${speakTime(at)} of ${speakTime(lengthOf(piece))}`);
}
window.setInterval(() => room.isIn && move(), 100);

async function read(): Promise<void> {
  try {
    const written = await room.written<Said>();
    byId("note-list").replaceChildren(...written.notes.map(noteRow));
    byId("proposal-list").replaceChildren(...written.proposals.map(proposalRow));
    show(byId("proposals-none"), written.proposals.length === 0);
  } catch (error) {
    problem(sentenceOf(error));
  }
}

function noteRow({ who, when, text }: Said["notes"][number]): HTMLElement {
  return el("li", {}, el("p", { class: "hb-small" }, el("strong", {}, who), " ", el("span", { class: "hb-quiet" }, when)), el("p", { class: "govuk-body hb-lines" }, text));
}

function proposalRow(proposal: Proposal): HTMLElement {
  const button = (value: string, text: string): HTMLElement =>
    el("button", { type: "submit", name: "do", value, class: "hb-tool hb-tool--small" }, text, el("span", { class: "govuk-visually-hidden" }, `: ${proposal.what}`));
  const form = el("form", { method: "post", action: `${base}/proposals`, "data-say": true }, el("input", { type: "hidden", name: "code", value: proposal.code }), button("up", "Up"), button("down", "Down"), button("drop", "Take it out"));
  return el(
    "li",
    {},
    el("strong", {}, proposal.what),
    " ",
    el("span", { class: "hb-quiet" }, proposal.who),
    proposal.strength !== "" && el("p", { class: "hb-small" }, proposal.strength),
    proposal.question !== "" && el("p", { class: "hb-small" }, el("em", {}, proposal.question)),
    form,
  );
}

// ---- hands ----

async function ask(what: () => Promise<void>): Promise<void> {
  problem("");
  try {
    await what();
  } catch (error) {
    problem(sentenceOf(error));
  }
}

const toggle = (): void => void ask(() => room.order(playing() ? "pause" : "play"));
const back = (): void => void ask(() => room.order("seek", Math.max(0, here() - 5000)));
const again = (): void => void ask(() => room.order("seek", 0));

byId("enter").addEventListener("click", () => {
  // A press of a button lets the browser play what others start.
  element.play().catch(() => undefined);
  void ask(async () => {
    await room.enter();
    await read();
    paint();
    byId("on").focus();
  });
});
byId("leave").addEventListener("click", () => room.leave());
byId("play").addEventListener("click", toggle);
byId("back").addEventListener("click", back);
byId("again").addEventListener("click", again);
const place = byId<HTMLInputElement>("place");
place.addEventListener("input", () => (dragging = true));
place.addEventListener("change", () => {
  dragging = false;
  void ask(() => room.order("seek", Number(place.value)));
});
for (const button of document.querySelectorAll<HTMLElement>("[data-put-on]")) {
  button.addEventListener("click", () => void ask(() => room.putOn(button.dataset["putOn"] ?? "")));
}

const keysOn = byId<HTMLInputElement>("keys-on");
document.addEventListener("keydown", (event) => {
  if (!keysOn.checked || !room.isIn || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if ((event.target as Element).closest("select, textarea, input:not([type=checkbox], [type=range])")) return;
  const actions: Record<string, () => void> = { k: toggle, j: back, r: again };
  const action = actions[event.key.toLowerCase()];
  if (!action || piece === null) return;
  event.preventDefault();
  action();
});

// What is written is kept without leaving the room; the stream says when it is there.
document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  if (!("say" in form.dataset) || event.defaultPrevented) return;
  event.preventDefault();
  void keep(form, event.submitter);
});

async function keep(form: HTMLFormElement, by: HTMLElement | null): Promise<void> {
  const line = form.querySelector<HTMLElement>(".hb-agreeing__said");
  try {
    await submit(form, by);
    form.reset();
    if (line) {
      line.classList.remove("is-trouble");
      setText(line, "Kept.");
    }
    if (!room.isIn) await read();
  } catch (error) {
    if (!line) return problem(sentenceOf(error));
    line.classList.add("is-trouble");
    setText(line, sentenceOf(error));
  }
}

paint();
