import assert from "node:assert/strict";
import { test } from "node:test";

import { passageAfter, passageAt, passageBefore, stretchFrom } from "../src/together/passages.ts";

const passages = [
  { id: "a", start: 1000, end: 3000, marks: ["a", "x"] },
  { id: "b", start: 2000, end: 4000, marks: ["b"] },
  { id: "c", start: 9000, end: 9500, marks: ["c"] },
];
const [a, b, c] = passages as [(typeof passages)[0], (typeof passages)[0], (typeof passages)[0]];

test("a passage comes after and before another, or after and before a moment", () => {
  assert.equal(passageAfter(passages, null, 0), a);
  assert.equal(passageAfter(passages, null, 1500), b);
  assert.equal(passageAfter(passages, a, 8000), b);
  assert.equal(passageAfter(passages, c, 0), null);
  assert.equal(passageBefore(passages, null, 9000), b);
  assert.equal(passageBefore(passages, null, 1000), null);
  assert.equal(passageBefore(passages, c, 0), b);
  assert.equal(passageBefore(passages, a, 9000), null);
  assert.equal(passageAfter([], null, 0), null);
});

test("the passage that lies here is the first one", () => {
  assert.equal(passageAt(passages, 2500), a);
  assert.equal(passageAt(passages, 3000), b);
  assert.equal(passageAt(passages, 4000), null);
});

test("all marked passages go on from here, and begin anew at the end", () => {
  const union = [{ start: 1000, end: 4000 }, { start: 9000, end: 9500 }];
  assert.equal(stretchFrom(union, 0), 0);
  assert.equal(stretchFrom(union, 3990), 1);
  assert.equal(stretchFrom(union, 5000), 1);
  assert.equal(stretchFrom(union, 9500), 0);
  assert.equal(stretchFrom([], 0), null);
});
