// How the picture of the sound is drawn: the ruler, the wave, the marked span, the codes, the playhead.

import { colourOf, fillOf } from "./palette.ts";
import type { Peaks } from "./peaks.ts";
import { spanOf, type Selection } from "./selection.ts";
import { formatClock, formatPrecise } from "./time.ts";
import { fit, rulerStep, type View } from "./viewport.ts";

/** A code as the lanes show it. `paint` picks colour and pattern. */
export interface Region {
  readonly id: string;
  readonly start: number;
  readonly end: number;
  readonly label: string;
  readonly paint: number;
}

/** Everything that a drawing needs to know; times in milliseconds, sizes in CSS pixels. */
export interface Scene {
  readonly view: View;
  readonly width: number;
  readonly waveHeight: number;
  readonly at: number;
  readonly peaks: Peaks | null;
  readonly gain: number;
  readonly selection: Selection;
  readonly regions: readonly Region[];
  readonly rows: readonly number[];
  readonly active: string | null;
  readonly fills: Map<number, CanvasPattern | string>;
}

type Pen = CanvasRenderingContext2D;

/** Heights of the ruler, of one lane of codes and of the overview. */
export const RULER = 20;
export const LANE = 24;
export const OVERVIEW = 44;

const INK = { back: "#fbfaf6", lanes: "#f1ece1", wave: "#5f8f8e", played: "#164a4b", rule: "#505a5f", line: "#d8d2c4", mark: "#b35c00", head: "#b3132b" };

function xOf({ view, width }: Scene, ms: number): number {
  return ((ms - view.start) / view.length) * width;
}

/** Height of the stage with these lanes; null for a stage without lanes. */
export function stageHeight(waveHeight: number, rows: readonly number[] | null): number {
  return RULER + waveHeight + (rows === null ? 0 : Math.max(1, ...rows.map((row) => row + 1)) * LANE + 4);
}

export function drawStage(pen: Pen, scene: Scene, height: number, lanes: boolean): void {
  pen.fillStyle = INK.back;
  pen.fillRect(0, 0, scene.width, height);
  drawRuler(pen, scene);
  drawWave(pen, scene, RULER, scene.waveHeight, scene.view);
  drawSelection(pen, scene);
  if (lanes) drawLanes(pen, scene, height);
  const head = xOf(scene, scene.at);
  pen.fillStyle = INK.head;
  pen.fillRect(Math.round(head) - 1, 0, 2, height);
  pen.beginPath();
  pen.moveTo(head - 6, 0);
  pen.lineTo(head + 6, 0);
  pen.lineTo(head, 8);
  pen.fill();
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

function drawWave(pen: Pen, scene: Scene, top: number, height: number, view: View): void {
  const middle = top + height / 2;
  pen.fillStyle = INK.line;
  pen.fillRect(0, middle, scene.width, 1);
  if (!scene.peaks) return;
  const perColumn = view.length / scene.width;
  for (let x = 0; x < scene.width; x += 1) {
    const from = view.start + x * perColumn;
    const peak = scene.peaks.between(from, from + perColumn);
    if (!peak) continue;
    const high = Math.min(1, peak.high * scene.gain) * (height / 2);
    const low = Math.max(-1, peak.low * scene.gain) * (height / 2);
    pen.fillStyle = from < scene.at ? INK.played : INK.wave;
    pen.fillRect(x, middle - high, 1, Math.max(1, high - low));
  }
}

function drawSelection(pen: Pen, scene: Scene): void {
  const span = spanOf(scene.selection);
  if (span) {
    pen.fillStyle = "rgba(255, 190, 70, 0.32)";
    pen.fillRect(xOf(scene, span.start), RULER, xOf(scene, span.end) - xOf(scene, span.start), scene.waveHeight);
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

function drawLanes(pen: Pen, scene: Scene, height: number): void {
  const top = RULER + scene.waveHeight;
  pen.fillStyle = INK.lanes;
  pen.fillRect(0, top, scene.width, height - top);
  scene.regions.forEach((region, index) => drawRegion(pen, scene, region, top + (scene.rows[index] ?? 0) * LANE + 3));
}

function drawRegion(pen: Pen, scene: Scene, region: Region, top: number): void {
  const left = xOf(scene, region.start);
  const right = Math.max(left + 4, xOf(scene, region.end));
  if (right < 0 || left > scene.width) return;
  const fill = scene.fills.get(region.paint) ?? fillOf(pen, region.paint);
  scene.fills.set(region.paint, fill);
  pen.save();
  pen.beginPath();
  pen.rect(left, top, right - left, LANE - 4);
  pen.fillStyle = fill;
  pen.fill();
  pen.strokeStyle = colourOf(region.paint);
  pen.lineWidth = region.id === scene.active ? 3 : 1;
  pen.stroke();
  pen.clip();
  // The name stays in sight while its block is, and on a plain ground so that it can be read.
  pen.font = "12px arial, sans-serif";
  pen.textBaseline = "middle";
  const at = Math.max(left, 0) + 5;
  if (right - at > 18) {
    pen.fillStyle = "#ffffff";
    pen.fillRect(at - 2, top + 3, pen.measureText(region.label).width + 4, LANE - 10);
    pen.fillStyle = colourOf(region.paint);
    pen.fillText(region.label, at, top + (LANE - 4) / 2 + 1);
  }
  pen.restore();
}

/** The whole recording, small, with a frame around what the stage shows. */
export function drawOverview(pen: Pen, scene: Scene, duration: number): void {
  const whole = fit(duration);
  const all = { ...scene, view: whole };
  pen.fillStyle = INK.lanes;
  pen.fillRect(0, 0, scene.width, OVERVIEW);
  drawWave(pen, all, 2, OVERVIEW - 10, whole);
  for (const region of scene.regions) {
    const left = xOf(all, region.start);
    pen.fillStyle = colourOf(region.paint);
    pen.fillRect(left, OVERVIEW - 6, Math.max(2, xOf(all, region.end) - left), 4);
  }
  if (scene.view.length < duration) {
    const left = xOf(all, scene.view.start);
    const wide = xOf(all, scene.view.start + scene.view.length) - left;
    pen.fillStyle = "rgba(22, 74, 75, 0.13)";
    pen.fillRect(left, 0, wide, OVERVIEW);
    pen.strokeStyle = INK.played;
    pen.lineWidth = 2;
    pen.strokeRect(left + 1, 1, Math.max(4, wide - 2), OVERVIEW - 2);
  }
  pen.fillStyle = INK.head;
  pen.fillRect(Math.round(xOf(all, scene.at)) - 1, 0, 2, OVERVIEW);
}
