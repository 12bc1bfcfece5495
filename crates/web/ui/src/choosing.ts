// The pages of a session and of its thread: one sound at a time, and a list that is true while it is open.

import { announce } from "./announce.ts";
import { ApiError, getJson } from "./api.ts";
import { byId, setText, show } from "./dom.ts";

interface Listed {
  readonly pieces: readonly { readonly id: string; readonly said: string }[];
  readonly total: string;
  readonly state: string;
}

/** `list` is null while it is the one that `sign` was told with. */
interface Look {
  readonly sign: string;
  readonly list: Listed | null;
}

const EVERY = 1000;
/** What closes by time alone changes no sign: at every so many looks the page asks for all of it. */
const WHOLE_EVERY = 30;
/** Whoever is away is not kept signed in by a page that asks. */
const AWAY_AFTER = 10 * 60_000;

// ---- one at a time ----

const sounds = (): HTMLAudioElement[] => [...document.querySelectorAll("audio")];

// `play` and `error` do not bubble.
document.addEventListener("play", (event) => {
  for (const other of sounds()) if (other !== event.target) other.pause();
  show(byId("sound-problem"), false);
}, true);
document.addEventListener("error", (event) => {
  if (!(event.target instanceof HTMLAudioElement)) return;
  setText(byId("sound-problem"), "This extract cannot be played just now. It may have been taken out, or the connection is gone. Look at this page again in a moment.");
  show(byId("sound-problem"), true);
}, true);

for (const button of document.querySelectorAll<HTMLElement>("[data-from]")) {
  button.addEventListener("click", () => {
    const sound = button.closest(".hb-thread__hearing")?.querySelector("audio");
    if (!sound) return;
    sound.currentTime = Number(button.dataset["from"]);
    void sound.play().catch(() => undefined); // what cannot be played says so itself
  });
}

// ---- a list that is true ----

const session = document.getElementById("session")?.dataset["session"];
if (session) watch(session);

function watch(id: string): void {
  const first = JSON.parse(document.getElementById("page-data")?.textContent ?? "null") as Look;
  let shown = first.list ?? { pieces: [], total: "", state: "" };
  let sign = first.sign;
  let looks = 0;
  let used = Date.now();
  for (const name of ["pointerdown", "keydown", "focusin", "play"]) document.addEventListener(name, () => (used = Date.now()), true);

  async function look(): Promise<void> {
    if (!document.hidden && Date.now() - used < AWAY_AFTER) {
      looks += 1;
      const seen = looks % WHOLE_EVERY === 0 ? "" : `?seen=${sign}`;
      try {
        const now = await getJson<Look>(`/sessions/${id}/clips${seen}`);
        sign = now.sign;
        if (now.list) {
          update(now.list);
          shown = now.list;
        }
      } catch (error) {
        // Whoever may not look any more is told so by the page itself, and does not ask on.
        if (error instanceof ApiError && [401, 403, 404].includes(error.status)) {
          window.location.reload();
          return;
        }
        // A lost connection is nothing to report while nothing was asked for.
      }
    }
    window.setTimeout(() => void look(), EVERY);
  }

  function update(now: Listed): void {
    if (JSON.stringify(now) === JSON.stringify(shown)) return;
    const there = new Set(now.pieces.map((piece) => piece.id));
    const gone = [...document.querySelectorAll<HTMLElement>("[data-piece]")].filter((item) => !there.has(item.dataset["piece"] ?? ""));
    for (const item of gone) takeOut(item);
    setText(byId("total"), now.total);
    show(byId("total-line"), now.pieces.length > 0);
    show(byId("none"), now.pieces.length === 0);
    setText(byId("state"), now.state);
    const left = shown.pieces.filter((piece) => there.has(piece.id));
    if (gone.length > 0) announce("An extract was taken out of the list.");
    // What came, moved or is called something else waits until somebody wants to see it: nothing jumps while they read.
    if (JSON.stringify(left) !== JSON.stringify(now.pieces) || now.state !== shown.state) {
      show(byId("changed"), true);
      announce("The list has changed meanwhile.");
    }
  }

  function takeOut(item: HTMLElement): void {
    const sound = item.querySelector("audio");
    if (sound) {
      sound.pause();
      sound.removeAttribute("src");
      sound.load();
    }
    const focused = item.contains(document.activeElement);
    item.remove();
    if (focused) byId("pieces").focus();
  }

  void look();
}
