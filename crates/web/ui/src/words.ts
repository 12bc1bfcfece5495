// The words beside the sound: read, heard from any word, corrected in their place.

import { announce } from "./announce.ts";
import { getBytes, getJson, send, sentenceOf } from "./api.ts";
import { byId, el, pageData, setText, show } from "./dom.ts";
import { Peaks } from "./peaks.ts";
import { Sound, sourceOf } from "./sound.ts";
import { formatClock, formatPrecise } from "./time.ts";
import { Waveform } from "./waveform.ts";
import { Editor } from "./words/editor.ts";
import { History } from "./words/history.ts";
import { doubtful, nextDoubt, type Change, type Reading, type ReadSegment } from "./words/model.ts";
import { Pacer } from "./words/pacer.ts";
import type { Passage } from "./words/saver.ts";
import { doubtLine, Sheet } from "./words/sheet.ts";

interface WordsData {
  readonly recording: { readonly id: string; readonly duration_ms: number };
  readonly listening_copy: boolean;
  /** Where to begin (ms). */
  readonly at: number | null;
  /** Whether the reader may correct the words too. */
  readonly may_correct: boolean;
}

/** How often it is looked whether there is more, while the machine writes (ms). */
const EVERY = 3000;
/** The sound begins a little before a word: its first sound is often earlier than its time. */
const BEFORE = 120;

const data = pageData<WordsData>();
const base = `/recordings/${data.recording.id}`;
const element = el("audio", { preload: "metadata", src: sourceOf(data.recording.id, data.listening_copy) });
document.body.append(element);
const sound = new Sound(element, data.recording.duration_ms);
const pacer = new Pacer(sound);
const wave = new Waveform(byId("wave"), { durationMs: data.recording.duration_ms, marking: false, low: true, onSeek: (ms) => sound.seek(ms) });

let reading: Reading | null = null;
/** What was learnt while somebody was writing; shown when they are done, so that nothing moves under their hands. */
let waiting: Reading | null = null;
let editor: Editor | null = null;

const wire = {
  correct: async (revision: number, change: Change): Promise<Reading> => {
    const answer = await send<Reading>("POST", `${base}/corrections`, { revision, change });
    if (!answer) throw new Error("the answer is empty");
    return answer;
  },
  read: (passage?: Passage) => getJson<Reading>(`${base}/corrections${passage ? `?start_ms=${passage.start_ms}&end_ms=${passage.end_ms}` : ""}`),
};

const sheet = new Sheet(byId("sheet"), data.may_correct, {
  play: playFrom,
  correct: open,
  heard: (segment) => void make({ kind: "heard", start_ms: segment.start_ms, end_ms: segment.end_ms, was: segment.text }, "Noted: you listened to it."),
  picked: (span) => {
    sheet.setPicked(span);
    byId<HTMLInputElement>("who-start").value = formatPrecise(span.start);
    byId<HTMLInputElement>("who-end").value = formatPrecise(span.end);
  },
});
const history = new History(document.getElementById("history"), {
  undo: (index) => void make({ kind: "undo", index }, "Taken back."),
  goTo: (ms) => {
    sheet.goTo(ms);
    sound.seek(ms);
  },
});

function playFrom(ms: number): void {
  pacer.leave();
  sound.playFrom(Math.max(0, ms - BEFORE));
  wave.reveal(ms);
}

// ---- what is read ----

function learn(newer: Reading): void {
  history.show(newer);
  if (editor) {
    waiting = newer;
    return;
  }
  reading = newer;
  waiting = null;
  sheet.update(newer);
  sheet.highlight(sound.at);
  const open = doubtful(newer.segments).length;
  setText(byId("doubt-line"), doubtLine(open));
  show(byId("doubt-next"), open > 0);
  const state = newer.segments.length > 0 ? "" : newer.status === "done" ? "The machine found no words in this recording." : "The words will appear here as they are written.";
  setText(byId("words-state"), state);
  show(byId("words-state"), state !== "");
  showAgain(newer.again);
}

/** How far a machine is that reads it again. Without one on the page there is nothing to show it with: the page says that it began. */
function showAgain(again: Reading["again"]): void {
  setText(byId("again-sentence"), again?.sentence ?? "");
  show(byId("words-again"), again !== undefined);
  const bar = document.querySelector<HTMLProgressElement>("#again-progress");
  if (bar && again?.percent !== undefined) {
    bar.value = again.percent;
    setText(byId("again-percent"), `${again.percent}%`);
  }
  for (const [id, shown] of [["again-done", again?.percent !== undefined], ["again-stop", again?.working === true]] as const) {
    const node = document.getElementById(id);
    if (node) show(node, shown);
  }
}

async function look(): Promise<void> {
  try {
    learn(await wire.read());
  } catch (error) {
    setText(byId("words-state"), sentenceOf(error));
    show(byId("words-state"), true);
  }
  if (reading && (reading.status === "running" || reading.status === "waiting" || reading.again?.working)) setTimeout(() => void look(), EVERY);
}

