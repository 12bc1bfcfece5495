import assert from "node:assert/strict";
import { test } from "node:test";
import { Keeper, type State } from "../src/sheets/keeper.ts";

class Sheet {
  text = "";
  sent: [number, string][] = [];
  fails: { again: boolean; meanwhile: boolean } | null = null;
  /** What happens while the request is on its way. */
  onTheWay = () => {};

  wire = {
    read: () => this.text,
    send: async (revision: number) => {
      const text = this.text;
      this.onTheWay();
      await Promise.resolve();
      if (this.fails) throw new Error("no");
      this.sent.push([revision, text]);
      return revision + 1;
    },
    why: () => ({ text: "no", again: this.fails?.again ?? false, meanwhile: this.fails?.meanwhile ?? false }),
  };
}

function keep(sheet: Sheet, pause = 1, again = 1): [Keeper, State[]] {
  const states: State[] = [];
  return [new Keeper(sheet.wire, 0, (state) => states.push(state), pause, again), states];
}

const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));

test("what is typed is kept after a pause, once", async () => {
  const sheet = new Sheet();
  const [keeper] = keep(sheet, 10);
  for (const text of ["a", "ab", "abc"]) {
    sheet.text = text;
    keeper.typed();
  }
  await wait(40);
  assert.deepEqual(sheet.sent, [[0, "abc"]]);
  assert.equal(keeper.revision, 1);
  assert.equal(await keeper.flush(), true);
  assert.equal(sheet.sent.length, 1, "nothing new, nothing sent");
});

test("what is typed while it is on its way goes with the next", async () => {
  const sheet = new Sheet();
  const [keeper] = keep(sheet);
  sheet.text = "a";
  sheet.onTheWay = () => {
    sheet.text = "ab";
    sheet.onTheWay = () => {};
  };
  await keeper.flush();
  await wait(20);
  assert.deepEqual(sheet.sent, [[0, "a"], [1, "ab"]]);
});

test("two at once are one after the other", async () => {
  const sheet = new Sheet();
  const [keeper] = keep(sheet);
  sheet.text = "a";
  await Promise.all([keeper.flush(), keeper.flush(), keeper.flush()]);
  assert.deepEqual(sheet.sent, [[0, "a"]]);
});

test("what does not get through is tried again", async () => {
  const sheet = new Sheet();
  const [keeper, states] = keep(sheet);
  sheet.text = "a";
  sheet.fails = { again: true, meanwhile: false };
  assert.equal(await keeper.flush(), false);
  assert.equal(states.at(-1)?.kind, "waiting");
  sheet.fails = null;
  await wait(20);
  assert.deepEqual(sheet.sent, [[0, "a"]]);
  assert.equal(states.at(-1)?.kind, "kept");
});

test("what another tab saved is not written over", async () => {
  const sheet = new Sheet();
  const [keeper] = keep(sheet);
  sheet.text = "a";
  sheet.fails = { again: false, meanwhile: true };
  assert.equal(await keeper.flush(), false);
  sheet.fails = null;
  keeper.typed();
  await wait(20);
  assert.equal(await keeper.flush(), false);
  assert.deepEqual(sheet.sent, []);
});
