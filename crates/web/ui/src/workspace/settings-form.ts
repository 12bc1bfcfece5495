// The settings that stand on the shortcut sheet.

import { byId, el } from "../dom.ts";
import { LASTS, REWINDS, type Settings, type SettingsStore } from "./settings.ts";

function seconds(ms: number): string {
  return ms === 1000 ? "1 second" : `${ms / 1000} seconds`;
}

export function bindSettings(store: SettingsStore, onChange: () => void): void {
  const choose = (id: string, name: "rewindMs" | "lastMs", values: readonly number[], none: string): void => {
    const select = byId<HTMLSelectElement>(id);
    select.replaceChildren(...values.map((ms) => el("option", { value: ms }, ms === 0 ? none : seconds(ms))));
    select.value = String(store.current[name]);
    select.addEventListener("change", () => {
      store.change({ [name]: Number(select.value) } as Partial<Settings>);
      onChange();
    });
  };
  const tick = (id: string, name: "saveAtOnce" | "snap" | "lanes" | "waitWhileTyping"): void => {
    const box = byId<HTMLInputElement>(id);
    box.checked = store.current[name];
    box.addEventListener("change", () => {
      store.change({ [name]: box.checked });
      onChange();
    });
  };
  choose("set-rewind", "rewindMs", REWINDS, "not at all");
  choose("set-last", "lastMs", LASTS, "");
  tick("set-at-once", "saveAtOnce");
  tick("set-snap", "snap");
  tick("set-lanes", "lanes");
  tick("set-wait", "waitWhileTyping");
}