/** Makes a change that is not typed. */
async function make(change: Change, said: string): Promise<void> {
  if (!reading) return;
  try {
    learn(await wire.correct((waiting ?? reading).revision, change));
    announce(said);
  } catch (error) {
    // Somebody else changed something meanwhile: what is there now is shown, and the person sees whether they still want it.
    problem(sentenceOf(error));
    await look();
  }
}

function problem(text: string): void {
  setText(byId("words-problem"), text);
  show(byId("words-problem"), text !== "");
}

// ---- correcting ----

function open(segment: ReadSegment, row: HTMLElement): void {
  if (!reading) return;
  if (editor) {
    const busy = editor;
    if (busy.segment === segment) return;
    void busy.close(false).then(() => {
      const again = editor ? null : sheet.rowOf(segment);
      if (again) open(segment, again);
    });
    return;
  }
  problem("");
  editor = new Editor(segment, row, reading, wire, {
    typed: () => pacer.typed(),
    hear: () => {
      pacer.leave();
      sound.playSpan({ start: Math.max(0, segment.start_ms - BEFORE), end: Math.max(segment.end_ms, segment.start_ms + 300) }, false);
    },
    toggle: () => {
      pacer.leave();
      sound.toggle();
    },
    closed: (next) => {
      const after = next ? sheet.after(segment) : null;
      editor = null;
      if (waiting) learn(waiting);
      const row = after ? sheet.rowOf(after) : null;
      if (after && row) {
        open(after, row);
        sound.seek(after.start_ms);
      } else sheet.focusOn(segment);
    },
    learnt: learn,
    speaker: (id) => void speaker(segment, id),
  });
}

async function speaker(segment: ReadSegment, id: string): Promise<void> {
  const busy = editor;
  await busy?.close(false);
  await make({ kind: "speaker", start_ms: segment.start_ms, end_ms: segment.end_ms, speaker: id }, "Noted.");
}

// Leaving the page with something unsaved asks first.
window.addEventListener("beforeunload", (event) => {
  if (editor?.unsaved) event.preventDefault();
});

// ---- the sound ----

sound.on("tick", () => {
  wave.setPlayhead(sound.at, sound.playing);
  sheet.highlight(sound.at);
  setText(byId("clock"), `${formatClock(sound.at)} of ${formatClock(sound.durationMs)}`);
});
sound.on("state", () => {
  setText(byId("play-word"), sound.playing ? "Pause" : "Play");
  if (sound.playing) show(byId("sound-problem"), false);
});
sound.on("trouble", () => {
  setText(byId("sound-problem"), "The sound could not be loaded just now. Look at this page again in a moment.");
  show(byId("sound-problem"), true);
});

const speed = byId<HTMLSelectElement>("speed");
speed.addEventListener("change", () => sound.setSpeed(Number(speed.value)));
const follow = byId<HTMLInputElement>("follow");
follow.addEventListener("change", () => (sheet.following = follow.checked));

const press: Record<string, () => void> = {
  play: () => {
    pacer.leave();
    sound.toggle();
  },
  back: () => sound.skip(-2000),
  on: () => sound.skip(2000),
  "doubt-next": () => {
    const next = reading && nextDoubt(reading.segments, sound.at);
    if (!next) return;
    sheet.goTo(next.start_ms);
    playFrom(next.start_ms);
    announce(next.doubts.join(" "));
  },
};
for (const [id, run] of Object.entries(press)) byId(id).addEventListener("click", run);

// Single keys work on the picture and among the words, where nothing is typed.
const keys: Record<string, () => void> = { k: press["play"]!, j: press["back"]!, l: press["on"]!, d: press["doubt-next"]! };
for (const host of [byId("wave"), byId("sheet")]) {
  host.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || (event.target as Element).closest("textarea, select")) return;
    const run = keys[event.key.toLowerCase()];
    if (!run) return;
    event.preventDefault();
    run();
  });
}

// ---- picking words for somebody ----

const pick = document.getElementById("who-pick");
pick?.addEventListener("click", () => {
  sheet.picking = !sheet.picking;
  pick.setAttribute("aria-pressed", String(sheet.picking));
  byId("sheet").classList.toggle("is-picking", sheet.picking);
  if (!sheet.picking) sheet.setPicked(null);
  announce(sheet.picking ? "Press the first word, then the last one with Shift." : "Pressing a word plays it again.");
});

// ---- begin ----

if (data.at !== null) sound.seek(data.at);
// The picture is a help, not a condition.
getBytes(`${base}/peaks.dat`)
  .then((bytes) => wave.setPeaks(Peaks.parse(bytes)))
  .catch(() => undefined);
void look().then(() => {
  if (data.at !== null) sheet.goTo(data.at);
});
