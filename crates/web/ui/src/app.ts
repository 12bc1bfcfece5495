// Small courtesies on every page; each page works without them.
import { localTimes } from "./local-time.ts";

localTimes();

/** Marks the page so that styles may offer what only works with scripts. */
document.documentElement.classList.add("js");

// An error summary takes the focus, so that it is read first.
document.querySelector<HTMLElement>("[data-error-summary]")?.focus();

// A link in the error summary lands on the input itself, not just near it.
document.addEventListener("click", (event) => {
  const link = (event.target as Element | null)?.closest<HTMLAnchorElement>("[data-error-summary] a");
  const input = link ? document.getElementById(link.hash.slice(1)) : null;
  if (!input) return;
  event.preventDefault();
  input.focus();
  input.scrollIntoView({ block: "center" });
});

// A second press of a button within a second does not send the form again.
const lastSent = new WeakMap<HTMLFormElement, number>();
document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  if (form.method !== "post") return;
  const now = Date.now();
  if (now - (lastSent.get(form) ?? 0) < 1000) event.preventDefault();
  else lastSent.set(form, now);
});
