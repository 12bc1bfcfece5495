// Everything that a key can do on the desk, with the keys that it has as it comes.

import type { Item } from "./framework.ts";
import type { Action } from "./keymap.ts";

/** What the desk's parts do when they are asked. */
export interface Does {
  readonly toggle: () => void;
  readonly hold: () => void;
  readonly letGo: () => void;
  readonly skip: (ms: number) => void;
  readonly speed: (direction: 1 | -1) => void;
  readonly again: () => void;
  readonly loop: () => void;
  readonly once: () => void;
  readonly unheard: () => void;
  readonly markIn: () => void;
  readonly markOut: () => void;
  readonly markLast: () => void;
  readonly lastAs: (item: Item) => void;
  readonly pick: (item: Item) => void;
  readonly note: () => void;
  readonly nonverbal: () => void;
  readonly exemplar: () => void;
  readonly nudge: (edge: "start" | "end", direction: -1 | 1) => void;
  readonly snap: (to: "words" | "pauses") => void;
  readonly undo: () => void;
  readonly redo: () => void;
  readonly moment: (direction: -1 | 1) => void;
  readonly edit: () => void;
  readonly remove: () => void;
  readonly zoom: (factor: number) => void;
  readonly whole: () => void;
  readonly span: () => void;
  readonly pan: (share: number) => void;
  readonly lanes: () => void;
  readonly nextPass: () => void;
  readonly numbers: () => void;
  readonly words: () => void;
}

/** The ids stand in people's settings: they stay what they are. */
export function actionsOf(does: Does, items: readonly Item[], readOnly: boolean): Action[] {
  const listening: Action[] = [
    { id: "play", group: "Playing", what: "play or pause", keys: ["space", "k", "mediaplaypause"], run: does.toggle },
    { id: "hold", group: "Playing", what: "play while it is held, as with a foot pedal", keys: [], run: does.hold, release: does.letGo },
    { id: "back", group: "Playing", what: "two seconds back", keys: ["j"], run: () => does.skip(-2000) },
    { id: "on", group: "Playing", what: "two seconds on", keys: ["l"], run: () => does.skip(2000) },
    { id: "slower", group: "Playing", what: "slower", keys: [","], run: () => does.speed(-1) },
    { id: "faster", group: "Playing", what: "faster", keys: ["."], run: () => does.speed(1) },
    { id: "again", group: "Playing", what: "hear the last seconds again, slowly", keys: ["v"], run: does.again },
    { id: "loop", group: "Playing", what: "play the marked moment round and round, or stop that", keys: ["r"], run: does.loop },
    { id: "once", group: "Playing", what: "play the marked moment once", keys: ["p"], run: does.once },
    { id: "unheard", group: "Playing", what: "go to what was not heard yet", keys: ["u"], run: does.unheard },
    { id: "closer", group: "Looking", what: "closer", keys: ["=", "+"], run: () => does.zoom(1.6) },
    { id: "wider", group: "Looking", what: "wider", keys: ["-", "_"], run: () => does.zoom(1 / 1.6) },
    { id: "whole", group: "Looking", what: "the whole recording", keys: ["f"], run: does.whole },
    { id: "span", group: "Looking", what: "the marked moment, large", keys: ["z"], run: does.span },
    { id: "earlier", group: "Looking", what: "look further back", keys: ["<"], run: () => does.pan(-0.5) },
    { id: "later", group: "Looking", what: "look further on", keys: [">"], run: () => does.pan(0.5) },
    { id: "lanes", group: "Looking", what: "a lane for each skill, or all together", keys: ["y"], run: does.lanes },
    { id: "words", group: "Looking", what: "go into the words", keys: ["t"], run: does.words },
    { id: "previous", group: "Looking", what: "the moment before", keys: ["shift+j"], run: () => does.moment(-1) },
    { id: "next", group: "Looking", what: "the next moment", keys: ["shift+l"], run: () => does.moment(1) },
    { id: "pass", group: "Passes and numbers", what: "go on to the next pass", keys: ["g"], run: does.nextPass },
    { id: "numbers", group: "Passes and numbers", what: "go to the first number that is open", keys: ["s"], run: does.numbers },
  ];
  if (readOnly) return listening;
  return [
    ...listening,
    { id: "in", group: "Marking", what: "mark where the moment begins", keys: ["i"], run: does.markIn },
    { id: "out", group: "Marking", what: "mark where it ends", keys: ["o"], run: does.markOut },
    { id: "last", group: "Marking", what: "mark the last seconds", keys: ["m"], run: does.markLast },
    { id: "note", group: "Marking", what: "write a note", keys: ["n"], run: does.note },
    { id: "nonverbal", group: "Marking", what: "write how it sounded", keys: ["b"], run: does.nonverbal },
    { id: "exemplar", group: "Marking", what: "a good example, or not", keys: ["x"], run: does.exemplar },
    { id: "edit", group: "Marking", what: "change the current moment", keys: ["e"], run: does.edit },
    { id: "remove", group: "Marking", what: "delete the current moment", keys: ["delete"], run: does.remove },
    { id: "undo", group: "Marking", what: "undo", keys: ["ctrl+z"], run: does.undo },
    { id: "redo", group: "Marking", what: "redo", keys: ["ctrl+shift+z", "ctrl+y"], run: does.redo },
    { id: "start-earlier", group: "Edges", what: "begin a tenth of a second earlier", keys: ["["], run: () => does.nudge("start", -1) },
    { id: "start-later", group: "Edges", what: "begin a tenth later", keys: ["]"], run: () => does.nudge("start", 1) },
    { id: "end-earlier", group: "Edges", what: "end a tenth earlier", keys: ["{"], run: () => does.nudge("end", -1) },
    { id: "end-later", group: "Edges", what: "end a tenth later", keys: ["}"], run: () => does.nudge("end", 1) },
    { id: "to-words", group: "Edges", what: "to the nearest words", keys: ["w"], run: () => does.snap("words") },
    { id: "to-pauses", group: "Edges", what: "to the nearest pauses", keys: ["q"], run: () => does.snap("pauses") },
    ...items.map((item): Action => ({ id: `pick ${item.key}`, group: "Skills", what: item.name, keys: item.digit ? [item.digit] : [], run: () => does.pick(item) })),
    ...items.map((item): Action => ({ id: `last ${item.key}`, group: "Skills", what: `save the last seconds: ${item.name}`, keys: item.digit ? [`shift+${item.digit}`] : [], run: () => does.lastAs(item) })),
  ];
}
