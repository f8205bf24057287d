// The options panel: controls that write into the text, and follow it when it is typed.

import { byId, el } from "./dom.js";
import { asksForFilm, kindOf, optionOf, withFilm, withKind, withOption } from "./wording.js";

const SIZES = [128, 192, 256, 384, 512, 768, 1024, 1536, 2048];
const PATIENCE = { 40: "a sketch", 100: "usual", 200: "careful", 400: "very careful" };
const STRENGTHS = ["a hint", "gentle", "usual", "bold", "all style"];
const USUAL_STRENGTH = "50";

/** Let the panel read and write the textarea *text*, which tells of every change by `input`. */
export function bindOptions(text, room) {
  const kinds = [...document.getElementsByName("kind")];
  const [strength, size, steps] = ["strength", "size", "steps"].map(byId);
  const [film, noise] = ["film", "noise"].map(byId);

  fill(size, SIZES, room.size, room.max_size, (px) => `${px} px`);
  fill(steps, Object.keys(PATIENCE), room.steps, room.max_steps, (n) => PATIENCE[n] ?? "as set");

  const write = (change) => {
    text.value = change(text.value);
    text.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const writeOption = (control, usual) => () =>
    write((words) => withOption(words, control.id, control.value === usual ? null : control.value));

  for (const kind of kinds) {
    kind.addEventListener("change", () => write((words) => withKind(words, kind.value, room.hashtag)));
  }
  strength.addEventListener("input", writeOption(strength, USUAL_STRENGTH));
  size.addEventListener("change", writeOption(size, String(room.size)));
  steps.addEventListener("change", writeOption(steps, String(room.steps)));
  film.addEventListener("change", () => write((words) => withFilm(words, film.checked)));
  noise.addEventListener("change", () =>
    write((words) => withOption(words, "init", noise.checked ? "noise" : null)),
  );

  const follow = () => {
    const said = (name, usual) => optionOf(text.value, name) ?? String(usual);
    for (const kind of kinds) kind.checked = kind.value === kindOf(text.value);
    strength.value = said("strength", USUAL_STRENGTH);
    byId("strength-value").value = STRENGTHS[Math.round(strength.value / 25)];
    choose(size, said("size", room.size), (px) => `${px} px`);
    choose(steps, said("steps", room.steps), (n) => `${n} steps`);
    film.checked = asksForFilm(text.value);
    noise.checked = said("init", "content").toLowerCase() === "noise";
  };
  text.addEventListener("input", follow);
  follow();
}

/** Offer *values* up to *most*, and the *usual* one in any case. */
function fill(select, values, usual, most, name) {
  const offered = new Set([...values.map(Number), usual].filter((value) => value <= most));
  for (const value of [...offered].sort((a, b) => a - b)) {
    select.append(el("option", { value }, name(value)));
  }
  select.value = usual;
}

/** Choose *value*, and offer it when it was typed by hand. */
function choose(select, value, name) {
  select.value = value;
  if (select.value === value) return;
  select.append(el("option", { value }, name(value)));
  select.value = value;
}
