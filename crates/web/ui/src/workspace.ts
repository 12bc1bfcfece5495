// The researcher's desk: wires the sound, its picture, the words, the codes and the scores together.

import { announce } from "./announce.ts";
import { ApiError, getBytes, getJson, send, sentenceOf } from "./api.ts";
import { byId, el, pageData, setText, show } from "./dom.ts";
import { Peaks } from "./peaks.ts";
import * as selecting from "./selection.ts";
import { spanOf, type Selection } from "./selection.ts";
import { Sound } from "./sound.ts";
import { transcriptState, type Status } from "./stage.ts";
import { formatPrecise, formatClock } from "./time.ts";
import { showTranscriptSentence, Transcript, type TranscriptAnswer } from "./transcript.ts";
import { Waveform } from "./waveform.ts";
import { CodeForm } from "./workspace/code-form.ts";
import { CodeList } from "./workspace/code-list.ts";
import { itemsOf } from "./workspace/framework.ts";
import { bindKeys, type Shortcut } from "./workspace/keys.ts";
import { mintId, type Code, type CodeDraft, type Coding, type DeskData } from "./workspace/model.ts";
import { Scores } from "./workspace/scores.ts";

const data = pageData<DeskData>();
const base = `/recordings/${data.recording.id}`;
const items = itemsOf(data.framework);
const readOnly = data.read_only;
const NUDGE = 100;
const SPEED = "hearback.speed";

let codes: Code[] = [];
let active: string | null = null;
let selection: Selection = selecting.NOTHING;

// ---- sound, picture, words ----

const element = el("audio", { preload: "auto", src: `${base}/audio` });
document.body.append(element);
const sound = new Sound(element, data.recording.duration_ms);
const duration = (): number => sound.durationMs;

const wave = new Waveform(byId("wave"), {
  durationMs: data.recording.duration_ms,
  marking: true,
  onSeek: (ms) => {
    sound.release();
    sound.seek(ms);
  },
  onSelect: (next) => {
    if (!readOnly) select(next);
  },
  onRegion: (id) => {
    const code = codes.find((one) => one.id === id);
    if (code) playCode(code);
  },
});

const words = new Transcript(byId("words"), (ms) => {
  sound.playFrom(ms);
  wave.reveal(ms);
});

const form = new CodeForm(items, data.framework.areas, { durationMs: duration, onSelect: select, onSave: saveCode });
const list = new CodeList(items, {
  readOnly,
  wordsOf: (code) => words.textWithin({ start: code.start_ms, end: code.end_ms }),
  onPlay: playCode,
  onEdit: editCode,
  onDelete: (code) => void deleteCode(code),
});
const scores = new Scores(byId("scores"), items, { base, readOnly, onPlay: playCode, onChange: showFinish });

sound.on("tick", () => {
  wave.setPlayhead(sound.at, sound.playing);
  words.highlight(sound.at);
  setText(byId("clock"), formatPrecise(sound.at));
});
sound.on("state", () => {
  setText(byId("play-word"), sound.playing ? "Pause" : "Play");
  byId("loop").setAttribute("aria-pressed", String(sound.loopingSpan !== null));
  if (sound.playing) show(byId("sound-problem"), false);
});
sound.on("speed", () => {
  setText(byId("speed"), `${sound.speed}×`);
  localStorage.setItem(SPEED, String(sound.speed));
});
sound.on("trouble", () => {
  setText(byId("sound-problem"), "The sound could not be loaded just now. What you typed is still here; look at this page again in a moment.");
  show(byId("sound-problem"), true);
});

function select(next: Selection): void {
  selection = next;
  const span = spanOf(next);
  wave.setSelection(next);
  words.setMarked(span);
  form.setSelection(next);
  if (span) sound.follow(span);
}

function playCode(code: Code): void {
  activate(code.id);
  wave.reveal(code.start_ms);
  sound.playSpan({ start: code.start_ms, end: code.end_ms }, false);
}

function activate(id: string | null): void {
  active = id;
  list.activate(id);
  paintRegions();
}

// ---- codes ----

function paintRegions(): void {
  const regions = codes.map((code) => {
    const item = list.itemOf(code);
    return { id: code.id, start: code.start_ms, end: code.end_ms, label: item?.short ?? code.skill, paint: item?.index ?? 7 };
  });
  wave.setRegions(regions, active);
}

function paintCodes(): void {
  list.render(codes, active);
  scores.showEvidence(codes);
  paintRegions();
  showFinish();
}

/** The new moment whose saving failed: sent again unchanged it keeps its id, so that it is never saved twice. */
let attempt: { readonly content: string; readonly id: string } | null = null;

