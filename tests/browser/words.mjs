// The words beside the sound: read, heard from a word, corrected by the keyboard alone, two writing at once, speakers,
// names, what was found; then without scripts.
//
// ID is a recording of a minute; WREN and ROOK are the cookies of its practitioner and its researcher. SHARED is another
// one, whose PLAYLIST may be heard by whoever has the cookie COACH.

import { arrive, check, close, leave, look, open, ORIGIN } from "./person.mjs";

const { ID, SHARED, PLAYLIST, WREN, ROOK, COACH } = process.env;
const here = `${ORIGIN}/recordings/${ID}/words`;

/** Somebody who is signed in already. */
async function come(login, cookie, options) {
  const person = await arrive(login, options);
  const [name, value] = cookie.split("=");
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

const said = (page) => page.textContent("#sheet");

await open();
const wren = await come("wren", WREN);
const { page } = wren;
await page.goto(here);
await page.waitForSelector("#sheet .hb-row__time");
await look(wren, "words");
check((await page.textContent("main")).includes("It may be wrong"), "it is not said that a machine wrote it");
check((await page.locator(".hb-doubt").count()) === 3, "the doubts are not all there");

// ---- heard from a word, and followed ----
await tabTo(page, "#sheet .hb-row__time");
await page.keyboard.press("ArrowDown");
await page.keyboard.press("ArrowRight");
await page.keyboard.press("ArrowRight");
await page.keyboard.press("Enter");
await page.waitForFunction(() => document.querySelector("#play-word").textContent === "Pause");
await page.waitForSelector("#sheet .hb-word.is-now");
await page.keyboard.press("k");
await page.waitForFunction(() => document.querySelector("#play-word").textContent === "Play");
await page.click("#sheet .hb-row:nth-child(4) .hb-word >> nth=2");
await page.waitForFunction(() => document.querySelector("#sheet .hb-row.is-now")?.textContent.includes("Better"));
await page.click("#play");

// ---- a doubt, answered ----
await tabTo(page, "#doubt-next");
await page.keyboard.press("Enter");
await page.waitForFunction(() => document.activeElement?.closest(".hb-row--doubt"));
await page.keyboard.press("h");
await page.waitForFunction(() => document.querySelectorAll(".hb-doubt").length === 2);

// ---- corrected in its place; the sound waits and goes back a little ----
const row = page.locator(".hb-row", { hasText: "his nan on Saturday" });
await row.locator(".hb-row__time").focus();
await page.keyboard.press("Enter");
await page.waitForFunction(() => document.querySelector("#play-word").textContent === "Pause");
await page.keyboard.press("e");
await page.waitForSelector(".hb-edit textarea");
const box = page.locator(".hb-edit textarea");
await box.press("Control+End");
await page.evaluate(() => {
  const sound = document.querySelector("audio");
  sound.addEventListener("pause", () => (window.waitedAt = sound.currentTime), { once: true });
  sound.addEventListener("play", () => (window.wentOnAt = sound.currentTime), { once: true });
});
await box.pressSequentially(" Yes.");
await page.waitForFunction(() => document.querySelector(".hb-edit__line").textContent === "Saved.");
await page.waitForFunction(() => window.wentOnAt !== undefined);
const [waited, wentOn] = await page.evaluate(() => [window.waitedAt, window.wentOnAt]);
check(wentOn < waited, `the sound waited at ${waited} and went on at ${wentOn}`);
await page.click("#play");
await page.waitForFunction(() => document.querySelector("#play-word").textContent === "Play");
await look(wren, "words-correcting");
await box.focus();

// Somebody else changes the same words meanwhile.
const rook = await come("rook", ROOK);
await rook.page.goto(here);
const theirs = rook.page.locator(".hb-row", { hasText: "his nan on Saturday" });
await theirs.locator(".hb-row__correct").click();
await rook.page.fill(".hb-edit textarea", "Better, I think. We saw his grandmother.");
await rook.page.keyboard.press("Escape");
await rook.page.waitForFunction(() => document.querySelector("#sheet").textContent.includes("grandmother") && !document.querySelector(".hb-edit"));
await box.pressSequentially(" Mine stays.");
await page.waitForSelector(".hb-edit .hb-problem:not([hidden])");
check((await box.inputValue()).includes("Mine stays."), "what was typed is gone");
check((await page.textContent(".hb-edit .hb-problem")).includes("grandmother"), "what stands there is not shown");
await look(wren, "words-conflict");
await page.click("text=Put mine in their place");
await page.waitForFunction(() => document.querySelector(".hb-edit__line").textContent === "Saved.");
await box.focus();
await page.keyboard.press("Escape");
await page.waitForFunction(() => !document.querySelector(".hb-edit"));
check((await said(page)).includes("Mine stays."), "it is not shown");
check(await page.evaluate(() => document.activeElement?.classList.contains("hb-row__time")), "the focus is lost");
await page.locator(".hb-row__machine summary").first().click();

// ---- taken back ----
await page.locator("#history").evaluate((node) => (node.closest("details").open = true));
await look(wren, "words-history");
await page.click("#history .hb-history__one:first-child button:has-text('Take it back')");
await page.waitForFunction(() => document.querySelector("#history .is-undone"));

// ---- who speaks ----
await page.fill("#name-A", "Worker");
await page.click("form.hb-voice:has(#name-A) button");
await page.waitForURL(/said=corrected/);
await page.fill("#name-B", "Mum");
await page.click("form.hb-voice:has(#name-B) button");
await page.waitForFunction(() => document.querySelector("#sheet")?.textContent.includes("Mum"));
await page.click("text=Somebody else says some of the words");
await page.click("#who-pick");
await page.click("#sheet .hb-row:nth-child(7) .hb-word >> nth=0");
await page.click("#sheet .hb-row:nth-child(7) .hb-word >> nth=3", { modifiers: ["Shift"] });
check((await page.inputValue("#who-start")) === "0:31.800", await page.inputValue("#who-start"));
await page.selectOption("#who-speaker", "G");
await look(wren, "words-voices");
await page.click("#voices button[value=speaker]");
await page.waitForURL(/said=corrected/);
await page.waitForFunction(() => document.querySelector("#sheet")?.textContent.includes("Speaker G"));

// ---- a name ----
await page.goto(`${ORIGIN}/recordings/${ID}/names`);
await look(wren, "names");
await page.fill("#name", "Rowan");
await page.keyboard.press("Enter");
await page.waitForSelector(".hb-place");
check(!page.url().includes("Rowan"), "the name stands in the address");
await page.click(".hb-place button");
await page.waitForFunction(() => document.querySelector(".hb-place button").textContent.startsWith("Stop"));
await page.fill("#to", "Robin");
await page.click("button[value=replace]");
await page.waitForSelector(".govuk-inset-text");
await look(wren, "names-replaced");
await page.click("text=Offer these times for hiding");
await page.waitForURL(/redaction\?offer=/);
await page.waitForSelector("#words button");
await look(wren, "redaction-offered");
await page.click("[data-offer]");
await page.uncheck("#span-2");
await page.click("#offered button[type=submit]");
await page.waitForURL(/said=hidden/);
await page.goto(here);
await page.waitForSelector("#sheet .is-hidden-word");
check(!(await said(page)).includes("Rowan"), "the name can still be read");
await look(wren, "words-after");

// ---- found ----
await page.goto(`${ORIGIN}/search`);
await look(wren, "search");
await page.fill("#q", '"thank you"');
await page.keyboard.press("Enter");
await page.waitForSelector(".hb-hit");
await look(wren, "search-found");
await page.click(".hb-place button");
await page.waitForFunction(() => document.querySelector(".hb-place button").textContent.startsWith("Stop"));
await page.click(".hb-place a");
await page.waitForURL(/words\?t=/);
await page.waitForFunction(() => document.activeElement?.classList.contains("hb-row__time"));

// ---- what coders may switch on ----
await rook.page.goto(`${here}?aids=on`);
await rook.page.waitForSelector(".hb-share");
await look(rook, "words-aids");

// ---- words with an extract, and the machine's own words about itself ----
await rook.page.goto(`${ORIGIN}/recordings/${SHARED}/playlist`);
await rook.page.click("button[name=shown][value=yes]");
await rook.page.waitForSelector("button[name=shown][value=no]");
await look(rook, "playlist-quote");
const coach = await come("coach", COACH);
await coach.page.goto(`${ORIGIN}/listen/${PLAYLIST}`);
await coach.page.waitForSelector(".hb-quote");
check((await coach.page.textContent("main")).includes("They may be wrong"), "it is not said that a machine wrote it");
await look(coach, "room-quote");
await page.goto(here);
await page.locator("#language").evaluate((node) => (node.closest("details").open = true));
await page.selectOption("#language", "cy");
await look(wren, "words-made");
await page.locator("form[action$='/words/again'] button").click();
await page.waitForURL(/said=/);
check((await page.textContent("#words-again")).includes("These words stay"), "it is not said that it is read again");
await look(wren, "words-again");

// ---- without scripts ----
const plain = await come("wren", WREN, { javaScriptEnabled: false });
await plain.page.goto(here);
check((await plain.page.textContent("#sheet")).includes("There is no hurry."), "the words cannot be read");
await plain.page.locator(".hb-row", { hasText: "There is no hurry." }).locator(".hb-row__correct").click();
await plain.page.fill("#text", "There is no rush. How have things been?");
await plain.page.screenshot({ path: `${process.env.OUT}/words-plain.png`, fullPage: true });
await plain.page.click("button[value=text]");
await plain.page.waitForURL(/said=corrected/);
check((await plain.page.textContent("#sheet")).includes("There is no rush."), "it was not saved");
await plain.page.locator("button[value=heard]").first().click();
await plain.page.waitForURL(/said=corrected/);
await plain.page.goto(`${ORIGIN}/search`);
await plain.page.fill("#q", "rush");
await plain.page.click("form[role=search] button");
await plain.page.waitForSelector("#found");
check(!plain.page.url().includes("rush"), "what was looked for stands in the address");
check((await plain.page.textContent("main")).includes("1 place in 1 recording"), "nothing is found");

wren.problems = wren.problems.filter((problem) => !problem.includes("status of 409"));
leave(wren);
leave(rook);
leave(coach);
leave(plain);
await close();
