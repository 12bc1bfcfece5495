// Extracts that were fetched and decoded, so that they play at once. In memory only, and no more than fits; gone with the
// room.

import { getBytes } from "../api.ts";
import { slower } from "./stretch.ts";
import { readWav } from "./wav.ts";

/** As many samples are kept at most: 64 MB. */
const MOST = 16_000_000;

/** An extract as it was, and slower. */
export interface Sounds {
  readonly rate: number;
  readonly plain: Float32Array<ArrayBuffer>;
  slow: Float32Array<ArrayBuffer> | null;
}

export class Shelf {
  /** In the order of their use, the longest ago first. */
  private readonly kept = new Map<string, Sounds>();
  private readonly coming = new Map<string, Promise<Sounds | null>>();
  private age = 0;

  /** `address` of an extract's sound. */
  constructor(private readonly address: (id: string) => string) {}

  /** What is here already. */
  get(id: string): Sounds | null {
    const sounds = this.kept.get(id);
    if (!sounds) return null;
    this.kept.delete(id);
    this.kept.set(id, sounds);
    return sounds;
  }

  /** Fetches it, unless it is here or on its way. Fails with a sentence. */
  async fetch(id: string): Promise<Sounds | null> {
    const here = this.get(id);
    if (here) return here;
    const coming = this.coming.get(id) ?? this.bring(id, this.age);
    this.coming.set(id, coming);
    return coming;
  }

  private async bring(id: string, age: number): Promise<Sounds | null> {
    try {
      const read = readWav(await getBytes(this.address(id)));
      // Whoever left meanwhile keeps nothing.
      if (!read || age !== this.age) return null;
      const sounds = { rate: read.rate, plain: read.samples, slow: null };
      this.kept.set(id, sounds);
      this.makeRoom();
      return sounds;
    } finally {
      if (age === this.age) this.coming.delete(id);
    }
  }

  /** The slower sound of an extract, made once. */
  slow(sounds: Sounds): Float32Array<ArrayBuffer> {
    sounds.slow ??= slower(sounds.plain, sounds.rate);
    this.makeRoom();
    return sounds.slow;
  }

  /** Whether one more extract of this length would fit without another one going. */
  fits(ms: number): boolean {
    return this.size() + ms * 16 <= MOST / 2;
  }

  /** Only these stay. */
  keep(ids: ReadonlySet<string>): void {
    for (const [id, sounds] of this.kept) {
      if (ids.has(id)) continue;
      wipe(sounds);
      this.kept.delete(id);
    }
  }

  /** Nothing stays. */
  clear(): void {
    this.age += 1;
    for (const sounds of this.kept.values()) wipe(sounds);
    this.kept.clear();
    this.coming.clear();
  }

  private size(): number {
    let samples = 0;
    for (const { plain, slow } of this.kept.values()) samples += plain.length + (slow?.length ?? 0);
    return samples;
  }

  private makeRoom(): void {
    for (const id of [...this.kept.keys()].slice(0, -1)) {
      if (this.size() <= MOST) return;
      this.kept.delete(id);
    }
  }
}

function wipe({ plain, slow }: Sounds): void {
  plain.fill(0);
  slow?.fill(0);
}
