// A session in three browsers in which things happen that close doors: an extract that is not for the manager, a veto and a yes
// taken back while it plays, the coach's page loaded anew, people who sign out or are sent away while they listen.
//
// FIRST and SECOND are for everybody, APART is not for a manager, LATER and LAST are of a recording (TAKEN) on which PERSON
// takes a yes back. HERON and WREN have a second session each (HERON2, WREN2); CRANE is an administrator's; COACH is who is
// sent away.
// Writes how long each was still heard (ms).

import { check, close, open, ORIGIN } from "./person.mjs";
import { come, comeIn, fine, heardOn, hold, isLoud, isOn, pause, post, says, see, sounds, status, took, watch } from "./room.mjs";

const { SESSION, FIRST, SECOND, APART, LATER, LAST, TAKEN, PERSON, GUEST, COACH } = process.env;
const base = `/sessions/${SESSION}`;
const room = `${ORIGIN}${base}/room`;
const figures = {};

const sound = (person, piece) => status(person, `${base}/sound/${piece}`);
const listed = async ({ page }) => (await (await page.request.get(`${room}/pieces`)).json()).pieces.map(({ id }) => id);
const shown = ({ page }) => page.locator("[data-piece]").evaluateAll((rows) => rows.map((row) => row.dataset.piece));
const isGone = ({ page }, id) => page.waitForFunction((piece) => document.querySelector(`[data-piece="${piece}"]`) === null, id);

await open();
const heron = await come("heron", process.env.HERON);
const wren = await come("wren", process.env.WREN);
const magpie = await come("magpie", process.env.MAGPIE);
const crane = await come("crane", process.env.CRANE);
const all = [heron, wren, magpie];

const putOn = (piece) => heron.page.click(`[data-put-on="${piece}"]`);
const play = async (piece, title, ...who) => {
  await putOn(piece);
  for (const one of who) await isOn(one, title);
  await heron.page.click("#play");
  await Promise.all(who.map(sounds));
  await Promise.all(who.map(isLoud));
};
const listen = async (person) => {
  await comeIn(person, room);
  await person.page.check("#sound");
};

check((await post(heron, `${base}/begin`)).status() === 303, "the session cannot begin");
check((await post(wren, `${base}/guests`, { person: GUEST })).status() === 303, "nobody can be invited");
for (const one of all) await listen(one);

// ---- (a) one of the extracts is not for a manager ----
check((await shown(heron)).includes(APART) && (await shown(wren)).includes(APART), "the two do not see what they chose");
check(!(await shown(magpie)).includes(APART) && (await shown(magpie)).includes(FIRST), "the manager sees the name of what is not for them");
check((await magpie.page.textContent("#kept")).includes("That is fine."), "the manager is not told");
await putOn(APART);
await says(heron, "#closed", "stays closed while a manager is in the room");
await heron.page.waitForSelector("#room-problem", { state: "hidden" });
await says(wren, "#closed", "stays closed while a manager is in the room");
await says(magpie, "#closed", "This one is not for you");
check((await sound(magpie, APART)) === 404, "a manager is given what is not for them");
check((await heron.page.textContent("#on")) === "Choose what to hear", "it is on all the same");
await see(magpie, "room-not-for-a-manager");
await see(heron, "room-closed-while-a-manager-is-here");
await play(FIRST, "A long pause", ...all);
check(await magpie.page.isHidden("#closed"), "the manager is still told of what is not on");
// The two hear it while they are alone.
await magpie.page.goto(`${ORIGIN}/`);
await says(heron, "#people", "Here: Coach (coach), Owner.");
await play(APART, "Between the two of them", heron, wren);
await magpie.page.goto(room);
let from = Date.now();
await magpie.page.click("#enter");
await magpie.page.check("#sound");
for (const one of [heron, wren]) figures.apart_ms = Math.max(figures.apart_ms ?? 0, await heardOn(one, from));
await says(heron, "#closed", "This one stays closed while a manager is in the room");
await says(magpie, "#closed", "This one is not for you");
check((await magpie.page.evaluate(() => window.lastLoud)) === 0, "the manager heard some of it");
check((await sound(magpie, APART)) === 404, "a manager is given what is not for them");
await play(FIRST, "A long pause", ...all);

