// A coaching session in three browsers at once: the coach's, the practitioner's, and a manager's whom the practitioner invites.
//
// SESSION and NEXT are sessions that wait to begin, FIRST and SECOND what is to be heard in the first; HERON, WREN and MAGPIE
// are the cookies of the coach, the practitioner and the manager, who is GUEST.
// Writes how far apart they were, how long a press took to sound, and how long it took until the room was closed.

import { check, close, open, ORIGIN } from "./person.mjs";
import { come, comeIn, fine, isOn, pause, post, says, see, send, silent, sounds, status, took, watch } from "./room.mjs";

const { SESSION, NEXT, FIRST, SECOND, HERON, WREN, MAGPIE, GUEST } = process.env;
const base = `${ORIGIN}/sessions/${SESSION}`;
const room = `${base}/room`;

const sound = (person, piece) => status(person, `/sessions/${SESSION}/sound/${piece}`);

await open();
const heron = await come("heron", HERON);
const wren = await come("wren", WREN);
const magpie = await come("magpie", MAGPIE);

// ---- before it begins ----
check((await status(magpie, `/sessions/${SESSION}/room`)) === 404, "the manager sees a session that has not begun");
await wren.page.goto(room);
await see(wren, "session-room-before");
await wren.page.selectOption("#person", GUEST);
await wren.page.click("text=Invite them");
await wren.page.waitForSelector(".hb-session__invited");
check((await status(magpie, `/sessions/${SESSION}/room`)) === 404, "an invitation opens a session that has not begun");
await heron.page.goto(room);
await see(heron, "session-room-begin");
await heron.page.click("text=Begin the session");
await heron.page.waitForSelector("#enter");
const letters = async ({ page }) => (await page.textContent(".hb-session__letters [aria-hidden]")).trim();
const code = await letters(heron);
check(/^[CDFGHJKMNPQRTVWXY34679]{3} [CDFGHJKMNPQRTVWXY34679]{3}$/.test(code), code);

// ---- everybody comes in: the manager by the code ----
await comeIn(heron, room);
check((await heron.page.locator("input:not([type=checkbox]), textarea, select").count()) === 0, "the coach has something to type into");
await wren.page.goto(`${ORIGIN}/join`);
await see(wren, "join");
await wren.page.fill("#code", "KKK 777");
await wren.page.click("main button");
await wren.page.waitForSelector(".govuk-error-summary");
await wren.page.fill("#code", code.toLowerCase());
await wren.page.click("main button");
await wren.page.waitForURL(room);
await comeIn(wren, room);
await magpie.page.goto(`${ORIGIN}/join`);
await magpie.page.fill("#code", code);
await magpie.page.click("main button");
await magpie.page.waitForURL(room);
check((await magpie.page.textContent("main")).includes("You are here as a second pair of ears"), "the manager is not told what they are here as");
check((await magpie.page.locator(".hb-session__letters, #guests, .hb-session__end, #play").count()) === 0, "the manager has a hand in something");
await comeIn(magpie, room);
for (const one of [heron, wren, magpie]) await says(one, "#people", "Here: Coach (coach), Owner, Stranger (invited).");
check((await sound(magpie, FIRST)) === 409, "a guest is given what is not on");
check((await sound(heron, FIRST)) === 200, "the coach is not given what was chosen");

// ---- sound on all three devices; in step ----
await wren.page.check("#sound");
await magpie.page.check("#sound");
await heron.page.waitForFunction(() => performance.getEntriesByType("resource").filter(({ name, responseStatus }) => name.includes("/sound/") && responseStatus === 200).length >= 3);
await heron.page.click(`[data-put-on="${FIRST}"]`);
for (const one of [heron, wren, magpie]) await isOn(one, "A long pause");
check((await sound(magpie, FIRST)) === 200 && (await sound(magpie, SECOND)) === 409, "a guest hears what is on, and nothing else");
await magpie.page.waitForFunction((id) => performance.getEntriesByType("resource").some(({ name, responseEnd }) => name.includes(id) && responseEnd > 0), FIRST);
await pause(300);
await heron.page.focus("#on");
await heron.page.keyboard.press(" ");
await Promise.all([heron, wren, magpie].map(sounds));
const record = ({ page }) =>
  page.evaluate(() => {
    window.places = [];
    clearInterval(window.recording);
    window.recording = setInterval(() => {
      const place = window.whereHeard();
      if (place) window.places.push(place);
    }, 20);
  });
