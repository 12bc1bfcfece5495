// Pictures of every page of coaching, in the states that people meet, at 375, 768 and 1280 px, each looked at by axe, none wider
// than its window; and no page asks anything of another address than its own.
//
// SERIES is agreed; SESSION is its first session, with FIRST to be heard, and NEXT one with nothing chosen; RECORDING is theirs.
// MEETING is a supervision meeting. WREN, HERON, ROOK, MAGPIE, CRANE, KITE and OWL are the cookies of the practitioner, the coach,
// the coder, a manager (GUEST), the co-ordinator, a supervisor and the programme lead; COACH is the coach's id.
// Writes how many pages and pictures there are.

import { join } from "node:path";

import { arrive, check, close, look, open, ORIGIN, OUT } from "./person.mjs";

const { SERIES, SESSION, NEXT, FIRST, RECORDING, MEETING, GUEST, COACH } = process.env;
const WIDTHS = [375, 768, 1280];
const problems = [];
const elsewhere = [];
let pages = 0;

async function person(login) {
  const one = await arrive(login);
  await one.context.unrouteAll();
  const [name, value] = process.env[login.toUpperCase()].split("=");
  await one.context.addCookies([{ name, value, url: ORIGIN }]);
  one.context.on("request", (request) => {
    if (!/^(data|blob|about):/.test(request.url()) && !request.url().startsWith(`${ORIGIN}/`)) elsewhere.push(request.url());
  });
  return one;
}
const post = (one, path, form = {}) => one.page.request.post(`${ORIGIN}${path}`, { form, headers: { origin: ORIGIN }, maxRedirects: 0 });
const done = async (one, path, form) => {
  const answer = await post(one, path, form);
  if (answer.status() >= 400) problems.push(`POST ${path}: ${answer.status()}`);
};
const press = (one, button) => Promise.all([one.page.waitForNavigation(), one.page.locator(button).first().click()]);

/** What is on the page now, at each width. */
async function take(one, name) {
  pages += 1;
  const file = `${String(pages).padStart(2, "0")}-${name}`;
  try {
    await look(one, file);
    const { page } = one;
    await page.setViewportSize({ width: 768, height: 1024 });
    await page.evaluate(() => window.scrollTo(0, 0));
    await page.screenshot({ path: join(OUT, `${file}-768.png`), fullPage: true });
    if (await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth)) problems.push(`${name} is wider than 768 px`);
    // Words that are cut off, or lie over each other.
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      const cut = await page.evaluate(() =>
        [...document.querySelectorAll("main button, main a, main h1, main h2, main h3, main label, main dt, main dd, main summary")]
          .filter((one) => one.offsetParent !== null && !one.closest(".govuk-visually-hidden, .hb-scroll"))
          .filter((one) => {
            const style = getComputedStyle(one);
            return one.scrollWidth > one.clientWidth + 1 && style.display !== "inline" && (style.overflowX === "hidden" || one.getBoundingClientRect().left + one.scrollWidth > innerWidth + 1);
          })
          .map((one) => one.textContent.trim().slice(0, 40)),
      );
      if (cut.length > 0) problems.push(`${name} at ${width} px cuts off: ${cut.join(" | ")}`);
    }
    await page.setViewportSize({ width: 1280, height: 900 });
  } catch (error) {
    problems.push(error.message);
  }
}
async function at(one, name, path, wanted = 200) {
  const answer = await one.page.goto(`${ORIGIN}${path}`);
  if (answer.status() !== wanted) problems.push(`${name}: ${path} answers ${answer.status()}`);
  else await take(one, name);
}

await open();
const [wren, heron, rook] = [await person("wren"), await person("heron"), await person("rook")];
const [magpie, crane, kite, owl] = [await person("magpie"), await person("crane"), await person("kite"), await person("owl")];
const series = `/series/${SERIES}`;
const session = `/sessions/${SESSION}`;
const room = `${session}/room`;
const enter = async (one) => {
  await one.page.goto(`${ORIGIN}${room}`);
  await one.page.click("#enter");
  await one.page.waitForSelector("#deck:not([hidden])");
};
const isOn = (one) => one.page.waitForFunction(() => document.querySelector("#on")?.textContent === "A long pause");

// ---- before the first session ----
await at(wren, "home-practitioner", "/");
await at(heron, "home-coach", "/");
await at(magpie, "home-manager", "/");
await at(wren, "coaching-practitioner", "/coaching");
await at(heron, "coaching-coach", "/coaching");
await at(crane, "coaching-desk", "/coaching");
await at(heron, "coach-profile", "/coaching/profile");
await at(heron, "coach-hours", "/coaching/hours");
await at(wren, "series-new", "/coaching/new");
await at(wren, "series-practitioner", series);
await at(heron, "series-coach", series);
await at(wren, "agreement", `${series}/agreement`);
await at(heron, "agreement-coach", `${series}/agreement`);
await at(wren, "agreement-print", `${series}/agreement/print`);
await at(wren, "session-plan", `${series}/sessions/new`);
await at(heron, "session-move", `${series}/sessions/${NEXT}/move`);
await at(wren, "series-another-coach", `${series}/coach`);
await at(wren, "series-ending", `${series}/end`);
await at(wren, "choosing-practitioner", session);
await at(heron, "choosing-coach", session);
await at(wren, "choosing-suggestions-practitioner", `/sessions/${NEXT}`);
await at(heron, "choosing-suggestions-coach", `/sessions/${NEXT}`);
await at(wren, "recording-moments", `/recordings/${RECORDING}`);
await at(rook, "playlist-coder", `/recordings/${RECORDING}/playlist`);