async function saveCode(draft: CodeDraft, editing: Code | null): Promise<void> {
  let code: Code | null;
  if (editing) {
    code = await send<Code>("PUT", `${base}/codes/${editing.id}`, draft);
  } else {
    const content = JSON.stringify(draft);
    if (attempt?.content !== content) attempt = { content, id: mintId() };
    code = await send<Code>("POST", `${base}/codes`, { id: attempt.id, ...draft });
    attempt = null;
  }
  if (!code) throw new ApiError("The service gave no answer. Try again in a moment.", 0);
  codes = [...codes.filter((one) => one.id !== code.id), code];
  active = code.id;
  paintCodes();
}

function editCode(code: Code): void {
  if (!form.edit(code)) return;
  activate(code.id);
  wave.reveal(code.start_ms);
  sound.pause();
  sound.release();
  sound.seek(code.start_ms);
}

async function deleteCode(code: Code): Promise<void> {
  const name = list.itemOf(code)?.name ?? code.skill;
  try {
    await send("DELETE", `${base}/codes/${code.id}`);
  } catch (error) {
    // Gone already: an earlier attempt arrived although its answer was lost.
    if (!(error instanceof ApiError && error.status === 404)) {
      showCodesProblem(sentenceOf(error), () => void deleteCode(code));
      return;
    }
  }
  hideCodesProblem();
  form.forget(code.id);
  codes = codes.filter((one) => one.id !== code.id);
  paintCodes();
  const { id: _gone, ...draft } = code;
  setText(byId("undo-text"), `Deleted: ${name}, ${formatPrecise(code.start_ms)}.`);
  show(byId("undo"), true);
  byId("undo-button").onclick = () => {
    saveCode(draft, null).then(
      () => {
        show(byId("undo"), false);
        hideCodesProblem();
        announce("It is back.");
        if (active) list.focus(active, "play");
      },
      (error: unknown) => showCodesProblem(sentenceOf(error), () => byId("undo-button").click()),
    );
  };
  byId("undo-button").focus();
}

function showCodesProblem(sentence: string, again: () => void): void {
  setText(byId("codes-problem-text"), sentence);
  byId("codes-again").onclick = again;
  show(byId("codes-problem"), true);
}

function hideCodesProblem(): void {
  show(byId("codes-problem"), false);
}

async function loadCoding(): Promise<void> {
  try {
    const coding = await getJson<Coding>(`${base}/codes`);
    codes = [...coding.codes];
    scores.load(coding.scores);
    hideCodesProblem();
    paintCodes();
  } catch (error) {
    showCodesProblem(sentenceOf(error), () => void loadCoding());
  }
}

// ---- words as they arrive ----

let wordsMark = "";

async function lookForWords(): Promise<void> {
  let again: number | null = 2000;
  try {
    const status = await getJson<Status>(`${base}/status`);
    const mark = `${status.transcript}/${status.progress_permille ?? ""}`;
    if ((status.transcript === "running" || status.transcript === "done") && mark !== wordsMark) {
      words.update((await getJson<TranscriptAnswer>(`${base}/transcript`)).segments);
      wordsMark = mark;
      list.render(codes, active);
    }
    const state = transcriptState(status);
    showTranscriptSentence(byId("words-state"), state, !words.isEmpty);
    show(byId("words-note"), !words.isEmpty);
    if (state !== "running" && state !== "waiting") again = null;
  } catch {
    again = 8000; // the desk works by ear alone meanwhile
  }
  if (again !== null) window.setTimeout(() => void lookForWords(), again);
}

// ---- finishing ----

function showFinish(): void {
  setText(byId("finish-state"), `${codes.length} ${codes.length === 1 ? "moment" : "moments"} marked. ${scores.given} of ${scores.total} have a number or “not codable”.`);
}

byId("finish-form").addEventListener("submit", (event) => {
  event.preventDefault();
  void finish();
});

async function finish(): Promise<void> {
  const refuse = (sentence: string): void => {
    setText(byId("finish-problem"), sentence);
    show(byId("finish-problem"), sentence !== "");
  };
  if (!byId<HTMLInputElement>("finish-sure").checked) return refuse("Tick the box first, so that this does not happen by a slip.");
  if (form.dirty) return refuse("There is a moment in the form above that is not saved yet. Save it or clear it first.");
  if (scores.unsaved) return refuse("A number above is not saved yet. Try that one again first.");
  try {
    await send("POST", `${base}/coding/finish`);
    window.location.reload();
  } catch (error) {
    refuse(sentenceOf(error));
  }
}

window.addEventListener("beforeunload", (event) => {
  if (!readOnly && (form.dirty || scores.unsaved)) event.preventDefault();
});

// ---- what hands do ----

function markIn(): void {
  select(selecting.markIn(selection, sound.at, duration()));
  announce(`In at ${formatPrecise(selection.start ?? 0)}`);
}

