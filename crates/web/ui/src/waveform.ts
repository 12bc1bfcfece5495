// The picture of the sound: an overview of the whole, a stage that zooms, the marked span, the codes and the playhead.
//
// Our own canvas rather than a library: it draws straight from the server's peaks at any zoom, needs no injected style
// and no Trusted Types policy, so the page's policy stays at its strictest. For the keyboard and for screen readers the
// stage is a slider; the codes themselves are in the table below it.

import type { Peaks } from "./peaks.ts";
import { dragged, NOTHING, nudge, type Selection } from "./selection.ts";
import { speakTime } from "./time.ts";
import * as viewport from "./viewport.ts";
import type { View } from "./viewport.ts";
import { drawOverview, drawStage, LANE, OVERVIEW, RULER, stageHeight, type Region, type Scene } from "./waveform-drawing.ts";
import { el } from "./dom.ts";

export interface WaveformOptions {
  readonly durationMs: number;
  /** Whether a span can be drawn with the pointer and codes are shown. */
  readonly marking: boolean;
  /** Half as high, where the words are what is looked at. */
  readonly low?: boolean;
  readonly onSeek: (ms: number) => void;
  readonly onSelect?: (selection: Selection) => void;
  readonly onRegion?: (id: string) => void;
}

/** How close (px) to an edge of the span the pointer takes hold of it. */
const EDGE = 7;

type Drag =
  | { kind: "new"; from: number; x: number; moved: boolean }
  | { kind: "edge"; edge: "start" | "end" }
  | { kind: "overview" };

export class Waveform {
  private readonly stage: HTMLDivElement;
  private readonly canvas = el("canvas", { class: "hb-wave__canvas", "aria-hidden": "true" });
  private readonly overview = el("canvas", { class: "hb-wave__overview", "aria-hidden": "true" });
  private peaks: Peaks | null = null;
  private gain = 1;
  private duration: number;
  private view: View;
  private regions: readonly Region[] = [];
  private regionRows: number[] = [];
  private active: string | null = null;
  private selection: Selection = NOTHING;
  private at = 0;
  private following = true;
  private readonly fills = new Map<number, CanvasPattern | string>();
  private drag: Drag | null = null;
  private dirty = false;
  private spoken = -1;

  constructor(
    host: HTMLElement,
    private readonly options: WaveformOptions,
  ) {
    this.duration = options.durationMs;
    this.view = viewport.fit(this.duration);
    this.stage = el(
      "div",
      { class: "hb-wave__stage", role: "slider", tabindex: "0", "aria-label": "Place in the recording", "aria-valuemin": "0" },
      this.canvas,
    );
    host.replaceChildren(this.overview, this.stage);
    this.listen();
    new ResizeObserver(() => this.redraw()).observe(host);
    this.redraw();
  }

  setDuration(ms: number): void {
    const whole = this.view.length >= this.duration;
    this.duration = ms;
    if (whole) this.view = viewport.fit(ms);
    this.redraw();
  }

  setPeaks(peaks: Peaks): void {
    this.peaks = peaks;
    this.gain = 0.94 / Math.max(0.04, peaks.loudest);
    this.redraw();
  }

  setRegions(regions: readonly Region[], active: string | null): void {
    this.regions = regions;
    this.regionRows = viewport.rows(regions);
    this.active = active;
    this.redraw();
  }

  setSelection(selection: Selection): void {
    this.selection = selection;
    this.redraw();
  }

  setPlayhead(ms: number, playing: boolean): void {
    this.at = ms;
    if (playing && this.following && this.drag === null) this.view = viewport.follow(this.view, ms, this.duration);
    // A hand-moved view is followed again as soon as the sound comes into it.
    if (ms >= this.view.start && ms <= this.view.start + this.view.length) this.following = true;
    this.redraw();
  }

  reveal(ms: number): void {
    this.following = true;
    this.view = viewport.reveal(this.view, ms, this.duration);
    this.redraw();
  }

  zoomBy(factor: number): void {
    const { start, length } = this.view;
    const anchor = this.at >= start && this.at <= start + length ? this.at : start + length / 2;
    this.view = viewport.zoom(this.view, factor, anchor, this.duration);
    this.redraw();
  }