// ---- the room: before, during, after ----
await at(wren, "room-before-practitioner", room);
await at(heron, "room-before-coach", room);
await done(wren, `${session}/guests`, { person: GUEST });
await at(wren, "room-before-invited", room);
await at(magpie, "join", "/join");
await done(heron, `${session}/begin`);
await at(wren, "series-live", series);
await at(magpie, "home-manager-live", "/");
for (const one of [heron, wren, magpie]) await at(one, `room-door-${one.login}`, room);
for (const one of [heron, wren, magpie]) await enter(one);
for (const one of [heron, wren, magpie]) await take(one, `room-nothing-on-${one.login}`);
await heron.page.click(`[data-put-on="${FIRST}"]`);
for (const one of [heron, wren, magpie]) await isOn(one);
await heron.page.click("#play");
await heron.page.click("#mark");
await heron.page.locator("summary", { hasText: "Keys" }).click();
for (const one of [heron, wren, magpie]) await take(one, `room-playing-${one.login}`);
await heron.page.click("#slower");
await heron.page.click("#loop");
await heron.page.click(".hb-session__end summary");
await take(heron, "room-slower-and-ending");
await heron.context.setOffline(true);
await heron.page.waitForSelector("#room-problem:not([hidden])");
await take(heron, "room-away");
await heron.context.setOffline(false);
await heron.page.waitForSelector("#room-problem", { state: "hidden" });
await done(heron, `${session}/end`, { do: "end" });
await magpie.page.waitForSelector("#over");
await take(magpie, "room-over-for-a-manager");
await at(wren, "room-after-practitioner", room);
await at(heron, "room-after-coach", room);
await at(wren, "session-held", session);

// ---- sheets, goals, thread ----
await at(wren, "sheet-session-empty", `${session}/sheets/session`);
await done(wren, `${session}/sheets/session`, { revision: "0", focus: "The silence after I asked about Saturday.", came_up: "That I could wait longer, and that Robin then says more." });
await done(wren, `${session}/sheets/session/share`, { do: "share" });
await at(wren, "sheet-session-shared", `${session}/sheets/session`);
await at(heron, "sheet-session-read-by-the-coach", `${session}/sheets/session`);
for (const one of [wren, heron]) await at(one, `sheet-thinking-${one.login}`, `${session}/sheets/thinking`);
await at(wren, "sheet-take-away", `${session}/sheets/take-away`);
for (const kind of ["session", "thinking", "take-away"]) await at(wren, `sheet-${kind}-print`, `${session}/sheets/${kind}/print`);
await at(wren, "goals-none", `${series}/goals`);
await done(wren, `${series}/goals`, { text: "Wait a little longer before I ask again" });
await done(wren, `${series}/goals`, { text: "Say the hard thing plainly, and then be quiet" });
await at(wren, "goals", `${series}/goals`);
await at(heron, "goals-coach", `${series}/goals`);
await at(wren, "goals-print", `${series}/goals/print`);
await at(wren, "prompts-print", `${series}/prompts/print`);
await at(wren, "thread-practitioner", `${series}/thread`);
await at(heron, "thread-coach", `${series}/thread`);
await at(wren, "series-after-a-session", series);

// ---- who co-ordinates, who leads the programme ----
await at(crane, "attendance", "/attendance");
await at(owl, "coaching-figures", "/coaching/figures");

// ---- supervision ----
await at(heron, "supervision-coach", "/supervision");
await at(kite, "supervision-lead", "/supervision/lead");
await at(kite, "supervision-meeting-lead", `/supervision/lead/${MEETING}`);
await at(heron, "supervision-meeting-coach", `/supervision/${MEETING}`);
await kite.page.goto(`${ORIGIN}/supervision/lead/${MEETING}`);
await kite.page.selectOption("#volunteer", COACH);
await press(kite, "button[value=begin]");
await take(kite, "dome-lead");
await at(heron, "dome-volunteer", `/supervision/${MEETING}`);
for (let phase = 1; phase < 6; phase += 1) {
  const before = await kite.page.textContent("#dome-phase");
  await kite.page.click("#dome-hands button[value=next]");
  await kite.page.waitForFunction((was) => document.querySelector("#dome-phase").textContent !== was, before);
  if (phase === 2 || phase === 5) await take(kite, `dome-lead-phase-${phase + 1}`);
}

// ---- becoming a reliable coder ----
await at(rook, "trainings-none", "/training");
await done(rook, "/training", { version: "1", size: "3" });
await done(wren, `/recordings/${RECORDING}/teaching`, { answer: "yes" });
await done(rook, `/recordings/${RECORDING}/training`, { version: "1", do: "add", level: "middle" });
await at(rook, "trainings", "/training");
await at(rook, "training-set", "/training/1");
await at(rook, "debriefs", "/debriefs");

// ---- it ends ----
await done(wren, `${series}/end`, { how: "note", note: "We met, and I wait longer now." });
await at(wren, "series-ended-practitioner", series);
await at(heron, "series-ended-coach", series);
await at(wren, "thread-ended", `${series}/thread`);

const known = /ERR_|409|404|401|422|Failed to load|EventSource/;
for (const one of [wren, heron, rook, magpie, crane, kite, owl]) {
  problems.push(...one.problems.filter((problem) => !known.test(problem)).map((problem) => `${one.login}: ${problem}`));
}
await close();
check(elsewhere.length === 0, `asked of another address: ${elsewhere.join(", ")}`);
check(problems.length === 0, problems.join("\n"));
console.log(JSON.stringify({ pages, pictures: pages * WIDTHS.length }));
