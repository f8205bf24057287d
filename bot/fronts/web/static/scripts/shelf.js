// The shelf of samples: a photograph and a style, one click each.

import * as api from "./api.js";
import { byId, el } from "./dom.js";

const HEADINGS = { content: ["1", "A picture"], style: ["2", "A style"] };

/** Fill the shelf with *samples*; *onPick* gets each chosen one as a file and its kind. */
export function fillShelf(samples, { onPick, onOwn, onTrouble }) {
  const group = (kind) => {
    const own = el("button", { type: "button", class: "own", onclick: () => onOwn(kind) }, "Your own…");
    const offered = samples.filter((sample) => sample.kind === kind);
    const tiles = offered.map((sample) => tile(sample, onPick, onTrouble));
    const row = el("div", { class: "tiles" }, ...tiles, own);
    const [number, heading] = HEADINGS[kind];
    const title = el("h3", {}, el("b", { "aria-hidden": "true" }, number), heading);
    return el("section", { "aria-label": heading }, title, row);
  };
  byId("shelf").replaceChildren(group("content"), group("style"));
}

function tile(sample, onPick, onTrouble) {
  const image = el("img", { src: sample.url, alt: sample.alt ?? "" });
  const name = el("span", {}, sample.title);
  const button = el("button", { type: "button", class: "tile", "data-url": sample.url }, image, name);
  button.addEventListener("click", async () => {
    try {
      onPick(await api.picture(sample.url, sample.file), sample.kind);
    } catch (error) {
      onTrouble(error.message);
    }
  });
  return button;
}

/** Mark the samples that are in the tray. */
export function markChosen(names) {
  for (const button of byId("shelf").querySelectorAll(".tile")) {
    button.setAttribute("aria-pressed", String(names.has(button.dataset.url.split("/").at(-1))));
  }
}
