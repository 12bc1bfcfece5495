// The sound waits while a note is typed, if the coder likes it so. How far it goes back then is the setting for every pause.

import type { Sound } from "../sound.ts";
import { GOES_ON, Pacer } from "../words/pacer.ts";
import type { SettingsStore } from "./settings.ts";

/** Watches these fields; what it gives back is for whoever starts or stops the sound by hand. */
export function waitWhileTyping(fields: readonly HTMLElement[], sound: Sound, settings: SettingsStore): Pacer {
  const pacer = new Pacer(sound, GOES_ON, 0);
  for (const field of fields) {
    field.addEventListener("input", () => {
      if (settings.current.waitWhileTyping) pacer.typed();
    });
  }
  return pacer;
}
