// Being in a room: a seat, the stream of what happens there, a beat each second. Whoever uses it is told what there is to
// see, and when they are not in the room any more.

import { getJson, send } from "../api.ts";
import { RoomClock } from "./clock.ts";
import type { Play } from "./step.ts";

export interface Piece {
  readonly number: number;
  /** In the recording, in milliseconds. */
  readonly start: number;
  readonly end: number;
}

export interface View extends Play {
  readonly now: number;
  readonly people: readonly { readonly name: string; readonly leads: boolean }[];
  readonly piece: Piece | null;
  readonly said: number;
}

export interface RoomHooks {
  readonly view: (view: View) => void;
  /** Why, if it is known; null: one left. */
  readonly gone: (why: string | null) => void;
}

/** How often the room hears from us (ms). */
const BEAT = 1000;
/** Beats in quick succession at the beginning, so that the clock is right before anything plays. */
const FIRST_BEATS = 5;

export class Room {
  readonly clock = new RoomClock();
  private seat: string | null = null;
  private events: EventSource | null = null;
  private timer = 0;

  /** `base`: where the room is, without a slash at its end. */
  constructor(
    private readonly base: string,
    private readonly hooks: RoomHooks,
  ) {
    window.addEventListener("pagehide", () => this.leave());
  }

  get isIn(): boolean {
    return this.seat !== null;
  }

  /** The room's time. */
  get now(): number {
    return this.clock.at(performance.now());
  }

  /** Comes in. Fails with a sentence. */
  async enter(): Promise<void> {
    const sent = performance.now();
    const kept = await send<{ seat: string; now: number }>("POST", `${this.base}/enter`, {});
    if (!kept) return;
    this.clock.add({ sent, received: performance.now(), room: kept.now });
    this.seat = kept.seat;
    for (let beats = 0; beats < FIRST_BEATS; beats += 1) await this.beat();
    const events = new EventSource(`${this.base}/stream?seat=${kept.seat}`);
    this.events = events;
    events.onmessage = ({ data }: MessageEvent<string>) => this.hooks.view(JSON.parse(data) as View);
    events.addEventListener("over", () => this.end("You are not in the room any more."));
    // A stream that broke is not opened again by itself: one has to come in, and be asked anew.
    events.onerror = () => this.end("The connection to the room was lost. Come in again.");
    this.timer = window.setInterval(() => void this.beat(), BEAT);
  }

  leave(): void {
    if (this.seat === null) return;
    void send("POST", `${this.base}/leave`, { seat: this.seat }, { keepalive: true }).catch(() => undefined);
    this.end(null);
  }

  async order(what: "play" | "pause" | "seek", at = 0): Promise<void> {
    await send("POST", `${this.base}/play`, { seat: this.seat, do: what, at: Math.round(at) });
  }

  async putOn(code: string): Promise<void> {
    await send("POST", `${this.base}/piece`, { seat: this.seat, code });
  }

  written<T>(): Promise<T> {
    return getJson<T>(`${this.base}/said`);
  }

  private async beat(): Promise<void> {
    const { seat } = this;
    if (seat === null) return;
    const sent = performance.now();
    try {
      const answer = await send<{ now: number }>("POST", `${this.base}/beat`, { seat });
      if (answer) this.clock.add({ sent, received: performance.now(), room: answer.now });
    } catch {
      // The stream says it if one is out of the room.
    }
  }

  private end(why: string | null): void {
    if (this.seat === null) return;
    this.seat = null;
    window.clearInterval(this.timer);
    this.events?.close();
    this.events = null;
    this.hooks.gone(why);
  }
}
