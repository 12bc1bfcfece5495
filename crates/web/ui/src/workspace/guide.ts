// What the framework says about a skill, beside the player while it is listened for: what it is, questions, how it can
// sound, and what the points of the scale stand for.

import { byId, el, setText } from "../dom.ts";
import { saidIn, type Indicator, type Item } from "./framework.ts";

export class Guide {
  private readonly choose = byId<HTMLSelectElement>("guide-choose");
  private shown: Item | null = null;

  constructor(items: readonly Item[]) {
    this.choose.replaceChildren(...items.map((item) => el("option", { value: item.key }, item.name)));
    this.choose.addEventListener("change", () => this.show(items.find(({ key }) => key === this.choose.value) ?? null));
    this.show(items[0] ?? null);
  }

  show(item: Item | null): void {
    if (!item || item === this.shown) return;
    // Sub-categories share what is written about their skill.
    const same = this.shown?.skill === item.skill;
    this.shown = item;
    this.choose.value = item.key;
    setText(byId("guide-name"), item.name);
    if (same) return;
    const { skill } = item;
    byId("guide-text").replaceChildren(
      el("p", {}, skill.definition),
      ...listed("Questions", skill.prompts, "hb-guide__list"),
      ...listed("It can sound like", skill.exemplars.map(saidIn), "hb-guide__list hb-guide__list--said"),
      ...points(skill.indicators ?? []),
    );
    byId("guide-text").scrollTop = 0;
  }
}

function listed(title: string, lines: readonly string[], name: string): HTMLElement[] {
  if (lines.length === 0) return [];
  return [el("h3", { class: "hb-guide__title" }, title), el("ul", { class: name }, ...lines.map((line) => el("li", {}, line)))];
}

/** The indicators by point, each point once. */
export function byPoint(indicators: readonly Indicator[]): [number, string[]][] {
  const points = new Map<number, string[]>();
  for (const { point, text } of [...indicators].sort((a, b) => a.point - b.point)) points.set(point, [...(points.get(point) ?? []), text]);
  return [...points];
}

function points(indicators: readonly Indicator[]): HTMLElement[] {
  const list = pointsList(indicators);
  return list ? [el("h3", { class: "hb-guide__title" }, "What the points stand for"), list] : [];
}

/** What the points stand for; null where the framework does not say. */
export function pointsList(indicators: readonly Indicator[]): HTMLElement | null {
  if (indicators.length === 0) return null;
  const rows = byPoint(indicators).map(([point, texts]) => el("div", { class: "hb-guide__point" }, el("dt", {}, String(point)), el("dd", {}, ...texts.map((text) => el("span", {}, text)))));
  return el("dl", { class: "hb-guide__points" }, ...rows);
}
