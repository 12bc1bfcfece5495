// A recording before its file: what it is, who is heard, and what they say yes to. Sent as forms, without a page.

import { check, ORIGIN } from "./person.mjs";

export const today = () => new Date().toISOString().slice(0, 10);

/** What somebody may say no to without the recording being turned away. */
export const OPTIONAL = ["transcribe", "code_research", "coach_playback", "manager_present_playback", "quote", "teaching_playback", "research_archive", "told_result", "improve_tools"];

/** What is sent with the page of somebody's answers: yes, but for these. */
export function answers(text, no) {
  const said = {
    version: text.match(/name="version" value="(\d+)"/)[1],
    how: "paper",
    explained_by: "Social worker",
    informed_on: today(),
    decided_on: today(),
    decided_sooner: "yes",
    age: "11_to_15",
    assent: "yes",
    authority: "parental_responsibility",
    signatory: "Mum",
  };
  for (const [, key] of text.matchAll(/name="tick\.([a-z_]+)"/g)) said[`tick.${key}`] = no.includes(key) ? "no" : "yes";
  return said;
}

/** Begins a recording, and everybody who is heard answers: yes, but for these. Its id. */
export async function begin({ page }, pseudonym, no) {
  const form = {
    pseudonym,
    session_kind: "visit",
    phase: "post_training",
    "person.0.kind": "practitioner",
    "person.0.label": "Worker",
    "person.1.kind": "child",
    "person.1.label": pseudonym,
  };
  const answer = await page.request.post(`${ORIGIN}/recordings`, { form, headers: { origin: ORIGIN } });
  check(answer.status() === 201, `the details were not taken: ${answer.status()}`);
  const { id, people } = await answer.json();
  for (const person of people) {
    const path = `${ORIGIN}/recordings/${id}/people/${person.id}/consent`;
    const text = await (await page.request.get(path)).text();
    const said = answers(text, no);
    const kept = await page.request.post(path, { form: said, headers: { origin: ORIGIN }, maxRedirects: 0 });
    check(kept.status() === 303, `the answers were not taken: ${kept.status()}`);
  }
  return id;
}
