// A sheet: what is typed is kept by itself. Without this script the button does it.

import { ApiError, send, sentenceOf, submit } from "./api.ts";
import { byId, setText, show } from "./dom.ts";
import { Keeper, type State } from "./sheets/keeper.ts";

const form = byId<HTMLFormElement>("sheet");
const revision = byId<HTMLInputElement>("revision");
const state = byId("state");
const problem = byId("sheet-problem");
const boxes = [...form.querySelectorAll<HTMLTextAreaElement>("textarea")];
/** Something stands on the page that the person decides first; then they press the button. */
const deciding = document.getElementById("meanwhile") ?? document.querySelector<HTMLElement>("[data-error-summary]");

const clock = (at: Date) => at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });

function tell(now: State): void {
  revision.value = String(keeper?.revision ?? revision.value);
  if (now.kind === "typing" || now.kind === "keeping") setText(state, "Saving…");
  else if (now.kind === "kept") setText(state, now.at ? `Saved at ${clock(now.at)}.` : "Saved.");
  else if (now.kind === "meanwhile") setText(state, "");
  else setText(state, "Not saved yet.");
  const why = now.kind === "meanwhile" ? "This sheet was saved in another tab meanwhile. Press Save to see both; nothing is lost." : "why" in now ? now.why : "";
  setText(problem, why);
  show(problem, why !== "");
}

function body(): URLSearchParams {
  const all = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string") all.append(name, value);
  return all;
}

let keeper: Keeper | undefined;
keeper = new Keeper(
  {
    read: () => boxes.map((box) => box.value).join("\u0000"),
    async send(from, last) {
      revision.value = String(from);
      // A page that goes away may not wait for an answer.
      const saved = last ? await send<{ revision: number }>("POST", form.action, body(), { keepalive: true }) : await submit<{ revision: number }>(form);
      return saved?.revision ?? from;
    },
    why(error) {
      const api = error instanceof ApiError ? error : null;
      return { text: sentenceOf(error), again: api?.worthRetrying ?? false, meanwhile: api?.status === 409 };
    },
  },
  Number(revision.value),
  tell,
);

if (deciding) deciding.focus();
else {
  form.addEventListener("input", () => keeper?.typed());
  const leave = () => void keeper?.flush(true);
  window.addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && leave());

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void keeper?.flush().then((kept) => {
      if (kept) setText(state, `Saved at ${clock(new Date())}.`);
      // The page that comes back shows both, or says what is in the way.
      else if (keeper?.state.kind === "meanwhile" || keeper?.state.kind === "refused") form.submit();
    });
  });

  // What was typed is kept before it is shared.
  for (const other of document.querySelectorAll<HTMLFormElement>("form[data-after-saving]")) {
    other.addEventListener("submit", (event) => {
      if (keeper?.state.kind === "kept") return;
      event.preventDefault();
      const by = (event as SubmitEvent).submitter as HTMLButtonElement | null;
      void keeper?.flush().then((kept) => {
        if (!kept) return;
        // `form.submit()` leaves the button out, which says what to do.
        if (by) other.append(Object.assign(document.createElement("input"), { type: "hidden", name: by.name, value: by.value }));
        other.submit();
      });
    });
  }
}
