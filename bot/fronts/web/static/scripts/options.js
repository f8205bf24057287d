// @ts-check
// The options panel: controls that write into the text, and follow it when it is typed.

import { control } from "./controls.js";
import { byId, el } from "./dom.js";
import { commandIn, forms, saidIn, withCommand, withSaid } from "./wording.js";

/** @import { Control } from "./controls.js" */
/** @import { Command, Option, Room } from "./types.d.ts" */

/**
 * Draw the panel, and let it read and write *text*, which tells of every change by `input`.
 * @param {HTMLTextAreaElement} text
 * @param {Room} room
 */
export function bindOptions(text, room) {
  /** @param {(words: string) => string} change */
  const write = (change) => {
    text.value = change(text.value);
    text.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const choose = segments(room, (command) => write((words) => asking(words, command, room)));
  byId("panel-options").append(choose.node);
  /** @type {Map<Command, Fields>} */
  const drawn = new Map();
  /** @type {Fields | undefined} */
  let shown;

  const follow = () => {
    const command = commandIn(text.value, room);
    const fields = drawn.get(command) ?? draw(command, write, follow);
    drawn.set(command, fields);
    choose.show(command);
    if (shown !== fields) {
      shown?.nodes.forEach((node) => node.remove());
      choose.node.after(...fields.nodes);
      fields.more.open = shown?.more.open ?? false;
      shown = fields;
    }
    for (const { option, input, show } of fields.controls) {
      if (input !== document.activeElement) show(saidIn(text.value, option)); // nor while one types
    }
  };
  text.addEventListener("input", follow);
  follow();
}

/** @typedef {{ controls: Control[], nodes: HTMLElement[], more: HTMLDetailsElement }} Fields */

/**
 * The fields of *command*: everyday ones, and the others below "More".
 * @param {Command} command
 * @param {(change: (words: string) => string) => void} write
 * @param {() => void} follow
 * @returns {Fields}
 */
function draw(command, write, follow) {
  const controls = command.options.map((option) =>
    control(option, (value) => write((words) => withSaid(words, option, value))),
  );
  for (const { input } of controls) input.addEventListener("blur", follow);
  const everyday = controls.filter(({ option }) => !option.expert);
  const others = controls.filter(({ option }) => option.expert);
  const more = el(
    "details",
    { class: "wide" },
    el("summary", {}, "More"),
    el("div", { class: "more" }, ...nodes(others)),
  );
  more.hidden = others.length === 0;
  return { controls, nodes: [...nodes(everyday), more], more };
}

/** Wide ones come first.
 * @param {Control[]} controls */
const nodes = (controls) =>
  controls.map(({ node }) => node).sort((a, b) => Number(isWide(b)) - Number(isWide(a)));

/** @param {HTMLElement} node */
const isWide = (node) => node.classList.contains("wide");

/**
 * A choice of what to paint; *onChoice* gets the command.
 * @param {Room} room
 * @param {(command: Command) => void} onChoice
 */
function segments(room, onChoice) {
  const radios = forms(room).map((command) => {
    const onchange = () => onChoice(command);
    return el("input", { type: "radio", name: "command", value: command.name, onchange });
  });
  const labels = forms(room).map(({ label, about }, n) =>
    el("label", { title: about }, radios[n], el("span", {}, label)),
  );
  const node = el(
    "div",
    { class: "option wide", role: "radiogroup", "aria-label": "What to paint" },
    el("span", { class: "segments" }, ...labels),
  );
  /** @param {Command} command */
  const show = (command) => radios.forEach((radio) => (radio.checked = radio.value === command.name));
  return { node, show };
}

/**
 * *words* that ask for *command*, without the options that mean nothing to it.
 * @param {string} words
 * @param {Command} command
 * @param {Room} room
 */
function asking(words, command, room) {
  const known = new Map(command.options.map((option) => [option.name, option]));
  const senseless = commandIn(words, room).options.filter(
    (option) => !takes(known.get(option.name), saidIn(words, option)),
  );
  const rest = withCommand(words, command, room);
  return senseless.reduce((left, option) => withSaid(left, option, null), rest);
}

/**
 * Whether *option*, if there is one, takes *value*, if there is one: commands differ in choices.
 * @param {Option | undefined} option
 * @param {string | null} value
 */
const takes = (option, value) =>
  option !== undefined &&
  (option.kind !== "choice" || value === null || option.choices.includes(value));
