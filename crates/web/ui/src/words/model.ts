// What the page of words knows: the reading as the server gives it, and what follows from it. Nothing of the page itself.

export interface ReadWord {
  readonly start_ms: number;
  readonly end_ms: number;
  readonly text: string;
  /** The machine's own trust in the word, 0..1. */
  readonly p: number;
  /** A person wrote it. */
  readonly corrected?: boolean;
  /** It lies where something is hidden from those who hear extracts. */
  readonly hidden?: boolean;
}

export interface ReadSegment {
  readonly start_ms: number;
  readonly end_ms: number;
  readonly text: string;
  /** Who speaks: the letter of a voice. */
  readonly speaker: string | null;
  /** Why it may be wrong, as sentences; empty once somebody has listened. */
  readonly doubts: readonly string[];
  /** What the machine wrote, where that is something else. */
  readonly machine: string | null;
  readonly words: readonly ReadWord[];
}

export interface Voice {
  readonly id: string;
  readonly name: string;
}

export interface Past {
  readonly index: number;
  readonly when: string;
  readonly who: string;
  readonly what: string;
  readonly was: string | null;
  readonly is: string | null;
  readonly start_ms: number | null;
  /** Somebody took it back. */
  readonly undone: boolean;
}

export interface Reading {
  readonly status: string;
  readonly revision: number;
  /** Only where a machine is to read the recording again. */
  readonly again?: { readonly working: boolean; readonly percent?: number; readonly sentence: string };
  readonly voices: readonly Voice[];
  readonly segments: readonly ReadSegment[];
  readonly history: readonly Past[];
  /** For somebody whom the machine did not tell apart from the others: the next free letter. */
  readonly next_voice: string | null;
  /** What stands in the stretch that was asked about. */
  readonly there?: string | null;
}

export type Change =
  | { kind: "text"; start_ms: number; end_ms: number; was: string; text: string }
  | { kind: "speaker"; start_ms: number; end_ms: number; speaker: string }
  | { kind: "heard"; start_ms: number; end_ms: number; was: string }
  | { kind: "undo"; index: number };

/** What tells a passage from the others, however its words change. */
export const keyOf = (segment: ReadSegment): string => `${segment.start_ms}-${segment.end_ms}`;

/** All that is shown of a passage: as long as this is the same, so is what it looks like. */
export const lookOf = (segment: ReadSegment): string => JSON.stringify([segment.text, segment.speaker, segment.doubts, segment.machine, segment.words.length, segment.words.map((word) => word.hidden === true)]);

export const nameOf = (voices: readonly Voice[], id: string | null): string | null => voices.find((voice) => voice.id === id)?.name ?? null;

/** The passages with an open doubt. */
export const doubtful = (segments: readonly ReadSegment[]): ReadSegment[] => segments.filter((segment) => segment.doubts.length > 0);

/** The next passage with an open doubt after this time, or the first one of all. */
export function nextDoubt(segments: readonly ReadSegment[], after: number): ReadSegment | null {
  const open = doubtful(segments);
  return open.find((segment) => segment.start_ms > after) ?? open[0] ?? null;
}

export type Outcome =
  | { kind: "same" }
  /** Nobody touched this passage: what was typed can be sent once more. */
  | { kind: "again" }
  /** Somebody else's words stand there now. */
  | { kind: "theirs"; text: string };

/** What it means for somebody who began to type when `was` stood there, and now has `mine`, that `now` stands there. */
export function after(now: string, was: string, mine: string): Outcome {
  if (now === mine) return { kind: "same" };
  return now === was ? { kind: "again" } : { kind: "theirs", text: now };
}

/** As the server keeps it: one space between words, none around them. */
export const tidy = (text: string): string => text.trim().replace(/\s+/g, " ");
