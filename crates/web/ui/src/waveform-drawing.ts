// How the picture of the sound is drawn: the ruler, the wave, the marked span, the lanes. The playhead and the
// overview's window are elements of their own, so that nothing is drawn anew while the sound plays.

import { inWindow, type Layout } from "./lanes.ts";
import { colourOf, fillOf } from "./palette.ts";
import type { Peaks } from "./peaks.ts";
import { spanOf, type Selection, type Span } from "./selection.ts";
import { formatClock, formatPrecise } from "./time.ts";
import { fit, rulerStep, type View } from "./viewport.ts";

/** A code as the lanes show it. `paint` picks colour and pattern; `lane` its lane, where skills have some. */
export interface Region {
  readonly id: string;
  readonly start: number;
  readonly end: number;
  readonly label: string;
  readonly paint: number;
  readonly lane: number;
}

/** Everything that a drawing needs to know; times in milliseconds, sizes in CSS pixels. */
export interface Scene {
  readonly view: View;
  readonly width: number;
  readonly waveHeight: number;
  readonly peaks: Peaks | null;
  readonly gain: number;
  readonly selection: Selection;
  readonly regions: readonly Region[];
  /** Null for a stage without lanes. */
  readonly layout: Layout | null;
  /** Names written into the lanes, where there is no room beside them. */
  readonly names: readonly string[];
  readonly active: string | null;
  readonly fills: Map<number, CanvasPattern | string>;
  /** The part that matters; what lies outside is shaded. */
  readonly part: Span;
  /** How often each stretch was heard, if that is shown. */
  readonly heard: { readonly stretchMs: number; readonly times: (stretch: number) => number } | null;
}

type Pen = CanvasRenderingContext2D;

/** Heights of the ruler and of the overview. */
export const RULER = 20;
export const OVERVIEW = 44;

const INK = { back: "#fbfaf6", lanes: "#f1ece1", other: "#e9e3d4", wave: "#2f6f6f", rule: "#505a5f", line: "#d8d2c4", mark: "#b35c00", outside: "rgba(80, 90, 95, 0.28)" };
const HEARD = ["#bcd9d2", "#6fae9f", "#2c7a6a", "#164a4b"] as const;
/** Blocks narrower than this (px) are plain: their pattern and name could not be told apart. */
const PLAIN = 12;

function xOf({ view, width }: Scene, ms: number): number {
  return ((ms - view.start) / view.length) * width;
}

export function stageHeight(waveHeight: number, layout: Layout | null): number {
  return RULER + waveHeight + (layout?.height ?? 0);
}

export function drawStage(pen: Pen, scene: Scene, height: number): void {
  pen.fillStyle = INK.back;
  pen.fillRect(0, 0, scene.width, height);
  drawRuler(pen, scene);
  drawWave(pen, scene, RULER, scene.waveHeight);
  drawSelection(pen, scene, height);
  if (scene.layout) drawLanes(pen, scene, scene.layout);
  drawOutside(pen, scene, height);
}

function drawRuler(pen: Pen, scene: Scene): void {
  const { view, width } = scene;
  const step = rulerStep((70 / width) * view.length);
  pen.font = "12px arial, sans-serif";
  pen.textBaseline = "top";
  for (let at = Math.ceil(view.start / step) * step; at <= view.start + view.length; at += step) {
    const x = Math.round(xOf(scene, at));
    pen.fillStyle = INK.line;
    pen.fillRect(x, 0, 1, RULER + scene.waveHeight);
    pen.fillStyle = INK.rule;
    pen.fillText(step < 1000 ? formatPrecise(at).slice(0, -2) : formatClock(at), x + 4, 4);
  }
}

/** The wave as one shape: its upper edge from left to right, its lower edge back. */
function drawWave(pen: Pen, scene: Scene, top: number, height: number): void {
  const middle = top + height / 2;
  pen.fillStyle = INK.line;
  pen.fillRect(0, middle, scene.width, 1);
  const { peaks } = scene;
  if (!peaks) return;
  const columns = Math.ceil(scene.width);
  const perColumn = scene.view.length / scene.width;
  const lows = new Float32Array(columns);
  pen.beginPath();
  pen.moveTo(0, middle);
  for (let x = 0; x < columns; x += 1) {
    const from = scene.view.start + x * perColumn;
    const peak = peaks.between(from, from + perColumn);
    const high = peak ? Math.min(1, peak.high * scene.gain) * (height / 2) : 0;
    const low = peak ? Math.max(-1, peak.low * scene.gain) * (height / 2) : 0;
    // At least a line, where it is quiet.
    pen.lineTo(x + 0.5, middle - Math.max(0.5, high));
    lows[x] = middle - Math.min(-0.5, low);
  }
  for (let x = columns - 1; x >= 0; x -= 1) pen.lineTo(x + 0.5, lows[x] ?? middle);
  pen.closePath();
  pen.fillStyle = INK.wave;
  pen.fill();
}

function drawSelection(pen: Pen, scene: Scene, height: number): void {
  const span = spanOf(scene.selection);
  if (span) {
    pen.fillStyle = "rgba(255, 190, 70, 0.32)";
    pen.fillRect(xOf(scene, span.start), RULER, xOf(scene, span.end) - xOf(scene, span.start), height - RULER);
  }
  if (scene.selection.start !== null) drawFlag(pen, scene, scene.selection.start, "IN", 1);
  if (scene.selection.end !== null) drawFlag(pen, scene, scene.selection.end, "OUT", -1);
}