function markOut(): void {
  select(selecting.markOut(selection, sound.at, duration()));
  announce(`Out at ${formatPrecise(selection.end ?? 0)}`);
}

function nudge(edge: "start" | "end", by: number): void {
  const next = selecting.nudge(selection, edge, by, duration());
  if (next === selection) return announce(edge === "start" ? "Mark in first." : "Mark out first.");
  select(next);
  const at = next[edge] ?? 0;
  announce(`${edge === "start" ? "In" : "Out"} at ${formatPrecise(at)}`);
}

function loop(): void {
  const span = spanOf(selection);
  if (sound.loopingSpan) {
    sound.release();
  } else if (span) {
    sound.playSpan(span, true);
  } else {
    announce("Mark in and out first; then the span can go round.");
  }
}

function playOnce(): void {
  const span = spanOf(selection);
  if (span) sound.playSpan(span, false);
}

function speed(direction: 1 | -1): void {
  announce(`Speed ${sound.changeSpeed(direction)}`);
}

function leave(from: Element): void {
  if (from.closest("input, textarea, select")) {
    byId("wave").querySelector<HTMLElement>("[role=slider]")?.focus();
  } else if (form.isEditing) {
    form.leave();
  } else {
    select(selecting.NOTHING);
    sound.release();
  }
}

const marking: Shortcut[] = readOnly
  ? []
  : [
      { keys: ["i"], shown: ["I"], what: "mark where the moment begins", run: markIn },
      { keys: ["o"], shown: ["O"], what: "mark where it ends", run: markOut },
      { keys: ["["], shown: ["["], what: "begin a tenth of a second earlier", run: () => nudge("start", -NUDGE) },
      { keys: ["]"], shown: ["]"], what: "begin a tenth later", run: () => nudge("start", NUDGE) },
      { keys: ["{"], shown: ["{ (Shift [)"], what: "end a tenth earlier", run: () => nudge("end", -NUDGE) },
      { keys: ["}"], shown: ["} (Shift ])"], what: "end a tenth later", run: () => nudge("end", NUDGE) },
      { keys: ["r"], shown: ["R"], what: "play the marked span round and round, or stop that", run: loop },
      { keys: ["p"], shown: ["P"], what: "play the marked span once", run: playOnce },
      ...items.filter((item) => item.digit !== null).map((item) => ({ keys: [item.digit ?? ""], shown: [item.digit ?? ""], what: item.name, run: () => form.pick(item) })),
      { keys: ["n"], shown: ["N"], what: "write a note", run: () => form.focusNote() },
    ];

bindKeys(
  [
    { keys: [" ", "k"], shown: ["Space", "K"], what: "play or pause", run: () => sound.toggle() },
    { keys: ["j"], shown: ["J"], what: "two seconds back", run: () => sound.skip(-2000) },
    { keys: ["l"], shown: ["L"], what: "two seconds on", run: () => sound.skip(2000) },
    { keys: [",", "<"], shown: [","], what: "slower", run: () => speed(-1) },
    { keys: [".", ">"], shown: ["."], what: "faster", run: () => speed(1) },
    { keys: ["=", "+"], shown: ["="], what: "closer", run: () => wave.zoomBy(1.6) },
    { keys: ["-", "_"], shown: ["-"], what: "wider", run: () => wave.zoomBy(1 / 1.6) },
    { keys: ["f"], shown: ["F"], what: "the whole recording", run: () => wave.zoomFit() },
    ...marking,
  ],
  () => !readOnly && void form.submit(),
  leave,
);

const press: Record<string, () => void> = {
  play: () => sound.toggle(),
  back: () => sound.skip(-2000),
  on: () => sound.skip(2000),
  slower: () => speed(-1),
  faster: () => speed(1),
  "zoom-in": () => wave.zoomBy(1.6),
  "zoom-out": () => wave.zoomBy(1 / 1.6),
  "zoom-fit": () => wave.zoomFit(),
  "mark-in": markIn,
  "mark-out": markOut,
  "start-earlier": () => nudge("start", -NUDGE),
  "start-later": () => nudge("start", NUDGE),
  "end-earlier": () => nudge("end", -NUDGE),
  "end-later": () => nudge("end", NUDGE),
  loop,
};
for (const [id, run] of Object.entries(press)) byId(id).addEventListener("click", run);
const follow = byId<HTMLInputElement>("follow");
follow.addEventListener("change", () => (words.following = follow.checked));

// ---- begin ----

setText(byId("length"), `of ${formatClock(data.recording.duration_ms)}`);
sound.setSpeed(Number(localStorage.getItem(SPEED)) || 1);
show(byId("words-note"), false);
getBytes(`${base}/peaks.dat`).then((bytes) => wave.setPeaks(Peaks.parse(bytes)), () => undefined);
void loadCoding();
void lookForWords();
