// Where the blocks of the lanes lie: one lane for each skill with rows within it where its moments overlap, or all
// packed into as few rows as possible. Pure.

import { rows } from "./viewport.ts";

export interface Block {
  readonly id: string;
  readonly start: number;
  readonly end: number;
  readonly lane: number;
}

export interface Placed {
  /** From the top of the lanes, in CSS pixels. */
  readonly top: number;
  readonly height: number;
}

export interface Layout {
  /** The lanes themselves; one for all where they are packed. */
  readonly bands: readonly Placed[];
  readonly places: readonly Placed[];
  readonly height: number;
  /** Indices of the blocks in the order of their beginnings, and for each place in it the latest end so far: what lies in a window is found by halving. */
  readonly order: readonly number[];
  readonly reach: readonly number[];
}

/** A lane's height without overlaps, and with them: more rows share it, so that the lanes never take the screen. */
const LANE_HEIGHT = 20;
const TALLEST = 28;
/** The height of a row where all lie packed. */
const PACKED = 24;

export function layOut(blocks: readonly Block[], lanes: number): Layout {
  const rowOf = new Array<number>(blocks.length).fill(0);
  const bands: Placed[] = [];
  const rowsOf: number[] = [];
  let top = 0;
  for (let lane = 0; lane < lanes; lane += 1) {
    const own = blocks.flatMap((block, index) => (block.lane === lane ? [index] : []));
    const within = rows(own.map((index) => blocks[index] ?? { start: 0, end: 0 }));
    within.forEach((row, at) => (rowOf[own[at] ?? 0] = row));
    const count = within.reduce((most, row) => Math.max(most, row + 1), 1);
    const height = count === 1 ? LANE_HEIGHT : TALLEST;
    bands.push({ top, height });
    rowsOf.push(count);
    top += height;
  }
  const places = blocks.map((block, index) => {
    const band = bands[block.lane] ?? { top: 0, height: LANE_HEIGHT };
    const each = band.height / (rowsOf[block.lane] ?? 1);
    return { top: band.top + (rowOf[index] ?? 0) * each, height: each };
  });
  return { bands, places, height: top, ...byTime(blocks) };
}

/** All in as few rows as possible, whatever they are about. */
export function pack(blocks: readonly Block[]): Layout {
  const row = rows(blocks);
  const height = PACKED * row.reduce((most, one) => Math.max(most, one + 1), 1) + 4;
  return { bands: [{ top: 0, height }], places: row.map((one) => ({ top: one * PACKED + 2, height: PACKED })), height, ...byTime(blocks) };
}

function byTime(blocks: readonly Block[]): Pick<Layout, "order" | "reach"> {
  const order = blocks.map((_, index) => index).sort((a, b) => (blocks[a]?.start ?? 0) - (blocks[b]?.start ?? 0));
  const reach: number[] = [];
  for (const index of order) reach.push(Math.max(reach.at(-1) ?? 0, blocks[index]?.end ?? 0));
  return { order, reach };
}

/** The blocks that lie at least partly between two moments, in the order of their beginnings. */
export function* inWindow(layout: Layout, blocks: readonly Block[], from: number, to: number): Generator<number> {
  let low = 0;
  let high = layout.reach.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((layout.reach[middle] ?? 0) < from) low = middle + 1;
    else high = middle;
  }
  for (let place = low; place < layout.order.length; place += 1) {
    const index = layout.order[place] ?? 0;
    const block = blocks[index];
    if (!block || block.start > to) return;
    if (block.end >= from) yield index;
  }
}
