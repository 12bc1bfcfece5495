// Which key does what. Every key can be changed, a foot pedal's too: pedals send keys as a keyboard does. Pure.

/** What can be bound. The texts stand in the shortcut sheet. */
export interface Action {
  readonly id: string;
  readonly group: "Playing" | "Marking" | "Edges" | "Looking" | "Passes and numbers" | "Skills";
  readonly what: string;
  readonly keys: readonly string[];
  /** Also while a text is typed, where the key is none that types something. */
  readonly run: () => void;
  /** What letting go of the key does; an action that has this is not repeated while it is held. */
  readonly release?: () => void;
}

export interface Pressed {
  readonly key: string;
  readonly code: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
  readonly altGraph: boolean;
}

/** Keys that move the focus or leave something; they stay what they are. */
const FIXED = new Set(["tab", "escape", "enter", "ctrl+enter", "arrowleft", "arrowright", "arrowup", "arrowdown", "home", "end", "?", "ctrl+c", "ctrl+v", "ctrl+x", "ctrl+w", "ctrl+t", "ctrl+r"]);
const MODIFIERS = new Set(["shift", "control", "alt", "altgraph", "meta", "capslock", "dead", "process", "unidentified"]);

/**
 * The name of what was pressed: `m`, `shift+m`, `ctrl+z`, `f13`, `{`. Shift is named where the key's own sign does not
 * tell of it: with letters, digits and named keys. Null for a modifier alone.
 */
export function chordOf(event: Pressed): string | null {
  let key = event.key.toLowerCase();
  if (MODIFIERS.has(key)) return null;
  if (key === " ") key = "space";
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1];
  // Shift and a digit types another sign on every keyboard's layout; the digit is what is meant.
  if (digit !== undefined && event.shiftKey) key = digit;
  const sign = key.length === 1 && !/[a-z0-9]/.test(key);
  // AltGr types brackets on many keyboards; it arrives as Ctrl and Alt.
  const ctrl = (event.ctrlKey || event.metaKey) && !event.altGraph;
  const alt = event.altKey && !event.altGraph;
  return `${ctrl ? "ctrl+" : ""}${alt ? "alt+" : ""}${event.shiftKey && !sign ? "shift+" : ""}${key}`;
}

/** Whether this chord types nothing, so that it may act while somebody writes: F4, a media key, Ctrl and a key. */
export function typesNothing(chord: string): boolean {
  return /(?:^|\+)f\d{1,2}$/.test(chord) || /^(?:media|audio|browser|launch|pause|scrolllock)/.test(chord) || chord.startsWith("ctrl+") || chord.startsWith("alt+");
}

export function canBeBound(chord: string): boolean {
  return !FIXED.has(chord);
}

/** How a chord is written for people: `Shift M`, `Ctrl Z`, `F13`. */
export function shown(chord: string): string {
  const names: Record<string, string> = { space: "Space", ctrl: "Ctrl", shift: "Shift", alt: "Alt", mediaplaypause: "Play/Pause", pageup: "Page Up", pagedown: "Page Down", backspace: "Backspace", delete: "Delete" };
  const parts = chord === "+" ? ["+"] : chord.split("+").map((part) => part || "+");
  return parts.map((part) => names[part] ?? part.toUpperCase()).join(" ");
}

/** What somebody changed: for an action its keys, possibly none. */
export type Changes = Readonly<Record<string, readonly string[]>>;

export class Keymap {
  private table = new Map<string, Action>();
  private changes: Record<string, readonly string[]>;

  constructor(
    readonly actions: readonly Action[],
    changes: Changes,
  ) {
    const known = new Set(actions.map(({ id }) => id));
    this.changes = Object.fromEntries(Object.entries(changes).filter(([id]) => known.has(id)));
    this.index();
  }

  get changed(): Changes {
    return this.changes;
  }

  keysOf(action: Action): readonly string[] {
    return this.changes[action.id] ?? action.keys;
  }

  find(chord: string): Action | null {
    return this.table.get(chord) ?? null;
  }

  /** Gives this key to an action, in the place of its others; whoever had the key has it no more, and is returned. */
  bind(id: string, chord: string): Action | null {
    const had = this.table.get(chord) ?? null;
    if (had && had.id !== id) this.changes[had.id] = this.keysOf(had).filter((key) => key !== chord);
    this.changes[id] = [chord];
    this.index();
    return had?.id === id ? null : had;
  }

  /** All keys as they came. */
  reset(): void {
    this.changes = {};
    this.index();
  }

  private index(): void {
    this.table = new Map(this.actions.flatMap((action) => this.keysOf(action).map((key) => [key, action] as const)));
  }
}
