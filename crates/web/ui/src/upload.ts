// The practitioner's form on a phone: more people on demand, the details first, then the file (transfer.ts).

import { announce } from "./announce.ts";
import { ApiError, problemSentence, sentenceOf, UNREACHABLE } from "./api.ts";
import { byId, setText, show } from "./dom.ts";
import { clearProblems, showProblems, type FieldProblem } from "./problems.ts";
import { chosenFile, Transfer } from "./transfer.ts";

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

/** What was already accepted, so that a second try does not make a second recording. */
let accepted: { details: string; id: string } | null = null;

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

// ---- the details ----

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

// ---- the file ----

const transfer = new Transfer(form, {
  arrived(id) {
    const sentence = "It is safe here. Taking you to it.";
    setText(byId("sending-line"), sentence);
    announce(sentence);
    window.location.assign(`/recordings/${id}`);
  },
  stopped: () => announce("Stopped. Everything you filled in is still here."),
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  void start();
});

async function start(): Promise<void> {
  const chosen = chosenFile();
  if (!chosen) return;
  clearProblems();
  const details = detailsOf();
  try {
    if (accepted?.details !== details) accepted = { details, id: await createRecording(details) };
  } catch (error) {
    const problems = error instanceof DetailsRefused && error.fields.length > 0 ? error.fields : [{ field: "", text: sentenceOf(error) }];
    showProblems(problems);
    return;
  }
  transfer.start(accepted.id, chosen);
}
