// The whole loop, as three people in three browsers: upload, words, release, codes, playlist, coaching.
//
// WAV is the recording; FROM and TO (milliseconds) are the extract that is coded and coached on; its first word is WORD.

import { arrive, check, close, enter, leave, look, open, ORIGIN, PASSPHRASE, signIn } from "./person.mjs";
import { begin, OPTIONAL, today } from "./recording.mjs";

const { WAV, WORD } = process.env;
const [FROM, TO] = [Number(process.env.FROM), Number(process.env.TO)];

const clock = (ms) => `${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, "0")}.${String(ms % 1000).padStart(3, "0")}`;
const moving = (page, selector) =>
  page.waitForFunction(
    ([s]) => {
      const now = document.querySelector(s).textContent;
      const before = (window.hearbackBefore ??= now);
      return now !== before;
    },
    [selector],
  );

/** Answers every sentence of the form that is open: yes, but for these. */
async function sayYes(page, no) {
  const names = await page.locator(".hb-statement input[value=yes]").evaluateAll((all) => all.map((input) => input.name));
  check(names.length > 8, `only ${names.length} sentences are asked`);
  for (const name of names) {
    await page.check(`input[name='${name}'][value=${no.includes(name.replace("tick.", "")) ? "no" : "yes"}]`);
  }
}

await open();

// ---- the practitioner: uploads, hears first, reads, lets it go on ----
const wren = await signIn("wren");
{
  const { page } = wren;
  await look(wren, "home-practitioner");
  await page.goto(`${ORIGIN}/recordings/new`);
  await page.fill("#pseudonym", "Robin");
  await page.check("input[name=session_kind][value=visit]");
  await page.check("input[name=phase][value=post_training]");
  await page.selectOption("[id='person.1.kind']", "young_person");
  await page.fill("[id='person.1.label']", "Robin");
  await look(wren, "recording-new");
  await page.click("#go-on");
  await page.waitForURL(/\/people\?said=begun$/);
  await look(wren, "people-nobody-asked");
  await page.goto(page.url().replace(/\/people.*/, ""));
  check((await page.locator("#send-file").count()) === 0, "the file is asked for before anybody said yes");
  await look(wren, "recording-before-consent");
  await page.click("a:has-text('See who is heard')");

  // The practitioner first. What is left out is told at its place, and what was answered is still there.
  await page.click("a:has-text('Start with yourself')");
  const chosen = await page.locator("#consent input[type=radio]:checked:not([name=how]), #consent input[type=checkbox]:checked").count();
  check(chosen === 0, "something was answered beforehand");
  await look(wren, "consent-own");
  await sayYes(page, []);
  await page.click("#keep");
  await page.waitForSelector("#informed_on-error");
  check((await page.locator(".hb-statement .govuk-error-message").count()) === 0, "an answer was lost");
  await look(wren, "consent-own-missing");
  await page.fill("#informed_on", today());
  await page.check("#decided_sooner");
  await page.click("#keep");
  await page.waitForURL(/\/people\?said=answered$/);

  // Then Robin, together with somebody who may decide with them.
  await page.click("a:has-text('Go through it with Robin')");
  await look(wren, "consent-young");
  await sayYes(page, ["teaching_playback", "improve_tools"]);
  await page.fill("#explained_by", "Social worker");
  await page.fill("#informed_on", today());
  await page.check("#decided_sooner");
  await page.check("input[name=age][value='16_to_17']");
  await page.check("input[name=assent][value=yes]");
  await page.check("input[name=authority][value=parental_responsibility]");
  await page.fill("#signatory", "Mum");
  await page.check("input[name=copy_given][value=printed]");
  await page.click("#keep");
  await page.waitForURL(/\/people\?said=answered$/);
  await look(wren, "people-everybody-said-yes");

  // What Robin takes home, in three sizes of words.
  const people = page.url().replace(/\?.*/, "");
  await page.click("section[data-kind=young_person] a:has-text('A copy to take home')");
  check(/HB-[0-9a-f]{4}-[0-9a-f]{4}/.test(await page.textContent("main")), "the copy has no code");
  await look(wren, "copy-plain");
  for (const style of ["large", "simple"]) {
    await page.goto(page.url().replace(/(\?.*)?$/, `?style=${style}`));
    await look(wren, `copy-${style}`);
  }
  for (const kind of ["young_person", "parent", "practitioner"]) {
    await page.goto(`${ORIGIN}/forms/${kind}`);
    await look(wren, `sheet-${kind}`);
  }
  await page.goto(people);
  // The form that was answered with the form.
  wren.problems = wren.problems.filter((problem) => !problem.includes("status of 422"));
  await page.click("a:has-text('Send the recording')");
  await page.waitForSelector("#send-file");
  await page.setInputFiles("#file", WAV);
  await page.click("#send");

  await page.waitForSelector("#listen:not([hidden])");
  await page.click("#play");
  await moving(page, "#clock");
  await page.click("#play");
  // Words appear, and pressing one plays from it.
  await page.waitForSelector("#words button, #words [data-start]");
  await page.waitForFunction(([word]) => document.querySelector("#words").textContent.toLowerCase().includes(word), [WORD]);
  check((await page.textContent("#words-note")).includes("may be wrong"), "the transcript does not say that it may be wrong");
  await look(wren, "recording");
  await page.selectOption("#researcher", { label: "Rook" });
  await page.selectOption("#coach", { label: "Heron" });
  await page.click("#release button[type=submit] >> nth=0");
  await page.waitForSelector("text=Stop sharing it");
}
const recording = new URL(wren.page.url()).pathname.split("/")[2];

