// The picture of the sound: an overview of the whole, a stage that zooms, the marked span, the codes and the playhead.
//
// Our own canvas rather than a library: it draws straight from the server's peaks at any zoom, needs no injected style
// and no Trusted Types policy, so the page's policy stays at its strictest. For the keyboard and for screen readers the
// stage is a slider; the codes themselves are in the table below it. The canvases are drawn only when what they show
// has changed; the playhead is an element that is moved.

import { el } from "./dom.ts";
import { layOut, pack, type Block, type Layout } from "./lanes.ts";
import type { Peaks } from "./peaks.ts";
import { NOTHING, type Selection, type Span } from "./selection.ts";
import { speakTime } from "./time.ts";
import { drawOverview, drawStage, OVERVIEW, RULER, stageHeight, type Region, type Scene } from "./waveform-drawing.ts";
import { overviewHands, StageHands, type Picture } from "./waveform-hands.ts";
import * as viewport from "./viewport.ts";
import type { View } from "./viewport.ts";

/** A lane's name, and how it is shown beside the lanes. */
export interface Lane {
  readonly name: string;
  readonly paint: number;
  readonly key: string | null;
}

export interface WaveformOptions {
  readonly durationMs: number;
  /** Whether a span can be drawn with the pointer and codes are shown. */
  readonly marking: boolean;
  /** Half as high, where the words are what is looked at. */
  readonly low?: boolean;
  /** The part that matters, if it is not the whole. */
  readonly part?: Span;
  readonly onSeek: (ms: number) => void;
  readonly onSelect?: (selection: Selection) => void;
  readonly onRegion?: (id: string) => void;
  /** A block was pressed twice. */
  readonly onOpen?: (id: string) => void;
  readonly onLane?: (lane: number) => void;
  /** A block's edge was moved and let go. */
  readonly onStretch?: (id: string, span: Span) => void;
}

/** A region where there are no lanes. */
export type Unlaned = Omit<Region, "lane"> & { readonly lane?: number };

export class Waveform implements Picture {
  private readonly canvas = el("canvas", { class: "hb-wave__canvas", "aria-hidden": "true" });
  private readonly head = el("div", { class: "hb-wave__head", "aria-hidden": "true" });
  private readonly names = el("div", { class: "hb-wave__names", "aria-hidden": "true" });
  private readonly field = el("div", { class: "hb-wave__field" }, this.canvas, this.head);
  private readonly stage = el(
    "div",
    { class: "hb-wave__stage", role: "slider", tabindex: "0", "aria-label": "Place in the recording", "aria-valuemin": "0" },
    this.names,
    this.field,
  );
  private readonly overview = el("canvas", { class: "hb-wave__overview", "aria-hidden": "true" });
  private readonly glass = el("div", { class: "hb-wave__window", "aria-hidden": "true" });
  private readonly overviewHead = el("div", { class: "hb-wave__head", "aria-hidden": "true" });
  private readonly hands: StageHands;
  private peaks: Peaks | null = null;
  private gain = 1;
  private duration: number;
  private seen: View;
  private regions: readonly Region[] = [];
  private lanes: readonly Lane[] | null = null;
  private layout: Layout = pack([]);
  private active: string | null = null;
  private marked: Selection = NOTHING;
  private heard: Scene["heard"] = null;
  private now = 0;
  private following = true;
  private readonly fills = new Map<number, CanvasPattern | string>();
  private asked = false;
  private stale = { stage: true, overview: true };
  private spoken = -1;
  private sizes = { stage: 0, overview: 0 };

  constructor(
    host: HTMLElement,
    private readonly options: WaveformOptions,
  ) {
    this.duration = options.durationMs;
    this.seen = this.whole();
    host.replaceChildren(el("div", { class: "hb-wave__whole" }, this.overview, this.glass, this.overviewHead), this.stage);
    this.hands = new StageHands(this.stage, this.field, this);
    overviewHands(this.overview, this);
    new ResizeObserver(() => this.measure()).observe(host);
    this.measure();
  }

  setDuration(ms: number): void {
    const whole = this.seen.length >= this.duration;
    this.duration = ms;
    if (whole) this.seen = viewport.fit(ms);
    this.redraw();
  }

