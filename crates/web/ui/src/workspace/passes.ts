// Listen, then mark, then give numbers: one thing at a time. The pass says what the page shows; anybody may go back.

import { byId, setText } from "../dom.ts";

export type Pass = "listen" | "mark" | "score";

export const PASSES: readonly Pass[] = ["listen", "mark", "score"];

/** How far the coding is. */
export interface Progress {
  /** Share (0..1) that was heard at least once. */
  readonly heard: number;
  readonly moments: number;
  readonly given: number;
  readonly items: number;
}

/** Where a coding goes on: where it was left, or where its work shows that it is. */
export function passFor(left: Pass | null, progress: Progress): Pass {
  if (left !== null && PASSES.includes(left)) return left;
  if (progress.given > 0) return "score";
  return progress.moments > 0 ? "mark" : "listen";
}

export function nextPass(pass: Pass): Pass {
  return pass === "listen" ? "mark" : "score";
}

/** How each pass stands, in words. */
export function states(progress: Progress): Record<Pass, string> {
  // Never "100 %" before all of it was.
  const percent = progress.heard >= 0.995 ? 100 : Math.min(99, Math.floor(progress.heard * 100));
  return {
    listen: percent === 100 ? "all of it heard" : `${percent} % heard`,
    mark: `${progress.moments} ${progress.moments === 1 ? "moment" : "moments"}`,
    score: `${progress.given} of ${progress.items}`,
  };
}

export class Passes {
  private pass: Pass = "listen";

  constructor(private readonly onChange: (pass: Pass) => void) {
    for (const pass of PASSES) byId(`pass-${pass}`).addEventListener("click", () => this.go(pass));
    for (const button of document.querySelectorAll<HTMLElement>("[data-go]")) button.addEventListener("click", () => this.go(button.dataset["go"] as Pass));
  }

  get current(): Pass {
    return this.pass;
  }

  go(pass: Pass): void {
    this.pass = pass;
    byId("desk").dataset["pass"] = pass;
    for (const one of PASSES) {
      if (one === pass) byId(`pass-${one}`).setAttribute("aria-current", "step");
      else byId(`pass-${one}`).removeAttribute("aria-current");
    }
    this.onChange(pass);
  }

  show(progress: Progress): void {
    const said = states(progress);
    for (const pass of PASSES) setText(byId(`pass-${pass}-state`), said[pass]);
  }
}
