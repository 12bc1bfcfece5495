// A second framework, written by hand in the page, without a script running there: four things that are scored and nine
// that are counted, in our own words, after a published one. Then a recording is coded and scored with it, and it is
// changed while that coding keeps the version it began with.

import { check, close, leave, look, open, ORIGIN, signIn } from "./person.mjs";
import { begin } from "./recording.mjs";
import { readFileSync } from "node:fs";

const SOURCE = "In our own words, after the Motivational Interviewing Treatment Integrity code, version 4 (Moyers, Manuel and Ernst, 2014).";

/** name, what it is about, questions */
const SCORED = [
  ["Talk of change", "How far the worker helps the person to say, in their own words, why and how something could change.", ["To what extent are reasons for change drawn out, and stayed with?"]],
  ["Talk against change", "How far the worker leaves alone what speaks for things staying as they are, without arguing.", []],
  ["Partnership", "How far the two are at work on it together, the person as the one who knows their own life.", ["To what extent do the person's ideas shape what is done?"]],
  ["Empathy", "How far the worker grasps how things are for the person, and lets it be heard.", []],
];

/** name, what it is about, sub-categories */
const COUNTED = [
  ["Gives information", "Facts or feedback, without advice.", []],
  ["Persuades", "Tries to win the person over, with arguments or advice that nobody asked for.", []],
  ["Persuades with permission", "The same, after the person said that it is welcome.", []],
  ["Question", "Every question, open or closed.", []],
  ["Reflection", "Gives back what was said.", ["Simple", "Complex"]],
  ["Affirms", "Names something good about the person, their effort or what they can do.", []],
  ["Seeks collaboration", "Asks what the person thinks, or shares the lead with them.", []],
  ["Emphasises autonomy", "Says that the choice is the person's.", []],
  ["Confronts", "Contradicts, blames, warns or shames.", []],
];

await open();
const rook = await signIn("rook");
const { page } = rook;
// None of our scripts arrives. (Switched off altogether, the browser could not be asked about the page either.)
await rook.context.route(/\/assets\/.*\.js/, (route) => route.fulfill({ contentType: "text/javascript", body: "" }));
const refused = () => (rook.problems = rook.problems.filter((problem) => !problem.includes("status of 422")));

/** Presses a button of the page that is open, and waits for the next one. */
const press = (button) => Promise.all([page.waitForNavigation(), page.locator(button).first().click()]);
const said = async (what) => check((await page.textContent("main")).includes(what), `the page does not say “${what}”`);

await page.click("a[href='/frameworks']");
await said("Practice skills framework");
await look(rook, "frameworks");
await page.click("main a[href$='/1']");
await said("What points of the scale look like");
await look(rook, "framework-1");
await page.emulateMedia({ media: "print" });
check(!(await page.isVisible(".hb-header")), "the frame is printed");
await page.emulateMedia({ media: "screen" });

// ---- a framework from nothing ----
await page.goto(`${ORIGIN}/frameworks/new`);
await press("main button");
await page.waitForSelector("#title-error");
await look(rook, "framework-new-missing");
refused();
await page.fill("#title", "Talking about change");
await page.fill("#short", "miti");
await page.fill("#source", SOURCE);
await press("main button");
const edit = new URL(page.url()).pathname;
check(/^\/frameworks\/[0-9a-f-]{36}\/edit$/.test(edit), `it begins elsewhere: ${edit}`);
const base = edit.replace(/\/edit$/, "");
await said("framework has at least one skill");

for (const area of ["Over the whole recording", "Marked and counted"]) {
  await page.fill("#new-area", area);
  await press("button[value='add-area']");
}
await page.fill("#new-area", "  ");
await press("button[value='add-area']");
await page.waitForSelector("#new-area-error");
refused();

