// From a mark at the playhead to the thread: the practitioner marks moments of their own recording, the coder makes an extract
// of one, coach and practitioner choose what is heard, a veto is gone from the coach's open page, and the thread plays.
//
// ID is a recording of SERIES, SESSION one of its sessions; CURIOUS and TOGETHER are extracts that are shared. WREN, HERON and
// ROOK are the cookies of its practitioner, coach and coder.
// Writes how long it took until the coach's open page did not have what was taken out, and how many pages were looked at.

import { arrive, check, close, look as picture, open, ORIGIN } from "./person.mjs";

const { ID, SERIES, SESSION, CURIOUS, TOGETHER, WREN, HERON, ROOK } = process.env;
const mine = `${ORIGIN}/recordings/${ID}`;
const session = `${ORIGIN}/sessions/${SESSION}`;
const thread = `${ORIGIN}/series/${SERIES}/thread`;

let looked = 0;
async function look(person, name) {
  await picture(person, name);
  looked += 1;
}

async function come(login, cookie, options) {
  const person = await arrive(login, options);
  await person.context.unrouteAll(); // nobody needs copies of the sound here
  const [name, value] = cookie.split("=");
  await person.context.addCookies([{ name, value, url: ORIGIN }]);
  return person;
}

const titles = ({ page }) => page.$$eval(".hb-piece__title", (all) => all.map((one) => one.textContent.trim()));
const moments = ({ page }) => page.$$eval("#moments > li", (all) => all.map((one) => one.querySelector("h3").textContent.trim().replace(/\s+/g, " ")));
const same = (a, b, what) => check(JSON.stringify(a) === JSON.stringify(b), `${what}: ${JSON.stringify(a)}`);
const plays = (page, selector) => page.waitForFunction((s) => document.querySelector(s).currentTime > 0.2 && !document.querySelector(s).paused, selector);

await open();
const wren = await come("wren", WREN);
const heron = await come("heron", HERON);
const rook = await come("rook", ROOK);

// ---- marked while it plays ----
await wren.page.goto(mine);
await wren.page.waitForSelector("#moments-card:not([hidden])");
await wren.page.waitForFunction(() => document.querySelector("body > audio")?.readyState > 0);
const hearAt = async (seconds) => {
  await wren.page.evaluate((at) => { document.querySelector("body > audio").currentTime = at; }, seconds);
  await wren.page.waitForFunction((at) => Math.abs(document.querySelector("body > audio").currentTime - at) < 0.5, seconds);
};
await hearAt(40);
await wren.page.click('[data-mark="proud"]');
await wren.page.waitForSelector("#moments > li");
same(await moments(wren), ["Proud of 0:25 – 0:40"], "what was marked");
await hearAt(135);
await wren.page.click('[data-mark="wonder"]');
await wren.page.waitForSelector("#moments > li >> nth=1");
await hearAt(60);
await wren.page.click('[data-mark="wonder"]');
await wren.page.waitForSelector("#moments > li >> nth=2");
same(await moments(wren), ["Proud of 0:25 – 0:40", "Wonder about 0:45 – 1:00", "Wonder about 2:00 – 2:15"], "in the order of the recording");
await look(wren, "recording-moments");
// heard, from its beginning to its end
await wren.page.click("#moments > li >> nth=1 >> [data-hear]");
await wren.page.waitForFunction(() => !document.querySelector("body > audio").paused && document.querySelector("body > audio").currentTime < 60);
check((await wren.page.evaluate(() => document.querySelector("body > audio").currentTime)) >= 44.9, "it does not begin where it was marked");
await wren.page.evaluate(() => document.querySelector("body > audio").pause());
// what the script added can be changed and taken out, like everything else
await wren.page.click("#moments > li >> nth=2 >> summary");
await wren.page.fill("#moments > li >> nth=2 >> input[name=end]", "2:13");
await wren.page.fill("#moments > li >> nth=2 >> textarea", "What would I add, hearing it again?");
await wren.page.click("#moments > li >> nth=2 >> [data-change] button");
await wren.page.waitForURL(/said=saved/);
await wren.page.click("#moments > li >> nth=1 >> [data-remove] button");
await wren.page.waitForURL(/said=removed/);
await wren.page.waitForSelector("#moments-card:not([hidden])");
same(await moments(wren), ["Proud of 0:25 – 0:40", "Wonder about 2:00 – 2:13"], "changed, and taken out");

