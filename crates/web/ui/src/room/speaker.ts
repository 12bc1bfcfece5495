// Plays decoded sound where everybody in the room is, to the sample: what starts is scheduled on the sound card's own clock.

import type { Shelf, Sounds } from "./shelf.ts";
import { position, SLOWER, type Play } from "./step.ts";

/** How often it is looked whether it is still where everybody is (ms). */
const LOOK = 200;
/** So little is nobody's to hear (ms); so much is no longer caught up with. */
const CLOSE = 8;
const FAR = 60;
/** So much faster or slower is nobody's to hear. */
const MOST = 0.005;
/** What cuts in or out does so within this time (s). */
const EDGE = 0.012;

const NOTHING: Play = { at: 0, since: 0, playing: false };

/** Something that sounds: at `at` (ms of the extract) when the context's clock shows `from` (s). */
interface Sounding {
  readonly source: AudioBufferSourceNode;
  readonly gain: GainNode;
  readonly slow: boolean;
  from: number;
  at: number;
  /** Milliseconds of the extract in a second. */
  speed: number;
}

export class Speaker {
  private context: AudioContext | null = null;
  private sounding: Sounding | null = null;
  private sounds: Sounds | null = null;
  private length = 0;
  private play: Play = NOTHING;

  /** `now`: the room's time (ms). */
  constructor(
    private readonly now: () => number,
    private readonly shelf: Shelf,
  ) {
    window.setInterval(() => this.look(), LOOK);
  }

  get isOn(): boolean {
    return this.context !== null;
  }

  /** It is to sound, and the browser waits for a press. */
  get waits(): boolean {
    return this.context?.state === "suspended" && this.play.playing && this.sounds !== null;
  }

  /** In a press of a button: browsers let nobody make sound before. */
  open(): void {
    if (this.context) return;
    try {
      this.context = new AudioContext({ sampleRate: 16_000, latencyHint: "interactive" });
    } catch {
      this.context = new AudioContext({ latencyHint: "interactive" });
    }
    void this.context.resume();
    this.be(this.play);
  }

  close(): void {
    this.silence();
    void this.context?.close();
    this.context = null;
  }

  /** What is on, once it is here. */
  put(sounds: Sounds | null, length: number): void {
    if (this.sounds !== sounds) this.silence();
    this.sounds = sounds;
    this.length = length;
    this.be(this.play);
  }

  /** Where everybody is. */
  be(play: Play): void {
    this.play = play;
    const { context, sounds } = this;
    if (!context || !sounds || !play.playing) return this.silence();
    const { sounding } = this;
    const begins = Math.max(play.since, this.now());
    if (sounding && sounding.slow === (play.slow ?? false)) {
      const when = this.heardAt(begins);
      if (when >= sounding.from && Math.abs(this.off(sounding, when, position(play, begins, this.length))) < FAR / 2) {
        sounding.source.loop = play.looped ?? false;
        return;
      }
    }
    this.start(context, sounds, begins);
  }

  /** Nothing is heard, from now on. */
  silence(): void {
    const { context } = this;
    if (context) this.end(context.currentTime);
  }

  private look(): void {
    const { context, sounding, play } = this;
    if (context?.state === "suspended") void context.resume();
    if (!context || !play.playing) return;
    const now = this.now();
    if (now < play.since) return;
    const wanted = position(play, now, this.length);
    if (wanted >= this.length) return;
    if (!sounding) return this.be(play);
    const when = this.heardAt(now);
    if (when < sounding.from) return;
    const off = this.off(sounding, when, wanted);
    if (Math.abs(off) > FAR) return this.start(context, this.sounds, now);
    const rate = Math.abs(off) <= CLOSE ? 1 : 1 - Math.max(-MOST, Math.min(MOST, off / 3000));
    this.turn(context, sounding, rate);
  }

  /** How far ahead of `wanted` it is when the context's clock shows `when` (ms). */
  private off(sounding: Sounding, when: number, wanted: number): number {
    const off = this.placeOf(sounding, when) - wanted;
    if (!this.play.looped || this.length === 0) return off;
    const round = ((off % this.length) + this.length) % this.length;
    return round > this.length / 2 ? round - this.length : round;
  }

  private placeOf({ from, at, speed }: Sounding, when: number): number {
    return at + (when - from) * speed;
  }

  private turn(context: AudioContext, sounding: Sounding, rate: number): void {
    if (sounding.source.playbackRate.value === rate) return;
    const now = Math.max(context.currentTime, sounding.from);
    sounding.at = this.placeOf(sounding, now);
    sounding.from = now;
    sounding.speed = 1000 * rate * (sounding.slow ? SLOWER : 1);
    sounding.source.playbackRate.setValueAtTime(rate, now);
  }

  /** Begins to sound so that it is heard where everybody is at this moment of the room. */
  private start(context: AudioContext, sounds: Sounds | null, room: number): void {
    if (!sounds) return;
    const { play } = this;
    const slow = play.slow ?? false;
    const samples = slow ? this.shelf.slow(sounds) : sounds.plain;
    const from = Math.max(this.heardAt(room), context.currentTime + 0.005);
    const at = position(play, this.roomAt(from), this.length);
    this.end(from);
    if (at >= this.length || samples.length === 0) return;
    const buffer = context.createBuffer(1, samples.length, sounds.rate);
    buffer.copyToChannel(samples, 0);
    const source = context.createBufferSource();
    const gain = context.createGain();
    source.buffer = buffer;
    source.loop = play.looped ?? false;
    gain.gain.setValueAtTime(0, from);
    gain.gain.linearRampToValueAtTime(1, from + EDGE);
    source.connect(gain).connect(context.destination);
    const speed = 1000 * (slow ? SLOWER : 1);
    source.start(from, Math.min(buffer.duration, at / speed));
    const sounding: Sounding = { source, gain, slow, from, at, speed };
    source.onended = () => {
      gain.disconnect();
      if (this.sounding === sounding) this.sounding = null;
    };
    this.sounding = sounding;
  }

  private end(when: number): void {
    const { sounding } = this;
    if (!sounding) return;
    this.sounding = null;
    sounding.gain.gain.setValueAtTime(1, when);
    sounding.gain.gain.linearRampToValueAtTime(0, when + EDGE);
    sounding.source.stop(when + EDGE);
  }

  /** What the context's clock shows when something is heard at this moment of the room (s). */
  private heardAt(room: number): number {
    const { context } = this;
    if (!context) return 0;
    const local = performance.now() + room - this.now();
    const { contextTime, performanceTime } = this.output(context);
    return contextTime + (local - performanceTime) / 1000;
  }

  /** The room's time when something is heard that the context plays at this moment of its clock. */
  private roomAt(when: number): number {
    const { context } = this;
    if (!context) return this.now();
    const { contextTime, performanceTime } = this.output(context);
    return this.now() + performanceTime + (when - contextTime) * 1000 - performance.now();
  }

  private output(context: AudioContext): { contextTime: number; performanceTime: number } {
    const { contextTime, performanceTime } = context.getOutputTimestamp();
    if (contextTime !== undefined && performanceTime !== undefined && contextTime > 0 && performanceTime > 0) return { contextTime, performanceTime };
    const latency = context.outputLatency || context.baseLatency || 0;
    return { contextTime: context.currentTime - latency, performanceTime: performance.now() };
  }
}
