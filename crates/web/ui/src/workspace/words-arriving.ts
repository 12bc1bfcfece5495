// The words beside the sound, as a machine writes them: looked for until they are all there.

import { getJson } from "../api.ts";
import { byId, show } from "../dom.ts";
import { transcriptState, type Status } from "../stage.ts";
import { showTranscriptSentence, type Transcript, type TranscriptAnswer } from "../transcript.ts";

/** `onWords`: there are more words than before. */
export function awaitWords(base: string, words: Transcript, onWords: () => void): void {
  let seen = "";
  const look = async (): Promise<void> => {
    let again: number | null = 2000;
    try {
      const status = await getJson<Status>(`${base}/status`);
      const mark = `${status.transcript}/${status.progress_permille ?? ""}`;
      if ((status.transcript === "running" || status.transcript === "done") && mark !== seen) {
        words.update((await getJson<TranscriptAnswer>(`${base}/transcript`)).segments);
        seen = mark;
        onWords();
      }
      const state = transcriptState(status);
      showTranscriptSentence(byId("words-state"), state, !words.isEmpty);
      show(byId("words-note"), !words.isEmpty);
      if (state !== "running" && state !== "waiting") again = null;
    } catch {
      again = 8000; // the desk works by ear alone meanwhile
    }
    if (again !== null) window.setTimeout(() => void look(), again);
  };
  void look();
}
