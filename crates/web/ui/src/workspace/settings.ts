// How one person likes to work. Kept in this browser, apart for each person; nothing of a recording is in it.

import type { Changes } from "./keymap.ts";

export interface Settings {
  /** Keys that were changed. */
  readonly keys: Changes;
  /** Whether single letters act at all. */
  readonly singleKeys: boolean;
  /** How far the sound goes back (ms) when it goes on after a pause. */
  readonly rewindMs: number;
  /** How long "the last seconds" are (ms). */
  readonly lastMs: number;
  /** Whether picking a skill saves the moment that is marked. */
  readonly saveAtOnce: boolean;
  /** Whether marked edges go to the nearest word or pause by themselves. */
  readonly snap: boolean;
  /** Whether each skill has a lane of its own. */
  readonly lanes: boolean;
  /** Whether the sound waits while something is typed. */
  readonly waitWhileTyping: boolean;
  readonly speed: number;
}

export const USUAL: Settings = { keys: {}, singleKeys: true, rewindMs: 1000, lastMs: 5000, saveAtOnce: false, snap: false, lanes: true, waitWhileTyping: true, speed: 1 };

export const REWINDS = [0, 500, 1000, 2000, 3000, 5000] as const;
export const LASTS = [3000, 5000, 8000, 10_000, 15_000, 20_000, 30_000] as const;

/** What can be made of a stored text: whatever is missing or makes no sense is as usual. */
export function read(text: string | null): Settings {
  let stored: Partial<Record<keyof Settings, unknown>> = {};
  try {
    const parsed: unknown = JSON.parse(text ?? "{}");
    if (typeof parsed === "object" && parsed !== null) stored = parsed;
  } catch {
    // Not ours, or half written.
  }
  const flag = (name: "singleKeys" | "saveAtOnce" | "snap" | "lanes" | "waitWhileTyping"): boolean => (typeof stored[name] === "boolean" ? stored[name] : USUAL[name]);
  const one = (name: "rewindMs" | "lastMs", of: readonly number[]): number => (of.includes(stored[name] as number) ? (stored[name] as number) : USUAL[name]);
  const speed = typeof stored.speed === "number" && stored.speed >= 0.4 && stored.speed <= 3 ? stored.speed : USUAL.speed;
  return {
    keys: keysOf(stored.keys),
    singleKeys: flag("singleKeys"),
    rewindMs: one("rewindMs", REWINDS),
    lastMs: one("lastMs", LASTS),
    saveAtOnce: flag("saveAtOnce"),
    snap: flag("snap"),
    lanes: flag("lanes"),
    waitWhileTyping: flag("waitWhileTyping"),
    speed,
  };
}

function keysOf(stored: unknown): Changes {
  if (typeof stored !== "object" || stored === null) return {};
  const chords = (value: unknown): value is string[] => Array.isArray(value) && value.every((key) => typeof key === "string");
  return Object.fromEntries(Object.entries(stored).filter((entry): entry is [string, string[]] => chords(entry[1])));
}

/** The settings of one person in this browser; a browser that keeps nothing still works with them. */
export class SettingsStore {
  private readonly name: string;
  private now: Settings;

  constructor(person: string) {
    this.name = `hearback.desk.${person}`;
    this.now = read(this.stored());
  }

  get current(): Settings {
    return this.now;
  }

  change(part: Partial<Settings>): void {
    this.now = { ...this.now, ...part };
    try {
      localStorage.setItem(this.name, JSON.stringify(this.now));
    } catch {
      // Private browsing, or full: they hold until the page is left.
    }
  }

  private stored(): string | null {
    try {
      return localStorage.getItem(this.name);
    } catch {
      return null;
    }
  }
}
