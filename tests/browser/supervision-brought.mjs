// A moment brought to supervision, heard under the dome on everybody's page and silent again when it ends; a focus group whose
// recorder goes off by itself; a note that a researcher reads and no longer reads. WREN and HERON are the owner's cookies as a
// social worker and as a coach, VISITOR the other coach's, KITE the supervisor's, ROOK the researcher's. Writes how long after
// it began the player was there, and after it ended gone, how soon the recorder was off (ms), and how many pages axe looked at.

import { arrive, check, close, leave, look, open, ORIGIN } from "./person.mjs";

const { ID, MEETING, OWNER, COACH, RESEARCHER } = process.env;
const recording = `${ORIGIN}/recordings/${ID}`;
const [led, attended] = [`${ORIGIN}/supervision/lead/${MEETING}`, `${ORIGIN}/supervision/${MEETING}`];
let looked = 0;

async function person(login) {
  const one = await arrive(login);
  const [name, value] = process.env[login.toUpperCase()].split("=");
  await one.context.addCookies([{ name, value, url: ORIGIN }]);
  return one;
}
async function see(one, name) {
  await look(one, name);
  looked += 1;
}
const press = (one, button) => Promise.all([one.page.waitForNavigation(), one.page.locator(button).first().click()]);
const text = (one) => one.page.textContent("main");
const said = async (one, what) => check((await text(one)).includes(what), `the page does not say “${what}”`);
const silent = async (one, what) => check(!(await text(one)).includes(what), `the page says “${what}”`);
const forget = (one, status) => (one.problems = one.problems.filter((problem) => !problem.includes(`status of ${status}`)));
const player = (one) => one.page.waitForSelector("#brought audio", { state: "attached" });
const noPlayer = (one) => one.page.waitForSelector("#brought audio", { state: "detached" });
const shows = (one, what) => one.page.waitForFunction((w) => document.querySelector("#recorder").textContent === w, what);
/** Plays what was brought until some of it was heard. */
const plays = (one) =>
  one.page.evaluate(async () => {
    const player = document.querySelector("#brought audio");
    await player.play();
    while (player.currentTime < 0.3) await new Promise((later) => setTimeout(later, 50));
    window.heldOn = player;
    return player.duration;
  });

await open();
const [wren, heron, visitor] = [await person("wren"), await person("heron"), await person("visitor")];
const [kite, rook] = [await person("kite"), await person("rook")];

// ---- a moment is marked, listened for, brought ----
await wren.page.goto(recording);
await said(wren, "Others hear a moment once somebody has listened to the recording");
await wren.page.click(".hb-moments__more summary");
await wren.page.fill("#start-new", "0:06");
await wren.page.fill("#end-new", "0:11");
await wren.page.fill("#note-new", "What do I do with my silence here?");
await press(wren, "#mark-form button[type=submit]");
check((await wren.page.locator("form[action$='/bring']").count()) === 0, "it can be brought although nobody listened");
await see(wren, "brought-waits");
const status = await wren.page.evaluate(
  async (address) => (await fetch(address, { method: "POST", body: new URLSearchParams({ heard: "yes", version: "1" }) })).status,
  `${recording}/redaction/approve`,
);
check(status === 200, `nothing left to hide: ${status}`);
await wren.page.goto(recording);
await see(wren, "brought-can");
await press(wren, "form[action$='/bring'] button");
await said(wren, "You bring this to supervision on");
await see(wren, "brought");

// ---- told, and silent until they are under the dome ----
await Promise.all([heron.page.goto(attended), visitor.page.goto(attended), kite.page.goto(led)]);
await said(heron, "You have brought something to hear (0:05).");
await said(visitor, "Owner has brought something to hear (0:05).");
await said(kite, "Owner has brought something to hear (0:05).");
await silent(visitor, "my silence here");
for (const one of [heron, visitor, kite]) check((await one.page.locator("#brought audio").count()) === 0, "it can be heard before");
await see(visitor, "brought-told");
await see(kite, "brought-told-lead");

await kite.page.selectOption("#volunteer", OWNER);
await press(kite, "button[value=begin]");
const begun = Date.now();
await Promise.all([player(heron), player(visitor), player(kite)]);
const shown = Date.now() - begun;
const lengths = await Promise.all([plays(heron), plays(visitor), plays(kite)]);
for (const length of lengths) check(Math.abs(length - 5) < 0.01, `what is heard is ${length} s long`);
await see(visitor, "brought-heard");
await see(kite, "brought-heard-lead");
const sound = await visitor.page.getAttribute("#brought audio", "src");

