// An extract's bytes as samples: 16-bit PCM in a WAV file, one channel, as the service cuts them. Pure.

export interface Samples {
  readonly rate: number;
  readonly samples: Float32Array<ArrayBuffer>;
}

/** The samples of the file; null if it is not one of those. */
export function readWav(bytes: ArrayBuffer): Samples | null {
  const view = new DataView(bytes);
  const word = (at: number): string => String.fromCharCode(...new Uint8Array(bytes, at, 4));
  if (bytes.byteLength < 44 || word(0) !== "RIFF" || word(8) !== "WAVE") return null;
  let rate = 0;
  for (let at = 12; at + 8 <= bytes.byteLength; ) {
    const length = view.getUint32(at + 4, true);
    if (word(at) === "fmt " && at + 24 <= bytes.byteLength) {
      const plain = view.getUint16(at + 8, true) === 1 && view.getUint16(at + 10, true) === 1 && view.getUint16(at + 22, true) === 16;
      if (!plain) return null;
      rate = view.getUint32(at + 12, true);
    } else if (word(at) === "data") {
      if (rate === 0) return null;
      const there = Math.min(length, bytes.byteLength - at - 8) >> 1;
      const samples = new Float32Array(there);
      for (let n = 0; n < there; n += 1) samples[n] = view.getInt16(at + 8 + 2 * n, true) / 32_768;
      return { rate, samples };
    }
    at += 8 + length + (length & 1);
  }
  return null;
}
