import assert from "node:assert/strict";
import { test } from "node:test";
import { dragged, markIn, markOut, NOTHING, nudge, SHORTEST, spanOf } from "../src/selection.ts";

const DURATION = 10_000;

test("in then out marks a span of whole milliseconds", () => {
  const selection = markOut(markIn(NOTHING, 1000.4, DURATION), 2500.6, DURATION);
  assert.deepEqual(selection, { start: 1000, end: 2501 });
  assert.deepEqual(spanOf(selection), { start: 1000, end: 2501 });
});

test("out can come first", () => {
  assert.deepEqual(markIn(markOut(NOTHING, 2500, DURATION), 1000, DURATION), { start: 1000, end: 2500 });
});

test("an in-point after the out-point starts a new span", () => {
  assert.deepEqual(markIn({ start: 1000, end: 2000 }, 3000, DURATION), { start: 3000, end: null });
  assert.deepEqual(markOut({ start: 3000, end: 4000 }, 2000, DURATION), { start: null, end: 2000 });
  assert.equal(spanOf({ start: 3000, end: null }), null);
});

test("edges move by steps and stop at each other and at the ends", () => {
  assert.deepEqual(nudge({ start: 1000, end: 2000 }, "start", -100, DURATION), { start: 900, end: 2000 });
  assert.deepEqual(nudge({ start: 30, end: 2000 }, "start", -100, DURATION), { start: 0, end: 2000 });
  assert.deepEqual(nudge({ start: 1950, end: 2000 }, "start", 100, DURATION), { start: 2000 - SHORTEST, end: 2000 });
  assert.deepEqual(nudge({ start: 1000, end: 9950 }, "end", 100, DURATION), { start: 1000, end: DURATION });
  assert.deepEqual(nudge({ start: 1000, end: 1100 }, "end", -100, DURATION), { start: 1000, end: 1000 + SHORTEST });
});

test("an edge that is not marked does not move", () => {
  const selection = { start: null, end: 2000 };
  assert.equal(nudge(selection, "start", 100, DURATION), selection);
});

test("a drag works in both directions and a slip marks nothing", () => {
  assert.deepEqual(dragged(2000, 1000, DURATION), { start: 1000, end: 2000 });
  assert.deepEqual(dragged(9000, 99_000, DURATION), { start: 9000, end: DURATION });
  assert.equal(dragged(1000, 1000 + SHORTEST - 1, DURATION), null);
});

test("whatever is pressed, a span is never empty, never outside", () => {
  let seed = 1;
  const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  let selection = NOTHING;
  for (let i = 0; i < 20_000; i += 1) {
    const at = random() * (DURATION + 2000) - 1000;
    const step = (random() - 0.5) * 400;
    const pick = Math.floor(random() * 4);
    if (pick === 0) selection = markIn(selection, at, DURATION);
    if (pick === 1) selection = markOut(selection, at, DURATION);
    if (pick === 2) selection = nudge(selection, "start", step, DURATION);
    if (pick === 3) selection = nudge(selection, "end", step, DURATION);
    for (const edge of [selection.start, selection.end]) assert.ok(edge === null || (Number.isInteger(edge) && edge >= 0 && edge <= DURATION));
    if (selection.start !== null && selection.end !== null) assert.ok(selection.end - selection.start >= SHORTEST, `${selection.start}–${selection.end}`);
  }
});
