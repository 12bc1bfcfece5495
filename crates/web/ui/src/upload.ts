// The practitioner's form on a phone: more people on demand, the file with progress, and patience with the network.

import { announce } from "./announce.ts";
import { ApiError, problemSentence, sentenceOf, UNREACHABLE } from "./api.ts";
import { byId, el, setText, show } from "./dom.ts";
import { formatSize, outcomeOf, progressLine, retryDelay } from "./sending.ts";

interface FieldProblem {
  readonly field: string;
  readonly text: string;
}

/** The server's refusal of the details, with the fields it concerns. */
class DetailsRefused extends Error {
  constructor(
    message: string,
    readonly fields: readonly FieldProblem[],
  ) {
    super(message);
  }
}

const form = byId<HTMLFormElement>("upload-form");
const panel = byId("sending");
const bar = byId<HTMLProgressElement>("sending-bar");
const line = byId("sending-line");
const file = byId<HTMLInputElement>("file");

/** What was already accepted, so that a second try does not make a second recording. */
let accepted: { details: string; id: string } | null = null;
let transfer: XMLHttpRequest | null = null;
let retryTimer = 0;
let quarter = 0;

// ---- people ----

const blocks = [...document.querySelectorAll<HTMLElement>("[data-person]")];
const addButton = byId("add-person");
let shown = Math.max(2, ...blocks.map((block, index) => ("filled" in block.dataset ? index + 1 : 0)));

function showPeople(): void {
  blocks.forEach((block, index) => show(block, index < shown));
  show(addButton, shown < blocks.length);
}

addButton.addEventListener("click", () => {
  shown += 1;
  showPeople();
  blocks[shown - 1]?.querySelector("select")?.focus();
});
showPeople();

// ---- problems with what was typed ----

function clearProblems(): void {
  document.querySelectorAll("[data-error-summary], .govuk-error-message").forEach((node) => node.remove());
  document.querySelectorAll(".govuk-form-group--error").forEach((node) => node.classList.remove("govuk-form-group--error"));
}

function showProblems(problems: readonly FieldProblem[]): void {
  clearProblems();
  const list = el("ul", { class: "govuk-list govuk-error-summary__list" });
  for (const { field, text } of problems) {
    const input = field === "" ? null : document.getElementById(field);
    list.append(el("li", {}, input ? el("a", { href: `#${field}` }, text) : el("span", { class: "hb-error-text" }, text)));
    const group = input?.closest(".govuk-form-group");
    group?.classList.add("govuk-form-group--error");
    const message = el("p", { class: "govuk-error-message", id: `${field}-error` }, el("span", { class: "govuk-visually-hidden" }, "Error: "), text);
    const radios = input?.closest(".govuk-radios, .govuk-checkboxes");
    if (radios) radios.before(message);
    else input?.before(message);
  }
  const summary = el(
    "div",
    { class: "govuk-error-summary", "data-error-summary": true, tabindex: "-1" },
    el("div", { role: "alert" }, el("h2", { class: "govuk-error-summary__title" }, "Before we go on"), el("div", { class: "govuk-error-summary__body" }, list)),
  );
  byId("main-content").prepend(summary);
  summary.focus();
}

// ---- sending ----

/** The details as the form without scripts sends them, but for the file. */
function detailsOf(): string {
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string") fields.append(name, value);
  }
  return fields.toString();
}

async function createRecording(details: string): Promise<string> {
  let response: Response;
  try {
    response = await fetch("/recordings", {
      method: "POST",
      credentials: "same-origin",
      headers: { Accept: "application/json", "Content-Type": "application/x-www-form-urlencoded" },
      body: details,
    });
  } catch {
    throw new ApiError(UNREACHABLE, 0);
  }
  const text = await response.text();
  if (!response.ok) {
    const fields = fieldsOf(text);
    throw new DetailsRefused(problemSentence(response.status, text), fields);
  }
  return (JSON.parse(text) as { id: string }).id;
}

function fieldsOf(text: string): FieldProblem[] {
  try {
    const problem = JSON.parse(text) as { errors?: FieldProblem[] };
    return Array.isArray(problem.errors) ? problem.errors.filter(({ field, text: words }) => typeof field === "string" && typeof words === "string") : [];
  } catch {
    return [];
  }
}