  setPeaks(peaks: Peaks): void {
    this.peaks = peaks;
    this.gain = 0.94 / Math.max(0.04, peaks.loudest);
    this.redraw();
  }

  /** A lane for each of these, or all codes packed together. */
  setLanes(lanes: readonly Lane[] | null): void {
    this.lanes = lanes;
    this.setRegions(this.regions, this.active);
  }

  setRegions(regions: readonly Unlaned[], active: string | null): void {
    this.regions = regions.map((region) => ({ lane: 0, ...region }));
    this.layout = this.lanes ? layOut(this.regions, this.lanes.length) : pack(this.regions);
    this.active = active;
    this.showNames();
    this.redraw();
  }

  setActive(active: string | null): void {
    this.active = active;
    this.redraw("stage");
  }

  setSelection(selection: Selection): void {
    this.marked = selection;
    this.redraw("stage");
  }

  /** How often each stretch was heard; shown in the overview. */
  setHeard(heard: Scene["heard"]): void {
    this.heard = heard;
    this.redraw("overview");
  }

  setPlayhead(ms: number, playing: boolean): void {
    this.now = ms;
    const { start, length } = this.seen;
    if (playing && this.following && !this.hands.isBusy) this.look(viewport.follow(this.seen, ms, this.duration));
    // A hand-moved view is followed again as soon as the sound comes into it.
    if (ms >= start && ms <= start + length) this.following = true;
    this.redraw(null);
  }

  reveal(ms: number): void {
    this.following = true;
    this.look(viewport.reveal(this.seen, ms, this.duration));
  }

  zoomBy(factor: number): void {
    const { start, length } = this.seen;
    const anchor = this.now >= start && this.now <= start + length ? this.now : start + length / 2;
    this.look(viewport.zoom(this.seen, factor, anchor, this.duration));
  }

  zoomFit(): void {
    this.look(this.whole());
  }

  /** Shows a span with a little around it. */
  zoomAround(start: number, end: number): void {
    this.move(viewport.around(start, end, this.duration));
  }

  /** Moves the view by a share of its length. */
  panBy(share: number): void {
    this.move(viewport.pan(this.seen, share * this.seen.length, this.duration));
  }

  // ---- what hands ask and do ----

  get marking(): boolean {
    return this.options.marking;
  }
  get durationMs(): number {
    return this.duration;
  }
  get at(): number {
    return this.now;
  }
  get view(): View {
    return this.seen;
  }
  get selection(): Selection {
    return this.marked;
  }
  get width(): number {
    return this.sizes.stage;
  }
  get waveBottom(): number {
    return RULER + this.waveHeight;
  }

  x(ms: number): number {
    return ((ms - this.seen.start) / this.seen.length) * this.width;
  }

  /** Moves the view by hand: it waits where it is until the sound comes into it. */
  move(view: View): void {
    this.following = false;
    this.look(view);
  }

  seek(ms: number): void {
    this.options.onSeek(ms);
  }
  select(selection: Selection): void {
    this.options.onSelect?.(selection);
  }
  press(region: Region): void {
    this.options.onRegion?.(region.id);
  }
  open(region: Region): void {
    this.options.onOpen?.(region.id);
  }
  lane(lane: number): void {
    if (this.lanes) this.options.onLane?.(lane);
  }

  stretch(region: Region, span: Span, done: boolean): void {
    if (!this.options.onStretch) return;
    if (done) this.options.onStretch(region.id, span);
    else this.regions = this.regions.map((one) => (one.id === region.id ? { ...one, ...span } : one));
    this.redraw("stage");
  }

  laneAt(y: number): number | null {
    const lane = this.layout.bands.findIndex((band) => y - this.waveBottom >= band.top && y - this.waveBottom < band.top + band.height);
    return lane === -1 ? null : lane;
  }

  regionAt(at: number, y: number): Region | null {
    // A finger's width of grace, for short codes in a long view.
    const grace = (4 / Math.max(1, this.width)) * this.seen.length;
    const below = y - this.waveBottom;
    const hit = (region: Block, index: number): boolean => {
      const place = this.layout.places[index];
      if (!place || below < place.top || below >= place.top + place.height) return false;
      return at >= region.start - grace && at <= region.end + grace;
    };
    return this.regions.find(hit) ?? null;
  }

