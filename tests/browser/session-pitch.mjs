// A tone of 220 Hz, on for half of each second, as it comes out of the coach's loudspeakers: as it was, and a little slower.
//
// PIECE is to be heard in SESSION; HERON is the coach's cookie. Writes the tone's pitch (Hz) and the time from one beginning of
// it to the next (s), for both.

import { check, close, open, ORIGIN } from "./person.mjs";
import { come, comeIn, fine, isLoud, isOn, pause, post, sounds } from "./room.mjs";

const { SESSION, PIECE } = process.env;
const base = `/sessions/${SESSION}`;

await open();
const heron = await come("heron", process.env.HERON);
const { page } = heron;
check((await post(heron, `${base}/begin`)).status() === 303, "the session cannot begin");
await comeIn(heron, `${ORIGIN}${base}/room`);
await page.click(`[data-put-on="${PIECE}"]`);
await isOn(heron, "A tone");

async function listen(seconds) {
  await page.evaluate(() => {
    window.recorded = [];
    window.record = true;
  });
  await pause(seconds * 1000);
  return page.evaluate(() => {
    window.record = false;
    return window.recorded;
  });
}

/** The pitch of a stretch: where it is most like itself a little later (Hz). */
function pitch({ samples, rate }) {
  const like = (lag) => {
    let both = 0;
    let own = 0;
    for (let n = 0; n + lag < samples.length; n += 1) {
      both += samples[n] * samples[n + lag];
      own += samples[n] ** 2 + samples[n + lag] ** 2;
    }
    return (2 * both) / own;
  };
  const [least, most] = [Math.floor(rate / 600), Math.ceil(rate / 90)];
  const all = Array.from({ length: most - least + 1 }, (_, n) => like(least + n));
  const high = Math.max(...all);
  // The first place that is as good as the best: what comes later is the same tone, twice.
  const at = all.findIndex((one, n) => one > 0.9 * high && one >= (all[n - 1] ?? 1) && one >= (all[n + 1] ?? 1));
  if (at < 1 || at >= all.length - 1 || high < 0.8) return null;
  const [a, b, c] = [all[at - 1], all[at], all[at + 1]];
  return rate / (least + at + (a - c) / (2 * (a - 2 * b + c)));
}

const middle = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

function told(blocks) {
  const loud = ({ samples }) => Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length);
  const most = Math.max(...blocks.map(loud));
  check(most > 0.02, "nothing came out of the loudspeakers");
  const pitches = blocks.filter((block) => loud(block) > 0.8 * most).map(pitch).filter((one) => one !== null);
  check(pitches.length > 8, `${pitches.length} stretches are too few to tell`);
  // When the tone begins: to a few milliseconds.
  const begins = [];
  let quiet = 0;
  for (const { at, rate, samples } of blocks) {
    for (let n = 0; n < samples.length; n += 32) {
      const now = samples.slice(n, n + 32).some((one) => Math.abs(one) > 0.02);
      if (now && quiet > 0.2) begins.push(at + n / rate);
      quiet = now ? 0 : quiet + 32 / rate;
    }
  }
  check(begins.length > 3, `${begins.length} beginnings are too few to tell`);
  return { pitch: middle(pitches), beat: middle(begins.slice(1).map((one, n) => one - begins[n])) };
}

await page.click("#loop");
await page.waitForSelector("#loop[aria-pressed=true]");
await page.click("#play");
await sounds(heron);
await isLoud(heron);
const plain = told(await listen(7));
await page.click("#slower");
await page.waitForSelector("#slower[aria-pressed=true]");
await sounds(heron);
await pause(500);
const slower = told(await listen(9));

fine(heron);
await close();
console.log(JSON.stringify({ pitch_hz: plain.pitch, slower_pitch_hz: slower.pitch, beat_s: plain.beat, slower_beat_s: slower.beat }));
