import assert from "node:assert/strict";
import { test } from "node:test";
import { formatClock, formatPrecise, parseTime, speakTime } from "../src/time.ts";

test("times are written as people read them", () => {
  assert.equal(formatPrecise(0), "0:00.000");
  assert.equal(formatPrecise(83_450), "1:23.450");
  assert.equal(formatPrecise(3_723_004), "1:02:03.004");
  assert.equal(formatPrecise(59_999.6), "1:00.000");
  assert.equal(formatClock(59_999), "0:59");
  assert.equal(formatClock(3_600_000), "1:00:00");
  assert.equal(speakTime(3_661_000), "1 hour 1 minute 1 second");
  assert.equal(speakTime(122_000), "2 minutes 2 seconds");
});

test("times are read as people type them", () => {
  assert.equal(parseTime("1:23.450"), 83_450);
  assert.equal(parseTime(" 1:23,4 "), 83_400);
  assert.equal(parseTime("83.45"), 83_450);
  assert.equal(parseTime("0:05"), 5000);
  assert.equal(parseTime("1:02:03.004"), 3_723_004);
  assert.equal(parseTime("75:00"), 4_500_000);
  assert.equal(parseTime("1:23.4509"), 83_450);
});

test("what is no time is refused", () => {
  for (const text of ["", "x", "1:2", "1:60", "1:75:00", "-1", "1:23:", ":30", "1.5:00", "12 s"]) {
    assert.equal(parseTime(text), null, text);
  }
});

test("every millisecond survives being written and read again", () => {
  for (let ms = 0; ms < 36_000_000; ms += 7_919) assert.equal(parseTime(formatPrecise(ms)), ms);
});
