// The researcher's desk: wires the sound, its picture, the words, the codes, the scores and the keys together.

import { announce } from "./announce.ts";
import { ApiError, getBytes, getJson, send, sentenceOf } from "./api.ts";
import { byId, el, pageData, setText, show } from "./dom.ts";
import { Peaks } from "./peaks.ts";
import * as selecting from "./selection.ts";
import { spanOf, type Selection } from "./selection.ts";
import { Sound } from "./sound.ts";
import { formatClock, formatPrecise } from "./time.ts";
import { Transcript } from "./transcript.ts";
import { Waveform } from "./waveform.ts";
import { actionsOf } from "./workspace/actions.ts";
import { CodeForm } from "./workspace/code-form.ts";
import { CodeList } from "./workspace/code-list.ts";
import { Coding } from "./workspace/coding.ts";
import { Edges } from "./workspace/edges.ts";
import { bindFinish } from "./workspace/finishing.ts";
import { itemsOf, type Item } from "./workspace/framework.ts";
import { Guide } from "./workspace/guide.ts";
import { inverse, type Step } from "./workspace/history.ts";
import { Keymap } from "./workspace/keymap.ts";
import { Keys } from "./workspace/keys.ts";
import { Listening } from "./workspace/listening.ts";
import { Keeper, recall } from "./workspace/memory.ts";
import { mintId, type Code, type CodeDraft, type CodingAnswer, type DeskData } from "./workspace/model.ts";
import { Outbox, type OutboxState } from "./workspace/outbox.ts";
import { nextPass, Passes, passFor, type Pass, type Progress } from "./workspace/passes.ts";
import { Scores } from "./workspace/scores.ts";
import { bindSettings } from "./workspace/settings-form.ts";
import { SettingsStore } from "./workspace/settings.ts";
import { waitWhileTyping } from "./workspace/waiting.ts";
import { awaitWords } from "./workspace/words-arriving.ts";

const data = pageData<DeskData>();
const base = `/recordings/${data.recording.id}`;
const items = itemsOf(data.framework);
const { part, read_only: readOnly } = data;
const settings = new SettingsStore(data.person);

let active: string | null = null;
let selection: Selection = selecting.NOTHING;

// ---- sound, picture, words ----

const element = el("audio", { preload: "auto", src: `${base}/audio` });
document.body.append(element);
const sound = new Sound(element, data.recording.duration_ms);

const wave = new Waveform(byId("wave"), {
  durationMs: data.recording.duration_ms,
  marking: true,
  part,
  onSeek: (ms) => {
    sound.release();
    sound.seek(ms);
  },
  onSelect: (next) => {
    if (marks()) select(next);
  },
  onRegion: (id) => play(coding.code(id)),
  onOpen: (id) => edit(coding.code(id)),
  onLane: (lane) => {
    const item = items[lane];
    if (item && marks()) form.pick(item);
  },
  onStretch: (id, span) => {
    const code = coding.code(id);
    if (code && !readOnly) coding.set({ ...code, start_ms: span.start, end_ms: span.end });
    else paintRegions();
  },
});

const words = new Transcript(byId("words"), (ms) => {
  sound.playFrom(ms);
  wave.reveal(ms);
});

// ---- the coder's work, and its way to the service ----

const outbox = new Outbox({
  send: ({ method, path, body }) => send(method, path, body),
  passing: (error) => error instanceof ApiError && (error.worthRetrying || error.status === 401),
  refused: (letter, error) => {
    // Gone already: an earlier attempt arrived although its answer was lost.
    if (letter.method === "DELETE" && error instanceof ApiError && error.status === 404) return;
    coding.history.forget(letter.place);
    showProblem(`${sentenceOf(error)} That one change is not kept; the others are.`, () => void load());
    void outbox.empty().then(load);
  },
  changed: showState,
  wait: (ms) => new Promise((later) => window.setTimeout(later, ms)),
});
const coding = new Coding({ base, post: (letter) => outbox.put(letter), changed: paint });

