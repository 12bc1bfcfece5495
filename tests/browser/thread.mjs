// A thread of two recordings, walked along as sound: what is suggested is heard before it is added; each step plays; and when
// the practitioner has ended the series, it plays for them and for nobody else.
//
// SERIES has the session HELD, in which PIECE was heard, and the session TO_COME, for which nothing is chosen: of the recording
// SECOND there are the extracts CHOICE and PLAIN. WREN and HERON are the cookies of its practitioner and its coach.
// Writes how many players were heard, and how many pages of the thread were looked at.

import { arrive, check, close, look as picture, open, ORIGIN } from "./person.mjs";

const { SERIES, HELD, TO_COME, PIECE, CHOICE, PLAIN, SECOND } = process.env;
const thread = `${ORIGIN}/series/${SERIES}/thread`;
const [held, toCome] = [HELD, TO_COME].map((id) => `${ORIGIN}/sessions/${id}`);

let [heard, looked] = [0, 0];
async function look(person, name) {
  await picture(person, name);
  looked += 1;
}

async function come(login) {
  const person = await arrive(login);
  await person.context.unrouteAll(); // nobody needs copies of the sound here
  const [name, value] = process.env[login.toUpperCase()].split("=");
  await person.context.addCookies([{ name, value, url: ORIGIN }]);
  return person;
}

/** Plays a player until something was heard of it, with a click as a person's. */
async function hear({ page }, player) {
  await page.click("h1"); // browsers play nothing before somebody did something
  await player.evaluate((one) => one.play());
  const handle = await player.elementHandle();
  await page.waitForFunction((one) => one.currentTime > 0.3 && !one.paused && !one.error, handle);
  await player.evaluate((one) => one.pause());
  heard += 1;
}

/** Plays all that there is, one after the other; how many. */
async function hearAll(person) {
  const players = person.page.locator("main audio");
  const count = await players.count();
  for (let n = 0; n < count; n += 1) await hear(person, players.nth(n));
  return count;
}

const same = (a, b, what) => check(JSON.stringify(a) === JSON.stringify(b), `${what}: ${JSON.stringify(a)}`);
const words = ({ page }) => page.$eval("main", (main) => main.textContent.replace(/\s+/g, " "));
async function inOrder(person, steps) {
  const said = await words(person);
  let from = 0;
  for (const step of steps) {
    const at = said.indexOf(step, from);
    check(at >= 0, `the thread does not say “${step}” where it belongs: ${said}`);
    from = at + step.length;
  }
}

await open();
const [wren, heron] = [await come("wren"), await come("heron")];

// ---- a suggestion is heard before it is added ----
for (const person of [heron, wren]) {
  await person.page.goto(toCome);
  for (const id of [CHOICE, PLAIN]) await hear(person, person.page.locator(`#could-${id} audio`));
  check((await person.page.locator(".hb-piece").count()) === 0, "hearing it added it");
}
await look(heron, "suggestions-coach");
await wren.page.goto(thread);
check((await words(wren)).includes("It is not in a session yet."), "it is in one already");
check((await hearAll(wren)) === 3, "what is in no session yet has no player in the thread");
await heron.page.click(`#could-${CHOICE} button`);
await heron.page.waitForURL(/said=saved/);
await hear(heron, heron.page.locator(".hb-piece audio"));

// ---- moment, extract, session, what came of it, the next recording ----
const steps = [
  "A recording with Robin", "Empathy – Curiosity", "You waited, and Robin went on.", "marked this: proud of.",
  "Heard together on", "A moment that",
];
const further = ["A recording with Robin", "Collaboration", "In the session of", "Clarity of issues", "It is not in a session yet."];
await wren.page.goto(thread);
await inOrder(wren, [...steps, "You decided to try", "Wait a little longer before I ask", ...further]);
check((await hearAll(wren)) === 3, "a step has no sound");
await wren.page.click("[data-from]");
await wren.page.waitForFunction(() => document.querySelector(".hb-thread__hearing audio").currentTime > 3.2);
heard += 1;
await look(wren, "thread-two-practitioner");
// From the thread to the session, where it plays too, and to the whole of the next recording.
await wren.page.click("text=Heard together on");
await wren.page.waitForURL(held);
await hear(wren, wren.page.locator(".hb-piece audio"));
await wren.page.goto(thread);
await wren.page.locator("text=Hear the whole recording").nth(1).click();
await wren.page.waitForURL(`${ORIGIN}/recordings/${SECOND}`);
await heron.page.goto(thread);
await inOrder(heron, [...steps, ...further]);
check((await hearAll(heron)) === 3, "a step has no sound for the coach");
const own = await heron.page.locator("text=Hear the whole recording").count();
check(own === 0, "the coach is sent to the recording");
await look(heron, "thread-two-coach");

// ---- when the series has ended ----
const sound = `${held}/clips/${PIECE}/sound`;
check((await heron.page.request.get(sound)).status() === 200, "the coach does not hear it while it goes on");
await wren.page.goto(`${ORIGIN}/series/${SERIES}/end`);
await wren.page.check("input[name='how'][value='nothing']");
await Promise.all([wren.page.waitForNavigation(), wren.page.locator(`form[action='/series/${SERIES}/end'] button`).click()]);
await wren.page.goto(thread);
check((await words(wren)).includes("What you heard in them is still here for you"), "they are not told");
check((await wren.page.locator(".hb-thread__hearing audio").count()) >= 1, "what was heard is gone");
await hearAll(wren);
await wren.page.click("[data-from]");
await wren.page.waitForFunction(() => document.querySelector(".hb-thread__hearing audio").currentTime > 3.2);
await look(wren, "thread-ended-practitioner");
await wren.page.goto(held);
await hear(wren, wren.page.locator(".hb-piece audio"));
await look(wren, "session-ended-practitioner");
for (const [place, name] of [[thread, "thread-ended-coach"], [held, "session-ended-coach"]]) {
  await heron.page.goto(place);
  check((await words(heron)).includes("the extracts do not play here any more"), `${name}: they are not told`);
  check((await heron.page.locator("main audio, [data-from]").count()) === 0, `${name}: it plays`);
  await look(heron, name);
}
for (const address of [sound, `${toCome}/clips/${PIECE}/sound`]) {
  check((await heron.page.request.get(address)).status() === 404, `the coach hears it at ${address}`);
}

for (const person of [wren, heron]) same(person.problems, [], `problems of ${person.login}`);
await close();
console.log(JSON.stringify({ players_heard: heard, thread_pages_looked_at: looked }));
