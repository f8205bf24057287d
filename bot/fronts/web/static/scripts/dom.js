// @ts-check
// Building the page from code: nodes and text only, never markup from a string.

/**
 * The element with this *id*, which is of this *kind*.
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} id
 * @param {new () => T} [kind]
 */
export function byId(id, kind = /** @type {new () => T} */ (HTMLElement)) {
  const node = document.getElementById(id);
  if (!(node instanceof kind)) throw new Error(`the page has no ${kind.name} called ${id}`);
  return node;
}

/**
 * An element with attributes (`on…` are listeners; null, undefined and false leave one out) and
 * children, of which null is none.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} name
 * @param {Record<string, string | number | boolean | null | undefined | ((event: Event) => unknown)>} attributes
 * @param {(Node | string | null)[]} children
 */
export function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(key.slice(2), value);
    else if (value === true) node.setAttribute(key, "");
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(key, String(value));
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

/**
 * The message of what was thrown.
 * @param {unknown} error
 */
export const reasonOf = (error) => (error instanceof Error ? error.message : String(error));

let spoken = "";

/**
 * Tell people who listen instead of look; the same words twice in a row are said once.
 * @param {string} words
 */
export function announce(words) {
  if (words === spoken) return;
  spoken = words;
  byId("announcer").textContent = words;
}
