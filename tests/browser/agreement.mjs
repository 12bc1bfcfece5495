// A protocol and what comes of it: a social worker lets a second researcher code a recording, the first one takes it into a
// protocol and chooses them, the second one is shown the words and nothing to change, the yes is taken back; and the page
// that says how far coders agree.
//
// ID is the recording, WREN, ROOK and HAWK the cookies of the social worker and of both researchers, FIRST and SECOND the
// researchers' ids. Writes how many recordings are counted, and how many lines the table has.

import { arrive, check, close, leave, look, open, ORIGIN } from "./person.mjs";

const { ID, FIRST, SECOND } = process.env;

await open();

/** Somebody who is signed in already. */
async function person(login) {
  const one = await arrive(login);
  const [name, value] = process.env[login.toUpperCase()].split("=");
  await one.context.addCookies([{ name, value, url: ORIGIN }]);
  return one;
}

const press = (page, button) => Promise.all([page.waitForNavigation(), page.locator(button).first().click()]);
const said = async (page, what) => check((await page.textContent("main")).includes(what), `the page does not say “${what}”`);
const forget = (one, status) => (one.problems = one.problems.filter((problem) => !problem.includes(`status of ${status}`)));

// ---- the social worker says yes to two ----
const wren = await person("wren");
await wren.page.goto(`${ORIGIN}/recordings/${ID}`);
check(!(await wren.page.isChecked("#second_coder")), "a yes to a second researcher is ticked beforehand");
await look(wren, "sharing");
await wren.page.selectOption("#researcher", FIRST);
await wren.page.check("#second_coder");
await press(wren.page, "form[action$='/release'] button");
await said(wren.page, "A second researcher may listen to it too");
await look(wren, "shared");

// ---- a protocol, and a second coder ----
const rook = await person("rook");
await rook.page.goto(`${ORIGIN}/protocols/new`);
await press(rook.page, "main form button");
check(await rook.page.isVisible("#name-error"), "a protocol without a name is accepted");
forget(rook, 422);
await look(rook, "protocol-new-missing");
await rook.page.fill("#name", "Autumn, part two");
await rook.page.check("#part-5");
await rook.page.fill("#twice", "100");
await rook.page.fill("#drift", "12");
await press(rook.page, "main form button");
await said(rook.page, "Autumn, part two");
const protocol = new URL(rook.page.url()).pathname.split("/").pop();
const card = (page) => page.locator("section.hb-card", { has: page.locator(`[id='r-${ID}']`) });
await Promise.all([rook.page.waitForNavigation(), card(rook.page).locator("button").click()]);
await said(rook.page, "Two people code it");
await Promise.all([rook.page.waitForNavigation(), card(rook.page).locator("button").click()]);
check(await rook.page.isVisible(`[id='coder-${ID}-error']`), "nobody is chosen, and it is accepted");
forget(rook, 422);
await look(rook, "protocol");
await rook.page.selectOption(`[id='coder-${ID}']`, SECOND);
await Promise.all([rook.page.waitForNavigation(), card(rook.page).locator("button").click()]);
await look(rook, "protocol-assigned");
await rook.page.goto(`${ORIGIN}/protocols`);
await look(rook, "protocols");

// ---- the second coder reads, and changes nothing ----
const hawk = await person("hawk");
await hawk.page.goto(`${ORIGIN}/recordings/${ID}/words`);
await hawk.page.waitForSelector(".hb-row__time");
for (const what of [".hb-row__correct", ".hb-doubt__heard", "#history", "#voices form", "a[href$='/names']", "a[href$='/redaction']"]) {
  check((await hawk.page.locator(what).count()) === 0, `a second coder is offered ${what}`);
}
await hawk.page.locator(".hb-row__time").first().focus();
await hawk.page.keyboard.press("e");
check((await hawk.page.locator(".hb-edit").count()) === 0, "a key opens what cannot be changed");
await look(hawk, "words-second");
await rook.page.goto(`${ORIGIN}/recordings/${ID}/words`);
await rook.page.waitForSelector(".hb-row__correct");

// ---- the yes is taken back, and given again ----
await wren.page.goto(`${ORIGIN}/recordings/${ID}`);
await look(wren, "shared-with-two");
await press(wren.page, "form[action$='/second-coder'] button[value='no']");
await said(wren.page, "Nobody but the one researcher");
const gone = await hawk.page.goto(`${ORIGIN}/recordings/${ID}/code`);
check(gone.status() === 404, `somebody who is not welcome any more is answered ${gone.status()}`);
forget(hawk, 404);
await press(wren.page, "form[action$='/second-coder'] button[value='yes']");
await said(wren.page, "Thank you. A second researcher may listen to it too.");

// ---- how far they agree ----
await rook.page.goto(`${ORIGIN}/reliability`);
await rook.page.waitForSelector("#figures");
await look(rook, "reliability");
const recordings = Number(/(\d+) recordings, 2 coders/.exec(await rook.page.textContent("main"))[1]);
const rows = await rook.page.locator("#figures tbody tr").count();
await rook.page.locator("details summary").first().click();
await rook.page.selectOption("#protocol", protocol);
await press(rook.page, "main form button");
await said(rook.page, "There is no recording yet that two people finished coding.");
await look(rook, "reliability-none");

for (const one of [wren, rook, hawk]) leave(one);
await close();
process.stdout.write(JSON.stringify({ recordings, rows }));
