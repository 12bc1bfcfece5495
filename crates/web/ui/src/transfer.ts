// A recording's file on its way: progress, patience with the network, and a way to stop (templates/sending.html).

import { announce } from "./announce.ts";
import { problemSentence } from "./api.ts";
import { byId, setText, show } from "./dom.ts";
import { clearProblems, showProblems } from "./problems.ts";
import { formatSize, outcomeOf, progressLine, retryDelay } from "./sending.ts";

/** What the page around it does when a transfer ends. */
export interface Ends {
  arrived(id: string): void;
  /** The person stopped it; the form is there again. */
  stopped(): void;
}

/** The file that was chosen in `#file`; if there is none to send, the page says so. */
export function chosenFile(): File | null {
  const chosen = byId<HTMLInputElement>("file").files?.[0];
  if (chosen && chosen.size > 0) return chosen;
  showProblems([{ field: "file", text: chosen ? "This file is empty. Is there another copy on your phone or recorder?" : "Choose the recording to send" }]);
  return null;
}

export class Transfer {
  private readonly panel = byId("sending");
  private readonly bar = byId<HTMLProgressElement>("sending-bar");
  private readonly line = byId("sending-line");
  private readonly problem = byId("sending-problem");
  private request: XMLHttpRequest | null = null;
  private retryTimer = 0;
  private quarter = 0;
  private underWay = false;

  /** `place` is what the panel takes the place of while a file is on its way. */
  constructor(
    private readonly place: HTMLElement,
    private readonly ends: Ends,
  ) {
    window.addEventListener("beforeunload", (event) => {
      if (this.underWay) event.preventDefault();
    });
    // Back in reach: no need to wait out the pause.
    window.addEventListener("online", () => {
      if (!this.problem.hidden) byId("sending-again").click();
    });
    byId("sending-cancel").addEventListener("click", () => this.stop());
  }

  get busy(): boolean {
    return this.underWay;
  }

  /** Sends the file of a recording, again and again while that may help. */
  start(id: string, chosen: File): void {
    clearProblems();
    this.underWay = true;
    this.quarter = 0;
    setText(byId("sending-file"), `${chosen.name}, ${formatSize(chosen.size)}`);
    this.showPanel(true);
    this.attempt(id, chosen, 0);
  }

  private attempt(id: string, chosen: File, attempt: number): void {
    show(this.problem, false);
    this.bar.value = 0;
    setText(this.line, "Starting…");
    const started = Date.now();
    const request = new XMLHttpRequest();
    this.request = request;
    request.open("PUT", `/recordings/${id}/original`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => this.showProgress(event.loaded, chosen.size, Date.now() - started));
    const end = (status: number, body: string): void => {
      if (this.request !== request) return;
      this.request = null;
      this.ended(id, chosen, attempt, status, body);
    };
    request.addEventListener("load", () => end(request.status, request.responseText));
    request.addEventListener("error", () => end(0, ""));
    request.addEventListener("timeout", () => end(0, ""));
    request.send(chosen);
  }

  private showProgress(sent: number, total: number, elapsedMs: number): void {
    const part = sent / Math.max(1, total);
    this.bar.value = Math.round(part * 1000);
    setText(this.line, progressLine(sent, total, elapsedMs));
    const now = Math.floor(part * 4);
    if (now > this.quarter && now < 4) announce(["", "A quarter is sent.", "Half of it is sent.", "Three quarters are sent."][now] ?? "");
    this.quarter = Math.max(this.quarter, now);
  }

  private ended(id: string, chosen: File, attempt: number, status: number, body: string): void {
    this.bar.value = 0;
    setText(this.line, "");
    const outcome = outcomeOf(status);
    if (outcome === "arrived") {
      this.bar.value = 1000;
      this.underWay = false;
      this.ends.arrived(id);
    } else if (outcome === "retry") {
      const again = (): void => {
        clearTimeout(this.retryTimer);
        this.attempt(id, chosen, attempt + 1);
      };
      byId("sending-again").onclick = again;
      this.retryTimer = window.setTimeout(again, retryDelay(attempt + 1));
      const what = status === 0 ? "The connection was lost." : "The service is busy just now.";
      const seconds = Math.round(retryDelay(attempt + 1) / 1000);
      this.showTrouble(`${what} We try again by ourselves in ${seconds} seconds; you can leave this page open.`);
    } else {
      this.underWay = false;
      this.showPanel(false);
      showProblems([{ field: "file", text: problemSentence(status, body) }]);
    }
  }

  private stop(): void {
    clearTimeout(this.retryTimer);
    const running = this.request;
    this.request = null;
    running?.abort();
    this.underWay = false;
    this.showPanel(false);
    this.ends.stopped();
    byId("send").focus();
  }

  private showTrouble(sentence: string): void {
    setText(byId("sending-problem-text"), sentence);
    show(this.problem, true);
    announce(sentence);
  }

  private showPanel(visible: boolean): void {
    show(this.place, !visible);
    show(this.panel, visible);
    if (visible) byId("sending-title").focus();
  }
}
