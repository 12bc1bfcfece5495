// The pages on which trust rests: accounts, taking back, worries, real names, what is held. Each is looked at, and the one
// sound among them is measured: the passage of a worry, which is as long as it was asked for and not a frame longer.

import { check, close, leave, look, open, ORIGIN, PASSPHRASE, signIn, arrive } from "./person.mjs";
import { answers, begin } from "./recording.mjs";
import { readFileSync } from "node:fs";

const { WAV } = process.env;
const [FROM, TO] = [Number(process.env.FROM), Number(process.env.TO)];
const clock = (ms) => `${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, "0")}.${String(ms % 1000).padStart(3, "0")}`;
const NAMES_PASSPHRASE = "seven grey geese go home";

/** Opens an address; whoever is asked who they are says so. */
async function go(person, path) {
  const { page } = person;
  await page.goto(`${ORIGIN}${path}`);
  if (!path.startsWith("/confirm") && new URL(page.url()).pathname === "/confirm") {
    await page.fill("#passphrase", PASSPHRASE);
    await page.keyboard.press("Enter");
    await page.waitForURL(`${ORIGIN}${path}`);
  }
}

async function goAndLook(person, path, name) {
  await go(person, path);
  check((await person.page.locator("h1").count()) === 1, `${path} has no heading, or several`);
  await look(person, name);
}

await open();

const wren = await signIn("wren");
const recording = await begin(wren, "Robin", []);
const sent = await wren.page.request.put(`${ORIGIN}/recordings/${recording}/original`, {
  data: readFileSync(WAV),
  headers: { origin: ORIGIN, "content-type": "application/octet-stream" },
});
check(sent.ok(), `the file was not taken: ${sent.status()}`);
await wren.page.goto(`${ORIGIN}/recordings/${recording}`);
await wren.page.waitForSelector("#listen:not([hidden])");

await goAndLook(wren, "/who-may-hear", "who-may-hear");
await goAndLook(wren, "/account", "account");
await wren.page.click("button:has-text('Set up an app')");
await wren.page.waitForSelector("#code");
await look(wren, "account-app");
await goAndLook(wren, "/confirm?next=/account", "confirm");
await goAndLook(wren, `/recordings/${recording}/keep-away`, "keep-away");

// ---- real names: the officer makes the key, the practitioner writes a name and cannot read it back ----
const owl = await signIn("owl");
await goAndLook(owl, "/admin/identity-key", "identity-key");
await owl.page.fill("#passphrase", NAMES_PASSPHRASE);
await owl.page.fill("#again", NAMES_PASSPHRASE);
await owl.page.click("form[action='/admin/identity-key'] button");
await owl.page.waitForSelector("text=AGE");
await look(owl, "identity-key-made");

await wren.page.goto(`${ORIGIN}/recordings/${recording}/people`);
await wren.page.click("section[data-kind=child] a[href$='/name']");
await look(wren, "real-name");
await wren.page.fill("#name", "Ashdown Hollis");
await wren.page.click("main form button");
await wren.page.waitForURL(/\/name\?said=/);
check(!(await wren.page.content()).includes("Ashdown"), "the name can be read back");

await goAndLook(owl, `/admin/identities/${recording}`, "identities");
await owl.page.fill("input[type=password]", NAMES_PASSPHRASE);
await owl.page.keyboard.press("Enter");
await owl.page.waitForSelector("text=Ashdown Hollis");
await look(owl, "identities-shown");

// ---- a worry: raised, asked to hear, allowed by a second person, heard, told ----
await goAndLook(wren, `/recordings/${recording}/concerns/new`, "concern-new");
await wren.page.click("main form button");
await wren.page.waitForSelector("#heard-error");
await look(wren, "concern-missing");
wren.problems = wren.problems.filter((problem) => !problem.includes("status of 422"));
await wren.page.fill("#start", clock(FROM));
await wren.page.fill("#end", clock(TO));
await wren.page.fill("#heard", "Robin did not want to go back there.");
await wren.page.check("#told-not_yet, input[name=told][value=not_yet]");
await wren.page.click("main form button");
await wren.page.waitForURL(/\/concerns\/[0-9a-f-]{36}/);
const concern = new URL(wren.page.url()).pathname;
await look(wren, "concern-raised");

const kite = await signIn("kite");
await goAndLook(kite, "/concerns", "concerns");
await goAndLook(kite, concern, "concern");
await kite.page.fill("#reason", "Somebody may be at risk at home.");
await kite.page.click("button:has-text('Ask to hear it')");
await kite.page.waitForSelector("text=has not answered yet");
await look(kite, "concern-waiting");
check((await kite.page.request.get(`${ORIGIN}${concern}/passage`)).status() === 404, "heard before a second person allowed it");

await goAndLook(owl, "/admin/glass", "glass");
await owl.page.click("button:has-text('Allow it for an hour')");
await owl.page.waitForURL(/\/admin\/glass\?/);
await look(owl, "glass-decided");

await goAndLook(kite, concern, "concern-allowed");
const passage = await (await kite.page.request.get(`${ORIGIN}${concern}/passage`)).body();
const [whole, bytes] = [readFileSync(WAV), (ms) => ms * 32];
check(passage.length === 44 + bytes(TO - FROM), `the passage is ${passage.length} bytes long`);
check(passage.subarray(44).equals(whole.subarray(44 + bytes(FROM), 44 + bytes(TO))), "the passage is another one");

await goAndLook(wren, "/", "home-passage-heard");
check((await wren.page.textContent("main")).includes("Somebody may be at risk at home."), "the practitioner is not told");

