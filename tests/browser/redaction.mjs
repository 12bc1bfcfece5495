// What is hidden, by the keyboard alone: a word is picked, hidden, heard around, listened to as it is heard, approved. Then
// with the pointer on the picture; then without scripts, by typed times.
//
// WAV is the recording; its third sentence lies between FROM and TO (milliseconds) and has the word WORD in it.

import { readFileSync } from "node:fs";
import { arrive, check, close, enter, leave, look, open, ORIGIN, signIn } from "./person.mjs";
import { begin } from "./recording.mjs";

const { WAV, WORD } = process.env;
const whole = readFileSync(WAV);
const ms = (text) => {
  const [minutes, seconds] = text.split(":");
  return Math.round((Number(minutes) * 60 + Number(seconds)) * 1000);
};

/** Presses Tab until this element has the focus, as somebody without a mouse gets there. */
async function tabTo(page, selector) {
  for (let presses = 0; presses < 200; presses += 1) {
    if (await page.evaluate((s) => document.activeElement?.matches(s) ?? false, selector)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`${selector} cannot be reached with the Tab key`);
}

await open();
const wren = await signIn("wren");
const { page } = wren;
const id = await begin(wren, "Robin", []);
const sent = await page.request.put(`${ORIGIN}/recordings/${id}/original`, {
  data: whole,
  headers: { origin: ORIGIN, "content-type": "application/octet-stream" },
});
check(sent.ok(), `the file was not taken: ${sent.status()}`);
await page.goto(`${ORIGIN}/recordings/${id}`);
await page.waitForSelector("#listen:not([hidden])");
await page.waitForFunction(([word]) => document.querySelector("#words")?.textContent.toLowerCase().includes(word), [WORD]);
await page.waitForFunction(async (path) => (await (await fetch(path)).json()).transcript === "done", `/recordings/${id}/status`);

// ---- nothing is hidden yet; the word is found, and marked with the arrow keys ----
await page.reload();
await page.focus("a[href$='/redaction']");
await page.keyboard.press("Enter");
await page.waitForURL(/\/redaction$/);
await page.waitForSelector("#words button");
await look(wren, "redaction-nothing");
await tabTo(page, "#words button");
await page.keyboard.press("Home");
const focused = () => page.evaluate(() => document.activeElement.textContent.toLowerCase());
for (let presses = 0; !(await focused()).includes(WORD); presses += 1) {
  check(presses < 60, `${WORD} is not among the words`);
  await page.keyboard.press("ArrowRight");
}
await page.keyboard.press("Space");
const picked = () => page.locator("#words [aria-pressed=true]").count();
check((await picked()) >= 1, "the word is not marked");
await page.keyboard.press("Shift+ArrowLeft");
check((await picked()) >= 2, "Shift with an arrow key does not mark on");
const [start, end] = [ms(await page.inputValue("#start")), ms(await page.inputValue("#end"))];
check(start < end, `${start} to ${end}`);
await tabTo(page, "input[name=why]");
await page.keyboard.press("Space");
await page.keyboard.press("ArrowDown");
await look(wren, "redaction-marked");
await tabTo(page, "#hide-form button[type=submit]");
await page.keyboard.press("Enter");
await page.waitForURL(/\?said=hidden/);
await page.waitForSelector("#words .is-hidden-word");
check((await page.textContent("main")).includes("An address or a place"), "the reason is not told");

// ---- around it; then as it is heard ----
await tabTo(page, "[data-around]");
await page.keyboard.press("Enter");
await page.waitForFunction(() => document.querySelector("#play-word").textContent === "Pause");
await page.waitForFunction(() => document.querySelector("#play-word").textContent === "Play");
await tabTo(page, "#result-details summary");
await page.keyboard.press("Enter");
await page.waitForFunction(() => document.querySelector("#result-words").textContent.includes("[hidden]"));
check(!(await page.textContent("#result-words")).toLowerCase().includes(WORD), "the word can still be read");
await look(wren, "redaction-hidden");

const version = await page.inputValue("input[name=version]");
const result = await (await page.request.get(`${ORIGIN}/recordings/${id}/redaction/audio?version=${version}`)).body();
check(result.length === whole.length, "the result has another length");
const at = (time) => 44 + time * 32;
check(!result.subarray(at(start), at(end)).equals(whole.subarray(at(start), at(end))), "the word can still be heard");
check(result.subarray(44, at(start - 400)).equals(whole.subarray(44, at(start - 400))), "what lies before it is another sound");
await page.focus("#result");
await page.evaluate(() => document.querySelector("#result").play());
await page.waitForFunction(() => document.querySelector("#result").currentTime > 0.2);
await page.evaluate(() => document.querySelector("#result").pause());

// ---- approved ----
await tabTo(page, "form[action$='/approve'] button");
await page.keyboard.press("Enter");
await page.waitForSelector("#heard-error");
await look(wren, "redaction-not-ticked");
await tabTo(page, "#heard");
await page.keyboard.press("Space");
await tabTo(page, "form[action$='/approve'] button");
await page.keyboard.press("Enter");
await page.waitForURL(/said=nothing-to-hide/);
await look(wren, "redaction-approved");

// ---- one asks for it to be heard again ----
await tabTo(page, "button[name=do][value=ask]");
await page.keyboard.press("Enter");
await page.waitForURL(/said=show-asked/);
await look(wren, "redaction-asked");

// ---- the pointer on the picture ----
const box = await page.locator("#wave [role=slider]").boundingBox();
await page.mouse.move(box.x + box.width * 0.1, box.y + 60);
await page.mouse.down();
await page.mouse.move(box.x + box.width * 0.2, box.y + 60, { steps: 6 });
await page.mouse.up();
const drawn = ms(await page.inputValue("#end")) - ms(await page.inputValue("#start"));
const seconds = (whole.length - 44) / 32;
check(Math.abs(drawn - seconds / 10) < seconds / 50, `${drawn} ms were drawn`);

// ---- without scripts: typed times ----
const plain = await arrive("wren", { javaScriptEnabled: false });
await enter(plain);
await plain.page.goto(`${ORIGIN}/recordings/${id}/redaction`);
check(!(await plain.page.locator("#wave").isVisible()), "the picture is shown where it cannot be drawn");
await plain.page.fill("#start", "0:00.2");
await plain.page.fill("#end", "0:00.6");
await plain.page.check("input[name=why][value=school]");
await plain.page.click("#hide-form button[type=submit]");
await plain.page.waitForURL(/said=hidden/);
check((await plain.page.textContent("main")).includes("A school"), "the passage is not listed");
check(!(await plain.page.textContent("main")).includes("Nothing is left to hide."), "the approval outlived the change");

// Forms that came back with what was missing.
wren.problems = wren.problems.filter((problem) => !problem.includes("status of 422"));
leave(wren);
leave(plain);
await close();