// ---- the same without scripts ----
const bare = await come("bare", WREN, { javaScriptEnabled: false });
await bare.page.goto(mine);
await bare.page.click("#moments-card > details > summary");
await bare.page.check("#kind-new-2");
await bare.page.fill("#start-new", "2:30");
await bare.page.fill("#end-new", "2:20");
await bare.page.click("#mark-form button");
check((await bare.page.textContent("#end-new-error")).includes("after the beginning"), "the end before the beginning is taken");
await bare.page.fill("#start-new", "2:30");
await bare.page.fill("#end-new", "2:40");
await bare.page.click("#mark-form button");
await bare.page.waitForURL(/said=saved/);
const written = await bare.page.$$eval("#moments > li", (all) => all.length);
check(written === 3, `${written} moments without scripts`);
await bare.page.click("#moments > li >> nth=2 >> [data-remove] button");
await bare.page.waitForURL(/said=removed/);
await bare.context.close();

// ---- the coder sees them, and makes an extract of one ----
await rook.page.goto(`${mine}/briefing`);
check((await rook.page.textContent("#nominated-list")).includes("Wonder about"), "the briefing does not have them");
await rook.page.goto(`${mine}/playlist`);
const nominated = rook.page.locator(".hb-moment", { hasText: "Wonder about" });
check((await nominated.textContent()).includes("What would I add"), "what was written to it is not there");
await nominated.locator("summary").click();
await look(rook, "playlist-nominated");
await nominated.locator("form button").click();
check((await rook.page.textContent(".govuk-error-message")).includes("Choose the skill"), "an extract of no skill");
await rook.page.locator(".hb-moment", { hasText: "Wonder about" }).locator("select").selectOption("purposefulness");
await rook.page.locator(".hb-moment", { hasText: "Wonder about" }).locator("textarea[name=note]").fill("You said why you came.");
await rook.page.locator(".hb-moment", { hasText: "Wonder about" }).locator("form button").click();
await rook.page.waitForURL(/playlist\?said=saved/);
check((await rook.page.textContent("main")).includes("It is being cut."), "it goes another way than every extract");
await heron.page.goto(session);
check((await heron.page.locator("#proposed ~ ul .hb-moment").count()) === 0, "a playlist that is not agreed is proposed");
await rook.page.click("text=Share the playlist");
await rook.page.waitForURL(/said=agreed/);

// ---- what could be heard, and why ----
await heron.page.goto(session);
const proposed = await heron.page.$$eval("section[aria-labelledby=proposed] > ul > li", (all) => all.map((one) => one.id));
same(proposed, [`could-${TOGETHER}`, `could-${CURIOUS}`], "the focus goes first");
check((await heron.page.textContent(`#could-${TOGETHER}`)).includes("It is about what Owner chose to look at."), "the focus is not named");
check((await heron.page.textContent(`#could-${CURIOUS}`)).includes("Owner marked this: proud of."), "the mark is not named");
check((await heron.page.textContent(`#could-${CURIOUS}`)).includes("The coder heard this as an example of Empathy – Curiosity."), "the example is not named");
await wren.page.goto(session);
check((await wren.page.textContent(`#could-${CURIOUS}`)).includes("You marked this: proud of."), "they are not told that it was them");
await look(wren, "session-empty");

