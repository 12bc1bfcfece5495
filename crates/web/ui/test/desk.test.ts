import assert from "node:assert/strict";
import { test } from "node:test";
import { inWindow, layOut, pack } from "../src/lanes.ts";
import { Peaks } from "../src/peaks.ts";
import { byPoint } from "../src/workspace/guide.ts";
import { Heard, STRETCH } from "../src/workspace/heard.ts";
import { Keeper, recall, type Memory } from "../src/workspace/memory.ts";
import { passFor, states } from "../src/workspace/passes.ts";
import { pausesBetween, REACH, toPauses, toWords } from "../src/workspace/snap.ts";

test("each skill has its lane; overlapping moments share it in rows that do not overlap", () => {
  const blocks = [
    { id: "a", start: 0, end: 100, lane: 0 },
    { id: "b", start: 50, end: 150, lane: 0 },
    { id: "c", start: 0, end: 100, lane: 2 },
  ];
  const { bands, places, height } = layOut(blocks, 3);
  assert.equal(bands.length, 3);
  assert.equal(height, bands.reduce((sum, band) => sum + band.height, 0));
  const [a, b, c] = places;
  assert.ok(a && b && c && a.top + a.height <= b.top, "the two that overlap lie one above the other");
  assert.equal(c.top, bands[2]?.top);
  for (const [index, { lane }] of blocks.entries()) {
    const [place, band] = [places[index], bands[lane]];
    assert.ok(place && band && place.top >= band.top && place.top + place.height <= band.top + band.height + 1e-9);
  }
  const many = Array.from({ length: 40 }, (_, n) => ({ id: String(n), start: 0, end: 10, lane: 0 }));
  assert.ok(layOut(many, 1).height <= 28, "one lane never takes the screen");
  assert.equal(pack(many).bands.length, 1);
});

test("what lies in the window is found, also what began long before it", () => {
  const blocks = Array.from({ length: 600 }, (_, n) => ({ id: String(n), start: n * 10, end: n * 10 + (n === 3 ? 9000 : 15), lane: n % 7 }));
  const layout = layOut(blocks, 7);
  const found = [...inWindow(layout, blocks, 4000, 4100)].map((index) => blocks[index]?.id).sort();
  const all = blocks.filter(({ start, end }) => start <= 4100 && end >= 4000).map(({ id }) => id).sort();
  assert.deepEqual(found, all);
  assert.ok(found.includes("3"));
});

test("listening is counted once for each time that a stretch is heard; jumps are not listening", () => {
  const heard = new Heard();
  const listen = (from: number, to: number): void => {
    for (let at = from; at <= to; at += 250) heard.tick(at, true);
    heard.tick(to, false);
  };
  listen(0, 10_000);
  listen(0, 5000);
  heard.tick(20_000, true); // jumped there
  heard.tick(20_000, false);
  assert.equal(heard.times(0, 60_000), 2);
  assert.equal(heard.times(1, 60_000), 1);
  assert.equal(heard.times(4, 60_000), 0);
  assert.equal(heard.share(0, 60_000), 10_000 / 60_000);
  assert.equal(heard.totalMs, 15_000);
  assert.equal(heard.nextUnheard(0, 0, 60_000), 2 * STRETCH);
  assert.equal(heard.nextUnheard(50_000, 0, 60_000), 50_000);
  const report = heard.report();
  assert.deepEqual(report, [{ stretch: 0, ms: 10_000 }, { stretch: 1, ms: 5000 }]);
  assert.deepEqual(heard.report(), [], "told once");
  heard.failed(report);
  assert.deepEqual(heard.report(), report, "told again when it did not arrive");
});

test("all of a part that ends within a stretch can be heard", () => {
  const heard = new Heard();
  for (let at = 3000; at <= 12_000; at += 100) heard.tick(at, true);
  assert.equal(heard.share(3000, 12_000), 1);
  assert.equal(heard.times(2, 12_000), 1, "the last stretch is as long as the recording is");
});