  // ---- drawing ----

  private whole(): View {
    const { part } = this.options;
    const all = viewport.fit(this.duration);
    return part && part.end - part.start < this.duration ? viewport.around(part.start, part.end, this.duration) : all;
  }

  private look(view: View): void {
    if (view === this.seen) return;
    this.seen = view;
    this.redraw("stage");
  }

  /** Sizes are asked for when they may have changed, never while something moves. */
  private measure(): void {
    this.sizes = { stage: this.field.clientWidth, overview: this.overview.clientWidth };
    this.redraw();
  }

  private redraw(what: "stage" | "overview" | "both" | null = "both"): void {
    if (what === "stage" || what === "both") this.stale.stage = true;
    if (what === "overview" || what === "both") this.stale.overview = true;
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(() => {
      this.asked = false;
      if (this.stale.stage) this.drawStage();
      if (this.stale.overview) this.drawOverview();
      this.stale = { stage: false, overview: false };
      this.place();
      this.describe();
    });
  }

  /** Puts the playhead and the overview's window where they belong. */
  private place(): void {
    const x = this.x(this.now);
    this.head.style.transform = `translateX(${x}px)`;
    this.head.hidden = x < 0 || x > this.width;
    const perMs = this.sizes.overview / this.duration;
    this.overviewHead.style.transform = `translateX(${this.now * perMs}px)`;
    this.glass.hidden = this.seen.length >= this.duration;
    this.glass.style.transform = `translateX(${this.seen.start * perMs}px)`;
    this.glass.style.width = `${Math.max(6, this.seen.length * perMs)}px`;
  }

  /** The slider's value moves with the whole second, so that nothing is announced sixty times a second. */
  private describe(): void {
    const second = Math.floor(this.now / 1000);
    if (second === this.spoken) return;
    this.spoken = second;
    this.stage.setAttribute("aria-valuemax", String(Math.floor(this.duration / 1000)));
    this.stage.setAttribute("aria-valuenow", String(second));
    this.stage.setAttribute("aria-valuetext", `${speakTime(this.now)} of ${speakTime(this.duration)}`);
  }

  private get waveHeight(): number {
    if (this.options.low) return 56;
    if (this.lanes) return 90;
    return this.width < 500 ? 110 : 132;
  }

  private prepare(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D | null {
    const ratio = window.devicePixelRatio || 1;
    if (canvas.style.height !== `${height}px`) canvas.style.height = `${height}px`;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    const pen = canvas.getContext("2d", { alpha: false });
    pen?.setTransform(ratio, 0, 0, ratio, 0, 0);
    return pen;
  }

  private scene(width: number): Scene {
    return {
      view: this.seen,
      width,
      waveHeight: this.waveHeight,
      peaks: this.peaks,
      gain: this.gain,
      selection: this.marked,
      regions: this.regions,
      layout: this.options.marking ? this.layout : null,
      names: this.lanes && this.width < 560 ? this.lanes.map(({ name }) => name) : [],
      active: this.active,
      fills: this.fills,
      part: this.options.part ?? { start: 0, end: this.duration },
      heard: this.heard,
    };
  }

  private drawStage(): void {
    const height = stageHeight(this.waveHeight, this.options.marking ? this.layout : null);
    const pen = this.prepare(this.canvas, this.width, height);
    if (pen && this.width > 0) drawStage(pen, this.scene(this.width), height);
  }

  private drawOverview(): void {
    const width = this.sizes.overview;
    const pen = this.prepare(this.overview, width, OVERVIEW);
    if (pen && width > 0) drawOverview(pen, this.scene(width), this.duration);
  }

  /** The lanes' names in a column beside them, each as high as its lane. */
  private showNames(): void {
    const names = (this.lanes ?? []).map((lane, index) => {
      const name = el("div", { class: "hb-wave__name" }, el("span", { class: `hb-swatch hb-swatch--${lane.paint % 8}` }), el("span", { class: "hb-wave__label" }, lane.name), lane.key ? el("kbd", {}, lane.key) : null);
      name.style.height = `${this.layout.bands[index]?.height ?? 0}px`;
      return name;
    });
    this.names.style.paddingTop = `${this.waveBottom}px`;
    this.names.replaceChildren(...names);
  }
}
