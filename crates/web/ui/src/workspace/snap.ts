// Edges go where speech begins and ends: to the words' own times, or to the pauses that the sound shows. Pure.

import type { Peaks } from "../peaks.ts";
import { SHORTEST, type Selection, type Span } from "../selection.ts";

/** How far (ms) an edge is moved at most: further away is another place. */
export const REACH = 1500;

/** A pause is at least this long (ms); shorter is within speech. */
const PAUSE = 250;
/** Quiet is measured in steps of this length (ms). */
const STEP = 20;
/** Room that is left before speech begins and after it ends (ms), so that nothing is cut into. */
const ROOM = 60;

function nearest(at: number, places: readonly number[]): number | null {
  let best: number | null = null;
  for (const place of places) if (Math.abs(place - at) <= REACH && (best === null || Math.abs(place - at) < Math.abs(best - at))) best = place;
  return best;
}

function snapped(selection: Selection, starts: readonly number[], ends: readonly number[]): Selection {
  const start = selection.start === null ? null : (nearest(selection.start, starts) ?? selection.start);
  const end = selection.end === null ? null : (nearest(selection.end, ends) ?? selection.end);
  if (start !== null && end !== null && end - start < SHORTEST) return selection;
  return { start, end };
}

/** The beginning goes to the nearest word's beginning, the end to the nearest word's end. */
export function toWords(selection: Selection, words: readonly Span[]): Selection {
  return snapped(selection, words.map(({ start }) => Math.round(start)), words.map(({ end }) => Math.round(end)));
}

/** The beginning goes to where speech begins after a pause, the end to where the next pause begins. */
export function toPauses(selection: Selection, pauses: readonly Span[]): Selection {
  return snapped(
    selection,
    pauses.map(({ start, end }) => Math.max(Math.round((start + end) / 2), end - ROOM)),
    pauses.map(({ start, end }) => Math.min(Math.round((start + end) / 2), start + ROOM)),
  );
}

/**
 * The pauses between two moments: stretches in which the sound stays near the room's own noise. That noise is the tenth
 * percentile of the loudness in the minute around; a pause is below three times that, or below a fiftieth of the
 * loudest.
 */
export function pausesBetween(peaks: Peaks, from: number, to: number): Span[] {
  const loud = (start: number): number => {
    const peak = peaks.between(start, start + STEP);
    return peak ? Math.max(peak.high, -peak.low) : 0;
  };
  const begin = Math.max(0, Math.floor((from - 30_000) / STEP) * STEP);
  const end = Math.min(peaks.durationMs, to + 30_000);
  const levels: number[] = [];
  for (let at = begin; at < end; at += STEP) levels.push(loud(at));
  const sorted = [...levels].sort((a, b) => a - b);
  const limit = Math.max(3 * (sorted[Math.floor(sorted.length / 10)] ?? 0), (sorted.at(-1) ?? 0) / 50);
  const pauses: Span[] = [];
  let since: number | null = null;
  for (let index = 0; index <= levels.length; index += 1) {
    const at = begin + index * STEP;
    const quiet = index < levels.length && (levels[index] ?? 0) <= limit;
    if (quiet) {
      since ??= at;
    } else if (since !== null) {
      if (at - since >= PAUSE && at >= from && since <= to) pauses.push({ start: since, end: at });
      since = null;
    }
  }
  return pauses;
}
