// The framework as the desk uses it: one flat list of items, each with its place in the keyboard and the palette. Pure.

export interface Sub {
  readonly key: string;
  readonly name: string;
}

/** What a point of the scale sounds like. */
export interface Indicator {
  readonly point: number;
  readonly text: string;
}

/** Something that was said well; some say where they come from. */
export type Exemplar = string | { readonly text: string };

export interface Skill {
  readonly key: string;
  readonly name: string;
  readonly definition: string;
  readonly prompts: readonly string[];
  readonly exemplars: readonly Exemplar[];
  readonly indicators?: readonly Indicator[];
  /** "count": how often it happens is counted from its codes; it has no number from 1 to 5. */
  readonly measure?: "scale" | "count";
  readonly subs: readonly Sub[];
}

export interface Area {
  readonly key: string;
  readonly name: string;
  readonly skills: readonly Skill[];
}

export interface Framework {
  readonly version: string;
  readonly areas: readonly Area[];
}

/** What is coded and scored: a skill, or each sub-category of a skill that has them (COD-01: seven items from five skills). */
export interface Item {
  /** `collaboration`, or `empathy.curiosity`: the key of its score. */
  readonly key: string;
  readonly skill: Skill;
  readonly sub: Sub | null;
  /** "Empathy – Curiosity" */
  readonly name: string;
  /** What fits on a block in the lanes: "Curiosity". */
  readonly short: string;
  readonly index: number;
  /** The number key that picks it, for the first nine. */
  readonly digit: string | null;
  /** Whether it gets a number over the whole recording. */
  readonly scored: boolean;
}

export function itemsOf(framework: Framework): Item[] {
  const items: Item[] = [];
  for (const skill of framework.areas.flatMap((area) => area.skills)) {
    for (const sub of skill.subs.length > 0 ? skill.subs : [null]) {
      const index = items.length;
      items.push({
        key: itemKey(skill.key, sub?.key ?? null),
        skill,
        sub,
        name: sub ? `${skill.name} – ${sub.name}` : skill.name,
        short: sub?.name ?? skill.name,
        index,
        digit: index < 9 ? String(index + 1) : null,
        scored: skill.measure !== "count",
      });
    }
  }
  return items;
}

export function itemKey(skill: string, sub: string | null): string {
  return sub === null ? skill : `${skill}.${sub}`;
}

export function saidIn(exemplar: Exemplar): string {
  return typeof exemplar === "string" ? exemplar : exemplar.text;
}
