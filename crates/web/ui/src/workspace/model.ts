// What the desk's routes speak.

import type { Span } from "../selection.ts";
import type { Framework } from "./framework.ts";

export interface Code {
  readonly id: string;
  readonly skill: string;
  readonly sub: string | null;
  readonly start_ms: number;
  readonly end_ms: number;
  readonly note: string;
  /** How it sounded, where the words do not say it: a laugh, a pause, a tone (COD-16). */
  readonly nonverbal: string;
  readonly exemplar: boolean;
}

export type CodeDraft = Omit<Code, "id">;

/** The answer to one item of the whole recording; "" while there is none. */
export type Choice = "1" | "2" | "3" | "4" | "5" | "none" | "";

export interface Score {
  readonly item: string;
  readonly score: number | null;
  readonly not_codable: boolean;
}

/** What the service has of this coder's work. */
export interface CodingAnswer {
  readonly codes: readonly Code[];
  readonly scores: readonly Score[];
  readonly finished: boolean;
}

export interface DeskData {
  readonly recording: { readonly id: string; readonly pseudonym: string; readonly duration_ms: number };
  readonly read_only: boolean;
  /** Whose settings are used. */
  readonly person: string;
  /** The part of the recording that is coded; the whole unless a protocol says otherwise. */
  readonly part: Span;
  readonly framework: Framework;
}

/** A random (v4) id; also where the page is served without TLS and `randomUUID` is missing. */
export function mintId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** In the order of the sound. */
export function inOrder(codes: readonly Code[]): Code[] {
  return [...codes].sort((a, b) => a.start_ms - b.start_ms || a.end_ms - b.end_ms);
}
