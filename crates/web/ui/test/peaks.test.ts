import assert from "node:assert/strict";
import { test } from "node:test";
import { Peaks, PeaksError } from "../src/peaks.ts";

interface Shape {
  version: 1 | 2;
  bits: 8 | 16;
  channels?: number;
  rate?: number;
  perPixel?: number;
  /** low, high, low, high … of the first channel, then the second, for each pair */
  values: number[];
  length?: number;
}

/** Writes an audiowaveform file by hand, from the format's description. */
function file({ version, bits, channels = 1, rate = 16_000, perPixel = 160, values, length }: Shape): ArrayBuffer {
  const header = version === 1 ? 20 : 24;
  const bytes = new ArrayBuffer(header + (values.length * bits) / 8);
  const view = new DataView(bytes);
  view.setInt32(0, version, true);
  view.setUint32(4, bits === 8 ? 1 : 0, true);
  view.setInt32(8, rate, true);
  view.setInt32(12, perPixel, true);
  view.setUint32(16, length ?? values.length / 2 / channels, true);
  if (version === 2) view.setInt32(20, channels, true);
  values.forEach((value, index) => (bits === 8 ? view.setInt8(header + index, value) : view.setInt16(header + index * 2, value, true)));
  return bytes;
}

test("version 1, 8 bit: the service's own peaks", () => {
  const peaks = Peaks.parse(file({ version: 1, bits: 8, values: [-64, 32, -128, 127] }));
  assert.equal(peaks.pairs, 2);
  assert.equal(peaks.msPerPair, 10);
  assert.equal(peaks.durationMs, 20);
  assert.deepEqual(peaks.between(0, 10), { low: -0.5, high: 0.25 });
  assert.deepEqual(peaks.between(0, 20), { low: -1, high: 127 / 128 });
  assert.equal(peaks.loudest, 1);
});

test("version 2, 16 bit, two channels: the lowest low and the highest high", () => {
  const peaks = Peaks.parse(file({ version: 2, bits: 16, channels: 2, values: [-100, 50, -16_384, 8192] }));
  assert.equal(peaks.pairs, 1);
  assert.deepEqual(peaks.between(0, 10), { low: -0.5, high: 0.25 });
});

test("outside the sound there is nothing", () => {
  const peaks = Peaks.parse(file({ version: 1, bits: 8, values: [-1, 1] }));
  assert.equal(peaks.between(10, 20), null);
  assert.equal(peaks.between(-20, -10), null);
});

test("a file that was cut short shows what it has", () => {
  const peaks = Peaks.parse(file({ version: 1, bits: 8, values: [-1, 1, -2, 2], length: 500 }));
  assert.equal(peaks.pairs, 2);
});

test("what is no peaks file is refused", () => {
  assert.throws(() => Peaks.parse(new ArrayBuffer(3)), PeaksError);
  assert.throws(() => Peaks.parse(new TextEncoder().encode("<!DOCTYPE html><html>....").buffer as ArrayBuffer), PeaksError);
  assert.throws(() => Peaks.parse(file({ version: 1, bits: 8, rate: 0, values: [0, 0] })), PeaksError);
});

test("far out or close in, the pyramid never hides a peak nor invents one outside its neighbourhood", () => {
  const pairs = 100_000;
  const values = new Array<number>(pairs * 2).fill(0);
  const loud = 54_321;
  values[loud * 2] = -90;
  values[loud * 2 + 1] = 100;
  const peaks = Peaks.parse(file({ version: 1, bits: 8, values }));
  assert.deepEqual(peaks.between(0, pairs * 10), { low: -90 / 128, high: 100 / 128 });
  for (const width of [1, 7, 40, 333, 5000, 60_000]) {
    const from = Math.max(0, loud - Math.floor(width / 2)) * 10;
    assert.equal(peaks.between(from, from + width * 10)?.high, 100 / 128, `width ${width}`);
  }
  assert.equal(peaks.between(0, (loud - 20_000) * 10)?.high, 0);
  assert.equal(peaks.between((loud + 1) * 10, (loud + 2) * 10)?.high, 0);
});