/** Adds a skill to an area; the page of it is open then. */
async function add(area, name, measure) {
  await page.goto(`${ORIGIN}${edit}`);
  await page.fill(`#new-${area}`, name);
  await page.selectOption(`#new-${area}-measure`, measure);
  await press(`#area-${area} button[value='add-skill']`);
}
for (const [name, definition, questions] of SCORED) {
  await add("over_the_whole_recording", name, "scale");
  await page.fill("#definition", definition);
  await page.fill("#prompts", questions.join("\n"));
  await press("button.govuk-button[value='save']");
}
for (const [name, definition, subs] of COUNTED) {
  await add("marked_and_counted", name, "count");
  await page.fill("#definition", definition);
  for (const [n, sub] of subs.entries()) await page.fill(`[id='sub.${n}.name']`, sub);
  if (name === "Reflection") {
    await look(rook, "framework-skill");
    await page.fill("[id='point.3']", "Now and then");
    await press("button.govuk-button[value='save']");
    await page.waitForSelector("#measure-error");
    check((await page.inputValue("[id='sub.1.name']")) === "Complex", "what was typed is gone");
    await look(rook, "framework-skill-refused");
    refused();
    await page.fill("[id='point.3']", "");
  }
  await press("button.govuk-button[value='save']");
}
// The second sub-category first, and back: a button that saves the page and moves one row.
await page.goto(`${ORIGIN}${edit}/reflection`);
await press("button[value='up.1']");
check((await page.inputValue("[id='sub.0.name']")) === "Complex", "it did not move");
await press("button[value='up.1']");
await page.goto(`${ORIGIN}${edit}`);
// Down past the end of its area, and up again.
await press("li:has-text('Empathy') button[value='skill-down']");
check((await page.textContent("#area-marked_and_counted li >> nth=0")).includes("Empathy"), "it is still in its area");
await press("li:has-text('Empathy') button[value='skill-up']");
await said("Everything that is needed is there");
await look(rook, "framework-edit");

// ---- published, and taken ----
await page.click("a[href$='/publish']");
await press("main form button");
await page.waitForSelector("#notes-error");
refused();
await page.fill("#notes", "The first version, for the pilot.");
await look(rook, "framework-publish");
await press("main form button");
check(new URL(page.url()).pathname === `${base}/1`, "it is not shown once it is published");
await said("4 scored, 10 counted");
await said(SOURCE);
await look(rook, "framework-published");
await press("button:has-text('Have new codings take this version')");
await said("In use");
check((await page.request.get(`${ORIGIN}${edit}`, { maxRedirects: 0 })).status() === 303, "what is published is still a draft");

// ---- used: a recording is coded and scored with it ----
const wren = await signIn("wren");
async function share(name) {
  const id = await begin(wren, name, ["transcribe"]);
  const request = wren.page.request;
  const headers = { origin: ORIGIN };
  const sent = await request.put(`${ORIGIN}/recordings/${id}/original`, {
    data: readFileSync(process.env.WAV),
    headers: { ...headers, "content-type": "application/octet-stream" },
  });
  check(sent.ok(), `the file was not taken: ${sent.status()}`);
  await wren.page.goto(`${ORIGIN}/recordings/${id}`);
  await wren.page.waitForSelector("#listen:not([hidden])");
  const text = await (await request.get(`${ORIGIN}/recordings/${id}`)).text();
  const researcher = text.match(/value="([0-9a-f-]{36})"[^>]*>\s*Rook/)[1];
  const released = await request.post(`${ORIGIN}/recordings/${id}/release`, { form: { researcher }, headers, maxRedirects: 0 });
  check(released.status() === 303, `it was not shared: ${released.status()}`);
  return id;
}
const recording = await share("Robin");
const desk = await signIn("rook");
/** What a recording's desk is given: the framework of that coding. */
async function frameworkOf(id) {
  await desk.page.goto(`${ORIGIN}/recordings/${id}/code`);
  return JSON.parse(await desk.page.textContent("#page-data")).framework;
}
const given = await frameworkOf(recording);
check(given.version === "miti-1", `the desk has ${given.version}`);
const measures = given.areas.flatMap((area) => area.skills.map((skill) => [skill.key, skill.measure]));
check(measures.filter(([, measure]) => measure === "scale").length === 4 && measures.filter(([, measure]) => measure === "count").length === 9, "not four scores and nine counts");