// ---- the researcher: codes by keyboard, scores, makes the playlist ----
const rook = await signIn("rook");
{
  const { page } = rook;
  await look(rook, "home-researcher");
  await page.click(`a[href*='${recording}']`);
  await page.waitForSelector("#words button, #words [data-start]");
  // Space plays, the clock moves, the words follow.
  await page.keyboard.press("k");
  await moving(page, "#clock");
  await page.keyboard.press("k");
  await page.click("#pass-mark");

  const mark = async (from, to, skillKey, note) => {
    await page.fill("#start", clock(from));
    await page.fill("#end", clock(to));
    await page.locator("#end").blur();
    await page.check(`#skills input[type=radio] >> nth=${skillKey}`);
    await page.fill("#note", note);
    await page.locator("#note").press("Control+Enter");
  };
  await mark(FROM, TO, 0, "Leaves the choice with Robin.");
  await page.waitForFunction(() => document.querySelectorAll("#codes tr").length === 1);
  await mark(100, 900, 1, "Not this one.");
  await page.waitForFunction(() => document.querySelectorAll("#codes tr").length === 2);
  // Codes are listed by time: the wrong one is first, and goes.
  await page.click("#codes tr >> nth=0 >> button:has-text('Delete')");
  await page.waitForFunction(() => document.querySelectorAll("#codes tr").length === 1);
  await page.click("#pass-score");
  await page.check("#scores input[type=radio][value='4'] >> nth=0");
  await page.waitForFunction(() => document.querySelector("#save-state").textContent === "All saved");
  await look(rook, "workspace");
  await page.reload();
  await page.waitForFunction(() => document.querySelectorAll("#codes tr").length === 1);
  check((await page.textContent("#codes")).includes("Leaves the choice with Robin."), "the code was not kept");
  check(await page.isChecked("#scores input[type=radio][value='4'] >> nth=0"), "the score was not kept");

  await page.goto(`${ORIGIN}/recordings/${recording}/playlist`);
  await page.click("button:has-text('Make an extract')");
  await page.click("summary:has-text('Change what is played')");
  await page.fill("textarea[name=question] >> nth=0", "What did you notice in Robin just then?");
  await page.fill("textarea[name=note] >> nth=0", "You leave the choice with Robin.");
  await page.click("main form button:has-text('Save') >> nth=0");
  for (let tries = 0; tries < 60 && (await page.locator("audio").count()) === 0; tries += 1) {
    await page.waitForTimeout(500);
    await page.reload();
  }
  await page.locator("audio").first().evaluate((audio) => audio.play());
  await page.waitForFunction(() => document.querySelector("audio").currentTime > 0.2);
  await look(rook, "playlist");
  await page.check("input[name=heard]");
  await page.click("button:has-text('Note that')");
  await page.click("button:has-text('Share the playlist')");
  await page.waitForSelector("text=in the room since");
}

// ---- the coach: hears the extract, and nothing else ----
const heron = await signIn("heron");
{
  const { page } = heron;
  await look(heron, "home-coach");
  await page.click("a[href*='/listen/']");
  await page.waitForSelector("#play");
  await page.click("#play");
  await page.waitForFunction(() => /pause/i.test(document.querySelector("#play").textContent));
  await page.waitForFunction(() => !/pause/i.test(document.querySelector("#play").textContent), undefined, { timeout: 60_000 });
  check((await page.textContent("#player")).includes("What did you notice in Robin just then?"), "the question is not there");
  const words = await page.innerText("main");
  check(!/\d/.test(words.replace(/Clip \d of \d/g, "")), `there is a number on the coaching page: ${words}`);
  check(!/\b(should|must|score|fail|weak|target)\b/i.test(words), "a word that has no place here");
  await look(heron, "player");
  for (const path of ["", "/audio", "/transcript", "/peaks.dat", "/code", "/playlist", "/codes"]) {
    const answer = await page.request.get(`${ORIGIN}/recordings/${recording}${path}`);
    check(answer.status() === 404, `the coach gets ${answer.status()} from ${path || "the recording"}`);
  }
}

