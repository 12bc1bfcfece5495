// The glass dome: the page follows the exercise, and its clock runs between two questions. Whoever leads it has the buttons.
// What was brought to hear comes and goes with it, and so does the recorder of a focus group.

import { ApiError, getJson, sentenceOf, submit } from "./api.ts";
import { byId, el, setText, show } from "./dom.ts";

interface Dome {
  phase: number;
  title: string;
  about: string;
  left_ms: number;
  running: boolean;
  volunteer: string;
  you: boolean;
}

/** `sound`: where it is heard, while whoever brought it is under the dome. */
interface Brought {
  readonly id: string;
  readonly text: string;
  readonly sound: string | null;
}

interface Focus {
  readonly recorder: boolean;
  readonly may: boolean;
  readonly who: string;
}

interface State {
  readonly dome: Dome | null;
  readonly brought: readonly Brought[];
  readonly focus: Focus | null;
}

/** How often the page asks (ms). */
const EVERY = 1000;
/** Whoever is away is not kept signed in by a page that asks. In a meeting people listen for long; none takes so long. */
const AWAY_AFTER = 3 * 3_600_000;

const place = document.querySelector<HTMLElement>("[data-dome]");
if (!place) throw new Error("the page has no exercise");
const address = place.dataset["dome"] ?? "";
const hands = document.getElementById("dome-hands") as HTMLFormElement | null;
const problem = byId("dome-problem");

let dome: Dome | null = null;
/** The browser's own clock when the answer came (ms). */
let since = 0;
let asking = false;
let used = Date.now();
for (const name of ["pointerdown", "keydown", "focusin"]) document.addEventListener(name, () => (used = Date.now()), true);

function left(): number {
  if (!dome) return 0;
  return Math.max(0, dome.left_ms - (dome.running ? performance.now() - since : 0));
}

/** Minutes and seconds: `4:07`. */
function clock(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function tick(): void {
  if (!dome) return;
  setText(byId("dome-clock"), clock(left()));
  const calm = !dome.running ? "The clock stands." : left() === 0 ? "Take the time you want; go on when you are ready." : "";
  setText(byId("dome-calm"), calm);
}

function draw(): void {
  show(byId("dome-stage"), dome !== null);
  show(byId("dome-none"), dome === null);
  if (hands) show(hands, dome !== null);
  if (!dome) return;
  setText(byId("dome-who"), dome.volunteer);
  show(byId("dome-you"), dome.you);
  setText(byId("dome-phase"), `${dome.phase}. ${dome.title}`);
  setText(byId("dome-about"), dome.about);
  for (const step of document.querySelectorAll<HTMLElement>("#dome-phases [data-phase]")) {
    if (step.dataset["phase"] === String(dome.phase)) step.setAttribute("aria-current", "step");
    else step.removeAttribute("aria-current");
  }
  if (hands) {
    byId<HTMLInputElement>("dome-seen").value = String(dome.phase);
    const focused = document.activeElement?.id ?? "";
    show(byId("dome-start"), !dome.running);
    show(byId("dome-pause"), dome.running);
    // The button that was pressed gives way to the other one, and its focus goes along.
    if (focused === "dome-start" && dome.running) byId("dome-pause").focus();
    if (focused === "dome-pause" && !dome.running) byId("dome-start").focus();
  }
  tick();
}

/** A player leaves nothing behind: what was loaded of its sound goes too. */
function silence(player: HTMLAudioElement | null): void {
  if (!player) return;
  player.pause();
  player.removeAttribute("src");
  player.load();
  player.remove();
}

function drawBrought(brought: readonly Brought[]): void {
  const list = byId("brought-list");
  for (const item of list.querySelectorAll<HTMLElement>("[data-brought]")) {
    if (brought.some((one) => one.id === item.dataset["brought"])) continue;
    silence(item.querySelector("audio"));
    item.remove();
  }
  for (const one of brought) {
    let item = list.querySelector<HTMLElement>(`[data-brought="${one.id}"]`);
    if (!item) {
      item = el("li", { "data-brought": one.id }, el("p", { class: "govuk-body", "data-text": true }));
      list.append(item);
    }
    const text = item.querySelector("[data-text]");
    if (text) setText(text, one.text);
    const player = item.querySelector("audio");
    if (one.sound === null) silence(player);
    else if (!player) item.append(el("audio", { controls: true, controlslist: "nodownload", preload: "none", src: one.sound, "aria-label": one.text }));
  }
  show(byId("brought"), brought.length > 0);
}

function drawFocus(focus: Focus | null): void {
  show(byId("focus-news"), (focus !== null) !== (document.querySelector("[data-focus]") !== null));
  const recorder = document.getElementById("recorder");
  if (!focus || !recorder) return;
  setText(recorder, focus.recorder ? "Recorder: on" : "Recorder: off");
  recorder.classList.toggle("is-on", focus.recorder);
  if (!hands) return;
  setText(byId("focus-who"), focus.who);
  show(byId("recorder-wait"), !focus.may);
  show(byId("recorder-on"), focus.may && !focus.recorder);
  show(byId("recorder-off"), focus.recorder);
}

async function ask(): Promise<void> {
  if (asking || document.visibilityState === "hidden" || Date.now() - used > AWAY_AFTER) return;
  asking = true;
  try {
    const was = dome;
    const before = performance.now();
    const state = await getJson<State>(address);
    dome = state.dome;
    // Half of the way there and back is older than the answer.
    since = before + (performance.now() - before) / 2;
    setText(problem, "");
    // Whoever was under the dome has a note of their own now: the page comes anew with it, unless they are writing it.
    if (was?.you && !dome && !hands && !document.getElementById("note")) window.location.reload();
    draw();
    drawBrought(state.brought);
    drawFocus(state.focus);
  } catch (error) {
    setText(problem, sentenceOf(error));
    // Whoever is no longer in the meeting hears nothing that was brought to it.
    if (error instanceof ApiError && (error.status === 401 || error.status === 404)) drawBrought([]);
  } finally {
    asking = false;
  }
}

hands?.addEventListener("submit", (event) => {
  const by = (event as SubmitEvent).submitter;
  if (!by || by.hasAttribute("data-whole")) return;
  event.preventDefault();
  void submit(hands, by)
    .then(ask)
    .catch((error: unknown) => setText(problem, sentenceOf(error)));
});

// On a projector the exercise fills the screen.
const full = document.getElementById("dome-full");
if (full && document.fullscreenEnabled) {
  show(full, true);
  full.addEventListener("click", () => {
    const done = document.fullscreenElement ? document.exitFullscreen() : place.requestFullscreen();
    done.catch((error: unknown) => setText(problem, sentenceOf(error)));
  });
  document.addEventListener("fullscreenchange", () => setText(full, document.fullscreenElement ? "Leave the full screen" : "Fill the screen"));
}

setInterval(() => void ask(), EVERY);
setInterval(tick, 200);
document.addEventListener("visibilitychange", () => void ask());
void ask();