const send = (method, path, data) =>
  desk.page.request.fetch(`${ORIGIN}/recordings/${recording}/${path}`, { method, data, headers: { origin: ORIGIN, "content-type": "application/json" } });
const code = (skill, sub, start_ms) => send("POST", "codes", { skill, sub, start_ms, end_ms: start_ms + 800, note: "", exemplar: false });
for (const [n, [skill, sub]] of [["question", null], ["question", null], ["affirms", null], ["reflection", "simple"], ["reflection", "complex"], ["reflection", "complex"], ["partnership", null]].entries()) {
  check((await code(skill, sub, n * 1000)).status() === 201, `${skill} was not marked`);
}
check((await code("reflection", null, 0)).status() === 422, "a reflection counts for nothing");
check((await code("collaboration", null, 0)).status() === 422, "a skill of another framework was marked");
for (const [n, key] of ["talk_of_change", "talk_against_change", "partnership", "empathy"].entries()) {
  check((await send("PUT", `scores/${key}`, { score: n + 2 })).status() === 204, `${key} was not scored`);
}
check((await send("PUT", "scores/question", { score: 3 })).status() === 404, "a count was scored");
check((await send("PUT", "scores/clarity", { score: 3 })).status() === 404, "an item of another framework was scored");
const coding = await (await send("GET", "codes")).json();
const counts = Object.fromEntries(coding.counts.map(({ item, count }) => [item, count]));
check(counts.question === 2 && counts["reflection.complex"] === 2 && counts.persuades === 0, `counted otherwise: ${JSON.stringify(counts)}`);
check(Object.keys(counts).length === 10 && !("partnership" in counts), "what is scored is not counted");
check(coding.scores.length === 4, "not four scores");

// ---- the next version: one is renamed, two become one, one is new; what was begun keeps the version it began with ----
await page.goto(`${ORIGIN}/frameworks`);
await press(`form[action='${base}/draft'] button`);
await page.goto(`${ORIGIN}${edit}/persuades_with_permission`);
await page.click("summary:has-text('Take this skill out')");
await page.check("#sure");
await press("button[value='remove']");
await page.goto(`${ORIGIN}${edit}/affirms`);
await page.fill("#name", "Names a strength");
await press("button.govuk-button[value='save']");
await add("marked_and_counted", "Silence", "count");
await page.fill("#definition", "Leaves room, for three seconds or more.");
await press("button.govuk-button[value='save']");
await page.goto(`${ORIGIN}${base}/publish`);
check((await page.inputValue("[id='was.persuades_with_permission']")) === "", "what is gone became something");
await page.selectOption("[id='was.persuades_with_permission']", "persuades");
await page.fill("#notes", "Permission could not be heard reliably.");
await look(rook, "framework-publish-mapping");
await press("main form button");
await said("Permission could not be heard reliably.");
const mapping = await page.textContent("main table");
check(/Persuades with permission\s*Persuades/.test(mapping) && /Affirms\s*Names a strength/.test(mapping) && mapping.includes("Silence (new)"), `what became of it: ${mapping}`);
await look(rook, "framework-published-2");
await press("button:has-text('Have new codings take this version')");
check((await frameworkOf(recording)).version === "miti-1", "a coding that was begun changed its version");
check((await code("persuades_with_permission", null, 9000)).status() === 201, "its version is not kept");
const later = await share("Sky");
check((await frameworkOf(later)).version === "miti-2", "a new coding takes an old version");
await page.goto(`${ORIGIN}/frameworks`);
await look(rook, "frameworks-two");

for (const person of [wren, rook, desk]) leave({ ...person, login: person === desk ? "rook-desk" : person.login });
await close();
console.log("a second framework is used");
