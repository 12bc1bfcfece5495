import assert from "node:assert/strict";
import { test } from "node:test";
import { aheadOfUtc, hereOf } from "../src/local-time.ts";

test("a moment is typed back as it was read", () => {
  const moment = new Date("2027-06-02T09:05:00Z");
  const { day, time } = hereOf(moment);
  const [hour, minute] = time.split(":").map(Number) as [number, number];
  const typed = Date.parse(`${day}T00:00:00Z`) + (hour * 60 + minute - aheadOfUtc(day, time)) * 60_000;
  assert.equal(typed, moment.getTime());
});

test("what is no time is not ahead of anything", () => {
  assert.equal(aheadOfUtc("", ""), 0);
  assert.equal(aheadOfUtc("2027-06-02", ""), 0);
});
