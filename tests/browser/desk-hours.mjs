// Two hours on the desk: how soon it is there, and how smoothly its picture scrolls and zooms.
//
// ID is the recording, CODES how many moments are marked in it, ROOK the researcher's cookie. Writes the figures, in
// milliseconds. A frame's figure is the time in which the page does everything for it: scripts, layout and painting.

import { arrive, check, close, leave, look, open, ORIGIN } from "./person.mjs";

const { ID, ROOK } = process.env;
const CODES = Number(process.env.CODES);

await open();
const rook = await arrive("rook");
const { page } = rook;
await rook.context.unrouteAll(); // hours of sound are streamed as they are
const [name, value] = ROOK.split("=");
await rook.context.addCookies([{ name, value, url: ORIGIN }]);

/** How soon the page is painted, and whole. */
async function arriveThere() {
  await page.goto(`${ORIGIN}/recordings/${ID}/code`);
  await page.waitForFunction((codes) => document.querySelectorAll("#codes tr").length === codes && performance.getEntriesByName("desk-wave").length > 0, CODES);
  await page.waitForSelector("#words .hb-word");
  return page.evaluate(() => {
    const at = (entry) => performance.getEntriesByName(entry)[0].startTime;
    return { first: at("first-contentful-paint"), whole: Math.max(at("desk-wave"), at("desk-codes")) };
  });
}

/** 120 frames in which the picture is moved; what each took, and how long after each other they came. */
const frames = (kind) =>
  page.evaluate(
    (kind) =>
      new Promise((done) => {
        const field = document.querySelector(".hb-wave__field");
        const box = field.getBoundingClientRect();
        const after = new MessageChannel();
        const took = [];
        const gaps = [];
        let began = 0;
        let last = 0;
        let frame = 0;
        // A task that is posted while a frame is made runs when it is painted.
        after.port1.onmessage = () => took.push(performance.now() - began);
        const wheel = (how) => field.dispatchEvent(new WheelEvent("wheel", { bubbles: true, cancelable: true, clientX: box.left + box.width * (0.3 + (frame % 50) / 125), clientY: box.top + 40, ...how }));
        const next = (now) => {
          began = performance.now();
          if (last > 0) gaps.push(now - last);
          last = now;
          after.port2.postMessage(null);
          if (kind === "zoom") wheel({ ctrlKey: true, deltaY: Math.floor(frame / 30) % 2 ? 40 : -40 });
          else wheel({ deltaX: Math.floor(frame / 60) % 2 ? -60 : 60 });
          frame += 1;
          if (frame < 120) return void requestAnimationFrame(next);
          const p95 = (all) => [...all].sort((a, b) => a - b)[Math.floor(all.length * 0.95)];
          done({ took: p95(took), gap: p95(gaps) });
        };
        requestAnimationFrame(next);
      }),
    kind,
  );

// Whatever else runs on the machine can only add: the best of several is what the page needs.
const ROUNDS = 5;
const arrivals = [];
for (let n = 0; n < 2; n += 1) arrivals.push(await arriveThere());
const best = (list) => Math.round(Math.min(...list) * 10) / 10;
await page.click("#pass-score");
await look(rook, "desk-hours");
await page.click("#pass-mark");
await page.keyboard.press("Escape");

const rounds = { zoom: [], far: [], near: [], playing: [] };
for (let n = 0; n < ROUNDS; n += 1) {
  await page.keyboard.press("f");
  rounds.zoom.push(await frames("zoom"));
  await page.keyboard.press("f");
  rounds.far.push(await frames("scroll"));
  for (let closer = 0; closer < 7; closer += 1) await page.keyboard.press("=");
  rounds.near.push(await frames("scroll"));
  await page.keyboard.press("k");
  rounds.playing.push(await frames("scroll"));
  await page.keyboard.press("k");
}
const took95 = (kind) => best(rounds[kind].map(({ took }) => took));

// A code that is saved among six hundred: from the key to the page that shows it.
await page.keyboard.press("Escape");
await page.fill("#start", "1:00:00.000");
await page.fill("#end", "1:00:05.000");
await page.locator("#end").blur();
await page.keyboard.press("2");
const took = await page.evaluate(
  () =>
    new Promise((done) => {
      const began = performance.now();
      document.querySelector("#code-form").requestSubmit();
      requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
    }),
);
await page.waitForFunction((codes) => document.querySelectorAll("#codes tr").length === codes + 1, CODES);
await page.waitForFunction(() => document.querySelector("#save-state").textContent === "All saved");
check(took < 1000, `a code among ${CODES} took ${took} ms`);

leave(rook);
await close();
console.log(
  JSON.stringify({
    first_paint_ms: best(arrivals.map(({ first }) => first)),
    whole_ms: best(arrivals.map(({ whole }) => whole)),
    zoom_ms_p95: took95("zoom"),
    // Far out, where all codes are in sight, and close by: the slower of the two.
    scroll_ms_p95: Math.max(took95("far"), took95("near")),
    scroll_while_playing_ms_p95: took95("playing"),
    frame_every_ms_p95: best(Object.values(rounds).flat().map(({ gap }) => gap)),
    save_ms: Math.round(took),
  }),
);
