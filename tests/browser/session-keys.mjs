// A coach runs a whole session with the keyboard alone: begins it, comes in, puts on, plays, goes back, over and over, slower,
// marks, the next one, ends it. The focus is always seen, and axe looks at every state.
//
// FIRST is the first of two extracts in SESSION; HERON is the coach's cookie.

import { check, close, open, ORIGIN } from "./person.mjs";
import { come, fine, isLoud, isOn, says, see, silent, sounds } from "./room.mjs";

const { SESSION, FIRST } = process.env;

await open();
const heron = await come("heron", process.env.HERON);
const { page } = heron;
// Nobody touches a mouse here.
await page.addInitScript(() => {
  window.clickedByHand = 0;
  addEventListener("pointerdown", () => (window.clickedByHand += 1), true);
});

let stops = 0;
/** What has the focus, and whether that is seen. */
const focused = () =>
  page.evaluate(() => {
    const at = document.activeElement;
    if (!at || at === document.body) return null;
    // A tick box of the design system is drawn by its label.
    const drawn = at.matches(".govuk-checkboxes__input") ? getComputedStyle(at.nextElementSibling, "::before") : getComputedStyle(at);
    const box = at.getBoundingClientRect();
    const within = box.bottom > 0 && box.top < innerHeight;
    return { what: `${at.tagName.toLowerCase()}#${at.id}.${at.className} ${at.textContent.trim().slice(0, 30)}`, seen: (drawn.outlineStyle !== "none" && parseFloat(drawn.outlineWidth) > 0) || drawn.boxShadow !== "none", within };
  });
const press = (key) => page.keyboard.press(key);

/** Goes on with the tab key until this has the focus. */
async function tabTo(selector) {
  for (let n = 0; n < 80; n += 1) {
    await press("Tab");
    const now = await focused();
    if (now) {
      stops += 1;
      check(now.seen && now.within, `the focus is not seen on ${now.what}`);
    }
    if (await page.evaluate((s) => document.activeElement?.matches(s) ?? false, selector)) return;
  }
  throw new Error(`no way to ${selector} by keyboard`);
}
const pressed = (id, on) => page.waitForSelector(`#${id}[aria-pressed=${on}]`);
const place = () => page.evaluate(() => window.whereHeard()[1]);

await page.goto(`${ORIGIN}/sessions/${SESSION}/room`);
await see(heron, "keys-before");
await tabTo("form[action$='/begin'] button");
await press("Enter");
await page.waitForSelector("#enter");
await see(heron, "keys-begun");
await tabTo("#enter");
await press("Enter");
await page.waitForSelector("#deck:not([hidden])");
await says(heron, "#people", "You are here alone, for now.");
check((await page.evaluate(() => document.activeElement.id)) === "on", "the focus is not at what is on");
await see(heron, "keys-in-the-room");

// ---- put on, play, back ----
await tabTo(`[data-put-on="${FIRST}"]`);
await press("Enter");
await isOn(heron, "A long pause");
await page.waitForFunction(() => document.activeElement.id === "play");
check((await focused()).seen, "the focus is not seen on the large button");
await press(" ");
await sounds(heron);
await isLoud(heron);
await see(heron, "keys-playing");
await page.waitForFunction(() => (window.whereHeard()?.[1] ?? 0) > 6_000);
const before = await place();
const from = await page.evaluate(() => window.starts.length);
await press("ArrowLeft");
await page.waitForFunction((n) => window.starts.length > n, from);
await sounds(heron);
const back = before - (await place());
check(back > 3_500 && back < 5_500, `back is ${back} ms back`);

// ---- over and over, slower, as it was, a mark ----
for (const [key, id, on] of [["l", "loop", true], ["s", "slower", true]]) {
  await press(key);
  await pressed(id, on);
}
await see(heron, "keys-slower");
await press("m");
await says(heron, "#said", "Marked.");
for (const [key, id] of [["s", "slower"], ["l", "loop"]]) {
  await press(key);
  await pressed(id, false);
}
// The same by the buttons, without a key of their own.
await page.evaluate(() => document.querySelector("#on").focus());
await tabTo("#slower");
await press(" ");
await pressed("slower", true);
await press("Enter");
await pressed("slower", false);
await page.evaluate(() => document.querySelector("#on").focus());
await press(" ");
await silent(heron);
await says(heron, "#play", "Play");

// ---- the next one, and no one after it ----
await press("n");
await isOn(heron, "Saturday, and who decides");
await page.waitForFunction(() => document.activeElement.id === "play");
await press("n");
await says(heron, "#announce", "That was the last one.");
check((await page.textContent("#on")) === "Saturday, and who decides", "the last one is off");
await press("Enter");
await sounds(heron);

// ---- keys can be turned off ----
await tabTo("summary:has(+ .hb-keys)");
await press("Enter");
await tabTo("#keys-on");
await press(" ");
await press("l");
check((await page.getAttribute("#loop", "aria-pressed")) === "false", "a key that is off does something");
await see(heron, "keys-off");

// ---- the end ----
await tabTo(".hb-session__end summary");
await press("Enter");
await see(heron, "keys-ending");
await tabTo(".hb-session__end button[value=end]");
await press("Enter");
await page.waitForFunction(() => document.querySelector("main").textContent.includes("This session has ended"));
await see(heron, "keys-over");
check((await page.evaluate(() => window.clickedByHand)) === 0, "a mouse was used");

fine(heron);
await close();
console.log(JSON.stringify({ focus_stops: stops }));
