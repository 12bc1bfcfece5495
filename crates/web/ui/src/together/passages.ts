// Which passage comes next, and which lies here. Pure; passages are in the order of the sound.

export interface Stretch {
  readonly id: string;
  readonly start: number;
  readonly end: number;
  readonly marks: readonly string[];
}

interface Ends {
  readonly start: number;
  readonly end: number;
}

/** The first passage in which `at` lies. */
export function passageAt(passages: readonly Stretch[], at: number): Stretch | null {
  return passages.find(({ start, end }) => start <= at && at < end) ?? null;
}

/** The passage after this one; without one, the first that begins at `at` or later. */
export function passageAfter(passages: readonly Stretch[], current: Stretch | null, at: number): Stretch | null {
  if (current) return passages[passages.indexOf(current) + 1] ?? null;
  return passages.find(({ start }) => start >= at) ?? null;
}

/** The passage before this one; without one, the last that begins before `at`. */
export function passageBefore(passages: readonly Stretch[], current: Stretch | null, at: number): Stretch | null {
  if (current) return passages[passages.indexOf(current) - 1] ?? null;
  return passages.findLast(({ start }) => start < at) ?? null;
}

/** With which stretch to begin at `at`: the first that is not over, or from the beginning again. */
export function stretchFrom(union: readonly Ends[], at: number): number | null {
  if (union.length === 0) return null;
  const index = union.findIndex(({ end }) => end - 50 > at);
  return index === -1 ? 0 : index;
}