/** An edge of the span with its name on the inner side. */
function drawFlag(pen: Pen, scene: Scene, at: number, text: string, side: -1 | 1): void {
  const x = xOf(scene, at);
  if (x < 0 || x > scene.width) return;
  pen.font = "bold 11px arial, sans-serif";
  pen.textBaseline = "middle";
  const wide = pen.measureText(text).width + 8;
  const left = Math.max(0, Math.min(side > 0 ? x : x - wide, scene.width - wide));
  const bottom = RULER + scene.waveHeight;
  pen.fillStyle = INK.mark;
  pen.fillRect(x - 1, RULER, 2, scene.waveHeight);
  pen.fillRect(left, bottom - 16, wide, 16);
  pen.fillStyle = "#ffffff";
  pen.fillText(text, left + 4, bottom - 8);
}

function drawLanes(pen: Pen, scene: Scene, layout: Layout): void {
  const top = RULER + scene.waveHeight;
  layout.bands.forEach((band, index) => {
    pen.globalAlpha = 0.75; // the marked span is seen through them
    pen.fillStyle = index % 2 === 0 ? INK.lanes : INK.other;
    pen.fillRect(0, top + band.top, scene.width, band.height);
    pen.globalAlpha = 1;
  });
  for (const index of inWindow(layout, scene.regions, scene.view.start, scene.view.start + scene.view.length)) {
    const region = scene.regions[index];
    const place = layout.places[index];
    if (region && place) drawRegion(pen, scene, region, top + place.top + 1, place.height - 2);
  }
  pen.font = "11px arial, sans-serif";
  pen.textBaseline = "middle";
  scene.names.forEach((name, index) => {
    const band = layout.bands[index];
    if (!band) return;
    const wide = pen.measureText(name).width;
    pen.fillStyle = "rgba(251, 250, 246, 0.85)";
    pen.fillRect(0, top + band.top + 3, wide + 8, 14);
    pen.fillStyle = colourOf(index);
    pen.fillText(name, 4, top + band.top + 10.5);
  });
}

function drawRegion(pen: Pen, scene: Scene, region: Region, top: number, height: number): void {
  const left = Math.max(-4, xOf(scene, region.start));
  const right = Math.min(scene.width + 4, Math.max(xOf(scene, region.start) + 3, xOf(scene, region.end)));
  const active = region.id === scene.active;
  if (right - left < PLAIN && !active) {
    pen.fillStyle = colourOf(region.paint);
    pen.fillRect(left, top, right - left, height);
    return;
  }
  const fill = scene.fills.get(region.paint) ?? fillOf(pen, region.paint);
  scene.fills.set(region.paint, fill);
  pen.fillStyle = fill;
  pen.fillRect(left, top, right - left, height);
  pen.strokeStyle = colourOf(region.paint);
  pen.lineWidth = active ? 3 : 1;
  pen.strokeRect(left, top, right - left, height);
  drawName(pen, region, Math.max(left, 0) + 5, right, top, height);
}

/** The name stays in sight while its block is, and on a plain ground so that it can be read. */
function drawName(pen: Pen, region: Region, at: number, right: number, top: number, height: number): void {
  const room = right - at - 3;
  if (room < 22 || height < 11) return;
  pen.font = height < 15 ? "10px arial, sans-serif" : "12px arial, sans-serif";
  pen.textBaseline = "middle";
  const letters = Math.floor(room / (height < 15 ? 5.4 : 6.4));
  const text = region.label.length <= letters ? region.label : `${region.label.slice(0, Math.max(1, letters - 1))}…`;
  const wide = Math.min(room, pen.measureText(text).width);
  pen.fillStyle = "#ffffff";
  pen.fillRect(at - 2, top + 2, wide + 4, height - 4);
  pen.fillStyle = colourOf(region.paint);
  pen.fillText(text, at, top + height / 2 + 0.5, room);
}

function drawOutside(pen: Pen, scene: Scene, height: number): void {
  pen.fillStyle = INK.outside;
  const left = xOf(scene, scene.part.start);
  const right = xOf(scene, scene.part.end);
  if (left > 0.5) pen.fillRect(0, 0, Math.min(left, scene.width), height);
  if (right < scene.width - 0.5) pen.fillRect(Math.max(0, right), 0, scene.width - Math.max(0, right), height);
}

/** The whole recording, small: the sound, what is marked, and how often it was heard. */
export function drawOverview(pen: Pen, scene: Scene, duration: number): void {
  const all = { ...scene, view: fit(duration) };
  pen.fillStyle = INK.lanes;
  pen.fillRect(0, 0, scene.width, OVERVIEW);
  drawWave(pen, all, 2, OVERVIEW - 16);
  for (const region of scene.regions) {
    const left = xOf(all, region.start);
    pen.fillStyle = colourOf(region.paint);
    pen.fillRect(left, OVERVIEW - 12, Math.max(2, xOf(all, region.end) - left), 5);
  }
  if (scene.heard) drawHeard(pen, all, duration, scene.heard);
  drawOutside(pen, all, OVERVIEW);
}

function drawHeard(pen: Pen, all: Scene, duration: number, heard: NonNullable<Scene["heard"]>): void {
  pen.fillStyle = "#ffffff";
  pen.fillRect(0, OVERVIEW - 5, all.width, 5);
  for (let stretch = 0; stretch * heard.stretchMs < duration; stretch += 1) {
    const times = heard.times(stretch);
    if (times < 0.5) continue;
    pen.fillStyle = HEARD[Math.min(HEARD.length, Math.round(times)) - 1] ?? HEARD[0];
    const left = xOf(all, stretch * heard.stretchMs);
    pen.fillRect(left, OVERVIEW - 5, xOf(all, (stretch + 1) * heard.stretchMs) - left + 0.5, 5);
  }
}