const form = new CodeForm(items, data.framework.areas, {
  durationMs: () => part.end,
  onSelect: select,
  onSave: (draft: CodeDraft, editing: Code | null) => {
    const code = { id: editing?.id ?? mintId(), ...draft };
    active = code.id;
    coding.set(code);
    keeper.touch();
  },
  onPick: (item) => {
    guide.show(item);
    return settings.current.saveAtOnce;
  },
  onTyped: () => keeper.touch(),
});
const list = new CodeList(items, {
  readOnly,
  wordsOf: (code) => words.textWithin({ start: code.start_ms, end: code.end_ms }),
  onPlay: play,
  onEdit: edit,
  onDelete: remove,
});
const guide = new Guide(items);
const scores = new Scores(byId("scores"), items, {
  readOnly,
  onPlay: play,
  onChoose: (item, choice) => coding.score(item, choice),
  onItem: (item) => guide.show(item),
});
const passes = new Passes((pass: Pass) => {
  announce({ listen: "Listening.", mark: "Marking.", score: "Giving numbers." }[pass]);
  keeper.touch();
});
const edges = new Edges({
  at: () => sound.at,
  part,
  words,
  snaps: () => settings.current.snap,
  selection: () => selection,
  select,
  current: () => {
    const code = coding.code(active);
    return code ? { start: code.start_ms, end: code.end_ms } : null;
  },
  changeCurrent: (span) => {
    const code = coding.code(active);
    if (code) coding.set({ ...code, start_ms: span.start, end_ms: span.end });
  },
});
const listening = new Listening({ base, part, sound, wave, onChange: showProgress });
const keeper = new Keeper(
  {
    now: () => ({ v: 1, pass: passes.current, at: Math.round(sound.at), form: form.state, steps: coding.history.latest() }),
    send: (text, leaving) => (readOnly || !ready ? Promise.resolve() : send("PUT", `${base}/coding/draft`, { text }, { keepalive: leaving })),
    wait: (ms, run) => window.setTimeout(run, ms),
    cancel: (timer) => window.clearTimeout(timer as number | undefined),
  },
  () => performance.now(),
);
let ready = false;

// ---- what the page shows ----

