// The room of a coaching session: the coach plays, the practitioner stops and goes on, a guest hears. In step, each with the
// sound on or off; and whoever is out of the room has nothing of it left.

import { announce } from "./announce.ts";
import { ApiError, getJson, sentenceOf } from "./api.ts";
import { byId, el, pageData, setText, show } from "./dom.ts";
import { Room, type Order, type Part, type View } from "./room/room.ts";
import { Shelf } from "./room/shelf.ts";
import { Speaker } from "./room/speaker.ts";
import { position } from "./room/step.ts";
import { UpNext } from "./room/up-next.ts";

interface PieceData {
  readonly id: string;
  readonly title: string;
  readonly question: string;
  readonly length_ms: number;
}

interface Data {
  readonly session: string;
  readonly part: Part;
  readonly pieces: readonly PieceData[];
}

/** Who comes in while something is on that they may not hear, or is here when it is to be put on. */
const CLOSED = "This one stays closed while a manager is in the room: not everybody who is heard said yes to that. That is fine.";
const CLOSED_TO_A_GUEST = "This one is not for you: not everybody who is heard said yes to a manager hearing it. That is fine, and the rest goes on.";

/** Whoever is a guest hears nothing once the room has not been heard of for so long (ms). */
const MOST_SILENCE = 1000;

const data = pageData<Data>();
const leads = data.part === "leads";
const guest = data.part === "follows";
const base = `/sessions/${data.session}`;

// What a guest's page knows goes with the room.
if (guest) byId("page-data").remove();

let pieces = data.pieces;
let view: View | null = null;
let said = -1;
let away = false;
let hushed = false;
/** Focus goes to the large button once something is on. */
let toPlay = false;

const shelf = new Shelf((id) => `${base}/sound/${id}`);
const room = new Room(`${base}/room`, { view: see, gone, away: whenAway }, true, leads);
const speaker = new Speaker(() => room.now, shelf);
const upNext = new UpNext(shelf);

const byIdOrNot = (id: string): HTMLElement | null => document.getElementById(id);
const soundOn = byId<HTMLInputElement>("sound");
const hint = byId("sound-hint").textContent ?? "";
let waiting = false;

function problem(sentence: string): void {
  setText(byId("room-problem"), sentence);
  show(byId("room-problem"), sentence !== "");
}

// ---- what happens in the room ----

function see(next: View): void {
  const before = view;
  view = next;
  if (next.piece?.id !== before?.piece?.id || next.piece?.number !== before?.piece?.number) put(before);
  if (!hushed) speaker.be(next);
  // Whoever has just come in is given sound from now on.
  if (!before) prepare();
  // The list that the page came with may be old by now.
  if (said !== next.said) void look();
  said = next.said;
  people();
  paint();
  // It says itself why it is not on.
  if (next.closed) problem("");
  if (toPlay && next.piece) {
    toPlay = false;
    byId("play").focus();
  }
}

/** Something else is on, or nothing. */
function put(before: View | null): void {
  const on = current();
  if (guest && before?.piece?.id && before.piece.id !== on?.id) shelf.clear();
  speaker.put(on ? shelf.get(on.id) : null, lengthOn());
  announce(on ? `Put on: ${on.title}.` : before?.piece ? "Nothing is on." : "");
  void bring();
}

/** The sound of what is on, if it is to be heard on this device. */
async function bring(): Promise<void> {
  const id = view?.piece?.id;
  if (!id || !soundOn.checked || !speaker.isOn) return;
  try {
    const sounds = await shelf.fetch(id);
    if (sounds && view?.piece?.id === id && soundOn.checked) speaker.put(sounds, lengthOn());
    problem("");
  } catch (error) {
    if (view?.piece?.id === id && room.isIn && !away) problem(guest && error instanceof ApiError && error.status === 404 ? CLOSED_TO_A_GUEST : sentenceOf(error));
  }
}

/** What was chosen is fetched before it is put on, so that it plays at once. Not by a guest, who has what is on. */
function prepare(): void {
  if (!guest && soundOn.checked && speaker.isOn && room.isIn) upNext.prepare(pieces);
}

function whenAway(now: boolean): void {
  away = now;
  if (guest && now) {
    speaker.silence();
    speaker.put(null, 0);
    shelf.clear();
  }
  problem(now ? "The connection was lost for a moment. It is being looked for." : "");
  if (!now) void bring().then(prepare);
  paint();
}