  zoomFit(): void {
    this.view = viewport.fit(this.duration);
    this.redraw();
  }

  zoomAround(start: number, end: number): void {
    this.view = viewport.around(start, end, this.duration);
    this.following = false;
    this.redraw();
  }

  /** What the stage shows now, in milliseconds: for a caption and for tests. */
  get visible(): View {
    return this.view;
  }

  private redraw(): void {
    if (this.dirty) return;
    this.dirty = true;
    requestAnimationFrame(() => {
      this.dirty = false;
      this.drawStage();
      this.drawOverview();
      this.describe();
    });
  }

  /** The slider's value moves with the whole second, so that nothing is announced sixty times a second. */
  private describe(): void {
    const second = Math.floor(this.at / 1000);
    if (second === this.spoken) return;
    this.spoken = second;
    this.stage.setAttribute("aria-valuemax", String(Math.floor(this.duration / 1000)));
    this.stage.setAttribute("aria-valuenow", String(second));
    this.stage.setAttribute("aria-valuetext", `${speakTime(this.at)} of ${speakTime(this.duration)}`);
  }

  // ---- pointer and keyboard ----

  private listen(): void {
    this.stage.addEventListener("keydown", (event) => this.onKey(event));
    this.stage.addEventListener("pointerdown", (event) => this.onDown(event));
    this.stage.addEventListener("pointermove", (event) => this.onMove(event));
    this.stage.addEventListener("pointerup", (event) => this.onUp(event));
    this.stage.addEventListener("pointercancel", () => (this.drag = null));
    this.stage.addEventListener("wheel", (event) => this.onWheel(event), { passive: false });
    const look = (event: PointerEvent): void => {
      const box = this.overview.getBoundingClientRect();
      const at = ((event.clientX - box.left) / box.width) * this.duration;
      if (this.view.length < this.duration) {
        this.following = false;
        this.view = viewport.pan(this.view, at - this.view.length / 2 - this.view.start, this.duration);
        this.redraw();
      }
      if (event.type === "pointerdown") this.options.onSeek(at);
    };
    this.overview.addEventListener("pointerdown", (event) => {
      this.drag = { kind: "overview" };
      this.overview.setPointerCapture(event.pointerId);
      look(event);
    });
    this.overview.addEventListener("pointermove", (event) => this.drag?.kind === "overview" && look(event));
    this.overview.addEventListener("pointerup", () => (this.drag = null));
    this.overview.addEventListener("pointercancel", () => (this.drag = null));
  }

  private onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.shiftKey ? 100 : 1000;
    const moves: Record<string, number> = {
      ArrowLeft: this.at - step,
      ArrowDown: this.at - step,
      ArrowRight: this.at + step,
      ArrowUp: this.at + step,
      PageDown: this.at - 10_000,
      PageUp: this.at + 10_000,
      Home: 0,
      End: this.duration,
    };
    const to = moves[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.options.onSeek(Math.min(Math.max(0, to), this.duration));
    this.reveal(Math.min(Math.max(0, to), this.duration));
  }

  private onDown(event: PointerEvent): void {
    if (event.button !== 0) return;
    const { x, y, at } = this.pointer(event);
    if (this.options.marking && y >= this.waveBottom) {
      const hit = this.regionAt(at, y);
      if (hit) this.options.onRegion?.(hit.id);
      return;
    }
    this.stage.setPointerCapture(event.pointerId);
    const edge = this.options.marking ? this.edgeAt(x) : null;
    this.drag = edge ? { kind: "edge", edge } : { kind: "new", from: at, x, moved: false };
  }