await Promise.all([heron, wren, magpie].map(record));
await pause(3000);
await see(heron, "session-room-coach");
await see(wren, "session-room-practitioner");
await see(magpie, "session-room-manager");
await heron.page.focus("#on");
await heron.page.keyboard.press("ArrowLeft");
await pause(1500);
const places = await Promise.all([heron, wren, magpie].map(({ page }) => page.evaluate(() => window.places)));
const skews = [];
for (const theirs of places.slice(1)) {
  for (const [time, place] of places[0]) {
    const near = theirs.reduce((best, one) => (Math.abs(one[0] - time) < Math.abs(best[0] - time) ? one : best), theirs[0]);
    if (near && Math.abs(near[0] - time) < 30) skews.push(Math.abs(place - time - (near[1] - near[0])));
  }
}
skews.sort((a, b) => a - b);
check(skews.length > 100, `${skews.length} places are too few to tell`);
const at = (list, share) => Math.round(list[Math.floor((list.length - 1) * share)] * 10) / 10;

// ---- the practitioner stops it; a guest has no hand in it ----
await wren.page.click("#play");
for (const one of [heron, wren, magpie]) await silent(one);
await says(heron, "#play", "Play");
check((await wren.page.textContent("#play")) === "Go on", "the practitioner cannot go on");
check((await send(magpie, `/sessions/${SESSION}/room/play`, { seat: "00", do: "play" })).status() === 409, "a guest plays something");
check((await send(wren, `/sessions/${SESSION}/room/piece`, { seat: "00", piece: SECOND })).status() === 404, "the practitioner puts something on");

// ---- from the press of a key to sound ----
const clicks = [];
for (let n = 0; n < 20; n += 1) {
  const before = await heron.page.evaluate(() => [window.starts.length, window.pressed.length]);
  await heron.page.keyboard.press(" ");
  await heron.page.waitForFunction(([starts]) => window.starts.length > starts, before);
  clicks.push(await heron.page.evaluate(([starts, presses]) => window.starts[starts].heard - window.pressed[presses], before));
  await sounds(heron);
  await heron.page.keyboard.press(" ");
  await silent(heron);
  await says(heron, "#play", "Play");
}
clicks.sort((a, b) => a - b);

// ---- over and over, slower, a mark ----
await heron.page.keyboard.press("l");
await heron.page.waitForSelector("#loop[aria-pressed=true]");
await heron.page.keyboard.press("s");
await heron.page.waitForSelector("#slower[aria-pressed=true]");
await heron.page.keyboard.press(" ");
await sounds(wren);
const slow = await wren.page.evaluate(() => window.starts.at(-1).length);
check(Math.abs(slow - 25 / 0.75) < 0.05, `what is heard slower is ${slow} s long`);
await heron.page.keyboard.press("m");
await says(heron, "#said", "Marked.");
await heron.page.keyboard.press("s");
await heron.page.waitForSelector("#slower[aria-pressed=false]");

// ---- a connection that breaks for a moment comes back, in step ----
const starts = await heron.page.evaluate(() => window.starts.length);
await heron.context.setOffline(true);
await says(heron, "#room-problem", "being looked for");
check((await wren.page.textContent("#on")) === "A long pause", "what is on is off at once");
await heron.context.setOffline(false);
await heron.page.waitForFunction(() => document.querySelector("#room-problem").hidden);
await says(heron, "#people", "Here: Coach (coach), Owner");
await says(heron, "#play", "Pause");
await sounds(heron);
const together = await Promise.all([heron, wren].map(({ page }) => page.evaluate(() => window.whereHeard())));
const round = 25_000;
const apart = Math.abs((((together[0][1] - together[0][0] - together[1][1] + together[1][0]) % round) + round * 1.5) % round - round / 2);
check(apart < 150, `${apart} ms apart after the connection came back (${starts} starts)`);