function showPanel(visible: boolean): void {
  show(form, !visible);
  show(panel, visible);
  if (visible) byId("sending-title").focus();
}

function showTrouble(sentence: string): void {
  setText(byId("sending-problem-text"), sentence);
  show(byId("sending-problem"), true);
  announce(sentence);
}

function sendFile(id: string, chosen: File, attempt: number): void {
  show(byId("sending-problem"), false);
  bar.value = 0;
  setText(line, "Starting…");
  const started = Date.now();
  const request = new XMLHttpRequest();
  transfer = request;
  request.open("PUT", `/recordings/${id}/original`);
  request.setRequestHeader("Content-Type", "application/octet-stream");
  request.setRequestHeader("X-File-Name", encodeURIComponent(chosen.name));
  request.setRequestHeader("Accept", "application/json");
  request.upload.addEventListener("progress", (event) => {
    bar.value = Math.round((event.loaded / Math.max(1, chosen.size)) * 1000);
    setText(line, progressLine(event.loaded, chosen.size, Date.now() - started));
    const now = Math.floor((event.loaded / Math.max(1, chosen.size)) * 4);
    if (now > quarter && now < 4) announce(["", "A quarter is sent.", "Half of it is sent.", "Three quarters are sent."][now] ?? "");
    quarter = Math.max(quarter, now);
  });
  const end = (status: number, body: string): void => {
    if (transfer !== request) return;
    transfer = null;
    bar.value = 0;
    setText(line, "");
    const outcome = outcomeOf(status);
    if (outcome === "arrived") {
      finish(id);
    } else if (outcome === "retry") {
      const seconds = Math.round(retryDelay(attempt + 1) / 1000);
      const again = (): void => sendFile(id, chosen, attempt + 1);
      byId("sending-again").onclick = () => {
        clearTimeout(retryTimer);
        again();
      };
      retryTimer = window.setTimeout(again, retryDelay(attempt + 1));
      const what = status === 0 ? "The connection was lost." : "The service is busy just now.";
      showTrouble(`${what} We try again by ourselves in ${seconds} seconds; you can leave this page open.`);
    } else {
      showPanel(false);
      showProblems([{ field: "file", text: problemSentence(status, body) }]);
    }
  };
  request.addEventListener("load", () => end(request.status, request.responseText));
  request.addEventListener("error", () => end(0, ""));
  request.addEventListener("timeout", () => end(0, ""));
  request.send(chosen);
}

function finish(id: string): void {
  bar.value = 1000;
  setText(line, "It is safe here. Taking you to it.");
  announce("It is safe here. Taking you to it.");
  window.removeEventListener("beforeunload", warn);
  window.location.assign(`/recordings/${id}`);
}

function warn(event: BeforeUnloadEvent): void {
  if (!panel.hidden) event.preventDefault();
}
window.addEventListener("beforeunload", warn);

// Back in reach: no need to wait out the pause.
window.addEventListener("online", () => {
  if (!byId("sending-problem").hidden) byId("sending-again").click();
});

byId("sending-cancel").addEventListener("click", () => {
  clearTimeout(retryTimer);
  const running = transfer;
  transfer = null;
  running?.abort();
  showPanel(false);
  announce("Stopped. Everything you filled in is still here.");
  byId("send").focus();
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  void start();
});

async function start(): Promise<void> {
  const chosen = file.files?.[0];
  if (!chosen) {
    showProblems([{ field: "file", text: "Choose the recording to send" }]);
    return;
  }
  if (chosen.size === 0) {
    showProblems([{ field: "file", text: "This file is empty. Is there another copy on your phone or recorder?" }]);
    return;
  }
  clearProblems();
  const details = detailsOf();
  quarter = 0;
  bar.value = 0;
  setText(byId("sending-file"), `${chosen.name}, ${formatSize(chosen.size)}`);
  setText(line, "Starting…");
  try {
    if (accepted?.details !== details) accepted = { details, id: await createRecording(details) };
  } catch (error) {
    const problems = error instanceof DetailsRefused && error.fields.length > 0 ? error.fields : [{ field: "", text: sentenceOf(error) }];
    showProblems(problems);
    return;
  }
  showPanel(true);
  sendFile(accepted.id, chosen, 0);
}
