// The practitioner's form on a phone: more people on demand.

import { byId, show } from "./dom.ts";

const blocks = [...document.querySelectorAll<HTMLElement>("[data-person]")];
const addButton = byId("add-person");
let shown = Math.max(2, ...blocks.map((block, index) => ("filled" in block.dataset ? index + 1 : 0)));

function showPeople(): void {
  blocks.forEach((block, index) => show(block, index < shown));
  show(addButton, shown < blocks.length);
}

addButton.addEventListener("click", () => {
  shown += 1;
  showPeople();
  blocks[shown - 1]?.querySelector("select")?.focus();
});
showPeople();