// ---- (e) the coach's page is loaded anew ----
const starts = await wren.page.evaluate(() => window.starts.length);
await heron.page.reload();
await isOn(heron, "A long pause");
await says(heron, "#play", "Pause");
await sounds(heron);
await isLoud(heron);
check((await wren.page.textContent("#on")) === "A long pause", "what was on went off");
check((await wren.page.evaluate(() => window.starts.length)) === starts, "the others heard a gap");
const places = await Promise.all([heron, wren].map(({ page }) => page.evaluate(() => window.whereHeard())));
const apart = Math.abs(places[0][1] - places[0][0] - places[1][1] + places[1][0]);
check(apart < 150, `${apart} ms apart after the page was loaded anew`);
await says(heron, "#people", "Here: Coach (coach), Owner, Stranger (invited).");

// ---- (b) a veto while it plays ----
from = Date.now();
check((await post(wren, `${base}/clips/${FIRST}/veto`, { vetoed: "yes" })).status() === 303, "a veto does not go through");
figures.veto_ms = Math.max(...(await Promise.all(all.map((one) => heardOn(one, from)))));
for (const one of all) {
  check((await sound(one, FIRST)) === 404, `${one.login} is given what was vetoed`);
  check(!(await listed(one)).includes(FIRST), `${one.login} is told of what was vetoed`);
  await isGone(one, FIRST);
}
await see(heron, "room-after-a-veto");

// ---- (d) a yes is taken back while it plays ----
await play(LATER, "Whose plan it is", ...all);
from = Date.now();
const took_back = await post(wren, `/recordings/${TAKEN}/people/${PERSON}/withdraw`, { purpose: "coach_playback", asked: "writing", confirm: "yes" });
check(took_back.status() === 303, `a yes is not taken back: ${took_back.status()} ${await took_back.text()}`);
figures.withdrawal_ms = Math.max(...(await Promise.all(all.map((one) => heardOn(one, from)))));
for (const one of all) {
  for (const piece of [LATER, LAST]) {
    check((await sound(one, piece)) === 404, `${one.login} is given what was taken back`);
    check(!(await listed(one)).includes(piece), `${one.login} is told of what was taken back`);
    await isGone(one, piece);
  }
}

// ---- (c) somebody signs out in another tab ----
await play(SECOND, "Saturday, and who decides", ...all);
await watch(wren);
from = Date.now();
await post(wren, "/sign-out");
figures.practitioner_out_ms = Math.max(await took(wren, from));
await says(heron, "#people", "Here: Coach (coach), Stranger (invited).");
check((await sound(wren, SECOND)) !== 200, "who has signed out is given sound");
await wren.page.waitForURL(/sign-in/);
await hold(wren, process.env.WREN2);
await listen(wren);
await sounds(wren);

const sentAway = async (name, out) => {
  await watch(heron);
  const since = Date.now();
  await out();
  const closed = await took(heron, since);
  const heard = await Promise.all([wren, magpie].map((one) => heardOn(one, since)));
  figures[name] = Math.max(closed, ...heard);
  for (const one of [wren, magpie]) await says(one, "#people", "The coach is not here just now.");
  check((await sound(heron, SECOND)) !== 200, "who was sent away is given sound");
  await heron.page.waitForURL(/sign-in/);
};
await sentAway("coach_out_ms", () => post(heron, "/sign-out"));
await see(wren, "room-without-the-coach");
await see(magpie, "room-without-the-coach-for-a-guest");
await hold(heron, process.env.HERON2);
await listen(heron);
await play(SECOND, "Saturday, and who decides", ...all);
await sentAway("coach_disabled_ms", async () => {
  const answer = await post(crane, `/admin/people/${COACH}/disable`);
  check(answer.status() === 303, `nobody is sent away: ${answer.status()}`);
});
await pause(300);
check((await status(heron, `${base}/room`)) !== 200, "the room is open to who was sent away");

fine(...all);
await close();
console.log(JSON.stringify(figures));
