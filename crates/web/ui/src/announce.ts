// One polite live region per page (`#announce`): short sentences after something the person did.

let last = 0;

export function announce(text: string): void {
  const region = document.getElementById("announce");
  if (!region) return;
  // Saying the same thing twice in a row is still said: a trailing no-break space makes it new.
  last += 1;
  region.textContent = last % 2 === 0 ? text : `${text}\u00a0`;
}
