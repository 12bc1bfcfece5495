// What hands do on the picture of the sound: go somewhere, draw a span, move an edge, move the view.

import { dragged, nudge, type Selection, type Span } from "./selection.ts";
import type { Region } from "./waveform-drawing.ts";
import * as viewport from "./viewport.ts";
import type { View } from "./viewport.ts";

/** What the picture tells its hands, and takes from them. Times in milliseconds, places in CSS pixels. */
export interface Picture {
  readonly marking: boolean;
  readonly durationMs: number;
  readonly at: number;
  readonly width: number;
  /** Where the wave ends and the lanes begin. */
  readonly waveBottom: number;
  readonly selection: Selection;
  readonly view: View;
  move(view: View): void;
  reveal(ms: number): void;
  x(ms: number): number;
  regionAt(at: number, y: number): Region | null;
  laneAt(y: number): number | null;
  seek(ms: number): void;
  select(selection: Selection): void;
  press(region: Region): void;
  open(region: Region): void;
  /** A span was begun in a lane. */
  lane(lane: number): void;
  /** An edge of a block is being moved; `done` when it was let go. */
  stretch(region: Region, span: Span, done: boolean): void;
}

/** How close (px) to an edge the pointer takes hold of it. */
const EDGE = 7;
/** A block narrower than this (px) has no edges to take hold of. */
const WIDE = 24;

type Drag =
  | { kind: "new"; from: number; x: number; moved: boolean; lane: number | null }
  | { kind: "edge"; edge: "start" | "end" }
  | { kind: "block"; region: Region; edge: "start" | "end"; span: Span };

export class StageHands {
  private drag: Drag | null = null;

  constructor(
    private readonly stage: HTMLElement,
    private readonly canvas: HTMLElement,
    private readonly picture: Picture,
  ) {
    stage.addEventListener("keydown", (event) => this.onKey(event));
    canvas.addEventListener("pointerdown", (event) => this.onDown(event));
    canvas.addEventListener("pointermove", (event) => this.onMove(event));
    canvas.addEventListener("pointerup", (event) => this.onUp(event));
    canvas.addEventListener("pointercancel", () => (this.drag = null));
    canvas.addEventListener("dblclick", (event) => this.onDouble(event));
    stage.addEventListener("wheel", (event) => this.onWheel(event), { passive: false });
  }

  get isBusy(): boolean {
    return this.drag !== null;
  }

  private onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { at, durationMs } = this.picture;
    const step = event.shiftKey ? 100 : 1000;
    const moves: Record<string, number> = {
      ArrowLeft: at - step,
      ArrowDown: at - step,
      ArrowRight: at + step,
      ArrowUp: at + step,
      PageDown: at - 10_000,
      PageUp: at + 10_000,
      Home: 0,
      End: durationMs,
    };
    const to = moves[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const within = Math.min(Math.max(0, to), durationMs);
    this.picture.seek(within);
    this.picture.reveal(within);
  }

  private pointer(event: MouseEvent): { x: number; y: number; at: number } {
    const box = this.canvas.getBoundingClientRect();
    const x = event.clientX - box.left;
    const { view, durationMs } = this.picture;
    const at = view.start + (x / Math.max(1, box.width)) * view.length;
    return { x, y: event.clientY - box.top, at: Math.min(Math.max(0, at), durationMs) };
  }

  private onDown(event: PointerEvent): void {
    if (event.button !== 0) return;
    const { x, y, at } = this.pointer(event);
    const { picture } = this;
    this.canvas.setPointerCapture(event.pointerId);
    const below = picture.marking && y >= picture.waveBottom;
    const region = below ? picture.regionAt(at, y) : null;
    if (region) {
      const edge = this.blockEdge(region, x);
      if (edge) this.drag = { kind: "block", region, edge, span: { start: region.start, end: region.end } };
      else picture.press(region);
      return;
    }
    const edge = picture.marking && !below ? this.edgeAt(x) : null;
    this.drag = edge ? { kind: "edge", edge } : { kind: "new", from: at, x, moved: false, lane: below ? picture.laneAt(y) : null };
  }

