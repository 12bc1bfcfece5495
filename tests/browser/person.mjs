// A person at a browser: real Chromium, a window of their own, and a note of every byte of sound they received.

import { createRequire } from "node:module";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const ui = createRequire(new URL("../../crates/web/ui/package.json", import.meta.url));
const { chromium } = ui("playwright-core");
const axe = readFileSync(ui.resolve("axe-core/axe.min.js"), "utf8");

export const { ORIGIN, OUT, PASSPHRASE } = process.env;
mkdirSync(OUT, { recursive: true });

let chrome;

/** One Chromium for everybody; each person has a context of their own in it. */
export async function open() {
  chrome = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

export async function close() {
  await chrome.close();
}

/** Somebody at the sign-in page, with a browser of their own. */
export async function arrive(login, options = {}) {
  const context = await chrome.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(Number(process.env.PATIENCE ?? 60_000));
  const person = { login, context, page, sounds: [], problems: [] };

  page.on("pageerror", (error) => person.problems.push(`script: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") person.problems.push(`console: ${message.text()}`);
  });
  // What the browser receives, byte for byte, on its way.
  await context.route(/\/(audio|listen|preview|peaks\.dat)(\?|$)/, async (route) => {
    const response = await route.fetch();
    const body = await response.body();
    const url = new URL(route.request().url());
    person.sounds.push({ path: url.pathname, status: response.status(), range: response.headers()["content-range"] ?? null, body });
    await route.fulfill({ response, body });
  });

  await page.goto(`${ORIGIN}/sign-in`);
  return person;
}

/** Signs them in, through the page. */
export async function enter({ login, page }) {
  await page.fill("#login", login);
  await page.fill("#passphrase", PASSPHRASE);
  await page.keyboard.press("Enter");
  await page.waitForURL(`${ORIGIN}/`);
}

/** Somebody who is signed in. */
export async function signIn(login, options) {
  const person = await arrive(login, options);
  await enter(person);
  return person;
}

/** Takes a picture at both widths, and has axe look at the page. */
export async function look({ page }, name) {
  for (const [width, height] of [[1280, 900], [375, 800]]) {
    await page.setViewportSize({ width, height });
    await page.evaluate(() => window.scrollTo(0, 0));
    await page.screenshot({ path: join(OUT, `${name}-${width}.png`), fullPage: true });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    if (wide) throw new Error(`${name} is wider than ${width} px`);
  }
  await page.setViewportSize({ width: 1280, height: 900 });
  // axe comes in as the browser's own tool would, past the page's script policy.
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Runtime.evaluate", { expression: axe });
  const { result } = await cdp.send("Runtime.evaluate", {
    expression: `axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }).then((r) =>
      JSON.stringify(r.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.target.join(" ")).join(", "))))`,
    awaitPromise: true,
    returnByValue: true,
  });
  await cdp.detach();
  const violations = JSON.parse(result.value);
  if (violations.length > 0) throw new Error(`${name}: ${violations.join("; ")}`);
}

/** What one person received, for the test to measure. */
export function leave({ login, sounds, problems }) {
  const list = sounds.map(({ path, status, range, body }, index) => {
    const file = `${login}-${index}.bin`;
    writeFileSync(join(OUT, file), body);
    return { path, status, range, file };
  });
  writeFileSync(join(OUT, `${login}.json`), JSON.stringify(list));
  if (problems.length > 0) throw new Error(`${login}: ${problems.join("; ")}`);
}

export function check(condition, sentence) {
  if (!condition) throw new Error(sentence);
}
