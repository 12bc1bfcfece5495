// A supervision meeting: called, who came, the glass dome through its six phases with its clock, on a projector and on the
// pages of two coaches, and the volunteer's own note. KITE, HERON and VISITOR are the cookies of the supervisor and of two
// coaches; COACH is the first one's id. Writes how long it took until a coach's page showed what was done (ms).

import { arrive, check, close, leave, look, open, ORIGIN } from "./person.mjs";

const PHASES = ["1. Tell", "2. Ask", "3. Under the dome", "4. One piece of advice each", "5. What I take", "6. How it was to listen"];

async function person(login) {
  const one = await arrive(login);
  const [name, value] = process.env[login.toUpperCase()].split("=");
  await one.context.addCookies([{ name, value, url: ORIGIN }]);
  return one;
}
const press = (one, button) => Promise.all([one.page.waitForNavigation(), one.page.locator(button).first().click()]);
const text = (one) => one.page.textContent("main");
const said = async (one, what) => check((await text(one)).includes(what), `the page does not say “${what}”`);
const silent = async (one, what) => check(!(await text(one)).includes(what), `the page says “${what}”`);
const forget = (one, status) => (one.problems = one.problems.filter((problem) => !problem.includes(`status of ${status}`)));
const shows = (one, selector, what) => one.page.waitForFunction(([s, w]) => document.querySelector(s).textContent === w, [selector, what]);
const clock = async (one) => {
  const [minutes, seconds] = (await one.page.textContent("#dome-clock")).split(":").map(Number);
  return minutes * 60 + seconds;
};

await open();
const [kite, heron, visitor] = [await person("kite"), await person("heron"), await person("visitor")];

// ---- called ----
await heron.page.goto(`${ORIGIN}/supervision`);
await said(heron, "You are not invited to a meeting yet.");
await look(heron, "supervision-none");
await kite.page.goto(`${ORIGIN}/supervision/lead`);
await press(kite, "main form button[type=submit]");
check(await kite.page.isVisible("#day-error"), "a meeting without a day");
forget(kite, 422);
await look(kite, "supervision-lead-error");
await kite.page.fill("#day", "2026-12-01");
await kite.page.locator("input[name=coach]").first().waitFor();
for (const box of await kite.page.locator("input[name=coach]").all()) await box.check();
await press(kite, "main form button[type=submit]");
await said(kite, "1 December 2026");
const address = kite.page.url().split("?")[0];
const id = address.split("/").at(-1);
await look(kite, "supervision-lead");
await press(kite, ".hb-circle__seats button");
await kite.page.waitForSelector(".hb-circle__seats button[aria-pressed=true]");
check((await kite.page.inputValue("#volunteer")) === "", "somebody volunteers unasked");

// ---- the coach's page ----
await heron.page.goto(`${ORIGIN}/supervision`);
await press(heron, `a[href='/supervision/${id}']`);
await look(heron, "supervision-coach");
await visitor.page.goto(`${ORIGIN}/supervision/${id}`);
check((await heron.page.goto(`${ORIGIN}/supervision/lead/${id}`)).status() === 404, "a coach leads");
forget(heron, 404);
await heron.page.goto(`${ORIGIN}/supervision/${id}`);

