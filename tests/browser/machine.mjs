// The machine at work, as its practitioner sees it: stopped, gone on with, read again with the share that is done; a file that
// could not be read; a language to choose; doubts where words are found and where they are hidden.
//
// RUNNING is being written, AGAIN is being read again, REFUSED could not be read, DOUBTED has words in doubt. WREN is the
// cookie of their practitioner.

import { readFileSync } from "node:fs";

import { arrive, check, close, leave, look, open, ORIGIN } from "./person.mjs";

const { RUNNING, AGAIN, REFUSED, DOUBTED, WREN } = process.env;

await open();
const wren = await arrive("wren");
const [name, value] = WREN.split("=");
await wren.context.addCookies([{ name, value, url: ORIGIN }]);
const { page } = wren;

// ---- stopped, and gone on with ----
await page.goto(`${ORIGIN}/recordings/${RUNNING}`);
await page.waitForSelector("#stop:not([hidden])");
check(await page.locator("#go-on").isHidden(), "nothing was stopped yet");
await look(wren, "running");
await page.click("#stop button");
await page.waitForURL(/said=stopped/);
await page.waitForSelector("#go-on:not([hidden])");
await page.waitForFunction(() => document.querySelector("[data-step=words]").dataset.state === "skipped");
check((await page.textContent("#words")).includes("So far"), "what was written is gone");
check(await page.locator("#stop").isHidden(), "there is nothing to stop");
await look(wren, "stopped");
await page.click("#go-on button");
await page.waitForURL(/said=goes-on/);
await page.waitForSelector("#stop:not([hidden])");

// ---- read again, with the share that is done; stopped there too ----
await page.goto(`${ORIGIN}/recordings/${AGAIN}/words`);
await page.waitForSelector("#again-progress");
check((await page.textContent("#again-percent")) === "42%", await page.textContent("#again-percent"));
await look(wren, "again");
await page.click("#again-stop button");
await page.waitForURL(/\/words\?said=stopped/);
check(await page.locator("#words-again").isHidden(), "it is still being read again");

// ---- a file that could not be read ----
await page.goto(`${ORIGIN}/recordings/${REFUSED}`);
await page.waitForSelector("#refused:not([hidden])");
await look(wren, "refused");
const [download] = await Promise.all([page.waitForEvent("download"), page.click("#refused a[download]")]);
check(readFileSync(await download.path(), "utf8") === "as it came", "another file came back");
check(download.suggestedFilename() === "recording-as-sent.bin", download.suggestedFilename());
await page.click("#refused button");
await page.waitForURL(/said=looks-again/);
check(await page.locator("#refused").isHidden(), "it is being looked at");

// ---- a language ----
await page.goto(`${ORIGIN}/recordings/new`);
await page.selectOption("#language", "cy");
await look(wren, "new");

// ---- doubts where words are hidden and found ----
await page.goto(`${ORIGIN}/recordings/${DOUBTED}/redaction`);
await page.waitForSelector(".hb-pick__word.hb-word--unsure");
check((await page.locator(".hb-pick .hb-words__doubt").count()) > 0, "no doubt is told where words are hidden");
await look(wren, "hide");
await page.goto(`${ORIGIN}/search`);
await page.fill("#q", "laughed");
await page.keyboard.press("Enter");
await page.waitForSelector(".hb-place .hb-words__doubt");
const [places, doubts] = [await page.locator(".hb-place").count(), await page.locator(".hb-place .hb-words__doubt").count()];
check(doubts > 0 && doubts < places, `${doubts} of ${places} are told to be in doubt`);
await look(wren, "found");

await leave(wren);
await close();
