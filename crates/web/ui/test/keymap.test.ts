import assert from "node:assert/strict";
import { test } from "node:test";
import { chordOf, Keymap, shown, typesNothing, canBeBound, type Action, type Pressed } from "../src/workspace/keymap.ts";
import { read, USUAL } from "../src/workspace/settings.ts";

const pressed = (key: string, more: Partial<Pressed> = {}): Pressed => ({ key, code: "", shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, altGraph: false, ...more });
const action = (id: string, ...keys: string[]): Action => ({ id, group: "Playing", what: id, keys, run: () => undefined });

test("keys have one name, whatever the keyboard's layout", () => {
  assert.equal(chordOf(pressed("M", { shiftKey: true })), "shift+m");
  assert.equal(chordOf(pressed("M")), "m", "caps lock is no Shift");
  assert.equal(chordOf(pressed("!", { shiftKey: true, code: "Digit1" })), "shift+1");
  assert.equal(chordOf(pressed("\"", { shiftKey: true, code: "Digit2" })), "shift+2");
  assert.equal(chordOf(pressed("&", { code: "Digit1" })), "&", "a French 1 is typed with Shift");
  assert.equal(chordOf(pressed("{", { shiftKey: true })), "{");
  assert.equal(chordOf(pressed("[", { ctrlKey: true, altKey: true, altGraph: true })), "[", "AltGr types brackets");
  assert.equal(chordOf(pressed("z", { metaKey: true })), "ctrl+z");
  assert.equal(chordOf(pressed("Z", { ctrlKey: true, shiftKey: true })), "ctrl+shift+z");
  assert.equal(chordOf(pressed("F13")), "f13");
  assert.equal(chordOf(pressed(" ")), "space");
  assert.equal(chordOf(pressed("Shift", { shiftKey: true })), null);
});

test("a pedal's keys act while somebody types, letters do not", () => {
  for (const chord of ["f13", "f4", "shift+f4", "mediaplaypause", "ctrl+b"]) assert.ok(typesNothing(chord), chord);
  for (const chord of ["m", "shift+m", "space", "1", "{"]) assert.ok(!typesNothing(chord), chord);
});

test("a key that is given to something else is taken from what had it", () => {
  const map = new Keymap([action("play", "k", "space"), action("last", "m")], {});
  assert.equal(map.bind("last", "k")?.id, "play");
  assert.equal(map.find("k")?.id, "last");
  assert.equal(map.find("m"), null);
  assert.equal(map.find("space")?.id, "play");
  const again = new Keymap(map.actions, JSON.parse(JSON.stringify(map.changed)));
  assert.equal(again.find("k")?.id, "last");
  assert.equal(again.bind("last", "k"), null, "it had it already");
  again.reset();
  assert.equal(again.find("k")?.id, "play");
  assert.ok(!canBeBound("tab") && !canBeBound("escape") && canBeBound("f13"));
});

test("keys are written as they stand on them", () => {
  assert.deepEqual(["m", "shift+1", "ctrl+shift+z", "space", "+", "{"].map(shown), ["M", "Shift 1", "Ctrl Shift Z", "Space", "+", "{"]);
});

test("stored settings that make no sense are as usual", () => {
  for (const text of [null, "", "null", "[]", "{", "7", '{"keys":[1],"rewindMs":77,"speed":"fast","snap":1}']) assert.deepEqual(read(text), { ...USUAL, keys: text?.includes("[1]") ? {} : USUAL.keys }, String(text));
  assert.deepEqual(read('{"keys":{"play":["f13"],"in":7},"rewindMs":3000,"snap":true,"speed":1.5}'), { ...USUAL, keys: { play: ["f13"] }, rewindMs: 3000, snap: true, speed: 1.5 });
});