// ---- what is held ----
await goAndLook(owl, "/", "home-officer");
await goAndLook(owl, "/admin/holdings", "holdings");
await owl.page.locator("details").evaluateAll((all) => all.forEach((one) => (one.open = true)));
await look(owl, "holdings-open");
await goAndLook(owl, "/admin/retention", "retention");
await goAndLook(owl, "/admin/audit", "audit");
await goAndLook(owl, "/admin/conflicts", "conflicts");

// ---- people: invited, seen singly, line managers ----
const crane = await signIn("crane");
await goAndLook(crane, "/admin/people", "people-none");
await crane.page.fill("#name", "Finch");
await crane.page.fill("#login", "finch");
await crane.page.check("input[name=roles][value=coach]");
await crane.page.click("form[action='/admin/people'] button");
await crane.page.waitForFunction(() => document.body.innerHTML.includes("/invite/"));
await look(crane, "invited");
const invitation = (await crane.page.content()).match(/\/invite\/[0-9a-f]+/)[0];
await goAndLook(crane, "/admin/managers", "managers");
await go(crane, "/admin/people");
await crane.page.click("main a[href^='/admin/people/'] >> nth=0");
await look(crane, "person");

const finch = await arrive("finch");
await finch.page.goto(`${ORIGIN}${invitation}`);
await look(finch, "invite");
await finch.page.goto(`${ORIGIN}/invite/${"0".repeat(64)}`);
await look(finch, "invite-over");
finch.problems = finch.problems.filter((problem) => !/status of (404|410)/.test(problem));

// ---- taken back: chosen, said what follows, done, and anybody may check the receipt ----
await goAndLook(wren, `/recordings/${recording}/withdraw`, "withdraw");
await wren.page.click("main a[href$='/withdraw'] >> nth=0");
await look(wren, "withdraw-form");
check((await wren.page.locator("main input:checked").count()) === 0, "something is ticked beforehand");
await wren.page.check("#purpose");
const asked = wren.page.locator("input[name=asked] >> nth=0");
if (await asked.count()) await asked.check();
await wren.page.click("main form button");
await wren.page.waitForSelector("button[name=confirm]");
await look(wren, "withdraw-check");
await wren.page.click("button[name=confirm]");
await wren.page.waitForURL(/\/receipt\//);
const receipt = new URL(wren.page.url()).pathname;
await look(wren, "receipt");
await finch.page.goto(`${ORIGIN}${receipt}`);
await finch.page.waitForFunction(() => !document.body.textContent.includes("Robin"));
await look(finch, "receipt-stranger");
await goAndLook(wren, "/", "home-taken-back");
await goAndLook(owl, "/admin/holdings", "holdings-after");

// ---- what is left of a worry when its recording is gone ----
await kite.page.goto(`${ORIGIN}${concern}`);
for (let tries = 0; tries < 60 && !(await kite.page.textContent("main")).includes("The recording is no more"); tries += 1) {
  await kite.page.waitForTimeout(500);
  await kite.page.reload();
}
check((await kite.page.textContent("main")).includes("The recording is no more"), "the sound of a worry is still there");
await look(kite, "concern-gone");

// ---- a soft recording, which ends soon; one more person on it, and a yes that becomes a no ----
const soft = Buffer.from(readFileSync(WAV));
for (let at = 44; at + 1 < soft.length; at += 2) soft.writeInt16LE(Math.round(soft.readInt16LE(at) / 150), at);
const second = await begin(wren, "Ash", []);
const put = (id, data) =>
  wren.page.request.put(`${ORIGIN}/recordings/${id}/original`, { data, headers: { origin: ORIGIN, "content-type": "application/octet-stream" } });
check((await put(second, soft)).ok(), "the soft file was not taken");
await go(owl, "/admin/retention");
await owl.page.fill("[name='days.sound.created']", "20");
await owl.page.click("main form[action='/admin/retention'] button:has-text('Save')");
await owl.page.waitForLoadState();
await wren.page.goto(`${ORIGIN}/recordings/${second}`);
await wren.page.waitForSelector("#listen:not([hidden])");
await wren.page.reload();
await wren.page.waitForSelector("#endings");
check((await wren.page.textContent("#stage")).includes("voices are soft"), "nothing is said of a soft recording");
await look(wren, "recording-notes-and-end");
await goAndLook(wren, `/recordings/${second}/people/new`, "consent-add");
await wren.page.goto(`${ORIGIN}/recordings/${second}/people`);
await wren.page.click("section[data-kind=child] a[href$='/consent']");
await wren.page.waitForSelector("main form");
await wren.page.evaluate((said) => {
  for (const [name, value] of Object.entries(said)) {
    for (const field of document.querySelectorAll(`main form [name="${name}"]`)) {
      if (["radio", "checkbox"].includes(field.type)) field.checked = field.value === value;
      else field.value = value;
    }
  }
}, answers(await wren.page.content(), ["code_research", "teaching_playback"]));
await wren.page.click("main form button[type=submit] >> nth=-1");
await wren.page.waitForSelector("button[name=confirm]");
await look(wren, "consent-check");

// ---- a file that nobody can hear ----
const third = await begin(wren, "Birch", []);
check((await put(third, Buffer.from("This is a letter and no recording. ".repeat(200)))).ok(), "the letter was not taken");
await wren.page.goto(`${ORIGIN}/recordings/${third}`);
const refused = wren.page.locator("#refused:not([hidden])", { hasText: "Your file is safe" });
for (let tries = 0; tries < 60 && (await refused.count()) === 0; tries += 1) {
  await wren.page.waitForTimeout(500);
  await wren.page.reload();
}
check((await refused.count()) === 1, "nothing is said of a file that cannot be read");
await look(wren, "recording-refused");
await goAndLook(crane, "/admin/jobs", "jobs");

for (const person of [wren, owl, kite, crane, finch]) leave(person);
await close();
console.log("trust was looked at");
