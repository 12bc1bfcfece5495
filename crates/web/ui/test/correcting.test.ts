import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError } from "../src/api.ts";
import { after, doubtful, nextDoubt, tidy, type Change, type Reading, type ReadSegment } from "../src/words/model.ts";
import { Pacer } from "../src/words/pacer.ts";
import { Saver, type Passage, type SaveState, type Wire } from "../src/words/saver.ts";

const segment = (start_ms: number, text: string, doubts: string[] = []): ReadSegment => ({
  start_ms,
  end_ms: start_ms + 1000,
  text,
  speaker: null,
  doubts,
  machine: null,
  words: [],
});

const soon = (ms = 30): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** Waits until it is so, however slow the machine is just now. */
async function until(what: () => boolean): Promise<void> {
  for (const end = Date.now() + 20_000; !what(); await soon(5)) assert.ok(Date.now() < end, "it never came");
}

/** The server's side: takes what is made on the newest revision, and nothing else. */
class Server implements Wire {
  revision = 1;
  texts = ["one", "two"];
  sent: string[] = [];
  down = 0;

  reading(): Reading {
    return { status: "done", revision: this.revision, voices: [], history: [], next_voice: null, segments: this.texts.map((text, at) => segment(at * 1000, text)) };
  }

  async correct(revision: number, change: Change): Promise<Reading> {
    await soon(2);
    if (this.down > 0) {
      this.down -= 1;
      throw new ApiError("not reachable", 0);
    }
    if (revision !== this.revision) throw new ApiError("somebody else was faster", 409);
    if (change.kind !== "text") throw new Error("only text here");
    this.sent.push(change.text);
    this.texts[change.start_ms / 1000] = change.text;
    this.revision += 1;
    return this.reading();
  }

  async read(passage: Passage): Promise<Reading> {
    await soon(1);
    return { ...this.reading(), there: this.texts[passage.start_ms / 1000] ?? "" };
  }
}

function typing(server: Server): { saver: Saver; states: string[]; last: () => SaveState } {
  const states: string[] = [];
  const saver: Saver = new Saver(server, { start_ms: 0, end_ms: 1000 }, "one", server.revision, (state) => states.push(state.kind), () => undefined, 10, 10);
  return { saver, states, last: () => saver.state };
}

test("what is typed is saved once, after a pause", async () => {
  const server = new Server();
  const { saver, states } = typing(server);
  for (const text of ["o", "on", "once", "once "]) saver.typed(text);
  await until(() => states.at(-1) === "saved");
  assert.deepEqual(server.sent, ["once"]);
  assert.deepEqual(states.slice(-2), ["saving", "saved"]);
  saver.typed("once");
  assert.equal(await saver.flush(), true);
  assert.deepEqual(server.sent, ["once"], "the same is not sent again");
});

test("what is typed while it is being saved goes with the next", async () => {
  const server = new Server();
  const { saver } = typing(server);
  saver.typed("first");
  const done = saver.flush();
  saver.typed("first and second");
  await done;
  await until(() => server.texts[0] === "first and second");
});

test("somebody wrote elsewhere meanwhile: it is sent once more without a word", async () => {
  const server = new Server();
  const { saver } = typing(server);
  server.texts[1] = "else";
  server.revision = 5;
  saver.typed("mine");
  assert.equal(await saver.flush(), true);
  assert.deepEqual([server.texts, server.revision], [["mine", "else"], 6]);
});

test("somebody wrote here meanwhile: the person decides, and has their own words", async () => {
  const server = new Server();
  const { saver, last } = typing(server);
  server.texts[0] = "theirs";
  server.revision = 5;
  saver.typed("mine");
  assert.equal(await saver.flush(), false);
  assert.deepEqual(last(), { kind: "theirs", text: "theirs" });
  assert.equal(server.texts[0], "theirs", "nothing is written over");
  assert.equal(await saver.keepMine(), true);
  assert.equal(server.texts[0], "mine");

  const other = typing(server);
  server.texts[0] = "theirs again";
  server.revision += 1;
  other.saver.typed("lost?");
  await other.saver.flush();
  assert.equal(other.saver.takeTheirs(), "theirs again");
  assert.equal(await other.saver.flush(), true);
  assert.equal(server.texts[0], "theirs again");
});

test("without a network it is tried until it goes through", async () => {
  const server = new Server();
  server.down = 2;
  const { saver, states } = typing(server);
  saver.typed("kept");
  await until(() => states.at(-1) === "saved");
  assert.equal(server.texts[0], "kept");
  assert.equal(states.filter((state) => state === "waiting").length, 2);
});

test("the sound waits while somebody types, and goes back a little", async () => {
  const did: string[] = [];
  const sound = {
    playing: true,
    at: 5000,
    play: () => did.push("play"),
    pause() {
      this.playing = false;
      did.push("pause");
    },
    seek: (ms: number) => did.push(`seek ${ms}`),
  };
  const pacer = new Pacer(sound, 10, 2000);
  pacer.typed();
  pacer.typed();
  await until(() => did.length > 2);
  assert.deepEqual(did, ["pause", "seek 3000", "play"]);
  pacer.typed();
  await soon(30);
  assert.deepEqual(did.length, 3, "a sound that stood still is left alone");
  sound.playing = true;
  pacer.typed();
  pacer.leave();
  await soon(30);
  assert.deepEqual(did.slice(3), ["pause"], "whoever pressed a button decides");
});

test("doubts are gone through one after the other", () => {
  const all = [segment(0, "a"), segment(1000, "b", ["unsure"]), segment(2000, "c"), segment(3000, "d", ["unsure"])];
  assert.equal(doubtful(all).length, 2);
  assert.equal(nextDoubt(all, 0)?.start_ms, 1000);
  assert.equal(nextDoubt(all, 1000)?.start_ms, 3000);
  assert.equal(nextDoubt(all, 3000)?.start_ms, 1000, "round again");
  assert.equal(nextDoubt([], 0), null);
});

test("what a newer reading means for what was typed", () => {
  assert.deepEqual(after("now", "was", "now"), { kind: "same" });
  assert.deepEqual(after("now", "now", "mine"), { kind: "again" });
  assert.deepEqual(after("now", "was", "mine"), { kind: "theirs", text: "now" });
  assert.equal(tidy("  a \n b  "), "a b");
});