// ---- the glass dome ----
await kite.page.selectOption("#volunteer", process.env.COACH);
await press(kite, "button[value=begin]");
const took = [];
for (const [nth, phase] of PHASES.entries()) {
  const before = Date.now();
  if (nth > 0) {
    await kite.page.click("#dome-hands button[value=next]");
    await shows(kite, "#dome-phase", phase);
  }
  await Promise.all([shows(heron, "#dome-phase", phase), shows(visitor, "#dome-phase", phase)]);
  took.push(Date.now() - before);
  check((await kite.page.textContent("#dome-calm")).includes("stands"), "a phase begins with a clock that runs");
  if (nth === 0 || nth === 2) {
    const full = await clock(kite);
    check(full === (nth === 0 ? 300 : 600), `phase ${nth + 1} is ${full} s long`);
    await kite.page.click("#dome-start");
    await kite.page.waitForFunction((was) => { const [m, s] = document.querySelector("#dome-clock").textContent.split(":").map(Number); return m * 60 + s <= was - 3; }, full);
    const [led, followed] = await Promise.all([clock(kite), clock(heron)]);
    check(Math.abs(led - followed) <= 1, `the clocks are at ${led} and ${followed}`);
    await look(kite, `dome-lead-${nth + 1}`);
    await look(heron, `dome-volunteer-${nth + 1}`);
    await kite.page.setViewportSize({ width: 1920, height: 1080 });
    await kite.page.click("#dome-full");
    await kite.page.waitForFunction(() => document.fullscreenElement !== null);
    const bottom = await kite.page.evaluate(() => document.querySelector("#dome-hands").getBoundingClientRect().bottom);
    check(bottom <= 1080, "on a projector the buttons are out of sight");
    await kite.page.screenshot({ path: `${process.env.OUT}/dome-projector-${nth + 1}.png` });
    await kite.page.click("#dome-full");
    await kite.page.waitForFunction(() => document.fullscreenElement === null);
    await kite.page.setViewportSize({ width: 1280, height: 900 });
    await kite.page.click("#dome-pause");
    await kite.page.waitForSelector("#dome-start:not([hidden])");
    const stands = await clock(kite);
    await new Promise((later) => setTimeout(later, 2200));
    check((await clock(kite)) === stands, "a clock that was stopped runs");
    check((await clock(heron)) === stands, "the coach's clock did not stop");
    await kite.page.click("#dome-hands button[value=longer]");
    await kite.page.waitForFunction((was) => Number(document.querySelector("#dome-clock").textContent.split(":")[0]) * 60 >= was - 60, stands + 60);
  }
}
await said(heron, ", which is you");
check(!(await visitor.page.isVisible("#dome-you")), "somebody else is told that they volunteered");

// ---- after it: one note, the volunteer's own ----
await press(kite, "button[value=end]");
await heron.page.waitForSelector("#note");
await heron.page.fill("#note", "I wait until the other one speaks.");
await press(heron, "form[action$='/note'] button");
check((await heron.page.inputValue("#note")) === "I wait until the other one speaks.", "the note is not there");
await look(heron, "supervision-note");
// What is being written stays, though they are under the dome once more.
await kite.page.waitForSelector("#volunteer");
await kite.page.selectOption("#volunteer", process.env.COACH);
await press(kite, "button[value=begin]");
await heron.page.waitForSelector("#dome-stage:not([hidden])");
await heron.page.fill("#note", "I wait until the other one speaks, and then a little longer.");
await press(kite, "button[value=end]");
await heron.page.waitForSelector("#dome-stage", { state: "hidden" });
await new Promise((later) => setTimeout(later, 1500));
check((await heron.page.inputValue("#note")).endsWith("a little longer."), "what was being written is gone");
await visitor.page.reload();
check((await visitor.page.locator("#note").count()) === 0, "somebody else has a note");
await kite.page.reload();
await silent(kite, "I wait until");
await look(kite, "supervision-after");
await kite.page.goto(`${ORIGIN}/supervision/lead`);
await said(kite, "from 29 December 2026 to 12 January 2027");
check((await kite.page.inputValue("#day")) === "2026-12-29", "the next one is not suggested");
await look(kite, "supervision-lead-list");

// ---- without our scripts ----
await kite.context.route(/\/assets\/.*\.js/, (route) => route.fulfill({ contentType: "text/javascript", body: "" }));
await kite.page.goto(address);
await kite.page.selectOption("#volunteer", process.env.COACH);
await press(kite, "button[value=begin]");
await press(kite, "#dome-start");
await press(kite, "#dome-hands button[value=next]");
await said(kite, "2. Ask");

for (const one of [kite, heron, visitor]) leave(one);
await close();
console.log(JSON.stringify({ followed_ms_most: Math.max(...took) }));
