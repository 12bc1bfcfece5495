// Coder and coach in one room, each in a browser of their own: in step; nothing but what is on; notes and proposals; and out
// of the room within a second when the other one's tab is closed, when somebody is kept away, signs out, or it is withheld.
//
// ID and OTHER are recordings; ROOK, HERON, WREN and OWL are the cookies of their coder, coach, practitioner and the data
// protection officer; COACH is the coach.
// Writes how far apart the two were, and how long it took until the room was closed.

import { arrive, check, close, look, open, ORIGIN } from "./person.mjs";

const { ID, OTHER, ROOK, HERON, WREN, OWL, COACH } = process.env;
const base = `${ORIGIN}/recordings/${ID}`;
const room = `${base}/briefing`;

async function come(login, cookie) {
  const person = await arrive(login);
  await person.context.unrouteAll(); // nobody needs copies of the sound here
  const [name, value] = cookie.split("=");
  await person.context.addCookies([{ name, value, url: ORIGIN }]);
  await person.page.addInitScript(() => addEventListener("pointerdown", () => { throw new Error("the mouse was used"); }, true));
  return person;
}

async function tabTo(page, selector) {
  for (let presses = 0; presses < 200; presses += 1) {
    if (await page.evaluate((s) => document.activeElement?.matches(s) ?? false, selector)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`${selector} cannot be reached with the Tab key`);
}

async function press(page, selector) {
  await tabTo(page, selector);
  await page.keyboard.press("Enter");
}

async function comeIn({ page }, at = room) {
  const answer = await page.goto(at);
  check(answer.status() === 200, `the room is closed: ${answer.status()}`);
  await press(page, "#enter");
  await page.waitForSelector("#deck:not([hidden])");
}

const together = ({ page }) => page.waitForFunction(() => document.querySelector("#people").textContent === "Here: Researcher, Coach.");
const isOn = ({ page }, what) => page.waitForFunction((text) => document.querySelector("#on").textContent.startsWith(text), what);
const playing = ({ page }) => page.waitForFunction(() => !document.querySelector("audio").paused);
const paused = ({ page }) => page.waitForFunction(() => document.querySelector("audio").paused);
/** What the address of the sound answers to this person, outside of their page. */
const direct = async ({ page }, number) => (await page.request.get(`${room}/audio?piece=${number}`)).status();

/** Notes in the page when its sound was let go of. */
const watch = ({ page }) =>
  page.evaluate(() => {
    window.goneAt = null;
    const timer = setInterval(() => {
      if (document.querySelector("audio").hasAttribute("src")) return;
      clearInterval(timer);
      window.goneAt = Date.now();
    }, 10);
  });
/** How long after `from` that was (ms). */
async function took({ page }, from) {
  await page.waitForFunction(() => window.goneAt !== null);
  return Math.max(0, (await page.evaluate(() => window.goneAt)) - from);
}

await open();
const rook = await come("rook", ROOK);
const heron = await come("heron", HERON);
const wren = await come("wren", WREN);
const owl = await come("owl", OWL);
check((await heron.page.request.get(`${base}/audio`)).status() === 404, "the coach hears the whole recording");
check((await direct(heron, 1)) === 409, "something is heard in an empty room");
await comeIn(heron);
check((await heron.page.textContent("#people")).startsWith("You are here alone"), await heron.page.textContent("#people"));
await comeIn(rook);
await together(rook);
await together(heron);
await look(heron, "briefing-coach");

// ---- put on, and played by the other one ----
const moment = await rook.page.getAttribute(".hb-moment >> nth=1", "data-moment");
check((await heron.page.locator("[data-put-on]").count()) === 0, "the coach can put something on");
await press(rook.page, `[data-put-on="${moment}"]`);
await isOn(rook, "Empathy – Curiosity");
await isOn(heron, "Empathy – Curiosity");
const source = await heron.page.getAttribute("audio", "src");
const number = Number(new URL(source, ORIGIN).searchParams.get("piece"));
const sound = await heron.page.request.get(`${ORIGIN}${source}`);
check(sound.status() === 200 && (await sound.body()).length === 44 + 20 * 32_000, `${sound.status()}: not twenty seconds of sound`);
check((await direct(heron, number - 1)) === 409, "what is not on is heard");
check((await direct(wren, number)) === 404, "somebody else hears it");
await heron.page.keyboard.press("k");
await Promise.all([playing(rook), playing(heron)]);

// ---- in step ----
const record = ({ page }) =>
  page.evaluate(() => {
    window.places = [];
    const sound = document.querySelector("audio");
    setInterval(() => sound.paused || sound.seeking || window.places.push([performance.timeOrigin + performance.now(), sound.currentTime * 1000]), 25);
  });
await Promise.all([record(rook), record(heron)]);
await new Promise((later) => setTimeout(later, 4000));
await rook.page.keyboard.press("r"); // both from the beginning again, in the middle of it
await new Promise((later) => setTimeout(later, 4000));
await look(rook, "briefing-coder");
const [ours, theirs] = await Promise.all([rook, heron].map(({ page }) => page.evaluate(() => window.places)));
const skews = [];
for (const [time, place] of ours) {
  const near = theirs.reduce((best, one) => (Math.abs(one[0] - time) < Math.abs(best[0] - time) ? one : best));
  if (Math.abs(near[0] - time) < 30) skews.push(Math.abs(place - time - (near[1] - near[0])));
}
skews.sort((a, b) => a - b);
check(skews.length > 60, `${skews.length} places are too few to tell`);
const at = (share) => Math.round(skews[Math.floor((skews.length - 1) * share)] * 10) / 10;

// ---- stopped at the same place ----
await heron.page.keyboard.press("k");
await Promise.all([paused(rook), paused(heron)]);
await new Promise((later) => setTimeout(later, 300));
const stopped = await Promise.all([rook, heron].map(({ page }) => page.evaluate(() => document.querySelector("audio").currentTime)));
check(Math.abs(stopped[0] - stopped[1]) < 0.05, `stopped at ${stopped}`);

// ---- what the two write ----
await tabTo(heron.page, "#note");
await heron.page.keyboard.type("Listen to the pause.");
await press(heron.page, "form[action$='/notes'] button");
await rook.page.waitForFunction(() => document.querySelector("#note-list").textContent.includes("Listen to the pause."));
await press(heron.page, `#moment-${moment} summary`);
await tabTo(heron.page, `#strength-${moment}`);
await heron.page.keyboard.type("You waited, and Robin went on.");
await tabTo(heron.page, `#question-${moment}`);
await heron.page.keyboard.type("What did you hear in the pause?");
await press(heron.page, `#moment-${moment} form button`);
await rook.page.waitForFunction(() => document.querySelector("#proposal-list").textContent.includes("You waited, and Robin went on."));
await look(rook, "briefing-written");

// ---- the coder's tab is closed: the coach hears no more, here or anywhere ----
await heron.page.keyboard.press("Escape");
await tabTo(heron.page, "#play");
await heron.page.keyboard.press("k");
await Promise.all([playing(rook), playing(heron)]);
await watch(heron);
let from = Date.now();
await rook.page.close();
const tab = await took(heron, from);
check((await direct(heron, number)) === 409, "what was on is still served");
check((await heron.page.evaluate(() => document.querySelector("audio").paused)), "it goes on playing");

/** Coder and coach are in the room again, and something plays. */
async function again() {
  await comeIn(rook);
  if (!(await heron.page.isVisible("#deck"))) await comeIn(heron);
  await together(heron);
  await press(rook.page, `[data-put-on="${moment}"]`);
  await isOn(heron, "Empathy – Curiosity");
  await isOn(rook, "Empathy – Curiosity");
  await rook.page.keyboard.press("k");
  await playing(heron);
  await watch(heron);
  return Number(new URL(await heron.page.getAttribute("audio", "src"), ORIGIN).searchParams.get("piece"));
}
rook.page = await rook.context.newPage();
rook.page.setDefaultTimeout(60_000);

// ---- kept away ----
let on = await again();
const post = (person, path, form) => person.page.request.post(`${ORIGIN}${path}`, { form, headers: { origin: ORIGIN }, maxRedirects: 0 });
from = Date.now();
check((await post(owl, `/recordings/${ID}/keep-away`, { person: COACH })).status() === 303, "the coach cannot be kept away");
const keptAway = await took(heron, from);
check((await direct(heron, on)) === 404, "whoever is kept away is served");
check((await heron.page.request.get(room)).status() === 404, "whoever is kept away sees the room");

// ---- the proposal waits on the playlist page ----
await rook.page.goto(`${base}/playlist`);
const proposed = await rook.page.textContent("#proposed + ol");
check(proposed.includes("What did you hear in the pause?") && proposed.includes("Coach"), proposed);
await look(rook, "briefing-playlist");
await press(rook.page, "#proposed + ol button");
await rook.page.waitForURL(/said=saved/);
check((await rook.page.textContent("#proposed + ol")).includes("It is an extract"), "no extract was made of it");

// ---- the other recording is withheld: its coder is out too ----
const other = `${ORIGIN}/recordings/${OTHER}/briefing`;
const alone = async (at) => {
  await comeIn(rook, at);
  await press(rook.page, "[data-put-on]");
  await rook.page.waitForFunction(() => document.querySelector("audio").hasAttribute("src"));
  await watch(rook);
};
await alone(other);
from = Date.now();
check((await post(wren, `/recordings/${OTHER}/withhold`, {})).status() === 303, "it cannot be withheld");
const withheld = await took(rook, from);
check((await rook.page.request.get(other)).status() === 404, "what was withheld is shown");

// ---- somebody signs out in another tab ----
await alone(room);
on = Number(new URL(await rook.page.getAttribute("audio", "src"), ORIGIN).searchParams.get("piece"));
check((await direct(rook, on)) === 200, "whoever is in the room does not hear it");
from = Date.now();
check((await post(rook, "/sign-out", {})).status() === 303, "signing out does not work");
const signedOut = await took(rook, from);
check((await direct(rook, on)) === 401, "whoever signed out is served");

const known = /ERR_|409|404|401|Failed to load/;
for (const { login, problems } of [rook, heron]) {
  const other = problems.filter((problem) => !known.test(problem));
  check(other.length === 0, `${login}: ${other.join("; ")}`);
}
await close();
console.log(
  JSON.stringify({
    skew_ms_p50: at(0.5),
    skew_ms_p95: at(0.95),
    skew_ms_most: at(1),
    closed_ms_tab: tab,
    closed_ms_kept_away: keptAway,
    closed_ms_withheld: withheld,
    closed_ms_signed_out: signedOut,
  }),
);