// ---- it ends: the player is gone, what it held too, and its address is closed ----
await press(kite, "#dome-hands button[value=end]");
const ended = Date.now();
await Promise.all([noPlayer(heron), noPlayer(visitor), noPlayer(kite)]);
const gone = Date.now() - ended;
check(await visitor.page.evaluate(() => window.heldOn.paused && !window.heldOn.hasAttribute("src")), "it plays on");
check((await visitor.page.evaluate(async (address) => (await fetch(address)).status, sound)) === 404, "its address is open");
await kite.page.selectOption("#volunteer", COACH);
await press(kite, "button[value=begin]");
await visitor.page.waitForFunction(() => document.querySelector("#dome-who").textContent === "Coach");
check((await visitor.page.locator("#brought audio").count()) === 0, "it is heard while somebody else is under the dome");
await press(kite, "#dome-hands button[value=end]");
forget(visitor, 404);

// ---- brought anew: taken back while it is heard ----
await kite.page.selectOption("#volunteer", OWNER);
await press(kite, "button[value=begin]");
await player(visitor);
await press(wren, "form[action$='/take-back'] button");
await visitor.page.waitForSelector("#brought", { state: "hidden" });
check((await visitor.page.locator("#brought audio").count()) === 0, "what was taken back can be heard");
await press(kite, "#dome-hands button[value=end]");

// ---- a focus group ----
await press(kite, "button[value=plan]");
await said(kite, "Nobody has said yet that they take part.");
await visitor.page.waitForSelector("#focus-news:not([hidden])");
await press(visitor, "#focus-news a");
check(!(await visitor.page.isChecked("#takes-part")) && !(await visitor.page.isChecked("#recorded")), "something is ticked");
await see(visitor, "focus-asked");
await visitor.page.check("#takes-part");
await visitor.page.check("#recorded");
await press(visitor, "form[action$='/focus'] button");
await kite.page.waitForSelector("#recorder-on:not([hidden])");
await said(kite, "One takes part: Coach.");
await heron.page.goto(attended);
await heron.page.check("#takes-part");
await press(heron, "form[action$='/focus'] button");
await kite.page.waitForSelector("#recorder-on", { state: "hidden" });
await said(kite, "2 take part: ");
await see(kite, "focus-waits");
await heron.page.check("#recorded");
await press(heron, "form[action$='/focus'] button");
await kite.page.waitForSelector("#recorder-on:not([hidden])");
await press(kite, "#recorder-on");
await Promise.all([shows(kite, "Recorder: on"), shows(heron, "Recorder: on"), shows(visitor, "Recorder: on")]);
await see(visitor, "focus-on");
await see(kite, "focus-on-lead");
await visitor.page.uncheck("#recorded");
await press(visitor, "form[action$='/focus'] button");
const taken = Date.now();
await Promise.all([shows(kite, "Recorder: off"), shows(heron, "Recorder: off"), shows(visitor, "Recorder: off")]);
const off = Date.now() - taken;

// ---- a note, shared and taken back ----
await kite.page.fill("#debrief", "Two coaches came. A calm hour, with one moment that we heard twice.");
await press(kite, "form[action$='/debrief'] button[value=save]");
await rook.page.goto(`${ORIGIN}/`);
check((await rook.page.locator("a[href='/debriefs']").count()) === 0, "there is a link to nothing");
await kite.page.selectOption("#researcher", RESEARCHER);
await press(kite, "button[value=share]");
await said(kite, "Researcher can read it as it stands");
await see(kite, "debrief-shared");
await rook.page.goto(`${ORIGIN}/`);
await press(rook, "a[href='/debriefs']");
await said(rook, "A calm hour");
await see(rook, "debriefs");
await press(kite, "button[value=keep]");
await rook.page.reload();
await silent(rook, "A calm hour");
await see(rook, "debriefs-none");

// ---- without our scripts ----
await kite.context.route(/\/assets\/.*\.js/, (route) => route.fulfill({ contentType: "text/javascript", body: "" }));
await kite.page.goto(led);
await kite.page.click("#focus ~ details summary");
await press(kite, "button[value=drop]");
await said(kite, "Add a focus group");

for (const one of [wren, heron, visitor, kite, rook]) leave(one);
await close();
console.log(JSON.stringify({ shown_ms: shown, gone_ms: gone, recorder_off_ms: off, pages_looked_at: looked, browsers: 5 }));
