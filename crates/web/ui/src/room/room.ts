// Being in a room: a seat, the stream of what happens there, a beat each second. Whoever uses it is told what there is to
// see, and when they are not in the room any more.

import { ApiError, getJson, send, sentenceOf } from "../api.ts";
import { RoomClock } from "./clock.ts";
import type { Play } from "./step.ts";

export interface Piece {
  readonly number: number;
  /** Which extract it is, if it is one. */
  readonly id?: string;
  /** In the recording, in milliseconds. */
  readonly start: number;
  readonly end: number;
}

/** What somebody is in a room. */
export type Part = "leads" | "hosts" | "follows";

export interface View extends Play {
  readonly now: number;
  readonly people: readonly { readonly name: string; readonly leads: boolean; readonly part: Part }[];
  readonly piece: Piece | null;
  /** What was to be heard stays closed while a guest is here. */
  readonly closed: boolean;
  readonly said: number;
}

export interface RoomHooks {
  readonly view: (view: View) => void;
  /** Why, if it is known; null: one left. */
  readonly gone: (why: string | null) => void;
  /** The connection broke, and is looked for again; or it is there again. */
  readonly away?: (away: boolean) => void;
}

export type Order = "play" | "pause" | "seek" | "back" | "loop" | "once" | "slower" | "as_it_was";

/** How often the room hears from us (ms). */
const BEAT = 1000;
/** Beats in quick succession at the beginning, so that the clock is right before anything plays. */
const FIRST_BEATS = 5;
/** For how long a way back is looked for (ms). */
const RETURNING = 20_000;
const LOST = "The connection to the room was lost. Come in again.";

export class Room {
  readonly clock = new RoomClock();
  private inside = false;
  private returning = false;
  /** Nothing was heard from the room since the connection broke. */
  private missing = false;
  private seat: string | null = null;
  private events: EventSource | null = null;
  private timer = 0;
  private heard = 0;
  /** When the last beat was sent. */
  private beaten = 0;

  /**
   * `base`: where the room is, without a slash at its end. `returns`: whether a connection that broke is looked for again.
   * `leads`: who leads does not say that they go when the page goes, since it may be loaded anew: what is on waits a moment for
   * them, as if their connection had broken.
   */
  constructor(
    private readonly base: string,
    private readonly hooks: RoomHooks,
    private readonly returns = false,
    leads = false,
  ) {
    window.addEventListener("pagehide", () => (leads ? this.end(null) : this.leave()));
  }

  get isIn(): boolean {
    return this.inside;
  }

  /** The room's time. */
  get now(): number {
    return this.clock.at(performance.now());
  }

  /** For how long nothing was heard from the room (ms). */
  get silence(): number {
    return performance.now() - this.heard;
  }

  /** Comes in. Fails with a sentence. */
  async enter(): Promise<void> {
    this.inside = true;
    try {
      await this.sit();
    } catch (error) {
      this.inside = false;
      throw error;
    }
  }

  private async sit(): Promise<void> {
    const sent = performance.now();
    const kept = await send<{ seat: string; now: number }>("POST", `${this.base}/enter`, {});
    if (!kept || !this.inside) return;
    this.clock.add({ sent, received: performance.now(), room: kept.now });
    this.seat = kept.seat;
    for (let beats = 0; beats < FIRST_BEATS; beats += 1) await this.beat();
    if (!this.inside) return;
    const events = new EventSource(`${this.base}/stream?seat=${kept.seat}`);
    this.events = events;
    this.heard = performance.now();
    events.onmessage = ({ data }: MessageEvent<string>) => {
      this.heard = performance.now();
      if (this.missing) this.hooks.away?.(false);
      this.missing = false;
      this.hooks.view(JSON.parse(data) as View);
    };
    events.addEventListener("still", () => {
      this.heard = performance.now();
      // A page that nobody looks at has its timers held back, up to a minute; what comes over the network is not.
      if (this.heard - this.beaten > 1.5 * BEAT) void this.beat();
    });
    events.addEventListener("closed", () => this.end("The room has closed."));
    events.addEventListener("over", () => this.lost("You are not in the room any more."));
    // A stream that broke is not opened again by itself: one has to come in, and be asked anew.
    events.onerror = () => this.lost(LOST);
    this.timer = window.setInterval(() => void this.beat(), BEAT);
  }

  leave(): void {
    if (!this.inside) return;
    const { seat } = this;
    if (seat !== null) void send("POST", `${this.base}/leave`, { seat }, { keepalive: true }).catch(() => undefined);
    this.end(null);
  }

  async order(what: Order, at = 0): Promise<void> {
    await this.tell("play", { do: what, at: Math.round(at) });
  }

  async putOn(code: string): Promise<void> {
    await this.tell("piece", { code });
  }

  /** Says something to the room, from one's seat. */
  async tell(what: string, body: Record<string, unknown> = {}): Promise<void> {
    await send("POST", `${this.base}/${what}`, { seat: this.seat ?? "", ...body });
  }

  written<T>(): Promise<T> {
    return getJson<T>(`${this.base}/said`);
  }

  private async beat(): Promise<void> {
    const { seat } = this;
    if (seat === null) return;
    const sent = performance.now();
    this.beaten = sent;
    try {
      const answer = await send<{ now: number }>("POST", `${this.base}/beat`, { seat });
      if (answer) this.clock.add({ sent, received: performance.now(), room: answer.now });
    } catch (error) {
      // The stream says it if one is out of the room; unless it has not noticed that it is broken.
      if (this.returns && this.events !== null && this.seat === seat && error instanceof ApiError && error.status === 0) this.lost(LOST);
    }
  }

  private letGo(): void {
    this.seat = null;
    window.clearInterval(this.timer);
    this.events?.close();
    this.events = null;
  }

  private lost(why: string): void {
    if (!this.returns) return this.end(why);
    if (!this.inside || this.returning) return;
    this.letGo();
    this.returning = true;
    if (!this.missing) this.hooks.away?.(true);
    this.missing = true;
    void this.comeBack();
  }

  /** Comes in again, unless the room says no; then the answer is why. */
  private async comeBack(): Promise<void> {
    const until = performance.now() + RETURNING;
    let why = LOST;
    for (let wait = 150; this.inside && performance.now() < until; wait = Math.min(1000, wait * 1.7)) {
      try {
        await this.sit();
        this.returning = false;
        return;
      } catch (error) {
        why = sentenceOf(error);
        if (error instanceof ApiError && !error.worthRetrying) break;
        if (error instanceof ApiError && error.status === 0) why = LOST;
      }
      await new Promise((later) => window.setTimeout(later, wait));
    }
    this.returning = false;
    this.end(why);
  }

  private end(why: string | null): void {
    if (!this.inside) return;
    this.inside = false;
    this.missing = false;
    this.letGo();
    this.hooks.gone(why);
  }
}
