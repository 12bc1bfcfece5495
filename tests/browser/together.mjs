// Two finished codings side by side: heard passage by passage and one after another, agreed by keyboard, seen by the other
// coder, and agreed without scripts. What each of them wrote stays as it was.
//
// ID is the recording, ROOK and HAWK the cookies of its coders. Writes how many passages there are and how many were heard.

import { arrive, check, close, leave, look, open, ORIGIN } from "./person.mjs";

const { ID, ROOK, HAWK } = process.env;
const base = `${ORIGIN}/recordings/${ID}/codings/compare`;

async function come(login, cookie, options) {
  const person = await arrive(login, options);
  await person.context.unrouteAll(); // nobody needs copies of the sound here
  const [name, value] = cookie.split("=");
  await person.context.addCookies([{ name, value, url: ORIGIN }]);
  return person;
}

async function tabTo(page, selector) {
  for (let presses = 0; presses < 200; presses += 1) {
    if (await page.evaluate((s) => document.activeElement?.matches(s) ?? false, selector)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`${selector} cannot be reached with the Tab key`);
}

await open();
const rook = await come("rook", ROOK);
const { page } = rook;
await page.addInitScript(() => addEventListener("pointerdown", () => { throw new Error("the mouse was used"); }, true));
const before = await (await page.request.get(`${base}.json`)).text();
check(JSON.parse(before).length === 2, "there are not two codings");
await page.goto(base);
const passages = await page.locator(".hb-passage").count();
const same = await page.locator(".hb-passage:has-text('The same skill')").count();
await page.waitForFunction(() => document.querySelector("#wave canvas")?.width > 0);
await look(rook, "together");

// ---- heard one by one ----
const at = () => page.evaluate(() => document.querySelector("audio").currentTime);
const quiet = () => page.waitForFunction(() => document.querySelector("audio").paused);
const loud = () => page.waitForFunction(() => !document.querySelector("audio").paused);
await page.keyboard.press("n");
await loud();
await quiet();
check(Math.abs((await at()) - 2) < 0.15, `the first passage ended at ${await at()}`);
check((await page.locator(".hb-passage.is-now").count()) === 1, "it is not shown which passage is heard");
await page.keyboard.press("n");
await loud();
await quiet();
check(Math.abs((await at()) - 8) < 0.15, `the second passage, with both marks in it, ended at ${await at()}`);
await page.keyboard.press("p");
await loud();
check((await at()) < 2.1, "the passage before is another one");
await page.keyboard.press("k");
await quiet();

// ---- everything that somebody marked, and nothing else ----
await page.evaluate(() => {
  const sound = document.querySelector("audio");
  sound.currentTime = 0;
  sound.playbackRate = 2;
  window.times = [];
  setInterval(() => !sound.paused && !sound.seeking && window.times.push(sound.currentTime), 20);
});
await page.keyboard.press("u");
await page.waitForFunction(() => document.querySelector("#announce").textContent.startsWith("That was the last"));
const times = await page.evaluate(() => window.times);
const union = [[1, 2], [5, 8], [20, 22], [60, 62], [90, 91]];
const outside = times.filter((time) => !union.some(([from, to]) => time >= from - 0.05 && time <= to + 0.15));
check(outside.length === 0, `heard outside of what was marked: ${outside}`);
const heard = union.filter(([from, to]) => times.some((time) => time > from && time < to)).length;

// ---- agreed by keyboard: a passage and a score ----
const third = page.locator(".hb-passage").nth(2);
const passage = await third.getAttribute("data-passage");
await tabTo(page, `#agreed-${passage}`);
for (let n = 0; n < 2; n += 1) await page.keyboard.press("ArrowDown");
await page.keyboard.press("Tab");
await page.keyboard.type("She waits, and asks.");
await page.keyboard.press("Enter");
await page.waitForFunction((id) => document.querySelector(`#passage-${id} .hb-agreeing__said`).textContent.startsWith("Agreed"), passage);
check((await page.inputValue(`#agreed-${passage}`)) === "empathy.curiosity", await page.inputValue(`#agreed-${passage}`));
await tabTo(page, "[id='score-agreed-clarity']");
for (let n = 0; n < 6; n += 1) await page.keyboard.press("ArrowDown");
await page.keyboard.press("Tab");
await page.keyboard.press("Tab");
await page.keyboard.press("Enter");
await page.waitForFunction(() => document.querySelector("#score-clarity .hb-agreeing__said").textContent.startsWith("Agreed"));
const row = await page.textContent("[id='score-purposefulness']");
check(row.includes("A number beside “not codable”"), row);
check((await page.textContent("#score-clarity")).includes("The same"), "clarity is not the same");
check((await page.textContent("#score-collaboration")).includes("2 apart"), "collaboration is not 2 apart");

// ---- the other one sees it; without scripts too, where it is left out instead ----
const hawk = await come("hawk", HAWK, { javaScriptEnabled: false });
await hawk.page.goto(base);
const kept = await hawk.page.textContent(`#passage-${passage}`);
check(kept.includes("Agreed. Noted by Researcher") && kept.includes("Second"), kept);
check((await hawk.page.inputValue(`#note-${passage}`)) === "She waits, and asks.", "the note is gone");
check((await hawk.page.inputValue("[id='score-agreed-clarity']")) === "3.5", "the number is gone");
await hawk.page.selectOption(`#agreed-${passage}`, "none");
await hawk.page.click(`#passage-${passage} button[type=submit]`);
await hawk.page.waitForURL(/said=saved/);
check((await hawk.page.inputValue(`#agreed-${passage}`)) === "none", "it is not left out");
check((await hawk.page.textContent(`#passage-${passage}`)).includes("Noted by Second"), "it is not said who noted it");

check((await (await page.request.get(`${base}.json`)).text()) === before, "what was coded has changed");
await page.reload();
await look(rook, "together-agreed");

leave(rook);
await close();
console.log(JSON.stringify({ passages, same, heard }));
