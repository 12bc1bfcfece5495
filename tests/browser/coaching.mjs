// A series from its beginning to its end on its pages: who coaches, an agreement that both sign, sessions that are planned,
// moved and put off, another coach, an ending. WREN is the social worker's cookie, HERON and LARK the coaches', CRANE the
// co-ordinator's, OWL somebody else's; COACH and OTHER are the coaches' ids, TODAY the service's day.
// Writes how many pages axe looked at. Hours are typed and read where the browser is: in Kathmandu.

import { arrive, check, close, leave, look, open, ORIGIN } from "./person.mjs";

const { COACH, OTHER, TODAY } = process.env;
let looked = 0;

async function person(login, options = {}) {
  const one = await arrive(login, options);
  const [name, value] = process.env[login.toUpperCase()].split("=");
  await one.context.addCookies([{ name, value, url: ORIGIN }]);
  return one;
}
async function see(one, name) {
  await look(one, name);
  looked += 1;
}
const press = (one, button) => Promise.all([one.page.waitForNavigation(), one.page.locator(button).first().click()]);
const go = (one, path) => one.page.goto(`${ORIGIN}${path}`);
const text = (one) => one.page.textContent("main");
const said = async (one, what) => check((await text(one)).includes(what), `the page does not say “${what}”: ${await text(one)}`);
const forget = (one, status) => (one.problems = one.problems.filter((problem) => !problem.includes(`status of ${status}`)));
const dayIn = (days) => new Date(Date.parse(`${TODAY}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);

await open();
const [wren, heron, lark] = [await person("wren", { timezoneId: "Asia/Kathmandu" }), await person("heron"), await person("lark")];
const [crane, owl] = [await person("crane"), await person("owl", { javaScriptEnabled: false })];

// ---- who coaches ----
await go(wren, "/coaching");
await said(wren, "Whenever you are ready.");
await see(wren, "coaching-none");
for (const one of [heron, lark]) {
  await go(one, "/coaching/profile");
  await one.page.fill("#about", "I listen, and I ask.\nSilence is fine.");
  await press(one, "form[action='/coaching/profile'] button");
  check(await one.page.isVisible("#independence-error"), "where they stand was not asked");
  forget(one, 422);
  if (one === heron) await see(one, "coach-profile-error");
  await one.page.check("#independence");
  await one.page.fill("#reports_to", "the board of a charity");
  await one.page.fill("#accreditation", "Association for Coaching, 2025");
  await one.page.fill("#languages", "English, Cymraeg");
  await press(one, "form[action='/coaching/profile'] button");
  await said(one, "Saved.");
}
await see(heron, "coach-profile");

// ---- hours ----
await go(heron, "/coaching/hours");
await said(heron, "nothing yet");
await press(heron, "form[action='/coaching/hours'] button");
forget(heron, 422);
check(await heron.page.isVisible("#spent-error"), "how long it was is not asked");
await see(heron, "coach-hours-error");
await heron.page.check("input[name='kind'][value='supervised_group']");
await heron.page.fill("#day", TODAY);
await heron.page.fill("#spent", "1:30");
await heron.page.fill("#note", "Silence, and what it does to me.");
await press(heron, "form[action='/coaching/hours'] button");
await said(heron, "once, 1 h 30 min");
await see(heron, "coach-hours");
await go(crane, "/coaching");
await see(crane, "coaching-desk");
for (const id of [COACH, OTHER]) {
  await crane.page.fill(`[id='until-${id}']`, dayIn(365));
  await press(crane, `form[action='/coaching/coaches/${id}/check'] button`);
}
await said(crane, "looked at by the co-ordinator");

// ---- a series begins ----
await go(wren, "/coaching/new");
await see(wren, "series-new");
await press(wren, "form[action='/coaching/new'] button");
check(await wren.page.isVisible("#coach-error"), "nobody was chosen, and nothing is said");
check((await wren.page.locator("input[type='radio']:checked").count()) === 0, "something is chosen beforehand");
for (const one of ["counselling", "reluctant", "witness", "safety"]) {
  check(await wren.page.isVisible(`#${one}-error`), `${one} was left open, and nothing is said`);
}
forget(wren, 422);
await see(wren, "series-new-error");
await wren.page.fill("#name", "Robin");
await wren.page.selectOption("#skill", "empathy");
await wren.page.fill("#issue", "What happens when I wait.");
await wren.page.check(`input[name='coach'][value='${COACH}']`);
for (const one of ["reluctant", "witness", "safety"]) await wren.page.check(`#${one}-no`);
await wren.page.check("#counselling");
await press(wren, "form[action='/coaching/new'] button");
await said(wren, "Let us stop and think together");
await said(wren, "you decide");
await see(wren, "series-think");
await wren.page.fill("#note", "We asked, and she would like to.");
await press(wren, "button[name='go'][value='on']");
await said(wren, "With Coach");
await wren.page.click("text=What you thought about before you began");
await said(wren, "We asked, and she would like to.");
const series = new URL(wren.page.url()).pathname;
await see(wren, "series-begun");
await go(owl, series);
check((await owl.page.textContent("h1")) !== "Robin", "somebody else sees it");
forget(owl, 404);

// ---- the agreement ----
await go(heron, `${series}/agreement`);
await see(heron, "agreement-new");
await heron.page.fill("#place", "the small room, with the door shut");
await heron.page.check("input[name='channel'][value='here']");
await press(heron, `form[action='${series}/agreement'] button`);
await press(heron, `form[action='${series}/agreement/sign'] button`);
forget(heron, 422);
await see(heron, "agreement-ticks");
for (const one of [heron, wren]) {
  await go(one, `${series}/agreement`);
  for (const n of [0, 1, 2]) await one.page.check(`[id='tick.${n}']`);
  await press(one, `form[action='${series}/agreement/sign'] button`);
}
await said(wren, "You have both signed.");
await see(wren, "agreement-signed");
await go(wren, `${series}/agreement/print?style=large`);
await see(wren, "agreement-print");
await wren.page.emulateMedia({ media: "print" });
check(!(await wren.page.isVisible("header.hb-header")), "the frame of the site is printed");
await wren.page.emulateMedia({ media: "screen" });

// ---- sessions: hours are those of the reader ----
await go(wren, `${series}/sessions/new`);
await see(wren, "session-plan");
check((await wren.page.inputValue("#place")) === "the small room, with the door shut", "the place that they agreed on");
await wren.page.fill("#day", dayIn(7));
await wren.page.fill("#time", "10:00");
await press(wren, `form[action='${series}/sessions'] button`);
await said(wren, "10:00");
await see(wren, "series-planned");
const [file] = await Promise.all([wren.page.waitForEvent("download"), wren.page.click("a[href$='/calendar']")]);
check(file.suggestedFilename() === "coaching-session.ics", `a file called ${file.suggestedFilename()}`);
const chunks = [];
for await (const chunk of await file.createReadStream()) chunks.push(chunk);
const entries = Buffer.concat(chunks).toString();
const begins = `DTSTART:${dayIn(7).replaceAll("-", "")}T041500Z`;
check(entries.includes(begins), `the calendar has another hour: ${entries}`);
const moment = await wren.page.getAttribute("time[data-local]", "datetime");
check(moment === `${dayIn(7)}T04:15:00Z`, `ten o’clock in Kathmandu is ${moment}`);
await press(wren, "form[action$='/postpone'] button");
await said(wren, "Put off. Nothing else changes");
await press(wren, "a[href$='/move']");
check((await wren.page.inputValue("#time")) === "10:00", "the hour that it had");
await see(wren, "session-move");
await press(wren, "form[action$='/move'] button");
await go(wren, "/");
await said(wren, "session 1 about Robin");
await see(wren, "home-with-a-session");
await go(heron, "/coaching");
await said(heron, "Robin");
await see(heron, "coaching-coach");
await go(heron, series);
await see(heron, "series-coach");

// ---- another coach ----
await go(wren, `${series}/coach`);
await see(wren, "series-another-coach");
await wren.page.check(`input[name='coach'][value='${OTHER}']`);
await press(wren, `form[action='${series}/coach'] button`);
await said(wren, "The agreement is there for you to read and sign.");
const out = await go(heron, series);
check(out.status() === 404, `the coach from before is answered ${out.status()}`);
forget(heron, 404);
await go(lark, series);
await said(lark, "With Owner");

// ---- what may be told, and the end ----
await press(wren, `form[action='${series}/attendance'] button`);
await go(crane, "/attendance");
await said(crane, "Owner is receiving coaching");
await see(crane, "attendance");
await go(wren, `${series}/end`);
await wren.page.check("input[name='how'][value='note']");
await press(wren, `form[action='${series}/end'] button`);
forget(wren, 422);
await see(wren, "series-end-error");
await wren.page.fill("#note", "We met, and I wait longer now.");
await press(wren, `form[action='${series}/end'] button`);
await said(wren, "We met, and I wait longer now.");
await see(wren, "series-ended");

for (const one of [wren, heron, lark, crane, owl]) leave(one);
await close();
console.log(JSON.stringify({ pages: looked }));
