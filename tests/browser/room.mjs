// Somebody in the room of a session: a browser of their own that notes what is scheduled on its sound card, and what comes
// out of it.

import { join } from "node:path";

import { arrive, check, look, ORIGIN, OUT } from "./person.mjs";

/** Signs them in, by the cookie of a session. */
export async function hold(person, cookie) {
  const [name, value] = cookie.split("=");
  await person.context.addCookies([{ name, value, url: ORIGIN }]);
}

export async function come(login, cookie) {
  const person = await arrive(login);
  await person.context.unrouteAll(); // nobody needs copies of the sound here
  await hold(person, cookie);
  await person.page.addInitScript(() => {
    window.starts = [];
    window.contexts = new Set();
    const { start } = AudioBufferSourceNode.prototype;
    AudioBufferSourceNode.prototype.start = function (when, offset) {
      const source = this;
      const slow = source.buffer.duration;
      window.contexts.add(source.context);
      const { contextTime, performanceTime } = source.context.getOutputTimestamp();
      const heard = performance.timeOrigin + performanceTime + (when - contextTime) * 1000;
      window.starts.push({ source, when, offset, length: slow, heard, late: when < source.context.currentTime });
      source.addEventListener("ended", () => (source.over = true));
      return start.call(this, when, offset);
    };
    window.pressed = [];
    addEventListener("keydown", (event) => window.pressed.push(performance.timeOrigin + event.timeStamp), true);
    // Where this browser's sound is, at what time: of the node that sounds now.
    window.whereHeard = () => {
      const one = window.starts.findLast(({ source }) => !source.over);
      if (!one || one.source.context.state !== "running") return null;
      const { contextTime, performanceTime } = one.source.context.getOutputTimestamp();
      if (contextTime < one.when) return null;
      return [performance.timeOrigin + performanceTime, (one.offset + contextTime - one.when) * 1000];
    };
    // What goes out to the loudspeakers is listened to as well: when it was last louder than nothing, and, while `record` is
    // set, all of it.
    window.lastLoud = 0;
    window.record = false;
    window.recorded = [];
    const taps = new WeakMap();
    const { connect } = AudioNode.prototype;
    AudioNode.prototype.connect = function (to, ...rest) {
      if (to instanceof AudioDestinationNode && !(this instanceof ScriptProcessorNode)) {
        const { context } = this;
        let tap = taps.get(context);
        if (!tap) {
          tap = context.createScriptProcessor(2048, 1, 1);
          tap.onaudioprocess = ({ inputBuffer, playbackTime }) => {
            const samples = inputBuffer.getChannelData(0);
            if (samples.some((one) => Math.abs(one) > 0.002)) window.lastLoud = Date.now();
            if (window.record) window.recorded.push({ at: playbackTime, rate: inputBuffer.sampleRate, samples: [...samples] });
          };
          connect.call(tap, context.destination);
          taps.set(context, tap);
          (window.taps ??= []).push(tap);
        }
        connect.call(this, tap);
      }
      return connect.call(this, to, ...rest);
    };
  });
  return person;
}

export const post = (person, path, form = {}) => person.page.request.post(`${ORIGIN}${path}`, { form, headers: { origin: ORIGIN }, maxRedirects: 0 });
export const send = (person, path, data) => person.page.request.post(`${ORIGIN}${path}`, { data, headers: { origin: ORIGIN } });
export const status = async (person, path) => (await person.page.request.get(`${ORIGIN}${path}`, { maxRedirects: 0 })).status();
export const isOn = ({ page }, title) => page.waitForFunction((text) => document.querySelector("#on")?.textContent === text, title);
export const sounds = ({ page }) => page.waitForFunction(() => window.whereHeard() !== null);
export const silent = ({ page }) => page.waitForFunction(() => window.starts.every(({ source }) => source.over || source.context.state === "closed"));
/** Something louder than nothing has come out in the last moment. */
export const isLoud = ({ page }) => page.waitForFunction(() => Date.now() - window.lastLoud < 300);
export const says = ({ page }, id, text) => page.waitForFunction(([id, text]) => document.querySelector(id)?.textContent.includes(text), [id, text]);
export const pause = (ms) => new Promise((later) => setTimeout(later, ms));

/** How long somebody heard something after this moment (ms): 0 is nothing. Asked once all is silent. */
export async function heardOn(person, from) {
  await silent(person);
  await pause(400); // what was on its way to the loudspeakers
  return Math.max(0, (await person.page.evaluate(() => window.lastLoud)) - from);
}

export async function picture({ page }, name) {
  await page.setViewportSize({ width: 768, height: 1024 });
  await page.evaluate(() => window.scrollTo(0, 0));
  await page.screenshot({ path: join(OUT, `${name}-768.png`), fullPage: true });
  check(!(await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth)), `${name} is wider than 768 px`);
  await page.setViewportSize({ width: 1280, height: 900 });
}

/** A picture at three widths, and axe. */
export async function see(person, name) {
  await look(person, name);
  await picture(person, name);
}

export async function comeIn({ page }, at) {
  if (page.url() !== at) {
    const answer = await page.goto(at);
    check(answer.status() === 200, `the room is closed: ${answer.status()}`);
  }
  await page.click("#enter");
  await page.waitForSelector("#deck:not([hidden])");
}

/** Notes in a page when it was out of the room; the note outlives the page. */
export const watch = ({ page }) =>
  page.evaluate(() => {
    const timer = setInterval(() => {
      const closed = [...window.contexts].every(({ state }) => state === "closed");
      if (document.querySelector("#deck:not([hidden])") || !closed) return;
      clearInterval(timer);
      sessionStorage.setItem("goneAt", String(Date.now()));
    }, 5);
    sessionStorage.removeItem("goneAt");
  });
export async function took({ page }, from) {
  for (;;) {
    try {
      await page.waitForFunction(() => sessionStorage.getItem("goneAt") !== null);
      return Math.max(0, (await page.evaluate(() => Number(sessionStorage.getItem("goneAt")))) - from);
    } catch (error) {
      // Whoever is out may be on the way to another page just now.
      if (!/context was destroyed|navigat/.test(error.message)) throw error;
    }
  }
}

const KNOWN = /ERR_|409|404|401|422|Failed to load|EventSource/;

/** No script of theirs failed; what was refused is told in the browser's console too. */
export function fine(...people) {
  for (const { login, problems } of people) {
    const other = problems.filter((problem) => !KNOWN.test(problem));
    check(other.length === 0, `${login}: ${other.join("; ")}`);
  }
}