  private onMove(event: PointerEvent): void {
    const { x, y, at } = this.pointer(event);
    const { picture, drag } = this;
    if (!drag) {
      this.showWhatIsHere(x, y, at);
      return;
    }
    // Drawing past the side moves the picture along.
    if (x < 0) picture.move(viewport.pan(picture.view, -picture.view.length / 40, picture.durationMs));
    if (x > picture.width) picture.move(viewport.pan(picture.view, picture.view.length / 40, picture.durationMs));
    if (drag.kind === "edge") {
      picture.select(nudge(picture.selection, drag.edge, at - (picture.selection[drag.edge] ?? 0), picture.durationMs));
    } else if (drag.kind === "block") {
      const { start, end } = nudge(drag.span, drag.edge, at - drag.span[drag.edge], picture.durationMs);
      drag.span = { start: start ?? drag.span.start, end: end ?? drag.span.end };
      picture.stretch(drag.region, drag.span, false);
    } else if (picture.marking && (drag.moved || Math.abs(x - drag.x) > 4)) {
      if (!drag.moved && drag.lane !== null) picture.lane(drag.lane);
      drag.moved = true;
      const drawn = dragged(drag.from, at, picture.durationMs);
      if (drawn) picture.select(drawn);
    }
  }

  private onUp(event: PointerEvent): void {
    const { drag } = this;
    this.drag = null;
    if (drag?.kind === "new" && !drag.moved) this.picture.seek(this.pointer(event).at);
    if (drag?.kind === "block") {
      const moved = drag.span.start !== drag.region.start || drag.span.end !== drag.region.end;
      if (moved) this.picture.stretch(drag.region, drag.span, true);
      else this.picture.press(drag.region);
    }
  }

  private onDouble(event: MouseEvent): void {
    const { y, at } = this.pointer(event);
    const region = y >= this.picture.waveBottom ? this.picture.regionAt(at, y) : null;
    if (region) this.picture.open(region);
  }

  private onWheel(event: WheelEvent): void {
    const { picture } = this;
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      picture.move(viewport.zoom(picture.view, Math.exp(-event.deltaY / 400), this.pointer(event).at, picture.durationMs));
      return;
    }
    const across = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
    if (Math.abs(across) <= Math.abs(event.shiftKey ? 0 : event.deltaY)) return;
    event.preventDefault();
    picture.move(viewport.pan(picture.view, (across / picture.width) * picture.view.length, picture.durationMs));
  }

  private showWhatIsHere(x: number, y: number, at: number): void {
    const { picture, stage } = this;
    const below = y >= picture.waveBottom;
    const region = picture.marking && below ? picture.regionAt(at, y) : null;
    const edge = region ? this.blockEdge(region, x) !== null : picture.marking && !below && this.edgeAt(x) !== null;
    stage.classList.toggle("is-edge", edge);
    stage.classList.toggle("is-block", region !== null && !edge);
  }

  private edgeAt(x: number): "start" | "end" | null {
    const { start, end } = this.picture.selection;
    if (end !== null && Math.abs(this.picture.x(end) - x) <= EDGE) return "end";
    if (start !== null && Math.abs(this.picture.x(start) - x) <= EDGE) return "start";
    return null;
  }

  private blockEdge(region: Region, x: number): "start" | "end" | null {
    const [left, right] = [this.picture.x(region.start), this.picture.x(region.end)];
    if (right - left < WIDE) return null;
    if (Math.abs(x - right) <= EDGE) return "end";
    return Math.abs(x - left) <= EDGE ? "start" : null;
  }
}

/** The overview: the window in it is moved by hand; a press elsewhere goes there. */
export function overviewHands(overview: HTMLElement, picture: Picture): void {
  let drag: { readonly offset: number; readonly x: number; moved: boolean } | null = null;
  const at = (event: PointerEvent): number => {
    const box = overview.getBoundingClientRect();
    return ((event.clientX - box.left) / Math.max(1, box.width)) * picture.durationMs;
  };
  const centre = (ms: number): void => picture.move(viewport.pan(picture.view, ms - picture.view.length / 2 - picture.view.start, picture.durationMs));
  overview.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    overview.setPointerCapture(event.pointerId);
    const { start, length } = picture.view;
    const inside = length < picture.durationMs && at(event) >= start && at(event) <= start + length;
    if (!inside) centre(at(event));
    drag = { offset: at(event) - picture.view.start, x: event.clientX, moved: false };
  });
  overview.addEventListener("pointermove", (event) => {
    if (!drag || (!drag.moved && Math.abs(event.clientX - drag.x) <= 3)) return;
    drag.moved = true;
    picture.move(viewport.pan(picture.view, at(event) - drag.offset - picture.view.start, picture.durationMs));
  });
  overview.addEventListener("pointerup", (event) => {
    if (drag && !drag.moved) picture.seek(at(event));
    drag = null;
  });
  overview.addEventListener("pointercancel", () => (drag = null));
}
