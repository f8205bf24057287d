// @ts-check
// The brush: pictures that are drawn, for whatever is asked for with such ones.

import { Canvas } from "./canvas.js";
import { byId, el } from "./dom.js";
import { capital, inputsOf } from "./inputs.js";
import { tray } from "./tray.js";

/** @import { Hand } from "./canvas.js" */
/** @import { Drawing, Input, Room } from "./types.d.ts" */
/** @typedef {Input & { drawn: Drawing }} DrawnInput */
/** @typedef {{ input: DrawnInput, canvas: Canvas, node: HTMLElement }} Sheet */

const BLANK = { width: 3, height: 2 };
const TOOLS = { brush: "Brush", fill: "Fill" };

/**
 * Offer the brush wherever the message asks for pictures that are drawn; *onDrawn* gets each.
 * @param {HTMLTextAreaElement} text
 * @param {Room} room
 * @param {(file: File, role: string) => void} onDrawn
 */
export function bindBrush(text, room, onDrawn) {
  const button = byId("draw");
  const dialog = byId("brush", HTMLDialogElement);
  let from = "";
  const wanted = () => /** @type {DrawnInput[]} */ (inputsOf(text.value, room).filter(({ drawn }) => drawn));
  const follow = () => (button.hidden = wanted().length === 0);
  text.addEventListener("input", follow);
  button.addEventListener("click", async () => {
    const inputs = wanted();
    const pictures = inputs.flatMap(({ role, drawn }) => [role, tray.of(role)?.url, tray.of(drawn.over)?.url]);
    if (from !== JSON.stringify(pictures)) dialog.replaceChildren(...(await draw(inputs, dialog, onDrawn)));
    from = JSON.stringify(pictures); // what was drawn and not used is there again
    dialog.showModal();
  });
  follow();
}

/**
 * The contents of the dialog.
 * @param {DrawnInput[]} inputs
 * @param {HTMLDialogElement} dialog
 * @param {(file: File, role: string) => void} onDrawn
 */
async function draw(inputs, dialog, onDrawn) {
  const colours = Object.assign({}, ...inputs.map(({ drawn }) => drawn.colours));
  /** @type {Hand} */
  const hand = { tool: "brush", colour: Object.values(colours)[1], size: 36 };
  /** @type {Sheet[]} */
  const done = []; // in the order in which they were painted on
  /** @type {Sheet[]} */
  const sheets = await Promise.all(inputs.map((input) => sheet(input, hand, (touched) => done.push(touched))));
  const show = (/** @type {string} */ role) => {
    for (const { input, node } of sheets) node.classList.toggle("shown", input.role === role);
  };
  const close = () => dialog.close();
  const use = async () => {
    for (const { input, canvas } of sheets) {
      if (canvas.touched) onDrawn(await canvas.file(`${input.role.replaceAll("_", "-")}.png`), input.role);
    }
    close();
  };
  const current = () => sheets.find(({ node }) => node.classList.contains("shown"));
  const undo = () => done.pop()?.canvas.undo();
  for (const one of sheets) one.node.addEventListener("focusin", () => show(one.input.role));
  dialog.onkeydown = (event) => {
    if (event.key !== "z" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    undo();
  };
  show(inputs[0].role);
  const titles = Object.fromEntries(inputs.map(({ role, label }) => [role, capital(label)]));
  const tabs = choice("Canvas", "sheet", titles, inputs[0].role, show);
  tabs.classList.add("tabs");
  tabs.hidden = inputs.length === 1;
  return [
    tabs,
    el("div", { class: "sheets" }, ...sheets.map(({ node }) => node)),
    palette(colours, hand),
    el(
      "div",
      { class: "brush-tools" },
      choice("Tool", "tool", TOOLS, hand.tool, (tool) => (hand.tool = tool)),
      range("Size", [4, 120, hand.size], (size) => (hand.size = size)),
      range("Cover", [0, 100, 60], (share) => dialog.style.setProperty("--cover", `${share}%`)),
      el("button", { type: "button", onclick: undo }, "Undo"),
      el("button", { type: "button", onclick: () => current()?.canvas.clear() }, "Clear"),
      el("span", { class: "end" }),
      el("button", { type: "button", onclick: close }, "Close"),
      el("button", { type: "button", class: "primary ready", onclick: use }, "Use"),
    ),
  ];
}

/**
 * A canvas for one input: over its picture, if there is one, and from what was drawn before.
 * @param {DrawnInput} input
 * @param {Hand} hand
 * @param {(sheet: Sheet) => void} onTouch
 * @returns {Promise<Sheet>}
 */
async function sheet(input, hand, onTouch) {
  const { role, label, about, drawn } = input;
  const [under, before, first] = await Promise.all([
    loaded(tray.of(drawn.over)?.url),
    loaded(tray.of(role)?.url),
    loaded(tray.pictures[0]?.url),
  ]);
  const like = under ?? before ?? first;
  const shape = like ? { width: like.naturalWidth, height: like.naturalHeight } : BLANK;
  const [ground] = Object.values(drawn.colours);
  const canvas = new Canvas(capital(label), shape, hand, ground, () => onTouch(made));
  if (before) canvas.take(before);
  const stack = el("div", { class: under ? "stack over" : "stack" }, under, canvas.node, canvas.ring);
  stack.style.setProperty("--ratio", String(canvas.node.width / canvas.node.height));
  const node = el("figure", {}, el("figcaption", {}, el("b", {}, capital(label)), `: ${about}`), stack);
  const made = { input, canvas, node };
  return made;
}

/** @param {string | undefined} url */
async function loaded(url) {
  if (!url) return null;
  const image = el("img", { src: url, alt: "" });
  return image.decode().then(() => image, () => null); // a browser cannot show all that is a picture
}

/**
 * @param {Record<string, string>} colours
 * @param {Hand} hand
 */
function palette(colours, hand) {
  const named = Object.fromEntries(Object.keys(colours).map((name) => [name, name]));
  const start = Object.keys(colours).find((name) => colours[name] === hand.colour) ?? "";
  const node = choice("Colour", "colour", named, start, (name) => (hand.colour = colours[name]));
  node.classList.add("palette");
  for (const input of node.querySelectorAll("input")) {
    input.parentElement?.style.setProperty("--colour", colours[input.value]);
    input.parentElement?.setAttribute("title", input.value);
  }
  return node;
}

/**
 * Radio buttons, one for each key; *onChoice* gets the key.
 * @param {string} label
 * @param {string} name
 * @param {Record<string, string>} words
 * @param {string} chosen
 * @param {(key: string) => void} onChoice
 */
function choice(label, name, words, chosen, onChoice) {
  const options = Object.entries(words).map(([value, said]) => {
    const onchange = () => onChoice(value);
    const input = el("input", { type: "radio", name: `brush-${name}`, value, checked: value === chosen, onchange });
    return el("label", {}, input, el("span", {}, said));
  });
  return el("div", { class: "segments", role: "radiogroup", "aria-label": label }, ...options);
}

/**
 * A slider for [lowest, highest, first].
 * @param {string} label
 * @param {number[]} bounds
 * @param {(value: number) => void} onChange
 */
function range(label, [min, max, value], onChange) {
  const input = el("input", { type: "range", min, max, value });
  input.addEventListener("input", () => onChange(Number(input.value)));
  onChange(value);
  return el("label", { class: "range" }, label, input);
}