  private onMove(event: PointerEvent): void {
    const { x, y, at } = this.pointer(event);
    if (!this.drag) {
      const edge = this.options.marking && y < this.waveBottom && this.edgeAt(x) !== null;
      this.stage.classList.toggle("is-edge", edge);
      this.stage.classList.toggle("is-block", this.options.marking && y >= this.waveBottom && this.regionAt(at, y) !== null);
      return;
    }
    if (this.drag.kind === "overview") return;
    // Drawing past the side moves the picture along.
    if (x < 0) this.view = viewport.pan(this.view, -this.view.length / 40, this.duration);
    if (x > this.width) this.view = viewport.pan(this.view, this.view.length / 40, this.duration);
    if (this.drag.kind === "edge") {
      const now = this.selection[this.drag.edge] ?? 0;
      this.options.onSelect?.(nudge(this.selection, this.drag.edge, at - now, this.duration));
    } else if (this.options.marking && (this.drag.moved || Math.abs(x - this.drag.x) > 4)) {
      this.drag.moved = true;
      const drawn = dragged(this.drag.from, at, this.duration);
      if (drawn) this.options.onSelect?.(drawn);
    }
  }

  private onUp(event: PointerEvent): void {
    const drag = this.drag;
    this.drag = null;
    if (drag?.kind === "new" && !drag.moved) this.options.onSeek(this.pointer(event).at);
  }

  private onWheel(event: WheelEvent): void {
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      const { at } = this.pointer(event);
      this.view = viewport.zoom(this.view, event.deltaY < 0 ? 1.25 : 0.8, at, this.duration);
    } else {
      const across = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
      if (Math.abs(across) <= Math.abs(event.shiftKey ? 0 : event.deltaY)) return;
      event.preventDefault();
      this.following = false;
      this.view = viewport.pan(this.view, (across / this.width) * this.view.length, this.duration);
    }
    this.redraw();
  }

  private pointer(event: MouseEvent): { x: number; y: number; at: number } {
    const box = this.canvas.getBoundingClientRect();
    const x = event.clientX - box.left;
    const at = this.view.start + (x / Math.max(1, box.width)) * this.view.length;
    return { x, y: event.clientY - box.top, at: Math.min(Math.max(0, at), this.duration) };
  }

  private edgeAt(x: number): "start" | "end" | null {
    const { start, end } = this.selection;
    if (end !== null && Math.abs(this.x(end) - x) <= EDGE) return "end";
    if (start !== null && Math.abs(this.x(start) - x) <= EDGE) return "start";
    return null;
  }

  private regionAt(at: number, y: number): Region | null {
    const row = Math.floor((y - this.waveBottom) / LANE);
    // A finger's width of grace, for short codes in a long view.
    const grace = (4 / this.width) * this.view.length;
    const hit = (region: Region, index: number): boolean =>
      this.regionRows[index] === row && at >= region.start - grace && at <= region.end + grace;
    return this.regions.find(hit) ?? null;
  }

  // ---- drawing ----

  private get width(): number {
    return this.canvas.clientWidth;
  }

  private get waveHeight(): number {
    if (this.options.low) return 56;
    return this.width < 500 ? 110 : 132;
  }

  private get waveBottom(): number {
    return RULER + this.waveHeight;
  }

  private x(ms: number): number {
    return ((ms - this.view.start) / this.view.length) * this.width;
  }

  private prepare(canvas: HTMLCanvasElement, height: number): CanvasRenderingContext2D | null {
    const ratio = window.devicePixelRatio || 1;
    const width = canvas.clientWidth;
    if (canvas.style.height !== `${height}px`) canvas.style.height = `${height}px`;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    const pen = canvas.getContext("2d");
    pen?.setTransform(ratio, 0, 0, ratio, 0, 0);
    return pen;
  }

  private get scene(): Scene {
    return {
      view: this.view,
      width: this.width,
      waveHeight: this.waveHeight,
      at: this.at,
      peaks: this.peaks,
      gain: this.gain,
      selection: this.selection,
      regions: this.regions,
      rows: this.regionRows,
      active: this.active,
      fills: this.fills,
    };
  }

  private drawStage(): void {
    const height = stageHeight(this.waveHeight, this.options.marking ? this.regionRows : null);
    const pen = this.prepare(this.canvas, height);
    if (pen && this.width > 0) drawStage(pen, this.scene, height, this.options.marking);
  }

  private drawOverview(): void {
    const pen = this.prepare(this.overview, OVERVIEW);
    const width = this.overview.clientWidth;
    if (pen && width > 0) drawOverview(pen, { ...this.scene, width }, this.duration);
  }
}
