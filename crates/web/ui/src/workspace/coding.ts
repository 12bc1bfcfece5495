// One coder's work on one recording: what stands on the page, what is on its way to the service, what can be undone.

import { History, placeOf, type Step } from "./history.ts";
import { inOrder, type Choice, type Code, type Score } from "./model.ts";
import type { Letter } from "./outbox.ts";

export interface CodingHooks {
  readonly base: string;
  readonly post: (letter: Letter) => void;
  /** The page shows what has changed: the codes (null if any), or the score of an item. */
  readonly changed: (step: Step | null) => void;
}

export function choiceOf(score: Score | undefined): Choice {
  if (!score) return "";
  return score.not_codable ? "none" : score.score ? (String(score.score) as Choice) : "";
}

export class Coding {
  readonly history = new History();
  private readonly byId = new Map<string, Code>();
  private readonly choices = new Map<string, Choice>();
  private ordered: Code[] | null = null;

  constructor(private readonly hooks: CodingHooks) {}

  load(codes: readonly Code[], scores: readonly Score[]): void {
    this.byId.clear();
    this.choices.clear();
    for (const code of codes) this.byId.set(code.id, code);
    for (const score of scores) this.choices.set(score.item, choiceOf(score));
    this.ordered = null;
    this.hooks.changed(null);
  }

  /** In the order of the sound. */
  get codes(): readonly Code[] {
    this.ordered ??= inOrder([...this.byId.values()]);
    return this.ordered;
  }

  code(id: string | null): Code | null {
    return id === null ? null : (this.byId.get(id) ?? null);
  }

  choice(item: string): Choice {
    return this.choices.get(item) ?? "";
  }

  /** Puts a code in its place: a new one, or what becomes of one that is there. */
  set(code: Code): void {
    const before = this.code(code.id);
    if (JSON.stringify(before) !== JSON.stringify(code)) this.does({ kind: "code", id: code.id, before, after: code });
  }

  remove(id: string): void {
    const before = this.code(id);
    if (before) this.does({ kind: "code", id, before, after: null });
  }

  score(item: string, choice: Choice): void {
    const before = this.choice(item);
    if (before !== choice) this.does({ kind: "score", item, before, after: choice });
  }

  undo(): Step | null {
    return this.take(this.history.undo());
  }

  redo(): Step | null {
    return this.take(this.history.redo());
  }

  private does(step: Step): void {
    this.history.did(step);
    this.take(step);
  }

  private take(step: Step | null): Step | null {
    if (!step) return null;
    this.apply(step);
    this.hooks.post(this.letter(step));
    return step;
  }

  private apply(step: Step): void {
    if (step.kind === "score") {
      this.choices.set(step.item, step.after);
    } else {
      if (step.after) this.byId.set(step.id, step.after);
      else this.byId.delete(step.id);
      this.ordered = null;
    }
    this.hooks.changed(step);
  }

  private letter(step: Step): Letter {
    const { base } = this.hooks;
    const place = placeOf(step);
    if (step.kind === "score") {
      const body = step.after === "none" ? { not_codable: true } : { score: step.after === "" ? null : Number(step.after) };
      return { place, whole: true, method: "PUT", path: `${base}/scores/${encodeURIComponent(step.item)}`, body };
    }
    if (!step.after) return { place, whole: false, method: "DELETE", path: `${base}/codes/${step.id}` };
    if (!step.before) return { place, whole: false, method: "POST", path: `${base}/codes`, body: step.after };
    return { place, whole: true, method: "PUT", path: `${base}/codes/${step.id}`, body: step.after };
  }
}
