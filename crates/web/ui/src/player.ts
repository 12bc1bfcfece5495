// The clips of a playlist, one at a time, in order. Unhurried: nothing skips silence, nothing starts by itself after
// the first play but the button that was pressed.

import { announce } from "./announce.ts";
import { byId, el, pageData, setText, show } from "./dom.ts";
import { Sound } from "./sound.ts";

interface ClipData {
  readonly id: string;
  readonly position: number;
  readonly skill_name: string;
  readonly sub_name: string | null;
  readonly duration_ms: number;
  readonly audio: string;
}

interface PlayerData {
  readonly playlist: { readonly id: string; readonly title: string };
  readonly clips: readonly ClipData[];
}

const SLOWER = 0.75;

const { clips } = pageData<PlayerData>();
const items = [...document.querySelectorAll<HTMLElement>(".hb-clip")];
const play = byId<HTMLButtonElement>("play");
const slower = byId("slower");
const element = el("audio", { preload: "auto" });
document.body.append(element);
const sound = new Sound(element, 0);

let current = 0;
let heard = false;

// One line that fills while the clip plays: a place, not a number.
const lines = items.map((item) => {
  const line = el("div", { class: "hb-line", "aria-hidden": "true" }, el("div", { class: "hb-line__done" }));
  item.querySelector("[data-stage]")?.replaceChildren(line);
  return line.firstElementChild as HTMLElement;
});

function choose(index: number, focus: boolean): void {
  const clip = clips[index];
  if (!clip) return;
  sound.pause();
  current = index;
  heard = false;
  items.forEach((item, at) => show(item, at === index));
  element.src = clip.audio;
  sound.setDuration(clip.duration_ms);
  sound.setSpeed(slower.getAttribute("aria-pressed") === "true" ? SLOWER : 1);
  show(byId("sound-problem"), false);
  paint();
  byId<HTMLButtonElement>("previous").disabled = index === 0;
  byId<HTMLButtonElement>("next").disabled = index === clips.length - 1;
  if (focus) items[index]?.querySelector("h2")?.focus();
}

function paint(): void {
  const share = sound.durationMs > 0 ? Math.min(1, sound.at / sound.durationMs) : 0;
  lines[current]?.style.setProperty("transform", `scaleX(${element.ended ? 1 : share})`);
  setText(play, sound.playing ? "Pause" : heard && element.ended ? "Play again" : "Play");
  play.classList.toggle("is-playing", sound.playing);
  const line = sound.playing ? "Playing" : element.ended ? (current === clips.length - 1 ? "That was the last one. What stood out?" : "Take your time. The next one is there when you want it.") : "";
  setText(byId("deck-line"), line);
}

function again(): void {
  sound.seek(0);
  sound.play();
}

function toggleSlower(): void {
  const on = slower.getAttribute("aria-pressed") !== "true";
  slower.setAttribute("aria-pressed", String(on));
  sound.setSpeed(on ? SLOWER : 1);
  announce(on ? "A little slower" : "As it was");
}

sound.on("tick", paint);
sound.on("state", paint);
element.addEventListener("ended", () => {
  heard = true;
  paint();
  announce(current === clips.length - 1 ? "That was the last clip." : "The clip has ended.");
});
sound.on("trouble", () => {
  if (!element.error) return;
  setText(byId("sound-problem"), "This clip cannot be played just now. It may have been taken out, or the connection is gone. Look at this page again in a moment.");
  show(byId("sound-problem"), true);
});

play.addEventListener("click", () => sound.toggle());
byId("again").addEventListener("click", again);
slower.addEventListener("click", toggleSlower);
byId("previous").addEventListener("click", () => choose(current - 1, true));
byId("next").addEventListener("click", () => choose(current + 1, true));

const keys = byId("keys");
keys.addEventListener("click", () => {
  const open = keys.getAttribute("aria-expanded") !== "true";
  keys.setAttribute("aria-expanded", String(open));
  show(byId("keys-list"), open);
});

const keysOn = byId<HTMLInputElement>("keys-on");

document.addEventListener("keydown", (event) => {
  if (!keysOn.checked) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const target = event.target as HTMLElement;
  if (target.closest("select, textarea, input:not([type=checkbox])")) return;
  const onControl = target.closest("button, a, summary, input") !== null;
  const actions: Record<string, () => void> = {
    k: () => sound.toggle(),
    r: again,
    s: toggleSlower,
    arrowleft: () => current > 0 && choose(current - 1, true),
    arrowright: () => current < clips.length - 1 && choose(current + 1, true),
  };
  if (!onControl) actions[" "] = () => sound.toggle();
  const action = actions[event.key.toLowerCase()];
  if (!action) return;
  event.preventDefault();
  action();
});

choose(0, false);
