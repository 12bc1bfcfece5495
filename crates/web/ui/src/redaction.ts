// What is hidden: the picture of the sound, the words to pick from, and playing around a passage. What is picked goes
// into the plain form of the page; nothing here decides anything.

import { announce } from "./announce.ts";
import { getBytes, getJson, sentenceOf } from "./api.ts";
import { byId, el, pageData, setText, show } from "./dom.ts";
import { Peaks } from "./peaks.ts";
import * as selecting from "./selection.ts";
import { spanOf, type Selection } from "./selection.ts";
import { Sound } from "./sound.ts";
import { formatPrecise, parseTime } from "./time.ts";
import type { TranscriptAnswer } from "./transcript.ts";
import { Waveform } from "./waveform.ts";
import { WordPicker } from "./word-picker.ts";

interface Passage {
  readonly id: string;
  readonly start_ms: number;
  readonly end_ms: number;
  readonly why: string;
}

interface RedactionData {
  readonly recording: { readonly id: string; readonly duration_ms: number };
  readonly version: number;
  readonly passages: readonly Passage[];
}

/** How much is played before and after a passage (ms). */
const AROUND = 2000;

const data = pageData<RedactionData>();
const base = `/recordings/${data.recording.id}`;
const duration = data.recording.duration_ms;
const start = byId<HTMLInputElement>("start");
const end = byId<HTMLInputElement>("end");
let selection: Selection = selecting.NOTHING;

// ---- the sound as it was made, and its picture ----

const element = el("audio", { preload: "none", src: `${base}/audio` });
document.body.append(element);
const sound = new Sound(element, duration);

const wave = new Waveform(byId("wave"), {
  durationMs: duration,
  marking: true,
  onSeek: (ms) => {
    sound.release();
    sound.seek(ms);
  },
  onSelect: (next) => select(next),
  onRegion: (id) => playAround(id),
});
wave.setRegions(
  data.passages.map((passage) => ({ id: passage.id, start: passage.start_ms, end: passage.end_ms, label: passage.why, paint: 7 })),
  null,
);

const wordsHost = document.getElementById("words");
const picker = wordsHost ? new WordPicker(wordsHost, (span) => select(span, false)) : null;

sound.on("tick", () => {
  wave.setPlayhead(sound.at, sound.playing);
  picker?.highlight(sound.at);
  setText(byId("clock"), formatPrecise(sound.at));
});
sound.on("state", () => {
  setText(byId("play-word"), sound.playing ? "Pause" : "Play");
  if (sound.playing) {
    show(byId("sound-problem"), false);
    byId<HTMLAudioElement>("result").pause();
  }
});
sound.on("trouble", () => {
  setText(byId("sound-problem"), "The sound could not be loaded just now. Look at this page again in a moment.");
  show(byId("sound-problem"), true);
});
byId("result").addEventListener("play", () => sound.pause());

// ---- what is marked ----

function select(next: Selection, typed = false): void {
  selection = next;
  wave.setSelection(next);
  picker?.setMarked(spanOf(next));
  if (typed) return;
  start.value = next.start === null ? "" : formatPrecise(next.start);
  end.value = next.end === null ? "" : formatPrecise(next.end);
}

for (const input of [start, end]) {
  input.addEventListener("input", () => select({ start: parseTime(start.value), end: parseTime(end.value) }, true));
}

function markIn(): void {
  select(selecting.markIn(selection, sound.at, duration));
  announce(`From ${formatPrecise(selection.start ?? 0)}`);
}

function markOut(): void {
  select(selecting.markOut(selection, sound.at, duration));
  announce(`To ${formatPrecise(selection.end ?? 0)}`);
}

function playMarked(): void {
  const span = spanOf(selection);
  if (span) sound.playSpan(span, false);
  else announce("Mark where it begins and where it ends first.");
}

/** Two seconds before it, the passage, two seconds after it: as it was made. */
function playAround(id: string): void {
  const passage = data.passages.find((one) => one.id === id);
  if (!passage) return;
  wave.reveal(passage.start_ms);
  sound.playSpan({ start: Math.max(0, passage.start_ms - AROUND), end: Math.min(duration, passage.end_ms + AROUND) }, false);
}

for (const button of document.querySelectorAll<HTMLElement>("[data-around]")) {
  button.addEventListener("click", () => playAround(button.dataset["around"] ?? ""));
}

/** The same around what was offered: nothing of it is hidden yet. */
for (const button of document.querySelectorAll<HTMLElement>("[data-offer]")) {
  const [from = 0, to = 0] = (button.dataset["offer"] ?? "").split("-").map(Number);
  button.addEventListener("click", () => {
    select({ start: from, end: to });
    wave.reveal(from);
    sound.playSpan({ start: Math.max(0, from - AROUND), end: Math.min(duration, to + AROUND) }, false);
  });
}

const press: Record<string, () => void> = {
  play: () => sound.toggle(),
  back: () => sound.skip(-2000),
  on: () => sound.skip(2000),
  "mark-in": markIn,
  "mark-out": markOut,
  "mark-play": playMarked,
  "zoom-out": () => wave.zoomBy(1 / 1.6),
  "zoom-in": () => wave.zoomBy(1.6),
  "zoom-fit": () => wave.zoomFit(),
};
for (const [id, run] of Object.entries(press)) byId(id).addEventListener("click", run);

// Single keys work on the picture and among the words, where nothing is typed.
const keys: Record<string, () => void> = { k: press["play"]!, j: press["back"]!, l: press["on"]!, i: markIn, o: markOut, p: playMarked };
for (const host of [byId("wave"), wordsHost]) {
  host?.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const run = keys[event.key.toLowerCase()];
    if (!run) return;
    event.preventDefault();
    run();
  });
}

// ---- the words, as they are and as they will be read ----

async function loadWords(): Promise<void> {
  if (!picker) return;
  const state = byId("words-state");
  try {
    picker.update((await getJson<TranscriptAnswer>(`${base}/transcript`)).segments, data.passages.map((one) => ({ start: one.start_ms, end: one.end_ms })));
    setText(state, picker.isEmpty ? "There are no words. Mark the sound itself." : "");
  } catch (error) {
    setText(state, sentenceOf(error));
  }
  show(state, state.textContent !== "");
}

const details = document.getElementById("result-details");
details?.addEventListener("toggle", () => void showResultWords(), { once: true });

async function showResultWords(): Promise<void> {
  const host = byId("result-words");
  try {
    const { segments } = await getJson<TranscriptAnswer>(`${base}/redaction/words?version=${data.version}`);
    host.replaceChildren(...segments.map((segment) => el("p", { class: "govuk-body" }, segment.text)));
    if (segments.length === 0) host.replaceChildren(el("p", { class: "govuk-body" }, "There are no words."));
  } catch (error) {
    host.replaceChildren(el("p", { class: "govuk-body" }, sentenceOf(error)));
  }
}

// ---- begin ----

select({ start: parseTime(start.value), end: parseTime(end.value) }, true);
getBytes(`${base}/peaks.dat`)
  .then((bytes) => wave.setPeaks(Peaks.parse(bytes)))
  .catch(() => undefined);
void loadWords();
