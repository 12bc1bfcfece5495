import assert from "node:assert/strict";
import { test } from "node:test";
import { problemSentence } from "../src/api.ts";
import { formatSize, outcomeOf, progressLine, retryDelay } from "../src/sending.ts";
import { stepsOf, type Status } from "../src/stage.ts";
import { itemsOf, type Framework } from "../src/workspace/framework.ts";
import { inOrder } from "../src/workspace/model.ts";

test("sending: sizes and the time that is left", () => {
  assert.equal(formatSize(400_000), "0.4 MB");
  assert.equal(formatSize(40_400_000), "40 MB");
  assert.equal(formatSize(1_240_000_000), "1.2 GB");
  assert.equal(progressLine(1_000_000, 40_000_000, 1000), "1.0 MB of 40 MB");
  assert.equal(progressLine(10_000_000, 40_000_000, 60_000), "10 MB of 40 MB – about 3 minutes left");
  assert.equal(progressLine(20_000_000, 40_000_000, 60_000), "20 MB of 40 MB – about a minute left");
  assert.equal(progressLine(39_000_000, 40_000_000, 60_000), "39 MB of 40 MB – less than a minute left");
  assert.match(progressLine(40_000_000, 40_000_000, 60_000), /arrived/);
});

test("sending: what is worth another try", () => {
  assert.equal(outcomeOf(201), "arrived");
  for (const status of [0, 408, 429, 500, 503]) assert.equal(outcomeOf(status), "retry");
  for (const status of [401, 403, 404, 409, 413, 422]) assert.equal(outcomeOf(status), "refused");
  assert.deepEqual([1, 2, 3, 4, 5, 50].map(retryDelay), [2000, 4000, 8000, 16_000, 30_000, 30_000]);
});

test("a refusal is the server's sentence, or a plain one of our own", () => {
  assert.equal(problemSentence(422, '{"detail":"Give a chosen name."}'), "Give a chosen name.");
  assert.match(problemSentence(502, "<html>Bad gateway</html>"), /still here/);
  assert.match(problemSentence(401, '{"detail":"x"}'), /signed out/);
});

const status = (over: Partial<Status>): Status => ({
  stage: "ready",
  progress_permille: null,
  audio_ready: true,
  words_readable: true,
  listening_copy: true,
  transcript: "done",
  can_stop: false,
  can_go_on: false,
  sentence: "",
  duration_ms: 1000,
  released: false,
  ...over,
});

test("the three steps follow the status", () => {
  const states = (over: Partial<Status>): string => stepsOf(status(over)).map((step) => step.state).join(" ");
  assert.equal(states({}), "done done done");
  assert.equal(states({ stage: "awaiting_file", audio_ready: false, transcript: "waiting" }), "now later later");
  assert.equal(states({ stage: "decoding", audio_ready: false, transcript: "waiting", progress_permille: 300 }), "done now later");
  assert.equal(states({ stage: "transcribing", transcript: "running", progress_permille: 455 }), "done done now");
  assert.equal(states({ transcript: "not_wanted" }), "done done skipped");
  assert.equal(states({ stage: "refused", audio_ready: false, transcript: "waiting" }), "done trouble trouble");
  assert.equal(states({ transcript: "running" }), "done done trouble");
  assert.equal(states({ stage: "retrying", transcript: "running" }), "done done now");
  assert.equal(states({ stage: "stuck", transcript: "waiting" }), "done done trouble");
  assert.equal(stepsOf(status({ stage: "transcribing", transcript: "running", progress_permille: 455 }))[2].words, "45%");
});

const framework: Framework = {
  version: "1",
  areas: [
    {
      key: "relationship_building",
      name: "Relationship building",
      skills: [
        { key: "empathy", name: "Empathy", definition: "", prompts: [], exemplars: [], subs: [{ key: "acceptance", name: "Acceptance" }, { key: "curiosity", name: "Curiosity" }] },
        { key: "collaboration", name: "Collaboration", definition: "", prompts: [], exemplars: [], subs: [] },
      ],
    },
  ],
};

test("items: sub-categories take the place of a skill that has them (COD-01)", () => {
  const items = itemsOf(framework);
  assert.deepEqual(
    items.map(({ key, name, short, digit }) => [key, name, short, digit]),
    [
      ["empathy.acceptance", "Empathy – Acceptance", "Acceptance", "1"],
      ["empathy.curiosity", "Empathy – Curiosity", "Curiosity", "2"],
      ["collaboration", "Collaboration", "Collaboration", "3"],
    ],
  );
});

test("moments lie in the order of the sound", () => {
  const code = (id: string, start_ms: number, end_ms: number) => ({ id, skill: "x", sub: null, start_ms, end_ms, note: "", nonverbal: "", exemplar: false });
  const codes = [code("c", 500, 900), code("a", 100, 900), code("b", 500, 600)];
  assert.equal(inOrder(codes).map(({ id }) => id).join(""), "abc");
  assert.equal(codes[0]?.id, "c");
});
