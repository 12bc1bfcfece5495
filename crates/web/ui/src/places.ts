// Places in recordings, each of which plays from its word: what was found, and where a name is said.

import { byId, el, setText, show } from "./dom.ts";
import { Sound, sourceOf } from "./sound.ts";

/** How much is heard before a place, and for how long if nothing says where it ends (ms). */
const BEFORE = 1000;
const LENGTH = 8000;

/** One element for all of the page: one recording plays at a time. */
const element = el("audio", { preload: "none" });
document.body.append(element);
const sound = new Sound(element, Number.MAX_SAFE_INTEGER);
sound.on("state", () => mark(sound.playing));
sound.on("trouble", () => {
  setText(byId("sound-problem"), "The sound could not be loaded just now. Look at this page again in a moment.");
  show(byId("sound-problem"), true);
});

/** What the element plays, and what was pressed for it. */
let source = "";
let pressed: HTMLElement | null = null;

function mark(on: boolean): void {
  const word = pressed?.firstChild;
  if (word) word.textContent = on ? "Stop" : "Hear it";
}

for (const button of document.querySelectorAll<HTMLElement>("[data-from]")) {
  button.addEventListener("click", () => {
    const list = button.closest<HTMLElement>("[data-recording]");
    const again = pressed === button && sound.playing;
    sound.pause();
    mark(false);
    if (!list || again) return;
    pressed = button;
    show(byId("sound-problem"), false);
    const wanted = sourceOf(list.dataset["recording"] ?? "", "copy" in list.dataset);
    if (wanted !== source) element.src = source = wanted;
    const from = Number(button.dataset["from"]);
    const to = button.dataset["to"] ? Number(button.dataset["to"]) + BEFORE : from + LENGTH;
    sound.playSpan({ start: Math.max(0, from - BEFORE), end: to }, false);
  });
}
