// Listening again together: several codings on one time line, the passages that somebody marked one after another, and
// what is agreed about them. The list and its forms are the page's own and work without this.

import { announce } from "./announce.ts";
import { getBytes, sentenceOf, submit } from "./api.ts";
import { byId, el, pageData, setText, show } from "./dom.ts";
import { Peaks } from "./peaks.ts";
import { Sound } from "./sound.ts";
import { formatPrecise } from "./time.ts";
import { passageAfter, passageAt, passageBefore, stretchFrom, type Stretch } from "./together/passages.ts";
import { Waveform } from "./waveform.ts";
import type { Region } from "./waveform-drawing.ts";

interface Data {
  readonly recording: { readonly id: string; readonly duration_ms: number };
  readonly lanes: readonly { readonly name: string; readonly paint: number }[];
  readonly regions: readonly Region[];
  readonly passages: readonly Stretch[];
  readonly union: readonly (readonly [number, number])[];
}

/** A breath between two passages. */
const BREATH = 600;

const data = pageData<Data>();
const base = `/recordings/${data.recording.id}`;
const { passages } = data;
const union = data.union.map(([start, end]) => ({ start, end }));

const element = el("audio", { preload: "auto", src: `${base}/audio` });
document.body.append(element);
const sound = new Sound(element, data.recording.duration_ms);

/** The passage that is looked at, and which stretch of all marked ones is playing. */
let current: Stretch | null = null;
let touring: number | null = null;
let breath = 0;

const wave = new Waveform(byId("wave"), {
  durationMs: data.recording.duration_ms,
  marking: true,
  onSeek: (ms) => {
    stopTour();
    sound.release();
    sound.seek(ms);
  },
  onRegion: (id) => hear(passages.find(({ marks }) => marks.includes(id)) ?? null),
});
wave.setLanes(data.lanes.map((lane) => ({ ...lane, key: null })));
wave.setRegions(data.regions, null);

function rowOf(passage: Stretch | null): HTMLElement | null {
  return passage ? document.getElementById(`passage-${passage.id}`) : null;
}

function look(passage: Stretch | null): void {
  if (passage === current) return;
  rowOf(current)?.classList.remove("is-now");
  current = passage;
  rowOf(passage)?.classList.add("is-now");
  wave.setActive(passage?.marks[0] ?? null);
}

function hear(passage: Stretch | null): void {
  if (!passage) return;
  stopTour();
  look(passage);
  wave.reveal(passage.start);
  sound.playSpan({ start: passage.start, end: passage.end }, false);
}

function go(to: Stretch | null, nothing: string): void {
  if (!to) return announce(nothing);
  hear(to);
  const row = rowOf(to);
  row?.scrollIntoView({ block: "nearest" });
  announce(`Passage ${passages.indexOf(to) + 1} of ${passages.length}, ${formatPrecise(to.start)}`);
}

// ---- everything that somebody marked, one after another ----

function tour(): void {
  if (touring !== null) {
    stopTour();
    sound.pause();
    return announce("Stopped.");
  }
  const from = stretchFrom(union, sound.at);
  if (from === null) return announce("Nobody marked anything.");
  announce("All marked passages, one after another.");
  playStretch(from);
}

function playStretch(index: number): void {
  const stretch = union[index];
  if (!stretch) return stopTour();
  touring = index;
  byId("union").setAttribute("aria-pressed", "true");
  wave.reveal(stretch.start);
  const inside = sound.at > stretch.start && sound.at < stretch.end - 50;
  sound.playSpan({ start: inside ? sound.at : stretch.start, end: stretch.end }, false);
}

function stopTour(): void {
  window.clearTimeout(breath);
  breath = 0;
  touring = null;
  byId("union").setAttribute("aria-pressed", "false");
}

/** A stretch came to its end: after a breath comes the next. Whoever paused before its end goes on with Play. */
function onward(): void {
  if (touring === null || sound.playing || breath !== 0) return;
  const stretch = union[touring];
  if (!stretch || Math.abs(sound.at - stretch.end) > 40) return;
  const next = touring + 1;
  if (next >= union.length) {
    stopTour();
    return announce("That was the last marked passage.");
  }
  breath = window.setTimeout(() => {
    breath = 0;
    playStretch(next);
  }, BREATH);
}

// ---- what the page shows ----

sound.on("tick", () => {
  wave.setPlayhead(sound.at, sound.playing);
  setText(byId("clock"), formatPrecise(sound.at));
  if (sound.playing && touring !== null) look(passageAt(passages, sound.at) ?? current);
});
sound.on("state", () => {
  setText(byId("play-word"), sound.playing ? "Pause" : "Play");
  if (sound.playing) show(byId("sound-problem"), false);
  onward();
});
sound.on("trouble", () => {
  setText(byId("sound-problem"), "The sound could not be loaded just now. What you agreed is kept; look at this page again in a moment.");
  show(byId("sound-problem"), true);
});
getBytes(`${base}/peaks.dat`).then(
  (bytes) => wave.setPeaks(Peaks.parse(bytes)),
  () => undefined, // without a picture the lanes are there all the same
);

// ---- hands ----

function toggle(): void {
  if (breath !== 0) stopTour();
  sound.toggle();
}

const actions: Record<string, readonly [id: string, run: () => void]> = {
  k: ["play", toggle],
  u: ["union", tour],
  p: ["previous", () => go(passageBefore(passages, current, sound.at), "No passage before this one.")],
  n: ["next", () => go(passageAfter(passages, current, sound.at), "No passage after this one.")],
  r: ["again", () => hear(current ?? passageAt(passages, sound.at))],
  "-": ["wider", () => wave.zoomBy(1 / 1.6)],
  "+": ["closer", () => wave.zoomBy(1.6)],
  f: ["whole", () => wave.zoomFit()],
};
for (const [id, run] of Object.values(actions)) byId(id).addEventListener("click", run);
for (const button of document.querySelectorAll<HTMLElement>("[data-hear]")) {
  button.addEventListener("click", () => hear(passages.find(({ id }) => id === button.dataset["hear"]) ?? null));
}

const keysOn = byId<HTMLInputElement>("keys-on");
document.addEventListener("keydown", (event) => {
  if (!keysOn.checked || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if ((event.target as Element).closest("select, textarea, input:not([type=checkbox])")) return;
  const action = actions[event.key === "=" ? "+" : event.key.toLowerCase()];
  if (!action) return;
  event.preventDefault();
  action[1]();
});

// What is agreed is kept without leaving the place that one listens to.
for (const form of document.querySelectorAll<HTMLFormElement>("form[data-agree]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void keep(form);
  });
}

async function keep(form: HTMLFormElement): Promise<void> {
  const said = form.querySelector<HTMLElement>(".hb-agreeing__said");
  if (!said) return;
  try {
    const answer = await submit<{ said: string }>(form);
    said.classList.remove("is-trouble");
    setText(said, answer?.said ?? "");
  } catch (error) {
    said.classList.add("is-trouble");
    setText(said, sentenceOf(error));
  }
}