/** Peaks of ten milliseconds each: loud in these spans, faint noise elsewhere. */
function peaksOf(duration: number, loud: readonly (readonly [number, number])[]): Peaks {
  const pairs = duration / 10;
  const view = new DataView(new ArrayBuffer(20 + pairs * 2));
  view.setInt32(0, 1, true);
  view.setUint32(4, 1, true);
  view.setInt32(8, 16_000, true);
  view.setInt32(12, 160, true);
  view.setUint32(16, pairs, true);
  for (let pair = 0; pair < pairs; pair += 1) {
    const level = loud.some(([from, to]) => pair * 10 >= from && pair * 10 < to) ? 60 : 1;
    view.setInt8(20 + pair * 2, -level);
    view.setInt8(21 + pair * 2, level);
  }
  return Peaks.parse(view.buffer);
}

test("pauses are where nobody speaks; gaps within speech are none", () => {
  const peaks = peaksOf(20_000, [[2000, 4000], [4100, 6000], [7000, 9000]]);
  assert.deepEqual(pausesBetween(peaks, 3000, 8000), [{ start: 6000, end: 7000 }]);
});

test("edges go to where speech begins and ends, and stay where nothing is near", () => {
  const pauses = pausesBetween(peaksOf(20_000, [[2000, 6000], [7000, 9000]]), 0, 20_000);
  assert.deepEqual(toPauses({ start: 2300, end: 5500 }, pauses), { start: 1940, end: 6060 });
  assert.deepEqual(toPauses({ start: 4000, end: 4300 }, pauses), { start: 4000, end: 4300 });
  const words = [{ start: 1000, end: 1400 }, { start: 1500, end: 1900 }, { start: 2000, end: 2600 }];
  assert.deepEqual(toWords({ start: 1070, end: 2450 }, words), { start: 1000, end: 2600 });
  assert.deepEqual(toWords({ start: null, end: 1880 }, words), { start: null, end: 1900 });
  assert.deepEqual(toWords({ start: 9000, end: 9000 + REACH }, words), { start: 9000, end: 9000 + REACH });
});

test("a coding goes on in the pass in which it was left, or where its work stands", () => {
  const progress = { heard: 0, moments: 0, given: 0, items: 7 };
  assert.equal(passFor(null, progress), "listen");
  assert.equal(passFor(null, { ...progress, moments: 3 }), "mark");
  assert.equal(passFor(null, { ...progress, moments: 3, given: 1 }), "score");
  assert.equal(passFor("mark", { ...progress, given: 7 }), "mark");
  assert.equal(states({ ...progress, heard: 0.994 }).listen, "99 % heard");
  assert.equal(states({ ...progress, heard: 1 }).listen, "all of it heard");
});

test("what was typed is kept after a pause, while typing goes on every few seconds, and once", async () => {
  const sent: string[] = [];
  let now = 0;
  let at = 0;
  let planned: { at: number; run: () => void } | null = null;
  const memory = (): Memory => ({ v: 1, pass: "mark", at, form: null, steps: [] });
  const keeper = new Keeper(
    {
      now: memory,
      send: async (text) => void sent.push(text),
      wait: (ms, run) => (planned = { at: now + ms, run }),
      cancel: () => (planned = null),
    },
    () => now,
  );
  keeper.begin();
  for (; now < 6000; now += 100) {
    at += 1;
    if (planned && (planned as { at: number }).at <= now) {
      (planned as { run: () => void }).run();
      planned = null;
      await Promise.resolve();
    }
    keeper.touch();
  }
  assert.equal(sent.length, 2, "typing without a pause");
  (planned as unknown as { run: () => void }).run();
  await Promise.resolve();
  keeper.leave();
  assert.equal(sent.length, 3, "nothing has changed since");
  assert.deepEqual(recall(sent[2] ?? null), memory());
  for (const text of [null, "", "{", '{"v":2}', '{"v":1}']) assert.equal(recall(text), null);
});

test("indicators stand by their point", () => {
  assert.deepEqual(byPoint([{ point: 5, text: "curious" }, { point: 1, text: "directive" }, { point: 1, text: "finds facts" }]), [[1, ["directive", "finds facts"]], [5, ["curious"]]]);
});
