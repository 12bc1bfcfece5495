// What a form still lacks, shown as the server's pages show it: a summary on top, and a line at each input.

import { byId, el } from "./dom.ts";

/** `field` is the id of the input, or "" when it belongs to none. */
export interface FieldProblem {
  readonly field: string;
  readonly text: string;
}

export function clearProblems(): void {
  document.querySelectorAll("[data-error-summary], .govuk-error-message").forEach((node) => node.remove());
  document.querySelectorAll(".govuk-form-group--error").forEach((node) => node.classList.remove("govuk-form-group--error"));
}

export function showProblems(problems: readonly FieldProblem[]): void {
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
