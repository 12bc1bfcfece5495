import assert from "node:assert/strict";
import { test } from "node:test";
import { Coding } from "../src/workspace/coding.ts";
import type { Code } from "../src/workspace/model.ts";
import { Outbox, type Letter } from "../src/workspace/outbox.ts";

const code = (id: string, start_ms: number): Code => ({ id, skill: "clarity", sub: null, start_ms, end_ms: start_ms + 500, note: "", nonverbal: "", exemplar: false });

/** A desk whose letters are written down. */
function desk(): { coding: Coding; letters: Letter[] } {
  const letters: Letter[] = [];
  return { letters, coding: new Coding({ base: "/r", post: (letter) => letters.push(letter), changed: () => undefined }) };
}

test("a hundred steps are undone to the beginning and done again to the end", () => {
  const { coding, letters } = desk();
  coding.load([code("old", 100)], [{ item: "clarity", score: 2, not_codable: false }]);
  const begin = JSON.stringify(coding.codes);
  for (let n = 0; n < 33; n += 1) {
    coding.set(code(`c${n}`, n * 1000));
    coding.set({ ...code(`c${n}`, n * 1000), note: "more" });
    coding.score("clarity", n % 2 === 0 ? "none" : "4");
  }
  coding.remove("old");
  const end = JSON.stringify(coding.codes);
  assert.equal(letters.length, 100);
  while (coding.undo());
  assert.equal(JSON.stringify(coding.codes), begin);
  assert.equal(coding.choice("clarity"), "2");
  assert.equal(letters.length, 200, "each step back is told to the service too");
  while (coding.redo());
  assert.equal(JSON.stringify(coding.codes), end);
  assert.equal(coding.choice("clarity"), "none");
});

test("what the service is told is what was done: made, changed, deleted, scored", () => {
  const { coding, letters } = desk();
  coding.load([], []);
  coding.set(code("a", 0));
  coding.set(code("a", 0)); // nothing has changed
  coding.set({ ...code("a", 0), exemplar: true });
  coding.remove("a");
  coding.undo();
  coding.score("x.y", "none");
  coding.score("x.y", "");
  assert.deepEqual(letters.map(({ method, path }) => `${method} ${path}`), ["POST /r/codes", "PUT /r/codes/a", "DELETE /r/codes/a", "POST /r/codes", "PUT /r/scores/x.y", "PUT /r/scores/x.y"]);
  assert.deepEqual(letters.slice(3).map(({ body }) => body), [{ ...code("a", 0), exemplar: true }, { not_codable: true }, { score: null }]);
});

test("something new ends what could be done again; steps are taken up by the next visit", () => {
  const { coding } = desk();
  coding.load([], []);
  coding.set(code("a", 0));
  coding.undo();
  coding.set(code("b", 0));
  assert.equal(coding.redo(), null);
  const next = desk().coding;
  next.load(coding.codes, []);
  next.history.resume(JSON.parse(JSON.stringify(coding.history.latest())));
  next.undo();
  assert.deepEqual(next.codes, []);
});

test("the steps that are kept have an end, the newest stay", () => {
  const { coding } = desk();
  coding.load([], []);
  for (let n = 0; n < 500; n += 1) coding.set({ ...code(`c${n}`, n), note: "n".repeat(200) });
  const kept = coding.history.latest();
  assert.ok(kept.length > 50 && JSON.stringify(kept).length < 45_000, `${kept.length}`);
  const last = kept.at(-1);
  assert.ok(last?.kind === "code" && last.id === "c499");
});

const letter = (place: string, method: Letter["method"], body?: unknown): Letter => ({ place, whole: method === "PUT", method, path: place, body });

test("letters go one after the other; of two that say all about one place the later one is sent", async () => {
  const sent: unknown[] = [];
  let inFlight = 0;
  const box = new Outbox({
    send: async ({ method, body }) => {
      assert.equal((inFlight += 1), 1, "one at a time");
      await Promise.resolve();
      sent.push([method, body]);
      inFlight -= 1;
    },
    passing: () => false,
    refused: () => assert.fail("refused"),
    changed: () => undefined,
    wait: () => Promise.resolve(),
  });
  box.put(letter("a", "POST", 1));
  for (let n = 2; n < 9; n += 1) box.put(letter("a", "PUT", n));
  box.put(letter("b", "PUT", 1));
  box.put(letter("a", "DELETE"));
  await box.empty();
  assert.deepEqual(sent, [["POST", 1], ["PUT", 8], ["PUT", 1], ["DELETE", undefined]]);
  assert.equal(box.state, "saved");
});

test("what does not get through waits and is tried again in its order; what is refused is given back", async () => {
  const log: string[] = [];
  let failures = 3;
  const box = new Outbox({
    send: async ({ place }) => {
      if (place === "bad") throw new Error("refused");
      if (place === "a" && (failures -= 1) >= 0) throw new Error("passing");
      log.push(place);
    },
    passing: (error) => (error as Error).message === "passing",
    refused: ({ place }) => log.push(`${place} refused`),
    changed: (state) => log.push(state),
    wait: async (ms) => void log.push(`wait ${ms}`),
  });
  box.put(letter("a", "PUT"));
  box.put(letter("bad", "PUT"));
  box.put(letter("c", "PUT"));
  await box.empty();
  assert.deepEqual(log, ["saving", "trouble", "wait 1000", "trouble", "wait 2000", "trouble", "wait 4000", "a", "saving", "bad refused", "c", "saved"]);
});
