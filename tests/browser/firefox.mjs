// Debian's own Firefox, over WebDriver BiDi (https://w3c.github.io/webdriver-bidi/): as much of it as playing sound takes.

import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PREFERENCES = { "media.autoplay.default": 0, "media.autoplay.blocking_policy": 0, "remote.active-protocols": 1 };

/** A sound card that throws away what is played: without one, Firefox does not play. Where it is to be found. */
async function soundCard(place) {
  const XDG_RUNTIME_DIR = join(place, "run");
  mkdirSync(XDG_RUNTIME_DIR, { mode: 0o700 });
  const env = { ...process.env, HOME: place, XDG_RUNTIME_DIR };
  const args = ["-n", "--daemonize=no", "--exit-idle-time=-1", "-L", "module-null-sink", "-L", "module-native-protocol-unix"];
  const card = spawn("pulseaudio", args, { env, stdio: "ignore" });
  for (let looks = 0; looks < 100 && !existsSync(join(XDG_RUNTIME_DIR, "pulse", "native")); looks += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { env, card };
}

/** A Firefox without a window, with a profile of its own. */
export async function launch() {
  const profile = mkdtempSync(join(tmpdir(), "hearback-firefox-"));
  const lines = Object.entries(PREFERENCES).map(([name, value]) => `user_pref("${name}", ${value});`);
  writeFileSync(join(profile, "user.js"), lines.join("\n"));
  const args = ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"];
  const { env, card } = await soundCard(profile);
  const firefox = spawn(process.env.FIREFOX ?? "/usr/bin/firefox-esr", args, { env, stdio: ["ignore", "ignore", "pipe"] });
  const address = await new Promise((resolve, reject) => {
    let said = "";
    firefox.stderr.on("data", (data) => {
      said += data;
      const found = /WebDriver BiDi listening on (ws:\S+)/.exec(said);
      if (found) resolve(found[1]);
    });
    firefox.on("exit", () => reject(new Error(`Firefox ended: ${said}`)));
  });

  const socket = new WebSocket(`${address}/session`);
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("error", reject);
  });
  const waiting = new Map();
  socket.addEventListener("message", ({ data }) => {
    const { id, type, result, message } = JSON.parse(data);
    const [resolve, reject] = waiting.get(id) ?? [];
    waiting.delete(id);
    if (type === "success") resolve?.(result);
    else reject?.(new Error(message));
  });
  let last = 0;
  const send = (method, params) =>
    new Promise((resolve, reject) => {
      last += 1;
      waiting.set(last, [resolve, reject]);
      socket.send(JSON.stringify({ id: last, method, params }));
    });

  await send("session.new", { capabilities: {} });
  const { contexts } = await send("browsingContext.getTree", {});
  const { context } = contexts[0];
  return {
    /** Opens a page as whoever these cookies stand for. */
    async goto(url, cookies) {
      for (const { name, value, domain } of cookies) {
        const cookie = { name, value: { type: "string", value }, domain, httpOnly: true };
        await send("storage.setCookie", { cookie });
      }
      await send("browsingContext.navigate", { context, url, wait: "complete" });
    },
    /** Runs a function in the page with one argument, and gives back what it gives. */
    async evaluate(work, argument) {
      const expression = `(${work})(${JSON.stringify(argument)}).then((answer) => JSON.stringify(answer))`;
      const target = { context };
      const answer = await send("script.evaluate", { expression, target, awaitPromise: true, userActivation: true });
      if (answer.type !== "success") throw new Error(answer.exceptionDetails.text);
      return JSON.parse(answer.result.value);
    },
    async close() {
      await send("browser.close", {}).catch(() => undefined);
      firefox.kill();
      card.kill();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
