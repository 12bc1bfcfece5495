import assert from "node:assert/strict";
import { test } from "node:test";
import { around, fit, follow, pan, reveal, rows, rulerStep, zoom } from "../src/viewport.ts";

const HOUR = 3_600_000;

test("zooming keeps the anchor where it is on the screen", () => {
  const before = fit(HOUR);
  const after = zoom(before, 4, HOUR / 2, HOUR);
  assert.equal(after.length, HOUR / 4);
  assert.equal((HOUR / 2 - after.start) / after.length, 0.5);
});

test("the view never leaves the recording nor becomes smaller than half a second", () => {
  let view = fit(HOUR);
  for (let i = 0; i < 40; i += 1) view = zoom(view, 2, 10, HOUR);
  assert.equal(view.length, 500);
  assert.ok(view.start >= 0);
  view = pan(view, HOUR * 2, HOUR);
  assert.equal(view.start + view.length, HOUR);
  for (let i = 0; i < 40; i += 1) view = zoom(view, 0.5, HOUR, HOUR);
  assert.deepEqual(view, fit(HOUR));
});

test("the view turns the page with the playhead, and only then", () => {
  const view = { start: 10_000, length: 10_000 };
  assert.equal(follow(view, 15_000, HOUR), view);
  assert.equal(follow(view, 19_800, HOUR).start, 19_000);
  assert.equal(follow(view, 5000, HOUR).start, 4200);
  assert.equal(reveal(view, 12_000, HOUR), view);
  assert.equal(reveal(view, 60_000, HOUR).start, 55_000);
  assert.deepEqual(around(60_000, 64_000, HOUR), { start: 59_000, length: 6000 });
});

test("blocks that overlap lie in different rows, as few as possible", () => {
  const blocks = [
    { start: 0, end: 10 },
    { start: 5, end: 20 },
    { start: 10, end: 15 },
    { start: 12, end: 13 },
    { start: 30, end: 40 },
  ];
  assert.deepEqual(rows(blocks), [0, 1, 0, 2, 0]);
  assert.deepEqual(rows([]), []);
});

test("ruler marks keep their distance", () => {
  assert.equal(rulerStep(1), 100);
  assert.equal(rulerStep(2001), 5000);
  assert.equal(rulerStep(HOUR), HOUR);
});
