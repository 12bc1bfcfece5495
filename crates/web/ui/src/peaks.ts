// Reads BBC audiowaveform `.dat` files (v1 and v2, 8 and 16 bit) and answers "how loud between here and there"
// quickly at any zoom: a pyramid of coarser and coarser peaks, each level eight times smaller than the one below.

const STEP = 8;

/** Lowest and highest sample in a range, as fractions of full scale (-1..1). */
export interface Peak {
  readonly low: number;
  readonly high: number;
}

interface Level {
  readonly low: Int16Array;
  readonly high: Int16Array;
}

/** The file cannot be read as peaks; `message` says what was found. */
export class PeaksError extends Error {}

export class Peaks {
  /** Time that one peak pair covers, in milliseconds (may be fractional). */
  readonly msPerPair: number;
  readonly pairs: number;
  private readonly levels: readonly Level[];
  private readonly scale: number;

  private constructor(low: Int16Array, high: Int16Array, msPerPair: number, scale: number) {
    this.msPerPair = msPerPair;
    this.pairs = low.length;
    this.scale = scale;
    this.levels = pyramid({ low, high });
  }

  /** Several channels are folded into one: the lowest low and the highest high. Throws {@link PeaksError}. */
  static parse(bytes: ArrayBuffer): Peaks {
    const view = new DataView(bytes);
    if (bytes.byteLength < 20) throw new PeaksError("the file is shorter than its header");
    const version = view.getInt32(0, true);
    if (version !== 1 && version !== 2) throw new PeaksError(`version ${version} is unknown`);
    const bits = (view.getUint32(4, true) & 1) === 1 ? 8 : 16;
    const rate = view.getInt32(8, true);
    const perPixel = view.getInt32(12, true);
    const length = view.getUint32(16, true);
    const channels = version === 2 && bytes.byteLength >= 24 ? view.getInt32(20, true) : 1;
    if (rate <= 0 || perPixel <= 0 || channels < 1) throw new PeaksError("the header makes no sense");
    const header = version === 2 ? 24 : 20;
    const width = bits / 8;
    // A file that is still growing or was cut short shows what it has.
    const pairs = Math.min(length, Math.floor((bytes.byteLength - header) / (2 * width * channels)));
    const low = new Int16Array(pairs);
    const high = new Int16Array(pairs);
    const read = (index: number): number =>
      bits === 8 ? view.getInt8(header + index) : view.getInt16(header + index * 2, true);
    for (let pair = 0; pair < pairs; pair += 1) {
      let least = 32767;
      let most = -32768;
      for (let channel = 0; channel < channels; channel += 1) {
        const at = (pair * channels + channel) * 2;
        least = Math.min(least, read(at));
        most = Math.max(most, read(at + 1));
      }
      low[pair] = least;
      high[pair] = most;
    }
    return new Peaks(low, high, (perPixel * 1000) / rate, bits === 8 ? 128 : 32768);
  }

  /** Duration that the peaks cover, in milliseconds. */
  get durationMs(): number {
    return this.pairs * this.msPerPair;
  }

  /** The loudest absolute value anywhere, 0..1; used to make quiet recordings visible. */
  get loudest(): number {
    const top = this.levels[this.levels.length - 1];
    if (!top) return 0;
    let most = 0;
    for (let i = 0; i < top.low.length; i += 1) {
      most = Math.max(most, -(top.low[i] ?? 0), top.high[i] ?? 0);
    }
    return most / this.scale;
  }

  /** Lowest and highest between two times; null where there is no sound data. */
  between(startMs: number, endMs: number): Peak | null {
    let from = Math.floor(startMs / this.msPerPair);
    let to = Math.max(from + 1, Math.ceil(endMs / this.msPerPair));
    from = Math.max(0, from);
    to = Math.min(this.pairs, to);
    if (from >= to) return null;
    // The coarsest level that still has a few entries in the range: at most a few dozen reads per call.
    let depth = 0;
    while (depth + 1 < this.levels.length && (to - from) / STEP ** (depth + 1) >= 4) depth += 1;
    const size = STEP ** depth;
    const level = this.levels[depth];
    if (!level) return null;
    let low = 32767;
    let high = -32768;
    const last = Math.min(level.low.length, Math.ceil(to / size));
    for (let i = Math.floor(from / size); i < last; i += 1) {
      low = Math.min(low, level.low[i] ?? 0);
      high = Math.max(high, level.high[i] ?? 0);
    }
    return { low: low / this.scale, high: high / this.scale };
  }
}

function pyramid(base: Level): Level[] {
  const levels = [base];
  let below = base;
  while (below.low.length > 64) {
    const size = Math.ceil(below.low.length / STEP);
    const low = new Int16Array(size);
    const high = new Int16Array(size);
    for (let i = 0; i < size; i += 1) {
      const end = Math.min(below.low.length, (i + 1) * STEP);
      let least = 32767;
      let most = -32768;
      for (let j = i * STEP; j < end; j += 1) {
        least = Math.min(least, below.low[j] ?? 0);
        most = Math.max(most, below.high[j] ?? 0);
      }
      low[i] = least;
      high[i] = most;
    }
    below = { low, high };
    levels.push(below);
  }
  return levels;
}
