// How a browser keeps in step: where it ought to be, and what brings it there. Pure.

/** Where everybody is: at `at` milliseconds of the piece when the room's clock shows `since`. */
export interface Play {
  readonly at: number;
  readonly since: number;
  readonly playing: boolean;
  /** At its end it begins anew. */
  readonly looped?: boolean;
  /** It is heard three quarters as fast. */
  readonly slow?: boolean;
}

/** How fast a piece is heard that is heard slower. */
export const SLOWER = 0.75;

/** What to do with the sound. */
export type Step =
  | { readonly kind: "leave" }
  /** Stand still here. */
  | { readonly kind: "stop"; readonly at: number }
  /** Be here in so many milliseconds, and play from then on. */
  | { readonly kind: "start"; readonly at: number; readonly wait: number }
  /** Go here, and play on. */
  | { readonly kind: "jump"; readonly at: number }
  /** Play on at this speed. */
  | { readonly kind: "speed"; readonly rate: number };

/** Nobody hears less than this (ms). */
const CLOSE = 12;
/** So far apart, catching up would take too long. */
const FAR = 250;
/** What a jump costs until sound comes again, as far as is known beforehand. */
const JUMP = 60;
/** Nobody hears that it plays a little faster or slower. */
const MOST = 0.06;
/** Within this time the difference is to be gone. */
const CATCH_UP = 1500;

export function position(play: Play, now: number, length: number): number {
  const gone = (play.playing ? Math.max(0, now - play.since) : 0) * (play.slow ? SLOWER : 1);
  const at = play.at + gone;
  return play.looped && length > 0 ? at % length : Math.min(length, at);
}

/** `here` is where the sound is and `playing` whether it plays; `now` is the room's time. */
export function step(play: Play, now: number, length: number, here: number, playing: boolean): Step {
  const wanted = position(play, now, length);
  if (!play.playing || wanted >= length) {
    const close = Math.abs(here - wanted) < 30 || (wanted >= length && here >= length - 30);
    return !playing && close ? { kind: "leave" } : { kind: "stop", at: wanted };
  }
  if (now < play.since) return { kind: "start", at: play.at, wait: play.since - now };
  if (!playing) return { kind: "start", at: Math.min(length, wanted + JUMP), wait: 0 };
  const behind = wanted - here;
  if (Math.abs(behind) > FAR) return { kind: "jump", at: Math.min(length, wanted + JUMP) };
  const rate = Math.abs(behind) <= CLOSE ? 1 : 1 + Math.max(-MOST, Math.min(MOST, behind / CATCH_UP));
  return { kind: "speed", rate };
}
