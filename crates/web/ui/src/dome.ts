// The glass dome: the page follows the exercise, and its clock runs between two questions. Whoever leads it has the buttons.

import { getJson, sentenceOf, submit } from "./api.ts";
import { byId, setText, show } from "./dom.ts";

interface Dome {
  phase: number;
  title: string;
  about: string;
  left_ms: number;
  running: boolean;
  volunteer: string;
  you: boolean;
}

/** How often the page asks (ms). */
const EVERY = 1000;

const place = document.querySelector<HTMLElement>("[data-dome]");
if (!place) throw new Error("the page has no exercise");
const address = place.dataset["dome"] ?? "";
const hands = document.getElementById("dome-hands") as HTMLFormElement | null;
const problem = byId("dome-problem");

let dome: Dome | null = null;
/** The browser's own clock when the answer came (ms). */
let since = 0;
let asking = false;

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

async function ask(): Promise<void> {
  if (asking || document.visibilityState === "hidden") return;
  asking = true;
  try {
    const was = dome;
    const before = performance.now();
    ({ dome } = await getJson<{ dome: Dome | null }>(address));
    // Half of the way there and back is older than the answer.
    since = before + (performance.now() - before) / 2;
    setText(problem, "");
    // Whoever was under the dome has a note of their own now: the page comes anew with it.
    if (was?.you && !dome && !hands) window.location.reload();
    draw();
  } catch (error) {
    setText(problem, sentenceOf(error));
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
