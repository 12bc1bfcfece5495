// Becoming a reliable coder, through its four stages: a set of three recordings, two people who score each alone and
// agree, one who learns: not there yet, once more, there; and what they code next.
//
// IDS are the recordings of the set, NEXT one that is not released; WREN, ROOK, HAWK and TERN the cookies of the social
// worker, of the two who agree and of the one who learns; FIRST, SECOND, THIRD and OWNER people's ids. None of our scripts
// arrives but the desk's.

import { arrive, check, close, leave, look, open, ORIGIN } from "./person.mjs";

const { FIRST, SECOND, THIRD, OWNER, NEXT } = process.env;
const IDS = process.env.IDS.split(",");
const ITEMS = ["empathy.acceptance", "empathy.curiosity", "empathy.understanding", "collaboration", "child_focus", "purposefulness", "clarity"];

await open();

/** Somebody who is signed in already. */
async function person(login) {
  const one = await arrive(login);
  const [name, value] = process.env[login.toUpperCase()].split("=");
  await one.context.addCookies([{ name, value, url: ORIGIN }]);
  await one.context.route(/\/assets\/.*\.js/, (route) => route.fulfill({ contentType: "text/javascript", body: "" }));
  return one;
}

const press = (one, button) => Promise.all([one.page.waitForNavigation(), one.page.locator(button).first().click()]);
const said = async (one, what) => check((await one.page.textContent("main")).includes(what), `the page does not say “${what}”`);
const silent = async (one, what) => check(!(await one.page.textContent("main")).includes(what), `the page says “${what}”`);
const forget = (one, status) => (one.problems = one.problems.filter((problem) => !problem.includes(`status of ${status}`)));
const go = (one, path) => one.page.goto(`${ORIGIN}${path}`);

/** Scores every item of a recording, and finishes. */
async function score(one, id, number) {
  const send = (method, path, data) => one.page.request.fetch(`${ORIGIN}/recordings/${id}/${path}`, { method, data, headers: { origin: ORIGIN, "content-type": "application/json" } });
  for (const item of ITEMS) check((await send("PUT", `scores/${item}`, { score: number })).status() === 204, `${item} was not scored`);
  const done = await one.page.request.post(`${ORIGIN}/recordings/${id}/coding/finish`, { form: {}, headers: { origin: ORIGIN }, maxRedirects: 0 });
  check(done.status() === 303, `the coding was not finished: ${done.status()}`);
}

const [wren, rook, hawk, tern] = [await person("wren"), await person("rook"), await person("hawk"), await person("tern")];

// ---- the social worker's yes ----
for (const [n, id] of IDS.entries()) {
  await go(wren, `/recordings/${id}`);
  if (n === 0) await look(wren, "teaching-asked");
  await press(wren, "form[action$='/teaching'] button[value='yes']");
  await said(wren, "People who learn to code may practise on it");
}
await look(wren, "teaching-said");

// ---- stage 1: a set, and two who agree ----
await go(rook, "/training");
await look(rook, "trainings-none");
await rook.page.selectOption("#size", "3");
await press(rook, "main form button");
await look(rook, "training-empty");
const set = new URL(rook.page.url()).pathname;
for (const [n, level] of ["lower", "middle", "higher"].entries()) {
  await rook.page.selectOption(`[id='level-${IDS[n]}']`, level);
  await press(rook, `form[action='/recordings/${IDS[n]}/training'] button`);
}
await said(rook, "Lower: 1. In the middle: 1. Higher: 1.");
await rook.page.selectOption("#founder", OWNER);
await press(rook, "form:has(#founder) button");
check(await rook.page.isVisible("#founder-error"), "somebody agrees on scores of their own recordings");
forget(rook, 422);
await look(rook, "training-founder-error");
for (const id of [FIRST, SECOND]) {
  await rook.page.selectOption("#founder", id);
  await press(rook, "form:has(#founder) button");
}
await score(rook, IDS[0], 2);
const early = await go(rook, `/recordings/${IDS[0]}/agreed/1`);
check(early.status() === 409, `before both have finished: ${early.status()}`);
forget(rook, 409);
for (const id of IDS) {
  if (id !== IDS[0]) await score(rook, id, 2);
  await score(hawk, id, 3);
}
for (const id of IDS) {
  await go(hawk, `/recordings/${id}/agreed/1`);
  if (id === IDS[0]) await look(hawk, "agreeing");
  for (const item of ITEMS) await hawk.page.selectOption(`[id='agreed.${item}']`, item === "clarity" ? "none" : "2.5");
  await hawk.page.fill("[id='note.child_focus']", "We heard the brother’s name twice.");
  await press(hawk, "main form button");
  await said(hawk, "Saved.");
}
await look(hawk, "agreeing-saved");
await go(rook, set);
await look(rook, "training-agreed");
await press(rook, "form[action$='/open'] button");
await said(rook, "Open. People can learn with it");

// ---- stages 2 and 3: somebody learns ----
await go(tern, `${set}/attempts`);
await said(tern, "Nobody has named you");
await rook.page.selectOption("#trainee", THIRD);
await press(rook, "form:has(#trainee) button");
await look(rook, "training-open");
await go(tern, set);
await silent(tern, "Lower: 1");
await look(tern, "training-trainee");
await go(tern, `${set}/attempts`);
await look(tern, "attempt-none");
await press(tern, "form[action$='/attempts'] button");
await look(tern, "attempt-begun");
for (const id of IDS) await score(tern, id, 5);
await go(tern, `${set}/attempts`);
await look(tern, "attempt-finished");
await press(tern, "form[action$='/hand-in'] button");
await said(tern, "0 of 21 scores lie within 1.0");
await silent(tern, "2.5");
await silent(tern, "brother");
const closed = await tern.page.request.get(`${ORIGIN}/recordings/${IDS[0]}/agreed/1`);
check(closed.status() === 409, `what was agreed is shown to somebody who learns: ${closed.status()}`);
await look(tern, "attempt-not-yet");

// ---- once more ----
await press(tern, "form[action$='/attempts'] button");
for (const id of IDS) await score(tern, id, 3);
await go(tern, `${set}/attempts`);
await press(tern, "form[action$='/hand-in'] button");
await said(tern, "18 of 21 scores lie within 1.0");
await said(tern, "You code independently with this version");
await look(tern, "attempt-reached");
await go(tern, `/recordings/${IDS[0]}/agreed/1`);
await said(tern, "We heard the brother’s name twice.");
await look(tern, "agreed-beside-own");

// ---- stage 4: on their own ----
const shared = await wren.page.request.post(`${ORIGIN}/recordings/${NEXT}/release`, { form: { researcher: THIRD }, headers: { origin: ORIGIN }, maxRedirects: 0 });
check(shared.status() === 303, `it was not shared: ${shared.status()}`);
await score(tern, NEXT, 3);
await go(rook, set);
await said(rook, "Codes independently since");
await look(rook, "training-reached");

// ---- and a no takes a recording out, for everybody who learns ----
await go(wren, `/recordings/${IDS[1]}`);
await press(wren, "form[action$='/teaching'] button[value='no']");
check((await tern.page.request.get(`${ORIGIN}/recordings/${IDS[1]}/code`)).status() === 404, "it is heard after a no");
await go(tern, `${set}/attempts`);
await said(tern, "18 of 21 scores lie within 1.0");

for (const one of [wren, rook, hawk, tern]) leave(one);
await close();
process.stdout.write(JSON.stringify({ done: true }));
