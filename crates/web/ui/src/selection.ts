// The marked span: an in-point, an out-point, or both. Pure, so that every key press can be tested.

/** Whole milliseconds; null where nothing is marked yet. When both are set, start < end. */
export interface Selection {
  readonly start: number | null;
  readonly end: number | null;
}

export interface Span {
  readonly start: number;
  readonly end: number;
}

export const NOTHING: Selection = { start: null, end: null };

/** The shortest span that can be marked, in milliseconds: shorter is a slip of the hand. */
export const SHORTEST = 50;

export function spanOf(selection: Selection): Span | null {
  const { start, end } = selection;
  return start !== null && end !== null && end > start ? { start, end } : null;
}

function whole(at: number, duration: number): number {
  return Math.min(Math.max(0, Math.round(at)), Math.max(0, Math.floor(duration)));
}

/** Marks in here. An out-point that would lie before it is dropped, so the next O sets a new one. */
export function markIn(selection: Selection, at: number, duration: number): Selection {
  const start = whole(at, duration);
  return { start, end: selection.end !== null && selection.end - start >= SHORTEST ? selection.end : null };
}

/** Marks out here. An in-point that would lie after it is dropped. */
export function markOut(selection: Selection, at: number, duration: number): Selection {
  const end = whole(at, duration);
  return { start: selection.start !== null && end - selection.start >= SHORTEST ? selection.start : null, end };
}

/** Moves one edge by `by` milliseconds; it stops before the other edge and at the recording's ends. */
export function nudge(selection: Selection, edge: "start" | "end", by: number, duration: number): Selection {
  const { start, end } = selection;
  if (edge === "start") {
    if (start === null) return selection;
    const most = end === null ? duration : end - SHORTEST;
    return { start: Math.max(0, Math.min(whole(start + by, duration), most)), end };
  }
  if (end === null) return selection;
  const least = start === null ? 0 : start + SHORTEST;
  return { start, end: Math.min(whole(duration, duration), Math.max(whole(end + by, duration), least)) };
}

/** A span drawn with the pointer, in either direction; null when it is too short to be meant. */
export function dragged(from: number, to: number, duration: number): Selection | null {
  const start = whole(Math.min(from, to), duration);
  const end = whole(Math.max(from, to), duration);
  return end - start >= SHORTEST ? { start, end } : null;
}
