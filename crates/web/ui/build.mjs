// Builds everything the server embeds: `dist/app.css` and one bundle per page.
// `--watch` rebuilds on change, `--tests` bundles the unit tests into `dist-test/` for node's test runner.
import { copyFile, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { watch } from "node:fs";
import { fileURLToPath } from "node:url";
import path from "node:path";
import * as esbuild from "esbuild";
import * as sass from "sass";

const here = path.dirname(fileURLToPath(import.meta.url));
const pages = ["app", "people", "recording", "redaction", "words", "places", "workspace", "together", "briefing", "session-room", "choosing", "player", "sheet", "dome", "passkeys"];
const files = ["icon.svg"]; // copied from `public/`
const options = new Set(process.argv.slice(2));

async function styles() {
  const { css } = sass.compile(path.join(here, "scss/app.scss"), {
    style: "compressed",
    loadPaths: [path.join(here, "node_modules")],
    quietDeps: true,
  });
  await writeFile(path.join(here, "dist/app.css"), css);
}

async function scripts() {
  await esbuild.build({
    entryPoints: pages.map((name) => path.join(here, `src/${name}.ts`)),
    outdir: path.join(here, "dist"),
    bundle: true,
    format: "esm",
    target: ["chrome109", "firefox115", "safari16.4"],
    minify: true,
    legalComments: "none",
    logLevel: "warning",
  });
}

/** Removes what an earlier build left behind, so that nothing stale is embedded. */
async function tidy() {
  const wanted = new Set(["app.css", ...files, ...pages.map((name) => `${name}.js`)]);
  for (const name of await readdir(path.join(here, "dist"))) {
    if (!wanted.has(name)) await rm(path.join(here, "dist", name), { recursive: true });
  }
}

async function tests() {
  const names = (await readdir(path.join(here, "test"))).filter((name) => name.endsWith(".test.ts"));
  await rm(path.join(here, "dist-test"), { recursive: true, force: true });
  await esbuild.build({
    entryPoints: names.map((name) => path.join(here, "test", name)),
    outdir: path.join(here, "dist-test"),
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    logLevel: "warning",
  });
}

async function all() {
  await mkdir(path.join(here, "dist"), { recursive: true });
  const copies = files.map((name) => copyFile(path.join(here, "public", name), path.join(here, "dist", name)));
  await Promise.all([styles(), scripts(), ...copies]);
  await tidy();
}

if (options.has("--tests")) {
  await tests();
} else {
  await all();
}

if (options.has("--watch")) {
  let pending;
  const again = () => {
    clearTimeout(pending);
    pending = setTimeout(() => all().catch((error) => console.error(error.message)), 100);
  };
  for (const folder of ["src", "scss"]) watch(path.join(here, folder), { recursive: true }, again);
  console.log("watching src and scss");
}
