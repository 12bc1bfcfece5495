// A coder without a mouse: thirty codes and seven numbers on ten minutes; everything undone and done again; keys of their
// own, a pedal's too; then the renderer dies, and the next tab has it all. At last a mouse draws in the lanes.
//
// ID is the recording, ROOK the researcher's cookie. Writes how much was coded, and how long it took.

import { arrive, check, close, leave, look, open, ORIGIN } from "./person.mjs";

const { ID, ROOK } = process.env;
const base = `${ORIGIN}/recordings/${ID}`;

async function come() {
  const person = await arrive("rook");
  await person.context.unrouteAll(); // nobody needs copies of the sound here
  const [name, value] = ROOK.split("=");
  await person.context.addCookies([{ name, value, url: ORIGIN }]);
  return person;
}

/** Presses Tab until this element has the focus, as somebody without a mouse gets there. */
async function tabTo(page, selector) {
  for (let presses = 0; presses < 200; presses += 1) {
    if (await page.evaluate((s) => document.activeElement?.matches(s) ?? false, selector)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`${selector} cannot be reached with the Tab key`);
}

const rows = (page, count) => page.waitForFunction((n) => document.querySelectorAll("#codes tr").length === n, count);
const saved = (page) => page.waitForFunction(() => document.querySelector("#save-state").textContent === "All saved");
const kept = async (page) => (await page.request.get(`${base}/codes`)).json();
const draftKept = (page, holds) =>
  page.waitForResponse((answer) => answer.url().endsWith("/coding/draft") && answer.request().method() === "PUT" && answer.ok() && (answer.request().postData() ?? "").includes(holds));

await open();
const rook = await come();
let { page } = rook;
// Whatever a mouse would do is an error until the end.
await page.addInitScript(() => {
  if (!sessionStorage.getItem("mouse")) addEventListener("pointerdown", () => { throw new Error("the mouse was used"); }, true);
});
await page.goto(`${base}/code`);
await rows(page, 1); // the one that every recording of this world has
await page.keyboard.press("Escape");
await page.waitForFunction(() => document.querySelector("#desk").dataset.pass !== undefined);

// ---- the first pass: listening, and nothing else ----
await page.keyboard.press("?");
await page.keyboard.press("Escape");
await tabTo(page, "#pass-listen");
await page.keyboard.press("Enter");
check(!(await page.isVisible("#code-form")), "there is something to mark with in the pass for listening");
await page.keyboard.press("m");
check((await page.inputValue("#start")) === "", "something was marked in the pass for listening");
await page.evaluate(() => {
  const sound = document.querySelector("audio");
  sound.addEventListener("play", () => (window.playedFrom = sound.currentTime));
  sound.addEventListener("pause", () => (window.pausedAt = sound.currentTime));
});
const reported = page.waitForResponse((answer) => answer.url().endsWith("/coding/heard") && answer.request().method() === "POST");
await page.keyboard.press("k");
await page.waitForFunction(() => document.querySelector("audio").currentTime > 1.6);
await page.keyboard.press("k");
check((await reported).ok(), "what was heard was not taken");
await page.keyboard.press("k");
await page.waitForFunction(() => !document.querySelector("audio").paused && document.querySelector("audio").currentTime > 1);
const [pausedAt, playedFrom] = await page.evaluate(() => [window.pausedAt, window.playedFrom]);
check(Math.abs(pausedAt - 1 - playedFrom) < 0.2, `it stopped at ${pausedAt} and went on from ${playedFrom}`);
await page.keyboard.press("k");
check(/listened in all/.test(await page.textContent("#heard-state")), "it is not said what was heard");
await look(rook, "desk-listen");

// ---- the second: thirty moments ----
const began = Date.now();
await page.keyboard.press("g");
await page.waitForSelector("#code-form", { state: "visible" });
await tabTo(page, "#wave [role=slider]");
for (let n = 0; n < 29; n += 1) {
  await page.keyboard.press("PageUp");
  const skill = String((n % 7) + 1);
  if (n % 4 === 3) {
    await page.keyboard.press(`Shift+Digit${skill}`);
  } else if (n % 4 === 2) {
    // Overlapping the one before, to the nearest words, with a note and how it sounded.
    await page.keyboard.press("i");
    for (let s = 0; s < 4; s += 1) await page.keyboard.press("ArrowRight");
    await page.keyboard.press("o");
    await page.keyboard.press("[");
    await page.keyboard.press("w");
    await page.keyboard.press(skill);
    await page.keyboard.press("n");
    await page.keyboard.type("Waits.");
    await page.keyboard.press("Escape");
    await page.keyboard.press("b");
    await page.keyboard.type("laughs");
    await page.keyboard.press("Control+Enter");
    await page.keyboard.press("Escape");
    if (!(await page.evaluate(() => document.activeElement.matches("[role=slider]")))) await tabTo(page, "#wave [role=slider]");
  } else {
    await page.keyboard.press("m");
    if (n % 4 === 1) await page.keyboard.press("q");
    await page.keyboard.press("x");
    await page.keyboard.press(skill);
    await page.keyboard.press("Enter");
  }
  await rows(page, n + 2);
}
await saved(page);
check((await kept(page)).codes.length === 30, "thirty moments are not kept");
const words = (await kept(page)).codes.filter((code) => code.nonverbal === "laughs");
check(words.length === 7 && words.every((code) => code.start_ms % 4200 % 360 === 0), `to the words: ${JSON.stringify(words)}`);

// ---- taken back and done again ----
const before = JSON.stringify((await kept(page)).codes);
for (let n = 0; n < 29; n += 1) await page.keyboard.press("Control+z");
await rows(page, 1);
await page.keyboard.press("Control+z");
await saved(page);
check((await kept(page)).codes.length === 1, "not everything was taken back");
for (let n = 0; n < 29; n += 1) await page.keyboard.press(n % 2 ? "Control+y" : "Control+Shift+Z");
await rows(page, 30);
await saved(page);
check(JSON.stringify((await kept(page)).codes) === before, "what was done again is not what was there");

// ---- the current moment, moved by tenths and deleted, and taken back ----
await page.keyboard.press("Shift+L");
const current = () => page.evaluate(() => document.querySelector("#codes tr.is-active")?.dataset.code);
const one = await current();
check(one !== undefined, "no moment is the current one");
await page.keyboard.press("k");
const end = (list) => list.codes.find(({ id }) => id === one)?.end_ms;
const was = end(await kept(page));
for (let n = 0; n < 5; n += 1) await page.keyboard.press("}");
await saved(page);
check(end(await kept(page)) === was + 500, `${was} and five tenths are ${end(await kept(page))}`);
await page.keyboard.press("Delete");
await rows(page, 29);
await page.keyboard.press("Control+z");
await rows(page, 30);
await saved(page);

// ---- the third: seven numbers, beside their moments ----
await page.keyboard.press("s");
for (const key of ["3", "4", "x", "2", "5", "1", "3"]) await page.keyboard.press(key);
await page.waitForFunction(() => document.querySelector("#pass-score-state").textContent === "7 of 7");
await saved(page);
const seconds = (Date.now() - began) / 1000;
const { codes, scores } = await kept(page);
check(codes.length === 30 && scores.length === 7, `${codes.length} codes and ${scores.length} scores`);
check(scores.filter((score) => score.not_codable).length === 1, "not codable is an answer too");
await page.keyboard.press("e");
await page.waitForFunction(() => document.querySelector("#play-word").textContent === "Pause");
await page.keyboard.press("k");
await look(rook, "desk-numbers");

// ---- a key of one's own, which a pedal sends ----
await page.keyboard.press("?");
await tabTo(page, "#help button[data-action='last']");
await page.keyboard.press("Enter");
await page.keyboard.press("F8");
await page.waitForFunction(() => document.querySelector("#help-said").textContent.startsWith("F8"));
await look(rook, "desk-keys");
await page.keyboard.press("Escape");
await page.keyboard.press("n");
await page.keyboard.type("While I write");
await page.keyboard.press("F8");
check((await page.inputValue("#end")) !== "" && (await page.inputValue("#note")) === "While I write", "the pedal does nothing while somebody writes");

// ---- the tab dies in the middle of a sentence ----
const draft = draftKept(page, "and then she");
await page.keyboard.type(", and then she");
await draft;
const marked = [await page.inputValue("#start"), await page.inputValue("#end")];
const dead = new Promise((died) => page.once("crash", died));
page.goto("chrome://crash").catch(() => undefined);
await dead;
page = await rook.context.newPage();
page.setDefaultTimeout(60_000);
page.on("pageerror", (error) => rook.problems.push(`script: ${error.message}`));
rook.page = page;
await page.goto(`${base}/code`);
await rows(page, 30);
await page.waitForFunction(() => document.querySelector("#note").value !== "");
check((await page.inputValue("#note")) === "While I write, and then she", `the note is “${await page.inputValue("#note")}”`);
check([await page.inputValue("#start"), await page.inputValue("#end")].join() === marked.join(), "the marked moment is gone");
check((await page.getAttribute("#pass-score", "aria-current")) === "step", "the pass is forgotten");
check((await page.textContent("#pass-score-state")) === "7 of 7", "the numbers are gone");
await page.keyboard.press("Control+z"); // the last number, given before the tab died
await page.waitForFunction(() => document.querySelector("#pass-score-state").textContent === "6 of 7");
await page.keyboard.press("Control+y");
await page.waitForFunction(() => document.querySelector("#pass-score-state").textContent === "7 of 7");
await saved(page);

// ---- the service is out of reach for a while: nothing is lost, and it is said ----
await page.route(/\/codes$/, (route) => route.abort());
await page.keyboard.press("n");
await page.keyboard.press("Escape");
await page.keyboard.press("3");
await page.keyboard.press("Enter");
await rows(page, 31);
await page.waitForFunction(() => document.querySelector("#save-state").textContent.startsWith("Not saved yet"));
await page.unroute(/\/codes$/);
await saved(page);
check((await kept(page)).codes.length === 31, "what was saved while the service was out of reach is lost");

// ---- with a mouse: a span drawn in a lane, and the edge of a block ----
await page.keyboard.press("f");
const box = await page.locator(".hb-wave__field").boundingBox();
const lane = await page.locator(".hb-wave__name").nth(3).boundingBox();
const y = lane.y + lane.height / 2;
await page.mouse.move(box.x + box.width * 0.9, y);
await page.mouse.down();
await page.mouse.move(box.x + box.width * 0.95, y, { steps: 4 });
await page.mouse.up();
check(await page.isChecked("#skills input >> nth=3"), "the lane's skill is not picked");
const drawn = (await page.inputValue("#start")).split(":").map(Number);
check(Math.abs(drawn[0] * 60 + drawn[1] - 540) < 2, `drawn from ${drawn}`);
await page.keyboard.press("Enter");
await rows(page, 32);
await saved(page);
const block = (list) => list.codes.find(({ start_ms }) => Math.abs(start_ms - 540_000) < 2000);
const wide = block(await kept(page));
await page.mouse.move(box.x + box.width * (wide.end_ms / 600_000) - 1, y);
await page.mouse.down();
await page.mouse.move(box.x + box.width * 0.98, y, { steps: 4 });
await page.mouse.up();
await saved(page);
check(Math.abs(block(await kept(page)).end_ms - 588_000) < 2000, `the edge is at ${block(await kept(page)).end_ms}`);
await page.keyboard.press("Control+z");
await saved(page);
check(block(await kept(page)).end_ms === wide.end_ms, "moving the edge was not taken back");

// ---- finished: it can be looked at and heard, and not changed ----
await page.check("#finish-sure");
await page.click("#finish-button");
await page.waitForSelector("text=This coding is finished");
await rows(page, 32);
check((await page.locator("#codes button:has-text('Delete')").count()) === 0, "a finished coding can be changed");
await look(rook, "desk-finished");

rook.problems = rook.problems.filter((problem) => !/ERR_FAILED/.test(problem));
leave(rook);
await close();
console.log(JSON.stringify({ codes: codes.length, scores: scores.length, seconds }));
