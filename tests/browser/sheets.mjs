// Sheets and goals: typed and saved by itself, shared with a tap and taken back, two tabs that lose nothing, and all of it on
// paper. WREN is the social worker's cookie, HERON the coach's; SESSION and SERIES are theirs.
// Writes how long after the last key it was saved (ms), and how many pages axe looked at.

import { arrive, check, close, leave, look, open, ORIGIN } from "./person.mjs";

const { SESSION, SERIES } = process.env;
const sheets = `${ORIGIN}/sessions/${SESSION}/sheets`;
const goals = `${ORIGIN}/series/${SERIES}/goals`;
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
const saved = (page) => page.waitForFunction(() => document.querySelector("#state").textContent.startsWith("Saved at"));
const forget = (one, status) => (one.problems = one.problems.filter((problem) => !problem.includes(`status of ${status}`)));

await open();
const [wren, heron] = [await person("wren"), await person("heron")];

// ---- an empty sheet, and one that saves by itself ----
await wren.page.goto(`${sheets}/session`);
await said(wren, "Only you can read this.");
await see(wren, "sheet-empty");
await wren.page.fill("#focus", "The silence after I asked about Saturday.");
await wren.page.locator("#came_up").pressSequentially("That I could wait longer.", { delay: 5 });
const typed = Date.now();
await saved(wren.page);
const after = Date.now() - typed;
await wren.page.reload();
check((await wren.page.inputValue("#came_up")) === "That I could wait longer.", "it was not saved by itself");
await wren.page.fill("#notice", "Robin goes on talking.");
// A page that is left takes what was typed along.
await wren.page.goto(`${sheets}/take-away`);
await wren.page.goto(`${sheets}/session`);
check((await wren.page.inputValue("#notice")) === "Robin goes on talking.", "what was typed last is lost");

// ---- the coach reads it once it is shared, and no longer than that ----
await heron.page.goto(`${sheets}/session`);
await said(heron, "It is not shared with you, and that is fine.");
await silent(heron, "Saturday");
await see(heron, "sheet-not-shared");
// What was typed a moment before is shared too.
await wren.page.fill("#try", "Count to ten before I ask again.");
await press(wren, "form[action$='/share'] button");
await said(wren, "Shared. You can take it back at any time.");
await see(wren, "sheet-shared");
await heron.page.reload();
await said(heron, "Count to ten before I ask again.");
await see(heron, "sheet-theirs");
await press(wren, "form[action$='/share'] button");
await said(wren, "Only you can read it now.");
await heron.page.reload();
await silent(heron, "Saturday");

// ---- two tabs ----
const second = await wren.context.newPage();
await second.goto(`${sheets}/session`);
await wren.page.fill("#focus", "The silence, and what came of it.");
await saved(wren.page);
await second.fill("#focus", "What Robin did with the silence.");
await second.waitForFunction(() => document.querySelector("#sheet-problem").textContent.includes("another tab"));
await Promise.all([second.waitForNavigation(), second.click("#sheet button[type=submit]")]);
const tab = { ...wren, page: second };
await said(tab, "The silence, and what came of it.");
check((await second.inputValue("#focus")) === "What Robin did with the silence.", "what was typed second is lost");
await see(tab, "sheet-two-tabs");
await Promise.all([second.waitForNavigation(), second.click("#sheet button[type=submit]")]);
check((await second.inputValue("#focus")) === "What Robin did with the silence.", "it was not kept");
await second.close();
forget(wren, 409);

// ---- without our scripts ----
await wren.context.route(/\/assets\/.*\.js/, (route) => route.fulfill({ contentType: "text/javascript", body: "" }));
await wren.page.goto(`${sheets}/take-away`);
await wren.page.fill("#success", "Robin laughed.");
await wren.page.fill("#why", "I had waited.");
await press(wren, "#sheet button[type=submit]");
await said(wren, "Saved.");
check((await wren.page.inputValue("#success")) === "Robin laughed.", "the button does not save");
await see(wren, "sheet-take-away");
await wren.context.unroute(/\/assets\/.*\.js/);
await wren.page.goto(`${sheets}/thinking`);
await said(wren, "hearing your own recording");
await see(wren, "sheet-thinking");
await heron.page.goto(`${sheets}/thinking`);
await heron.page.fill("#learnt", "That I hurry too.");
await saved(heron.page);
await see(heron, "sheet-thinking-coach");

// ---- goals ----
await wren.page.goto(`${goals}?session=${SESSION}`);
await see(wren, "goals");
await press(wren, "form.hb-card--decide button");
check(await wren.page.isVisible("#text-error"), "an empty goal is taken");
forget(wren, 422);
await see(wren, "goals-error");
await wren.page.fill("#text", "Leave a silence, and stay in it");
await press(wren, "form.hb-card--decide button");
await wren.page.locator(".hb-goal", { hasText: "Leave a silence" }).locator("button[value=there]").click();
await wren.page.waitForLoadState();
const mine = wren.page.locator(".hb-goal", { hasText: "Leave a silence" });
check((await mine.locator("button[value=there]").getAttribute("aria-pressed")) === "true", "its owner said that they are there");
await mine.locator("summary").click();
await see(wren, "goals-mine");
await heron.page.goto(goals);
await silent(heron, "Leave a silence");
await Promise.all([wren.page.waitForNavigation(), mine.locator("button[value=share]").click()]);
await heron.page.reload();
await said(heron, "Leave a silence");
await said(heron, "I am there");
check((await heron.page.locator(".hb-goal button").count()) === 0, "the coach says how it stands");
await see(heron, "goals-coach");

// ---- on paper ----
const FOUR = ["takes the place of no other service", "part of no assessment", "nothing to get right or wrong", "no evidence in court"];
for (const [one, path, name] of [
  [wren, `${sheets}/session/print`, "print-session"],
  [wren, `${sheets}/thinking/print?style=large`, "print-thinking-large"],
  [wren, `${sheets}/take-away/print`, "print-take-away"],
  [heron, `${sheets}/thinking/print`, "print-thinking-coach"],
  [wren, `${goals}/print`, "print-goals"],
  [heron, `${goals}/print?style=large`, "print-goals-coach"],
  [heron, `${ORIGIN}/series/${SERIES}/prompts/print`, "print-prompts"],
  [wren, `${ORIGIN}/series/${SERIES}/prompts/print?style=large`, "print-prompts-large"],
]) {
  await one.page.goto(path);
  for (const line of FOUR) await said(one, line);
  await see(one, name);
  await one.page.emulateMedia({ media: "print" });
  check(!(await one.page.isVisible(".hb-header")), "the frame is printed");
  check(!(await one.page.isVisible(".hb-copy__styles")), "what is for the screen is printed");
  check(await one.page.isVisible(".hb-print__foot"), "the foot is not printed");
  await one.page.pdf({ path: `${process.env.OUT}/${name}.pdf`, format: "A4" });
  await one.page.emulateMedia({ media: "screen" });
}

// ---- taken away ----
await wren.page.goto(`${sheets}/take-away`);
await wren.page.click("details:last-of-type summary");
await press(wren, "form[action$='/remove'] button");
check((await wren.page.inputValue("#success")) === "", "it is still there");

leave(wren);
leave(heron);
await close();
console.log(JSON.stringify({ saved_after_ms: after, pages_looked_at: looked }));