// ---- chosen together ----
await heron.page.click(`#could-${CURIOUS} button`);
await heron.page.waitForURL(/said=saved/);
await wren.page.waitForSelector("#changed:not([hidden])"); // what came is told, and nothing jumps
await wren.page.click("#changed a");
await wren.page.waitForSelector(".hb-piece");
await wren.page.click(`#could-${TOGETHER} button`);
await wren.page.waitForURL(/said=saved/);
same(await titles(wren), ["Empathy – Curiosity", "Collaboration"], "in the order of adding");
check((await wren.page.textContent("#total")) === "32 seconds", await wren.page.textContent("#total"));
const curious = await wren.page.getAttribute(".hb-piece >> nth=0", "data-piece");
await wren.page.click(".hb-piece >> nth=1 >> [value=up]");
await wren.page.waitForURL(/said=moved/);
same(await titles(wren), ["Collaboration", "Empathy – Curiosity"], "moved");
await heron.page.goto(session);
await heron.page.click(`#piece-${curious} summary`);
await heron.page.fill(`#title-${curious}`, "");
await heron.page.click(`#piece-${curious} details button`);
check((await heron.page.textContent(`#title-${curious}-error`)).includes("a name, in a few words"), "a name of nothing");
await heron.page.fill(`#title-${curious}`, "A pause that was long enough");
await heron.page.fill(`#question-${curious}`, "What did you hear in the pause?");
await heron.page.click(`#piece-${curious} details button`);
await heron.page.waitForURL(/said=saved/);
same(await titles(heron), ["Collaboration", "A pause that was long enough"], "its name");
await look(heron, "session-coach");
await wren.page.goto(session);
await look(wren, "session-practitioner");

// ---- heard, one at a time ----
await heron.page.click("h1"); // browsers play nothing before somebody did something
await heron.page.evaluate(() => document.querySelectorAll("audio")[0].play());
await plays(heron.page, ".hb-piece:nth-child(1) audio");
await heron.page.evaluate(() => document.querySelectorAll("audio")[1].play());
await plays(heron.page, ".hb-piece:nth-child(2) audio");
check(await heron.page.evaluate(() => document.querySelectorAll("audio")[0].paused), "two at once");

// ---- a veto is gone from the coach's open page ----
await heron.page.evaluate((id) => {
  window.goneAt = null;
  const timer = setInterval(() => {
    if (document.querySelector(`#piece-${CSS.escape(id)}`)) return;
    clearInterval(timer);
    window.goneAt = Date.now();
  }, 10);
  window.sound = document.querySelector(`[data-piece="${id}"] audio`);
}, curious);
const sound = `${session}/clips/${curious}/sound`;
check((await heron.page.request.get(sound)).status() === 200, "the coach does not hear it");
const from = Date.now();
await wren.page.click(`#piece-${curious} [value=yes]`);
await heron.page.waitForFunction(() => window.goneAt !== null);
const gone = Math.max(0, (await heron.page.evaluate(() => window.goneAt)) - from);
check(await heron.page.evaluate(() => window.sound.paused), "it goes on playing");
check((await heron.page.textContent("#total")) === "12 seconds", await heron.page.textContent("#total"));
check((await heron.page.request.get(sound)).status() === 404, "it is still served");
await heron.page.reload();
same(await titles(heron), ["Collaboration"], "it comes back");
check((await heron.page.locator(`#could-${CURIOUS}`).count()) === 0, "it is proposed again");
await wren.page.click("summary:has-text('rather not hear')");
await look(wren, "session-vetoed");
await wren.page.click("text=I would like to hear it after all");
await wren.page.waitForURL(/said=saved/);
await heron.page.waitForSelector("#changed:not([hidden])");
check((await heron.page.request.get(sound)).status() === 200, "their word does not count");

// ---- from one recording to the next ----
await wren.page.goto(thread);
const walk = await wren.page.textContent(".hb-thread");
for (const words of ["A recording with Robin", "Clarity of issues", "Heard together on", "A moment that you marked", "You decided to try", "Wait a little longer before I ask", "You marked this: proud of."]) {
  check(walk.includes(words), `the thread does not say: ${words}`);
}
await wren.page.click("[data-from]");
await wren.page.waitForFunction(() => document.querySelector(".hb-thread__hearing audio").currentTime > 3);
await look(wren, "thread-practitioner");
await heron.page.goto(thread);
check((await heron.page.textContent(".hb-thread")).includes("Owner marked"), "who marked it");
check(!(await heron.page.textContent("main")).includes("Wait a little longer"), "what was not shared is read");
await look(heron, "thread-coach");

// A page that the browser could not load a thing for is none of these: what was taken out answers 404 while it is asked for.
for (const person of [wren, heron, rook]) {
  const problems = person.problems.filter((line) => !line.includes("404") && !line.includes("422"));
  check(problems.length === 0, `${person.login}: ${problems.join("; ")}`);
}
await close();
console.log(JSON.stringify({ gone_after_ms: gone, pages_looked_at: looked }));
