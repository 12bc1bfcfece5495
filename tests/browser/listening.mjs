// The listening copy in Chromium and in Firefox: whoever jumps to a moment hears that moment.
//
// RECORDING is the recording, LENGTH how long it is and POSITIONS the moments to jump to, in seconds; a jump that seems to
// be further off than EXACT_MS milliseconds is measured again. What is played says by itself where it is from
// (tests/it/listening.rs makes it): it is taken from the page's own sound and laid against what was recorded. The figures
// go to OUT/seeks.json.

import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

import { launch as launchFirefox } from "./firefox.mjs";

const ui = createRequire(new URL("../../crates/web/ui/package.json", import.meta.url));
const { chromium } = ui("playwright-core");
const { ORIGIN, OUT, PASSPHRASE, RECORDING, LENGTH, EXACT_MS } = process.env;
const positions = process.env.POSITIONS.split(",").map(Number);

/** Runs in the page: jumps to each position with an element of its own, and finds where what is heard comes from. */
async function measure({ path, positions, seconds, exact }) {
  const RATE = 48_000;
  const context = new AudioContext({ sampleRate: RATE });
  await context.resume();
  const once = (element, name) =>
    new Promise((resolve, reject) => {
      element.addEventListener(name, () => resolve(performance.now()), { once: true });
      element.addEventListener("error", () => reject(new Error(`${name}: ${element.error?.message}`)), { once: true });
    });

  /** The sound as it was recorded, at a moment. */
  const recorded = (t) => {
    const [second, within] = [Math.floor(t), t - Math.floor(t)];
    const sweep = Math.sin(2 * Math.PI * (300 * within + 800 * within * within));
    const name = Math.sin(2 * Math.PI * (2_100 + 70 * (second % 12)) * within);
    return t < 0 || t >= seconds ? 0 : 0.3 * sweep + 0.15 * name;
  };

  /** How many milliseconds later than `at` this sound was recorded, and how sure that is. */
  const late = (heard, at) => {
    const [settle, window, step, most] = [4_800, 9_600, 8, 1.4 * RATE];
    const around = new Float32Array(window + 2 * most);
    around.forEach((_, i) => (around[i] = recorded(at + (settle - most + i) / RATE)));
    let best = { ms: NaN, alike: -1 };
    for (let lag = -most; lag <= most; lag += 1) {
      let [product, a2, b2] = [0, 1e-12, 1e-12];
      for (let i = 0; i < window; i += step) {
        const [a, b] = [heard[settle + i], around[most + lag + i]];
        product += a * b;
        a2 += a * a;
        b2 += b * b;
      }
      const alike = product / Math.sqrt(a2 * b2);
      if (alike > best.alike) best = { ms: (lag / RATE) * 1_000, alike };
    }
    return best;
  };

  /** What an element that stands at its moment plays from there: 0.4 s. */
  const listen = (element) =>
    new Promise((resolve, reject) => {
      const source = context.createMediaElementSource(element);
      const tap = context.createScriptProcessor(2_048, 1, 1);
      const heard = [];
      tap.onaudioprocess = ({ inputBuffer }) => {
        for (const sample of inputBuffer.getChannelData(0)) if (heard.length > 0 || sample !== 0) heard.push(sample);
        if (heard.length < 0.4 * RATE) return;
        tap.onaudioprocess = null;
        element.pause();
        source.disconnect();
        tap.disconnect();
        resolve(heard);
      };
      source.connect(tap).connect(context.destination);
      element.play().catch(reject);
    });

  const jump = async (at) => {
    const element = new Audio(path);
    element.preload = "metadata";
    await once(element, "loadedmetadata");
    const asked = performance.now();
    element.currentTime = at;
    const there = (await once(element, "seeked")) - asked;
    const shown = element.currentTime;
    const seek = { at, shown, there, duration: element.duration, ...late(await listen(element), at) };
    element.removeAttribute("src");
    element.load();
    return seek;
  };

  const seeks = [];
  let again = 0;
  for (const at of positions) {
    let seek = await jump(at);
    // A busy machine loses the beginning of what is taken from the page here, by whole render quanta of 128 samples. A jump
    // that lands wrong lands wrong each time; what was lost is not lost three times.
    for (let tries = 1; tries < 3 && Math.abs(seek.ms) > exact; tries += 1) {
      seek = await jump(at);
      again += 1;
    }
    seeks.push(seek);
  }

  const first = new Audio(path);
  const pressed = performance.now();
  const sounding = once(first, "playing");
  await first.play();
  const start = (await sounding) - pressed;
  first.pause();

  const whole = await context.decodeAudioData(await (await fetch(path)).arrayBuffer());
  const decoded = { seconds: whole.duration, ...late(whole.getChannelData(0), 0) };
  return { seeks, again, start, decoded };
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--autoplay-policy=no-user-gesture-required"],
});
const page = await browser.newPage();
page.setDefaultTimeout(240_000);
await page.goto(`${ORIGIN}/sign-in`);
await page.fill("#login", "wren");
await page.fill("#passphrase", PASSPHRASE);
await page.keyboard.press("Enter");
await page.waitForURL(`${ORIGIN}/`);
// The page itself plays the copy.
const recording = `${ORIGIN}/recordings/${RECORDING}`;
await page.goto(recording);
await page.waitForSelector("body > audio", { state: "attached" });
const path = await page.locator("body > audio").getAttribute("src");
const task = { path, positions, seconds: Number(LENGTH), exact: Number(EXACT_MS) };
const cookies = await page.context().cookies();
const figures = { path, chromium: await page.evaluate(measure, task) };
await browser.close();

const firefox = await launchFirefox();
await firefox.goto(recording, cookies);
figures.firefox = await firefox.evaluate(measure, task);
await firefox.close();
writeFileSync(join(OUT, "seeks.json"), JSON.stringify(figures, null, 1));
