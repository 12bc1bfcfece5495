// The practitioner's recording: the stage as it moves, the sound as soon as it can be played, words as they appear.

import { announce } from "./announce.ts";
import { getBytes, getJson } from "./api.ts";
import { byId, el, setText, show } from "./dom.ts";
import { startMarking } from "./moments.ts";
import { Peaks } from "./peaks.ts";
import { Sound, sourceOf } from "./sound.ts";
import { stepsOf, transcriptState, type Status } from "./stage.ts";
import { formatClock } from "./time.ts";
import { chosenFile, Transfer } from "./transfer.ts";
import { showTranscriptSentence, Transcript, type TranscriptAnswer } from "./transcript.ts";
import { Waveform } from "./waveform.ts";

const id = byId("recording").dataset["recording"] ?? "";
const base = `/recordings/${id}`;
const EVERY = 1000;
const EVERY_WHEN_LOST = 5000;

let listening: { sound: Sound; wave: Waveform; transcript: Transcript } | null = null;
let stage = "";
let wordsAt = "";
let timer = 0;
let looks = 0;

// ---- the stage ----

function showStage(status: Status): void {
  setText(byId("stage-sentence"), status.sentence);
  for (const step of stepsOf(status)) {
    const node = document.querySelector<HTMLElement>(`[data-step="${step.name}"]`);
    if (!node) continue;
    node.dataset["state"] = step.state;
    const bar = node.querySelector("progress");
    if (bar) {
      show(bar, step.state === "now");
      if (step.permille === null) bar.removeAttribute("value");
      else bar.value = step.permille;
    }
    const words = node.querySelector(".hb-step__state");
    if (words) setText(words, step.words);
  }
  if (status.stage !== stage && stage !== "") announce(status.sentence);
  stage = status.stage;
  if (status.stage !== "awaiting_file") fileIsHere();
  const refused = document.getElementById("refused");
  if (refused) show(refused, status.stage === "refused");
  show(byId("stop"), status.can_stop);
  show(byId("go-on"), status.can_go_on);
  const later = document.getElementById("decide-later");
  if (later && status.stage === "ready" && !status.released) {
    show(later, false);
    show(byId("release"), true);
  }
}

// ---- the file, if it is still to come ----

const place = document.getElementById("send-file");
const transfer = place ? prepareSending(place) : null;

function prepareSending(instead: HTMLElement): Transfer {
  const sending = new Transfer(instead, {
    arrived() {
      fileIsHere();
      byId("stage-title").focus();
      void look();
    },
    stopped: () => announce("Stopped. Nothing was kept of the file; you can send it whenever you like."),
  });
  byId("send-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = chosenFile();
    if (chosen) sending.start(id, chosen);
  });
  return sending;
}

/** Perhaps it came from another tab. */
function fileIsHere(): void {
  if (!place || transfer?.busy) return;
  show(place, false);
  show(byId("sending"), false);
}

// ---- the sound ----

function startListening(status: Status): void {
  const durationMs = status.duration_ms ?? 0;
  const element = el("audio", { preload: "metadata", src: sourceOf(id, status.listening_copy) });
  document.body.append(element);
  const sound = new Sound(element, durationMs);
  const wave = new Waveform(byId("wave"), { durationMs, marking: false, onSeek: (ms) => sound.seek(ms) });
  const transcript = new Transcript(byId("words"), (ms) => {
    sound.playFrom(ms);
    wave.reveal(ms);
  });
  const play = byId("play");
  play.addEventListener("click", () => sound.toggle());
  byId("back").addEventListener("click", () => sound.skip(-5000));
  byId("on").addEventListener("click", () => sound.skip(5000));
  const speed = byId<HTMLSelectElement>("speed");
  speed.addEventListener("change", () => sound.setSpeed(Number(speed.value)));
  sound.on("tick", () => {
    wave.setPlayhead(sound.at, sound.playing);
    transcript.highlight(sound.at);
    setText(byId("clock"), `${formatClock(sound.at)} of ${formatClock(sound.durationMs)}`);
  });
  sound.on("state", () => {
    setText(play, sound.playing ? "Pause" : "Play");
    if (sound.playing) show(byId("sound-problem"), false);
  });
  sound.on("trouble", () => {
    setText(byId("sound-problem"), "The sound could not be loaded just now. Look at this page again in a moment.");
    show(byId("sound-problem"), true);
  });
  setText(byId("clock"), `0:00 of ${formatClock(durationMs)}`);
  show(byId("listen"), true);
  listening = { sound, wave, transcript };
  startMarking(base, sound);
  // The picture is a help, not a condition: without it the sound plays all the same.
  getBytes(`${base}/peaks.dat`)
    .then((bytes) => wave.setPeaks(Peaks.parse(bytes)))
    .catch(() => undefined);
}

async function showWords(status: Status): Promise<void> {
  if (!listening) {
    if (status.transcript === "not_wanted") setText(byId("words-state"), "It is not turned into words, because not everyone wanted that. That is fine.");
    return;
  }
  const { transcript } = listening;
  const mark = `${status.transcript}/${status.progress_permille ?? ""}`;
  const wanted = status.transcript === "running" || status.transcript === "done" || status.transcript === "stopped";
  if (wanted && mark !== wordsAt) {
    const answer = await getJson<TranscriptAnswer>(`${base}/transcript`);
    transcript.update(answer.segments);
    wordsAt = mark;
  }
  showTranscriptSentence(byId("words-state"), transcriptState(status), !transcript.isEmpty);
  show(byId("words-note"), !transcript.isEmpty);
}

// ---- looking again ----

/** Asks where the recording stands, now and until there is nothing more to see. A later look replaces an earlier one. */
async function look(): Promise<void> {
  clearTimeout(timer);
  const turn = (looks += 1);
  let again: number | null = EVERY;
  try {
    const status = await getJson<Status>(`${base}/status`);
    if (turn !== looks) return;
    showStage(status);
    if (status.audio_ready && !listening) startListening(status);
    if (listening && status.duration_ms) {
      listening.sound.setDuration(status.duration_ms);
      listening.wave.setDuration(status.duration_ms);
    }
    show(byId("words-link"), status.words_readable);
    await showWords(status);
    if (status.stage === "ready" || status.stage === "refused") again = null;
    if (status.stage === "stuck" || status.stage === "awaiting_file") again = EVERY_WHEN_LOST;
  } catch {
    again = EVERY_WHEN_LOST; // a lost connection is nothing to report while nothing was asked for
  }
  if (again !== null && turn === looks) timer = window.setTimeout(() => void look(), again);
}

show(byId("words-note"), false);
void look();
