// Closing the coding: asked for with a tick, and only when everything has reached the service.

import { send, sentenceOf } from "../api.ts";
import { byId, setText, show } from "../dom.ts";
import type { CodeForm } from "./code-form.ts";
import type { Outbox } from "./outbox.ts";

export function bindFinish(base: string, form: CodeForm, outbox: Outbox): void {
  const refuse = (sentence: string): void => {
    setText(byId("finish-problem"), sentence);
    show(byId("finish-problem"), sentence !== "");
  };
  const finish = async (): Promise<void> => {
    if (!byId<HTMLInputElement>("finish-sure").checked) return refuse("Tick the box first, so that this does not happen by a slip.");
    if (form.dirty) return refuse("There is a moment in the form above that is not saved yet. Save it or clear it first.");
    if (outbox.state === "trouble") return refuse("Something has not reached the service yet. It is tried again by itself; wait a moment.");
    try {
      await outbox.empty();
      await send("POST", `${base}/coding/finish`);
      window.location.reload();
    } catch (error) {
      refuse(sentenceOf(error));
    }
  };
  byId("finish-form").addEventListener("submit", (event) => {
    event.preventDefault();
    void finish();
  });
}