function gone(why: string | null): void {
  // Nothing that was heard here stays.
  speaker.close();
  shelf.clear();
  upNext.stop();
  view = null;
  away = false;
  said = -1;
  paint();
  setText(byId("people"), "You are not in the room.");
  if (guest && why !== null) {
    pieces = [];
    document.title = "Hearback";
    byId("session").replaceChildren(
      el("h1", { class: "govuk-heading-l", tabindex: "-1", id: "over" }, "This has ended for you"),
      el("p", { class: "govuk-body-l" }, "Thank you for listening. Nothing of it stays on this device."),
      el("p", { class: "govuk-body" }, el("a", { class: "govuk-link", href: "/" }, "Go to your own page")),
    );
    byId("over").focus();
    return;
  }
  if (why !== null) {
    remember(false);
    void ended(why);
  }
  byId("enter").focus();
}

/** Out of the room, and not by choice: if the session is over, its page says so. */
async function ended(why: string): Promise<void> {
  problem(why);
  try {
    const response = await fetch(`${base}/room`, { credentials: "same-origin" });
    if (!response.ok || !(await response.text()).includes('id="deck"')) window.location.assign(`${base}/room`);
  } catch {
    // It cannot be reached: what the page says is what is known.
  }
}

async function look(): Promise<void> {
  try {
    const listed = await getJson<{ pieces: readonly PieceData[]; kept: boolean }>(`${base}/room/pieces`);
    pieces = listed.pieces;
    shelf.keep(new Set(pieces.map(({ id }) => id)));
    const kept = byIdOrNot("kept");
    if (kept) show(kept, listed.kept);
    list();
    paint();
    prepare();
  } catch (error) {
    problem(sentenceOf(error));
  }
}

// ---- what the page shows ----

const current = (): PieceData | undefined => pieces.find(({ id }) => id === view?.piece?.id);
const lengthOn = (): number => view?.piece?.end ?? 0;
const here = (): number => (view?.piece ? position(view, room.now, lengthOn()) : 0);
const playing = (): boolean => view !== null && view.playing && here() < lengthOn();

function people(): void {
  const part = (of: Part): string => (of === "leads" ? "coach" : of === "follows" ? "invited" : "");
  const all = (view?.people ?? []).map((one) => (part(one.part) === "" ? one.name : `${one.name} (${part(one.part)})`));
  const coached = view?.people.some((one) => one.part === "leads") ?? false;
  setText(byId("people"), all.length === 1 ? "You are here alone, for now." : `Here: ${all.join(", ")}.${coached ? "" : " The coach is not here just now."}`);
}

