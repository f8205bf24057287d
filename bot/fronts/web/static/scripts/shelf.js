// @ts-check
// The shelf of samples: one row for each kind of picture that is asked for, one click each.

import * as api from "./api.js";
import { byId, el, reasonOf } from "./dom.js";
import { capital, inputsOf } from "./inputs.js";

/** @import { Input, Room, Sample } from "./types.d.ts" */

/**
 * Fill the shelf with samples for what *text* asks for, and let it follow.
 * @param {HTMLTextAreaElement} text
 * @param {Room} room
 * @param {object} on
 * @param {(file: File, role: string) => void} on.onPick
 * @param {(role: string) => void} on.onOwn
 * @param {(words: string) => void} on.onTrouble
 */
export function bindShelf(text, room, { onPick, onOwn, onTrouble }) {
  const { samples } = room;
  /**
   * @param {Input} input
   * @param {number} n
   */
  const group = ({ role, label }, n) => {
    const own = el("button", { type: "button", class: "own", onclick: () => onOwn(role) }, "Your own…");
    const offered = samples.filter(({ kind }) => kind === role);
    const tiles = offered.map((sample) => tile(sample, samples, onPick, onTrouble));
    const row = el("div", { class: "tiles" }, ...tiles, own);
    const title = el("h3", {}, el("b", { "aria-hidden": "true" }, `${n + 1}`), capital(label));
    return el("section", { "aria-label": capital(label) }, title, row);
  };
  /** @type {string | undefined} */
  let shown;
  const follow = () => {
    const inputs = inputsOf(text.value, room).filter(({ role }) => samples.some(({ kind }) => kind === role));
    const now = JSON.stringify(inputs);
    if (now === shown || (inputs.length === 0 && shown)) return;
    shown = now;
    byId("shelf").replaceChildren(...inputs.map(group));
  };
  text.addEventListener("input", follow);
  follow();
}

/**
 * A sample to be picked, with those that come along with it.
 * @param {Sample} sample
 * @param {Sample[]} samples
 * @param {(file: File, role: string) => void} onPick
 * @param {(words: string) => void} onTrouble
 */
function tile(sample, samples, onPick, onTrouble) {
  const image = el("img", { src: sample.url, alt: sample.alt });
  const name = el("span", {}, sample.title);
  const button = el("button", { type: "button", class: "tile", "data-file": sample.file }, image, name);
  button.addEventListener("click", async () => {
    try {
      const picked = [...samples.filter(({ file }) => sample.beside.includes(file)), sample];
      for (const { url, file, kind } of picked) onPick(await api.picture(url, file), kind);
    } catch (error) {
      onTrouble(reasonOf(error));
    }
  });
  return button;
}

/**
 * Mark the samples that are in the tray.
 * @param {Set<string>} names
 */
export function markChosen(names) {
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (byId("shelf").querySelectorAll(".tile"))) {
    button.setAttribute("aria-pressed", String(names.has(button.dataset.file ?? "")));
  }
}