sound.on("tick", () => {
  wave.setPlayhead(sound.at, sound.playing);
  words.highlight(sound.at);
  setText(byId("clock"), formatPrecise(sound.at));
});
sound.on("state", () => {
  setText(byId("play-word"), sound.playing ? "Pause" : "Play");
  byId("loop").setAttribute("aria-pressed", String(sound.loopingSpan !== null));
  if (sound.playing) show(byId("sound-problem"), false);
  else keeper.touch();
});
sound.on("speed", () => {
  setText(byId("speed"), `${sound.speed}×`);
  settings.change({ speed: sound.speed });
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

function activate(id: string | null): void {
  active = id;
  list.activate(id);
  wave.setActive(id);
}

function paintRegions(): void {
  const regions = coding.codes.map((code) => {
    const item = list.itemOf(code);
    const index = item?.index ?? 0;
    return { id: code.id, start: code.start_ms, end: code.end_ms, label: (settings.current.lanes && code.note) || (item?.short ?? code.skill), paint: index, lane: index };
  });
  wave.setRegions(regions, active);
}

/** One step was done or undone; null: everything is new. */
function paint(step: Step | null): void {
  if (active !== null && !coding.code(active)) active = null;
  if (step?.kind === "code" && !step.after) form.forget(step.id);
  if (step?.kind !== "score") {
    list.render(coding.codes, active);
    scores.showEvidence(coding.codes);
    paintRegions();
  }
  if (step?.kind !== "code") scores.show((item) => coding.choice(item));
  showUndo();
  showProgress();
  keeper.touch();
}

function showProgress(): void {
  const progress: Progress = { heard: listening.share, moments: coding.codes.length, given: scores.given, items: scores.total };
  passes.show(progress);
  setText(byId("finish-state"), `${progress.moments} ${progress.moments === 1 ? "moment" : "moments"} marked. ${progress.given} of ${progress.items} have a number or “not codable”.`);
}

function showUndo(): void {
  document.getElementById("undo")?.setAttribute("aria-disabled", String(!coding.history.canUndo));
  document.getElementById("redo")?.setAttribute("aria-disabled", String(!coding.history.canRedo));
}

function showState(state: OutboxState): void {
  const said = { saved: "All saved", saving: "Saving…", trouble: "Not saved yet. We cannot reach the service; it is tried again by itself." };
  setText(byId("save-state"), said[state]);
  byId("save-state").classList.toggle("is-trouble", state === "trouble");
}

function showProblem(sentence: string, again: () => void): void {
  setText(byId("codes-problem-text"), sentence);
  byId("codes-again").onclick = () => {
    show(byId("codes-problem"), false);
    again();
  };
  show(byId("codes-problem"), true);
}

// ---- moments ----

function play(code: Code | null): void {
  if (!code) return;
  activate(code.id);
  wave.reveal(code.start_ms);
  sound.playSpan({ start: code.start_ms, end: code.end_ms }, false);
}

function edit(code: Code | null): void {
  if (!code || !marks() || !form.edit(code)) return;
  activate(code.id);
  wave.reveal(code.start_ms);
  sound.pause();
  sound.release();
  sound.seek(code.start_ms);
}

function remove(code: Code | null): void {
  if (!code || readOnly) return;
  const after = coding.codes[coding.codes.indexOf(code) + 1] ?? coding.codes[coding.codes.indexOf(code) - 1];
  const inList = byId("codes").contains(document.activeElement);
  coding.remove(code.id);
  announce(`Deleted: ${list.itemOf(code)?.name ?? code.skill}, ${formatPrecise(code.start_ms)}. Undo brings it back.`);
  if (inList && !(after && list.focus(after.id, "play"))) byId("codes-title").focus();
}

function moment(direction: -1 | 1): void {
  const { codes } = coding;
  const now = codes.findIndex(({ id }) => id === active);
  const here = direction > 0 ? codes.findIndex((code) => code.start_ms >= sound.at) : codes.findLastIndex((code) => code.start_ms < sound.at);
  const code = codes[now === -1 ? here : now + direction];
  if (!code) return announce(direction > 0 ? "No moment after this one." : "No moment before this one.");
  play(code);
  announce(`${list.itemOf(code)?.name ?? code.skill}, ${formatPrecise(code.start_ms)}`);
}

function travel(step: Step | null, undone: boolean): void {
  if (!step) return announce(undone ? "Nothing to undo." : "Nothing to redo.");
  const { before, after } = undone ? inverse(step) : step;
  const what = step.kind === "score" ? "a number" : before === null ? "a new moment" : after === null ? "a deleted moment" : "a change";
  announce(`${undone ? "Undone" : "Done again"}: ${what}.`);
  if (step.kind === "code" && step.after) {
    activate(step.id);
    wave.reveal(step.after.start_ms);
  }
}

/** Whether marking is what this pass is about; says so if it is not. */
function marks(): boolean {
  if (readOnly) return false;
  if (passes.current !== "listen") return true;
  announce("This pass is for listening. Go on to marking first.");
  return false;
}

function ifMarking(run: () => void): () => void {
  return () => {
    if (marks()) run();
  };
}

// ---- what hands and feet do ----

const pacer = waitWhileTyping([byId("note"), byId("nonverbal")], sound, settings);

const keymap = new Keymap(
  actionsOf(
    {
      toggle: () => {
        pacer.leave();
        sound.toggle();
      },
      hold: () => {
        pacer.leave();
        sound.play();
      },
      letGo: () => {
        pacer.leave();
        sound.pause();
      },
      skip: (ms) => sound.skip(ms),
      speed: (direction) => announce(`Speed ${sound.changeSpeed(direction)}`),
      again: () => sound.playSlowly({ start: Math.max(0, sound.at - settings.current.lastMs), end: sound.at }, 0.7),
      loop: () => {
        const span = spanOf(selection) ?? currentSpan();
        if (sound.loopingSpan) sound.release();
        else if (span) sound.playSpan(span, true);
        else announce("Mark in and out first; then the moment can go round.");
      },
      once: () => {
        const span = spanOf(selection) ?? currentSpan();
        if (span) sound.playSpan(span, false);
      },
      unheard: () => {
        const at = listening.next();
        if (at === null) return announce("All of it was heard.");
        sound.playFrom(at);
        wave.reveal(at);
      },
      markIn: ifMarking(() => edges.markIn()),
      markOut: ifMarking(() => edges.markOut()),
      markLast: ifMarking(() => edges.markLast(settings.current.lastMs)),
      lastAs: (item: Item) => {
        if (!marks() || form.isEditing || !edges.markLast(settings.current.lastMs)) return;
        form.pick(item);
        if (!settings.current.saveAtOnce) form.submit();
      },
      pick: (item) => marks() && form.pick(item),
      note: ifMarking(() => form.focusNote()),
      nonverbal: ifMarking(() => form.focusNonverbal()),
      exemplar: ifMarking(() => form.toggleExemplar()),
      nudge: (edge, direction) => marks() && edges.nudge(edge, direction),
      snap: (to) => marks() && edges.snap(to),
      undo: () => travel(coding.undo(), true),
      redo: () => travel(coding.redo(), false),
      moment,
      edit: () => edit(coding.code(active)),
      remove: () => remove(coding.code(active)),
      zoom: (factor) => wave.zoomBy(factor),
      whole: () => wave.zoomFit(),
      span: () => {
        const span = spanOf(selection) ?? currentSpan();
        if (span) wave.zoomAround(span.start, span.end);
      },
      pan: (share) => wave.panBy(share),
      lanes: () => {
        settings.change({ lanes: !settings.current.lanes });
        useSettings();
      },
      nextPass: () => passes.go(nextPass(passes.current)),
      numbers: () => {
        passes.go("score");
        scores.focus();
      },
      words: () => byId("words").querySelector<HTMLElement>("button[tabindex='0']")?.focus(),
    },
    items,
    readOnly,
  ),
  settings.current.keys,
);
new Keys(keymap, settings, {
  save: () => marks() && form.submit(),
  escape: (from) => {
    if (from.closest("input:not([type=radio], [type=checkbox]), textarea, select")) byId("wave").querySelector<HTMLElement>("[role=slider]")?.focus();
    else if (form.isEditing) form.leave();
    else {
      select(selecting.NOTHING);
      sound.release();
    }
  },
});
for (const button of document.querySelectorAll<HTMLElement>("button[data-does]")) {
  const action = keymap.actions.find(({ id }) => id === button.dataset["does"]);
  if (action) button.addEventListener("click", () => action.run());
}

function currentSpan(): selecting.Span | null {
  const code = coding.code(active);
  return code ? { start: code.start_ms, end: code.end_ms } : null;
}

function useSettings(): void {
  sound.rewindMs = settings.current.rewindMs;
  wave.setLanes(settings.current.lanes ? items.map((item) => ({ name: item.short, paint: item.index, key: item.digit })) : null);
  paintRegions();
  for (const node of document.querySelectorAll("[data-last]")) setText(node, `Last ${settings.current.lastMs / 1000} s`);
  byId<HTMLInputElement>("set-lanes").checked = settings.current.lanes;
}

const follow = byId<HTMLInputElement>("follow");
follow.addEventListener("change", () => (words.following = follow.checked));

// ---- leaving ----

bindFinish(base, form, outbox);

// A typed draft is kept by the service; only what has not reached it would be lost.
window.addEventListener("beforeunload", (event) => {
  if (!outbox.isEmpty) event.preventDefault();
});
window.addEventListener("online", () => outbox.again());
document.addEventListener("visibilitychange", () => document.hidden && keeper.leave());
window.addEventListener("pagehide", () => keeper.leave());

// ---- begin ----

async function load(): Promise<void> {
  try {
    const answer = await getJson<CodingAnswer>(`${base}/codes`);
    coding.load(answer.codes, answer.scores);
    performance.mark("desk-codes");
  } catch (error) {
    showProblem(sentenceOf(error), () => void load());
  }
}

/** Takes up what an earlier visit left. Without it (the service cannot be reached) nothing of it is overwritten. */
async function takeUp(): Promise<void> {
  const answer = getJson<{ text: string | null }>(`${base}/coding/draft`);
  answer.catch(() => undefined);
  await load();
  const left = recall((await answer).text);
  passes.go(readOnly ? "score" : passFor(left?.pass ?? null, { heard: listening.share, moments: coding.codes.length, given: scores.given, items: scores.total }));
  if (left) {
    coding.history.resume(left.steps);
    if (left.form && !readOnly) form.restore(left.form, (id) => coding.code(id));
    if (left.at > 0 && !sound.playing && sound.at === 0) sound.seek(left.at);
    wave.reveal(left.at);
  }
  ready = true;
  keeper.begin();
  showUndo();
}

setText(byId("length"), `of ${formatClock(data.recording.duration_ms)}`);
sound.setSpeed(settings.current.speed);
bindSettings(settings, useSettings);
useSettings();
show(byId("words-note"), false);
getBytes(`${base}/peaks.dat`).then(
  (bytes) => {
    edges.peaks = Peaks.parse(bytes);
    wave.setPeaks(edges.peaks);
    performance.mark("desk-wave");
  },
  () => undefined,
);
takeUp().catch(() => {
  passes.go(passFor(null, { heard: 0, moments: coding.codes.length, given: scores.given, items: scores.total }));
  showProblem("What you had not saved last time could not be fetched just now. Look at this page again in a moment.", () => window.location.reload());
});
awaitWords(base, words, () => list.render(coding.codes, active));
