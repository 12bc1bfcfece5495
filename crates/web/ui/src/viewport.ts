// Which part of the recording a waveform shows, and where lanes put their blocks. Pure.

/** Start and length of the visible part, in milliseconds (may be fractional). */
export interface View {
  readonly start: number;
  readonly length: number;
}

/** Closest zoom: half a second across the whole width. */
const CLOSEST = 500;

export function fit(duration: number): View {
  return { start: 0, length: Math.max(1, duration) };
}

function clamp(start: number, length: number, duration: number): View {
  const fitting = Math.min(Math.max(length, Math.min(CLOSEST, duration)), Math.max(1, duration));
  return { start: Math.min(Math.max(0, start), Math.max(0, duration - fitting)), length: fitting };
}

/** Zooms so that `anchor` (ms) stays where it is on the screen. A factor above 1 shows more detail. */
export function zoom(view: View, factor: number, anchor: number, duration: number): View {
  const length = clamp(0, view.length / factor, duration).length;
  const share = view.length > 0 ? (anchor - view.start) / view.length : 0.5;
  return clamp(anchor - share * length, length, duration);
}

export function pan(view: View, by: number, duration: number): View {
  return clamp(view.start + by, view.length, duration);
}

/** Shows `start`..`end` with a quarter of its length around it. */
export function around(start: number, end: number, duration: number): View {
  const length = (end - start) * 1.5;
  return clamp(start - (end - start) / 4, length, duration);
}

/** Turns the page when the playhead leaves the visible part or comes near its right edge. */
export function follow(view: View, at: number, duration: number): View {
  const share = (at - view.start) / view.length;
  return share < 0 || share > 0.94 ? clamp(at - view.length * 0.08, view.length, duration) : view;
}

/** Brings `at` into view, in the middle when it was outside. */
export function reveal(view: View, at: number, duration: number): View {
  return at >= view.start && at <= view.start + view.length ? view : clamp(at - view.length / 2, view.length, duration);
}

/** The row of each block such that no two blocks in a row overlap; as few rows as possible. */
export function rows(blocks: readonly { readonly start: number; readonly end: number }[]): number[] {
  const order = blocks.map((_, index) => index);
  order.sort((a, b) => (blocks[a]?.start ?? 0) - (blocks[b]?.start ?? 0) || a - b);
  const ends: number[] = [];
  const result = new Array<number>(blocks.length).fill(0);
  for (const index of order) {
    const block = blocks[index];
    if (!block) continue;
    let row = ends.findIndex((end) => end <= block.start);
    if (row === -1) row = ends.length;
    ends[row] = block.end;
    result[index] = row;
  }
  return result;
}

/** A ruler step (ms) that leaves at least `least` milliseconds between marks. */
export function rulerStep(least: number): number {
  const steps = [100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000];
  return steps.find((step) => step >= least) ?? 3_600_000;
}