function paint(): void {
  const inside = room.isIn;
  show(byId("deck"), inside);
  show(byId("enter"), !inside);
  const on = current();
  setText(byId("on"), on ? on.title : leads ? "Choose what to hear" : "Nothing is on just now");
  setText(byId("question"), on?.question ?? "");
  show(byId("question"), (on?.question ?? "") !== "");
  const closed = view?.closed ?? false;
  setText(byId("closed"), closed ? (guest ? CLOSED_TO_A_GUEST : CLOSED) : "");
  show(byId("closed"), closed);
  for (const id of ["play", "back", "loop", "slower", "mark"]) {
    const button = byIdOrNot(id) as HTMLButtonElement | null;
    if (button) button.disabled = !view?.piece || away;
  }
  byIdOrNot("loop")?.setAttribute("aria-pressed", String(view?.looped ?? false));
  byIdOrNot("slower")?.setAttribute("aria-pressed", String(view?.slow ?? false));
  for (const row of document.querySelectorAll<HTMLElement>("[data-piece]")) {
    const now = row.dataset["piece"] === on?.id;
    row.classList.toggle("is-now", now);
    if (now) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
  move();
}

function move(): void {
  const share = lengthOn() > 0 ? here() / lengthOn() : 0;
  byId("line").style.setProperty("transform", `scaleX(${share})`);
  const play = byIdOrNot("play");
  if (!play) return;
  const over = view?.piece !== null && here() >= lengthOn() && lengthOn() > 0;
  // What a practitioner has no hand in yet is called by what it does once something is on.
  const idle = !leads && !view?.piece;
  setText(play, playing() || idle ? "Pause" : leads ? (over ? "Play again" : "Play") : "Go on");
  play.classList.toggle("is-playing", playing());
}
window.setInterval(() => {
  if (!room.isIn) return;
  move();
  waitForAPress();
  if (!guest) return;
  const hush = room.silence > MOST_SILENCE;
  if (hush && !hushed) speaker.silence();
  if (!hush && hushed && view) speaker.be(view);
  hushed = hush;
}, 100);

/** A page that was loaded anew may not play before it is touched. */
function waitForAPress(): void {
  const now = speaker.waits;
  if (now !== waiting) setText(byId("sound-hint"), now ? "This browser waits for a press before it plays: press a key, or anywhere." : hint);
  waiting = now;
}

function list(): void {
  const row = ({ id, title }: PieceData): HTMLElement =>
    el("li", { "data-piece": id }, leads ? el("button", { type: "button", class: "hb-session__piece", "data-put-on": id }, title) : el("span", { class: "hb-session__piece" }, title));
  const focused = (document.activeElement as HTMLElement | null)?.dataset["putOn"];
  byId("pieces").replaceChildren(...pieces.map(row));
  if (focused) document.querySelector<HTMLElement>(`[data-put-on="${focused}"]`)?.focus();
  show(byId("list-none"), pieces.length === 0);
}

// ---- hands ----

/** Whether it went through. */
async function ask(what: () => Promise<void>, done = ""): Promise<boolean> {
  problem("");
  try {
    await what();
    const line = byIdOrNot("said");
    if (line) setText(line, done);
    return true;
  } catch (error) {
    if (room.isIn) problem(sentenceOf(error));
    return false;
  }
}

const order = (what: Order): void => void ask(() => room.order(what));
const toggle = (): void => order(playing() ? "pause" : "play");
const back = (): void => order("back");
const loop = (): void => order(view?.looped ? "once" : "loop");
const slower = (): void => order(view?.slow ? "as_it_was" : "slower");
const mark = (): void => void ask(() => room.tell("mark"), "Marked.");
const putOn = (id: string): void => {
  toPlay = true;
  void ask(() => room.tell("piece", { piece: id })).then((done) => {
    if (done) return;
    toPlay = false;
    if (view?.closed) problem("");
    // It may be gone from the list.
    void look();
  });
};
const next = (): void => {
  const following = pieces[pieces.findIndex(({ id }) => id === view?.piece?.id) + 1];
  if (following) putOn(following.id);
  else announce("That was the last one.");
};

function listen(): void {
  if (soundOn.checked) {
    speaker.open();
    if (view) speaker.be(view);
    void bring().then(prepare);
  } else {
    upNext.stop();
    speaker.close();
    if (guest) shelf.clear();
  }
}

function comeIn(): void {
  // A press of a button lets the browser play what others start.
  if (soundOn.checked) speaker.open();
  void ask(async () => {
    await room.enter();
    remember(true);
    paint();
    byId("on").focus();
  });
}

/** Whether one is in the room, for this page when it is loaded anew. A guest's browser remembers nothing. */
function remember(inside: boolean): void {
  if (!guest) window.history.replaceState(inside ? { inside, sound: soundOn.checked } : null, "");
}

byId("enter").addEventListener("click", comeIn);
soundOn.addEventListener("change", () => {
  listen();
  remember(room.isIn);
});
for (const [id, action] of [["play", toggle], ["back", back], ["loop", loop], ["slower", slower], ["mark", mark]] as const) {
  byIdOrNot(id)?.addEventListener("click", action);
}
byId("pieces").addEventListener("click", ({ target }) => {
  const id = (target as Element).closest<HTMLElement>("[data-put-on]")?.dataset["putOn"];
  if (id && room.isIn) putOn(id);
});

if (leads) {
  // Who goes by themselves says so; a page that is loaded anew does not.
  document.addEventListener("click", ({ target, button, ctrlKey, metaKey, shiftKey }) => {
    const goes = (target as Element).closest("a[href]:not([href^='#'])") !== null;
    if (goes && button === 0 && !ctrlKey && !metaKey && !shiftKey) room.leave();
  });
  // So does who signs out, or puts another hat on.
  document.addEventListener("submit", ({ target }) => {
    if ((target as Element).closest("header") !== null) room.leave();
  });
}

const keysOn = byIdOrNot("keys-on") as HTMLInputElement | null;
document.addEventListener("keydown", (event) => {
  if (!keysOn?.checked || !room.isIn || away) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented) return;
  const target = event.target as Element;
  if (target.closest("select, textarea, input:not([type=checkbox])")) return;
  const actions: Record<string, () => void> = view?.piece ? { arrowleft: back, l: loop, s: slower, m: mark, n: next } : { n: next };
  // Space presses what is focused.
  if (view?.piece && target.closest("button, a, summary, input") === null) actions[" "] = toggle;
  const action = actions[event.key.toLowerCase()];
  if (!action) return;
  event.preventDefault();
  action();
});

paint();
const before = window.history.state as { readonly inside?: boolean; readonly sound?: boolean } | null;
const [way] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
if (!guest && before?.inside === true && way?.type === "reload") {
  soundOn.checked = before.sound === true;
  comeIn();
}
