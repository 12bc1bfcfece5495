import assert from "node:assert/strict";
import { test } from "node:test";
import { moved, spanBetween } from "../src/word-picker.ts";

const words = [
  { start: 100, end: 300 },
  { start: 300, end: 900 },
  { start: 800, end: 850 },
  { start: 1000, end: 1000 },
];

test("two words mark everything from the one to the other", () => {
  assert.deepEqual(spanBetween(words, 0, 0), { start: 100, end: 300 });
  assert.deepEqual(spanBetween(words, 0, 2), { start: 100, end: 900 });
  assert.deepEqual(spanBetween(words, 2, 1), { start: 300, end: 900 });
  assert.deepEqual(spanBetween(words, 3, 3), { start: 1000, end: 1001 });
  assert.equal(spanBetween([], 0, 0), null);
});

test("arrow keys stay among the words", () => {
  assert.equal(moved("ArrowLeft", 0, 4), 0);
  assert.equal(moved("ArrowRight", 0, 4), 1);
  assert.equal(moved("ArrowDown", 3, 4), 3);
  assert.equal(moved("Home", 2, 4), 0);
  assert.equal(moved("End", 2, 4), 3);
  assert.equal(moved("a", 2, 4), null);
});
