// Building and finding elements without strings of HTML (the page's policy forbids those).

type Child = Node | string | null | undefined | false;
type Props = Record<string, string | number | boolean | null | undefined | ((event: Event) => void)>;

/**
 * `el("button", { class: "x", type: "button", onclick: go }, "Go")`. Functions become listeners, `true` an empty
 * attribute, `false`/null nothing.
 */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") node.addEventListener(name.replace(/^on/, ""), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.filter((child): child is Node | string => child instanceof Node || (typeof child === "string" && child !== "")));
  return node;
}

/** The element that the template promises; its absence is a programming error, said plainly. */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const node = document.getElementById(id);
  if (!node) throw new Error(`the page has no element #${id}`);
  return node as T;
}

/** The JSON in `<script type="application/json" id="page-data">`. */
export function pageData<T>(): T {
  return JSON.parse(byId("page-data").textContent ?? "null") as T;
}

export function show(node: Element, visible: boolean): void {
  node.toggleAttribute("hidden", !visible);
}

/** Sets the text only when it differs, so that live regions speak once. */
export function setText(node: Element, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}
