// @ts-check
// A control for an option, by its kind.

import { el } from "./dom.js";

/** @import { Option } from "./types.d.ts" */

/**
 * A control: `show` lets it say a value, null the usual one.
 * @typedef {object} Control
 * @property {Option} option
 * @property {HTMLElement} node
 * @property {HTMLInputElement | HTMLSelectElement} input
 * @property {(value: string | null) => void} show
 */

/**
 * The control of *option*; *onChange* gets each value that is chosen, null where none is.
 * @param {Option} option
 * @param {(value: string | null) => void} onChange
 * @returns {Control}
 */
export function control(option, onChange) {
  const drawn = draw(option);
  drawn.input.id = `option-${option.name}`;
  drawn.input.setAttribute("aria-description", option.about);
  drawn.node.title = option.about;
  drawn.input.addEventListener("input", () => onChange(drawn.value() || null));
  return { option, ...drawn };
}

/** @param {Option} option */
function draw(option) {
  if (option.kind === "flag") return checkbox(option);
  if (option.choices.length > 0) return select(option);
  if (option.kind !== "text" && Object.keys(option.words).length > 0) return slider(option);
  return field(option);
}

/** @param {Option} option */
function checkbox(option) {
  const input = el("input", { type: "checkbox" });
  const node = el("label", { class: "option check long" }, input, ` ${option.label || option.name}`);
  /** @param {string | null} value */
  const show = (value) => (input.checked = (value ?? option.usual) === "yes");
  return { node, input, show, value: () => (input.checked ? "yes" : "no") };
}

/** @param {Option} option */
function select(option) {
  const input = el("select");
  /** @param {string} value */
  const offer = (value) => input.append(el("option", { value }, nameOf(option, value)));
  if (option.usual === null) input.append(el("option", { value: "" }, "as usual"));
  option.choices.forEach(offer);
  /** What was typed by hand is offered, too.
   * @param {string | null} said */
  const show = (said) => {
    const value = said ?? option.usual ?? "";
    input.value = value;
    if (input.value !== value) offer(value);
    input.value = value;
  };
  const size = option.kind === "choice" ? "option long" : "option";
  return { node: labelled(option, size, input), input, show, value: () => input.value };
}

/** A slider for a number some of whose values have words: the nearest one is shown.
 * @param {Option} option */
function slider(option) {
  const { low, high, words } = option;
  const step = option.kind === "whole" ? 1 : (high - low) / 20;
  const input = el("input", { type: "range", min: low, max: high, step });
  const output = el("output", { for: `option-${option.name}` });
  const name = () => {
    const far = /** @param {string} known */ (known) => Math.abs(Number(known) - Number(input.value));
    output.value = words[Object.keys(words).sort((a, b) => far(a) - far(b))[0]];
  };
  input.addEventListener("input", name);
  /** @param {string | null} value */
  const show = (value) => {
    input.value = value ?? option.usual ?? "";
    name();
  };
  const node = labelled(option, "option wide", input, output);
  return { node, input, show, value: () => input.value };
}

/** What one types; empty, it says nothing.
 * @param {Option} option */
function field(option) {
  const step = option.kind === "whole" ? 1 : "any";
  const number = { type: "number", min: option.low, max: option.high, step };
  const placeholder = option.usual ?? option.example;
  const input = el("input", { placeholder, autocomplete: "off", ...(option.kind === "text" ? {} : number) });
  const value = () => input.value.trim().replace(/\s*([,:])\s*/g, "$1").replace(/\s+/g, ",");
  /** @param {string | null} said */
  const show = (said) => (input.value = said ?? "");
  return { node: labelled(option, "option", input), input, show, value };
}

/**
 * @param {Option} option
 * @param {string} kind
 * @param {HTMLElement[]} parts
 */
function labelled(option, kind, ...parts) {
  const label = el("label", { for: `option-${option.name}` }, option.label || el("code", {}, option.name));
  return el("div", { class: kind }, label, ...parts);
}

/**
 * @param {Option} option
 * @param {string} value
 */
const nameOf = ({ words, unit }, value) => words[value] ?? (unit ? `${value} ${unit}` : value);
