// The options panel: controls that write into the text, and follow it when it is typed.

import { byId, el } from "./dom.js";
import { asksForFilm, kindOf, optionOf, withFilm, withKind, withOption } from "./wording.js";

const SIZES = [128, 192, 256, 384, 512, 768, 1024, 1536, 2048];
const PATIENCE = { 40: "a sketch", 100: "usual", 200: "careful", 400: "very careful" };
const STROKES = { 0.5: "fine", 1: "usual", 2: "broad", 4: "very broad" };
const STRENGTHS = ["a hint", "gentle", "usual", "bold", "all style"];
const TYPED = { size: (px) => `${px} px`, steps: (n) => `${n} steps`, style_scale: (n) => `× ${n}` };

/** Let the panel read and write the textarea *text*, which tells of every change by `input`. */
export function bindOptions(text, room) {
  const panel = byId("panel-options");
  const kinds = [...document.getElementsByName("kind")];
  const film = byId("gif");
  const usual = {
    strength: "50",
    size: String(room.size),
    steps: String(room.steps),
    colours: "style",
    style_scale: "1",
    init: "content",
  };
  fill(byId("size"), SIZES, room.size, room.max_size, TYPED.size);
  fill(byId("steps"), Object.keys(PATIENCE), room.steps, room.max_steps, (n) => PATIENCE[n] ?? "as set");
  fill(byId("style_scale"), Object.keys(STROKES), 1, Infinity, (n) => STROKES[n]);
  const others = room.options.filter(({ name }) => !panel.querySelector(`#${name}`));
  byId("more").append(...others.map(field));
  const controls = [...panel.querySelectorAll("select, input:not([name=kind], #gif)")]; // by their option's name

  const write = (change) => {
    text.value = change(text.value);
    text.dispatchEvent(new Event("input", { bubbles: true }));
  };
  for (const kind of kinds) {
    kind.addEventListener("change", () =>
      write((words) => sensible(withKind(words, kind.value, room.hashtag), room.senseless[kind.value])),
    );
  }
  for (const control of controls) {
    control.addEventListener("input", () => {
      const value = control.value.trim().replace(/\s*([,:])\s*/g, "$1").replace(/\s+/g, ",");
      const said = value === (usual[control.id] ?? "") ? null : value;
      write((words) => withOption(words, control.id, said));
    });
  }
  film.addEventListener("change", () => write((words) => withFilm(words, film.checked)));

  const follow = () => {
    const painting = kindOf(text.value);
    for (const kind of kinds) kind.checked = kind.value === painting;
    for (const control of controls) {
      const said = optionOf(text.value, control.id)?.toLowerCase();
      if (control !== document.activeElement) show(control, said ?? usual[control.id] ?? "");
      control.closest(".option").hidden = room.senseless[painting].includes(control.id);
    }
    byId("strength-value").value = STRENGTHS[Math.round(byId("strength").value / 25)];
    film.checked = asksForFilm(text.value);
  };
  for (const control of controls) control.addEventListener("blur", follow); // not while one types in it
  text.addEventListener("input", follow);
  follow();
}

/** *words* without the options that mean nothing to a kind of painting. */
const sensible = (words, senseless) =>
  senseless.reduce((left, name) => withOption(left, name, null), words);

/** A control for an option that has none of its own; empty, it says nothing. */
function field({ name, about, example, choices, kind, low, high }) {
  const placeholder = example.split("=")[1];
  const number = { type: "number", min: low, max: high, step: kind === "whole" ? 1 : "any" };
  const control = choices.length
    ? el("select", { id: name }, ...["", ...choices].map((value) => el("option", { value }, value || "as usual")))
    : el("input", { id: name, placeholder, autocomplete: "off", ...(kind === "text" ? {} : number) });
  return el("div", { class: "option", title: about }, el("label", { for: name }, name), control);
}

/** Offer *values* up to *most*, and the *usual* one in any case. */
function fill(select, values, usual, most, name) {
  const offered = new Set([...values.map(Number), usual].filter((value) => value <= most));
  for (const value of [...offered].sort((a, b) => a - b)) {
    select.append(el("option", { value }, name(value)));
  }
}

/** Show *value*, and offer it when it was typed by hand. */
function show(control, value) {
  control.value = value;
  if (control.value === value || control.tagName !== "SELECT") return;
  control.append(el("option", { value }, TYPED[control.id]?.(value) ?? value));
  control.value = value;
}
