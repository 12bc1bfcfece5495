import assert from "node:assert/strict";
import { test } from "node:test";

import { position } from "../src/room/step.ts";
import { slower } from "../src/room/stretch.ts";
import { readWav } from "../src/room/wav.ts";

const RATE = 16_000;

/** A WAV file as the service cuts them, with something before the sound if that is wished. */
function wav(samples: readonly number[], before: readonly number[] = [], form = 1): ArrayBuffer {
  const bytes = new Uint8Array(44 + before.length + 2 * samples.length);
  const view = new DataView(bytes.buffer);
  const word = (at: number, text: string): void => [...text].forEach((letter, n) => (bytes[at + n] = letter.charCodeAt(0)));
  word(0, "RIFF");
  view.setUint32(4, bytes.length - 8, true);
  word(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, form, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, RATE, true);
  view.setUint32(28, 2 * RATE, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  bytes.set(before, 36);
  const at = 36 + before.length;
  word(at, "data");
  view.setUint32(at + 4, 2 * samples.length, true);
  samples.forEach((sample, n) => view.setInt16(at + 8 + 2 * n, sample, true));
  return bytes.buffer;
}

test("an extract's bytes are its samples", () => {
  const read = readWav(wav([0, 16_384, -32_768]));
  assert.equal(read?.rate, RATE);
  assert.deepEqual([...(read?.samples ?? [])], [0, 0.5, -1]);
  const list = [...new TextEncoder().encode("LIST"), 2, 0, 0, 0, 7, 7];
  assert.deepEqual([...(readWav(wav([16_384], list))?.samples ?? [])], [0.5]);
  assert.equal(readWav(wav([1], [], 3)), null);
  assert.equal(readWav(new ArrayBuffer(10)), null);
  assert.equal(readWav(wav([1]).slice(0, 40)), null);
});

/** How often a sound goes through zero upwards in a second. */
function pitch(sound: Float32Array): number {
  let crossings = 0;
  for (let n = 1; n < sound.length; n += 1) if ((sound[n - 1] ?? 0) < 0 && (sound[n] ?? 0) >= 0) crossings += 1;
  return (crossings * RATE) / sound.length;
}

test("slower is a third longer, as loud, and at the same pitch", () => {
  for (const tone of [110, 220, 317]) {
    const sound = Float32Array.from({ length: 2 * RATE }, (_, n) => 0.5 * Math.sin((2 * Math.PI * tone * n) / RATE));
    const slow = slower(sound, RATE);
    assert.equal(slow.length, Math.round(sound.length / 0.75));
    const middle = slow.slice(RATE / 2, slow.length - RATE / 2);
    assert.ok(Math.abs(pitch(middle) - tone) < 3, `${tone}: ${pitch(middle)}`);
    const most = middle.reduce((high, sample) => Math.max(high, Math.abs(sample)), 0);
    assert.ok(most > 0.45 && most < 0.55, `${tone}: ${most}`);
  }
  assert.equal(slower(new Float32Array(0), RATE).length, 0);
});

test("what is heard slower lies where it lay", () => {
  // A short tone in each second, in noise that repeats nothing.
  const sound = Float32Array.from({ length: 4 * RATE }, (_, n) => (n % RATE >= RATE / 2 && n % RATE < RATE / 2 + 320 ? Math.sin(n / 3) : 0.01 * Math.sin(n * n)));
  const slow = slower(sound, RATE);
  const clicks = [...slow.keys()].filter((n) => (slow[n] ?? 0) > 0.4).map((n) => (n / RATE) * 0.75);
  for (const second of [0.5, 1.5, 2.5, 3.5]) assert.ok(clicks.some((at) => Math.abs(at - second) < 0.045), `${second}: ${clicks.join(", ")}`);
});

test("a piece goes round, and is heard slower, for everybody at the same place", () => {
  const play = { at: 500, since: 10_000, playing: true };
  assert.equal(position({ ...play, looped: true }, 30_000, 6_000), 2_500);
  assert.equal(position({ ...play, slow: true }, 12_000, 60_000), 2_000);
  assert.equal(position({ ...play, slow: true, looped: true }, 18_000, 6_000), 500);
  assert.equal(position({ ...play, looped: true }, 30_000, 0), 0);
});
