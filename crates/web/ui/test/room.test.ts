import assert from "node:assert/strict";
import { test } from "node:test";

import { RoomClock } from "../src/room/clock.ts";
import { position, step } from "../src/room/step.ts";

test("the answer that took the shortest way says what the room's clock shows", () => {
  const clock = new RoomClock();
  assert.equal(clock.known, false);
  clock.add({ sent: 0, received: 400, room: 10_000 }); // 200 there and 200 back, or not
  assert.equal(clock.at(400), 10_200);
  clock.add({ sent: 1000, received: 1010, room: 10_905 });
  assert.equal(clock.at(1010), 10_910);
  clock.add({ sent: 2000, received: 2300, room: 11_990 });
  assert.equal(clock.at(2300), 12_200, "a slow answer changes nothing");
  clock.add({ sent: 3000, received: 2999, room: 99_999 });
  assert.equal(clock.at(1010), 10_910, "time does not go backwards");
});

test("clocks drift: what is long ago is forgotten", () => {
  const clock = new RoomClock();
  clock.add({ sent: 0, received: 2, room: 1000 });
  for (let n = 0; n < 12; n += 1) clock.add({ sent: 1000, received: 1010, room: 3000 });
  assert.equal(clock.at(1010), 3005);
});

const play = { at: 500, since: 10_000, playing: true };

test("everybody is at the same place at the same time", () => {
  assert.equal(position(play, 9_900, 60_000), 500);
  assert.equal(position(play, 12_000, 60_000), 2_500);
  assert.equal(position(play, 99_000, 60_000), 60_000);
  assert.equal(position({ ...play, playing: false }, 12_000, 60_000), 500);
});

test("a start is waited for where it begins", () => {
  assert.deepEqual(step(play, 9_900, 60_000, 0, false), { kind: "start", at: 500, wait: 100 });
});

test("a little is caught up, much is jumped", () => {
  const at = (here: number): ReturnType<typeof step> => step(play, 12_000, 60_000, here, true);
  assert.deepEqual(at(2_500), { kind: "speed", rate: 1 });
  assert.deepEqual(at(2_491), { kind: "speed", rate: 1 });
  const slow = at(2_560);
  assert.ok(slow.kind === "speed" && slow.rate < 1 && slow.rate >= 0.94);
  const fast = at(2_300);
  assert.ok(fast.kind === "speed" && fast.rate > 1 && fast.rate <= 1.06);
  assert.equal(at(2_000).kind, "jump");
  assert.equal(at(9_000).kind, "jump");
});

test("what stands still stays still", () => {
  const still = { at: 500, since: 0, playing: false };
  assert.deepEqual(step(still, 12_000, 60_000, 505, false), { kind: "leave" });
  assert.deepEqual(step(still, 12_000, 60_000, 505, true), { kind: "stop", at: 500 });
  assert.deepEqual(step(still, 12_000, 60_000, 3_000, false), { kind: "stop", at: 500 });
  assert.equal(step(play, 99_000, 60_000, 59_990, false).kind, "leave", "it came to its end");
});