// ---- the practitioner sees who listened ----
{
  const { page } = wren;
  await page.goto(`${ORIGIN}/recordings/${recording}`);
  const listened = await page.textContent("section:has(#listened-title)");
  check(listened.includes("Rook") && listened.includes("Heron"), `who listened is not there: ${listened}`);
  await look(wren, "recording-released");
}

// ---- the details were kept, the file was not: it is sent later, with scripts and without ----
{
  const { page } = wren;
  await begin(wren, "Linnet", OPTIONAL);
  await page.goto(`${ORIGIN}/`);
  await page.waitForSelector("li:has-text('Linnet'):has-text('Waiting for its file')");
  await look(wren, "home-practitioner-waiting");
  await page.click("a:has-text('Linnet')");
  await look(wren, "recording-waiting");
  await page.click("#send");
  await page.waitForSelector("#file-error");
  // The network is down: it is tried again and again, until the person stops it; the file is still chosen.
  await page.route("**/original", (route) => route.abort());
  await page.setInputFiles("#file", WAV);
  await page.click("#send");
  await page.waitForSelector("#sending-problem:not([hidden])");
  await look(wren, "recording-sending");
  await page.click("#sending-cancel");
  await page.waitForSelector("#send-file:not([hidden])");
  await page.unroute("**/original");
  await page.click("#send");
  await page.waitForSelector("#listen:not([hidden])");
  check(await page.isHidden("#send-file"), "the file is here and is still asked for");
  check(await page.isHidden("#sending"), "the file is here and is still being sent");
  // The network that was down.
  wren.problems = wren.problems.filter((problem) => !problem.includes("ERR_FAILED"));
}
const plain = await signIn("wren", { javaScriptEnabled: false });
{
  const { page } = plain;
  const id = await begin(plain, "Siskin", OPTIONAL);
  await page.goto(`${ORIGIN}/recordings/${id}`);
  await page.click("#send");
  check((await page.textContent("#file-error")).includes("Choose the recording"), "no word about the missing file");
  await page.setInputFiles("#file", WAV);
  await page.click("#send");
  await page.waitForURL(`${ORIGIN}/recordings/${id}?said=arrived`);
  check((await page.locator("#send-file").count()) === 0, "the file is here and is still asked for");
  // The form without a file, which was answered with the form.
  plain.problems = plain.problems.filter((problem) => !problem.includes("status of 422"));
}

// ---- the data protection officer writes the words; whoever changes them shows who they are first ----
const owl = await signIn("owl");
{
  const { page } = owl;
  const open = async (path) => {
    await page.goto(`${ORIGIN}${path}`);
    if (page.url().includes("/confirm")) {
      await page.fill("input[type=password]", PASSPHRASE);
      await page.keyboard.press("Enter");
      await page.waitForURL(`${ORIGIN}${path}`);
    }
  };
  await open("/admin/forms");
  await look(owl, "forms");
  await open("/admin/forms/parent");
  await page.fill("#valid_months", "99");
  await page.click("button[value=publish]");
  await page.waitForSelector("#valid_months-error");
  await look(owl, "form-missing");
  await page.fill("#valid_months", "6");
  await page.click("button[value=preview]");
  await page.waitForSelector("#preview-title");
  await look(owl, "form-preview");
  await page.click("button[value=publish]");
  await page.waitForURL(/said=published/);
  await page.goto(`${ORIGIN}/admin/forms/parent?version=1`);
  await look(owl, "form-old");
  const rests = await page.goto(`${ORIGIN}/recordings/${recording}/people`);
  check(rests.status() === 200, "the officer does not see who said yes");
  await look(owl, "people-officer");
  owl.problems = owl.problems.filter((problem) => !problem.includes("status of 422"));
}

// ---- those who never hear a recording: their pages, and the ones that everybody has ----
const crane = await arrive("crane");
await look(crane, "sign-in");
await crane.page.goto(`${ORIGIN}/no-such-address`);
await look(crane, "stranger-no-such-address");
await crane.page.click("a:has-text('sign-in page')");
await enter(crane);
const stork = await signIn("stork");
for (const [person, name, paths] of [
  [crane, "administrator", ["/", "/admin/people", "/admin/jobs", "/help", "/about", "/no-such-address"]],
  [stork, "manager", ["/", "/help", "/about", "/admin/people"]],
]) {
  for (const path of paths) {
    const answer = await person.page.goto(`${ORIGIN}${path}`);
    const there = path !== "/no-such-address" && !(person === stork && path.startsWith("/admin"));
    check(answer.status() === (there ? 200 : 404), `${name} gets ${answer.status()} from ${path}`);
    await look(person, `${name}-${path.slice(1).replace("/", "-") || "home"}`);
  }
  // The browser notes every 404 that was asked for.
  person.problems = person.problems.filter((problem) => !problem.includes("status of 404"));
}

for (const person of [wren, rook, heron, owl, crane, stork]) leave(person);
leave({ ...plain, login: "wren-plain" });
await close();
console.log("the loop is closed");
