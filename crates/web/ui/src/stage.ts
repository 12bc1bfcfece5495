// What the status means for the three steps a practitioner sees. Pure.

/** The answer of `GET /recordings/{id}/status`. */
export interface Status {
  readonly stage: "awaiting_file" | "decoding" | "transcribing" | "ready" | "refused" | "retrying" | "stuck";
  readonly progress_permille: number | null;
  readonly audio_ready: boolean;
  /** Whether there is a copy to listen to: small, and as loud as speech ought to be. */
  readonly listening_copy: boolean;
  readonly transcript: "not_wanted" | "waiting" | "running" | "done" | "failed" | "stopped";
  /** Whether a machine is at it, or will be. */
  readonly can_stop: boolean;
  /** Whether somebody stopped it. */
  readonly can_go_on: boolean;
  /** Whether the page of words can be opened. */
  readonly words_readable: boolean;
  readonly sentence: string;
  readonly duration_ms: number | null;
  readonly released: boolean;
}

/** Where the words stand; a recording that is ready while they are unfinished gets no more of them. */
export function transcriptState(status: Status): Status["transcript"] {
  const unfinished = status.transcript === "running" || status.transcript === "waiting";
  return status.stage === "ready" && unfinished ? "failed" : status.transcript;
}

export interface Step {
  readonly name: "file" | "sound" | "words";
  readonly state: "done" | "now" | "later" | "skipped" | "trouble";
  /** Null while it runs means "at work, no measure". */
  readonly permille: number | null;
  readonly words: string;
}

function step(name: Step["name"], state: Step["state"], permille: number | null = null, words?: string): Step {
  const usual = { done: "Done", now: permille === null ? "Now" : `${Math.floor(permille / 10)}%`, later: "", skipped: "Not wanted", trouble: "Not this time" };
  return { name, state, permille, words: words ?? usual[state] };
}

export function stepsOf(status: Status): readonly [Step, Step, Step] {
  const { stage, progress_permille: permille } = status;
  const waiting = stage === "awaiting_file";
  const file = step("file", waiting ? "now" : "done", null, waiting ? "Waiting for the file" : undefined);

  let sound = step("sound", "later");
  if (status.audio_ready) sound = step("sound", "done");
  else if (stage === "refused" || stage === "stuck") sound = step("sound", "trouble");
  else if (stage === "decoding") sound = step("sound", "now", permille);
  else if (stage === "retrying") sound = step("sound", "now", null, "Trying again");

  const transcript = transcriptState(status);
  let words = step("words", "later");
  if (transcript === "not_wanted") words = step("words", "skipped");
  else if (transcript === "done") words = step("words", "done");
  else if (transcript === "stopped") words = step("words", "skipped", null, "Stopped");
  else if (transcript === "failed" || stage === "refused") words = step("words", "trouble");
  else if (transcript === "running" && stage !== "retrying") words = step("words", "now", stage === "transcribing" ? permille : null);
  else if (stage === "stuck" && status.audio_ready) words = step("words", "trouble");
  else if (stage === "retrying" && status.audio_ready) words = step("words", "now", null, "Trying again");
  return [file, sound, words];
}
