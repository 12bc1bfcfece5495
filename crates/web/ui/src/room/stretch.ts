// The same sound three quarters as fast, at the pitch that it had: overlapping windows are laid further apart, each moved a
// little to where it goes on best from the one before (WSOLA: Verhelst and Roelands 1993). Pure.

import { SLOWER } from "./step.ts";

/** In milliseconds: a window, and how far it may be moved. */
const WINDOW = 40;
const REACH = 10;
/** How coarsely it is looked for at first, in samples. */
const COARSE = 4;

export function slower(sound: Float32Array, rate: number): Float32Array<ArrayBuffer> {
  const half = Math.round((rate * WINDOW) / 2000);
  const reach = Math.round((rate * REACH) / 1000);
  const out = new Float32Array(Math.round(sound.length / SLOWER));
  const rise = Float32Array.from({ length: half }, (_, n) => 0.5 - 0.5 * Math.cos((Math.PI * (n + 0.5)) / half));
  const at = (n: number): number => sound[n] ?? 0;
  let before = -half;
  for (let to = 0; to < out.length; to += half) {
    const wanted = Math.round(to * SLOWER);
    // What follows the window before, as it was recorded.
    const next = before + half;
    const from = to === 0 ? 0 : best(sound, wanted, next, reach, half);
    const end = Math.min(half, out.length - to);
    for (let n = 0; n < end; n += 1) {
      const up = to === 0 ? 1 : rise[n] ?? 1;
      out[to + n] = at(from + n) * up + at(next + n) * (1 - up);
    }
    before = from;
  }
  return out;
}

/** The place near `wanted` that sounds most like what lies at `next`. */
function best(sound: Float32Array, wanted: number, next: number, reach: number, length: number): number {
  const low = Math.max(0, wanted - reach);
  const high = Math.max(low, Math.min(sound.length - length, wanted + reach));
  let place = Math.min(Math.max(wanted, low), high);
  let most = likeness(sound, place, next, length, COARSE);
  for (let from = low; from <= high; from += COARSE) {
    const like = likeness(sound, from, next, length, COARSE);
    if (like > most) [most, place] = [like, from];
  }
  const [first, last] = [Math.max(low, place - COARSE), Math.min(high, place + COARSE)];
  most = -Infinity;
  for (let from = first; from <= last; from += 1) {
    const like = likeness(sound, from, next, length, 1);
    if (like > most) [most, place] = [like, from];
  }
  return place;
}

function likeness(sound: Float32Array, one: number, other: number, length: number, step: number): number {
  let both = 0;
  let own = 1e-9;
  for (let n = 0; n < length; n += step) {
    const here = sound[one + n] ?? 0;
    both += here * (sound[other + n] ?? 0);
    own += here * here;
  }
  return both / Math.sqrt(own);
}