// ---- the manager's connection breaks: they hear nothing, and come back ----
await sounds(magpie);
await magpie.context.setOffline(true);
await silent(magpie);
await magpie.context.setOffline(false);
await sounds(magpie);

// ---- the invitation is taken back ----
await watch(magpie);
let from = Date.now();
check((await post(wren, `/sessions/${SESSION}/guests/${GUEST}/end`)).status() === 303, "an invitation cannot be taken back");
const takenBack = await took(magpie, from);
check((await magpie.page.textContent("main")).includes("Nothing of it stays on this device"), "the manager is not told that it ended");
check((await magpie.page.textContent("main")).includes("A long pause") === false, "something of it stays on the page");
await see(magpie, "session-room-over-for-a-guest");
const refused = async () => {
  for (const path of ["room", "room/pieces", "room/stream?seat=00", `sound/${FIRST}`, `sound/${SECOND}`]) {
    check((await status(magpie, `/sessions/${SESSION}/${path}`)) === 404, `the manager opens ${path} afterwards`);
  }
  check((await send(magpie, `/sessions/${SESSION}/room/enter`, {})).status() === 404, "the manager comes in afterwards");
};
await refused();

// ---- invited anew, and the coach ends it ----
const back = async () => {
  check((await post(wren, `/sessions/${SESSION}/guests`, { person: GUEST })).status() === 303, "nobody can be invited anew");
  await magpie.page.goto(room);
  await magpie.page.click("#enter");
  await magpie.page.check("#sound");
  await sounds(magpie);
  await watch(magpie);
};
await back();
from = Date.now();
check((await post(heron, `/sessions/${SESSION}/end`, { do: "end" })).status() === 303, "the session cannot be ended");
const ended = await took(magpie, from);
await refused();
check((await sound(heron, FIRST)) === 404 && (await sound(wren, FIRST)) === 404, "sound is given after the end");
await heron.page.waitForFunction(() => document.querySelector("main").textContent.includes("This session has ended"));
await see(heron, "session-room-after");

// ---- the next one: the practitioner ends it, or puts it off, without a reason ----
const next = `${ORIGIN}/sessions/${NEXT}/room`;
check((await post(heron, `/sessions/${NEXT}/begin`)).status() === 303, "the next session cannot begin");
check((await post(wren, `/sessions/${NEXT}/guests`, { person: GUEST })).status() === 303, "nobody can be invited to the next");
check((await post(heron, `/sessions/${NEXT}/stop`)).status() === 404, "the coach ends it as the practitioner");
await comeIn(magpie, next);
await magpie.page.check("#sound");
await comeIn(wren, next);
await watch(magpie);
await wren.page.click("summary:has-text('End the session')");
from = Date.now();
await wren.page.click("button:has-text('Put it off')");
const byPractitioner = await took(magpie, from);
check((await status(magpie, `/sessions/${NEXT}/room`)) === 404, "the manager sees what was put off");
await wren.page.waitForFunction(() => document.querySelector("main").textContent.includes("This session was put off"));
check((await wren.page.locator("#person").count()) === 0, "somebody can be invited to what was put off");
await heron.page.goto(next);
check((await heron.page.locator("text=Begin the session").count()) === 0, "what was put off can begin");

fine(heron, wren, magpie);
await close();
console.log(
  JSON.stringify({
    skew_p50_ms: at(skews, 0.5),
    skew_p95_ms: at(skews, 0.95),
    skew_most_ms: at(skews, 1),
    click_to_sound_p50_ms: at(clicks, 0.5),
    click_to_sound_p95_ms: at(clicks, 0.95),
    closing_ms_end: ended,
    closing_ms_taken_back: takenBack,
    closing_ms_practitioner: byPractitioner,
  }),
);
