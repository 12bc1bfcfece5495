// Places in recordings, each of which plays from its word: what was found, and where a name is said.

import { byId, el, setText, show } from "./dom.ts";
import { Sound } from "./sound.ts";

/** How much is heard before a place, and for how long if nothing says where it ends (ms). */
const BEFORE = 1000;
const LENGTH = 8000;

interface Playing {
  readonly recording: string;
  readonly sound: Sound;
}

let playing: Playing | null = null;
let pressed: HTMLElement | null = null;

/** One element for each recording, made when it is first wanted. */
function soundOf(recording: string): Sound {
  if (playing?.recording === recording) return playing.sound;
  playing?.sound.pause();
  const element = el("audio", { preload: "none", src: `/recordings/${recording}/audio` });
  document.body.append(element);
  const sound = new Sound(element, Number.MAX_SAFE_INTEGER);
  sound.on("state", () => mark(sound.playing));
  sound.on("trouble", () => {
    setText(byId("sound-problem"), "The sound could not be loaded just now. Look at this page again in a moment.");
    show(byId("sound-problem"), true);
  });
  playing = { recording, sound };
  return sound;
}

function mark(on: boolean): void {
  const word = pressed?.firstChild;
  if (word) word.textContent = on ? "Stop" : "Hear it";
}

for (const button of document.querySelectorAll<HTMLElement>("[data-from]")) {
  button.addEventListener("click", () => {
    const recording = button.closest<HTMLElement>("[data-recording]")?.dataset["recording"] ?? "";
    const again = pressed === button && playing?.sound.playing;
    playing?.sound.pause();
    mark(false);
    if (again) return;
    pressed = button;
    show(byId("sound-problem"), false);
    const from = Number(button.dataset["from"]);
    const to = button.dataset["to"] ? Number(button.dataset["to"]) + BEFORE : from + LENGTH;
    soundOf(recording).playSpan({ start: Math.max(0, from - BEFORE), end: to }, false);
  });
}
