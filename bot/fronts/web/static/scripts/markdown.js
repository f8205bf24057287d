// @ts-check
// The little Markdown the bot speaks (**bold**, `code`, • bullets) as nodes, so that nothing in a
// message can ever become markup.

import { el } from "./dom.js";

const INLINE = /\*\*(.+?)\*\*|`([^`]+)`/g;

/** The nodes of *text*: paragraphs and lists.
 * @param {string} text */
export function render(text) {
  /** @type {HTMLElement[]} */
  const blocks = [];
  for (const paragraph of text.split(/\n{2,}/)) {
    for (const run of runs(paragraph.split("\n"))) {
      blocks.push(run.bullets ? list(run.lines) : el("p", {}, ...lines(run.lines)));
    }
  }
  return blocks;
}

/** *text* without its signs, for those who hear it read.
 * @param {string} text */
export const plain = (text) => text.replace(INLINE, "$1$2").replace(/^[•*-] /gm, "");

/** Neighbouring lines that are all bullets, or all not.
 * @param {string[]} all */
function runs(all) {
  /** @type {{ bullets: boolean, lines: string[] }[]} */
  const found = [];
  for (const line of all) {
    const bullets = /^[•*-] /.test(line);
    const last = found.at(-1);
    if (last?.bullets === bullets) last.lines.push(line);
    else found.push({ bullets, lines: [line] });
  }
  return found;
}

/** @param {string[]} bullets */
const list = (bullets) =>
  el("ul", {}, ...bullets.map((line) => el("li", {}, ...inline(line.slice(2)))));

/** @param {string[]} all */
const lines = (all) => all.flatMap((line, n) => (n ? [el("br"), ...inline(line)] : inline(line)));

/**
 * @param {string} text
 * @returns {(Node | string)[]}
 */
function inline(text) {
  /** @type {(Node | string)[]} */
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    nodes.push(text.slice(end, match.index));
    nodes.push(match[1] ? el("strong", {}, ...inline(match[1])) : el("code", {}, match[2]));
    end = match.index + match[0].length;
  }
  nodes.push(text.slice(end));
  return nodes.filter((node) => node !== "");
}
