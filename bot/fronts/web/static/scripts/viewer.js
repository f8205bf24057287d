// @ts-check
// The painting, large, and how it compares with the picture it was painted from.

import { byId } from "./dom.js";

const dialog = byId("viewer", HTMLDialogElement);
const painting = byId("viewer-painting", HTMLImageElement);
const original = byId("viewer-original", HTMLImageElement);
const share = byId("viewer-share", HTMLInputElement);
const download = byId("viewer-download", HTMLAnchorElement);

/**
 * Open the painting at *url*, to be saved as *name*; *from* is the original's address, if any.
 * @param {{ url: string, name: string, ratio: number, from: string | undefined }} painting
 */
export function view({ url, name, ratio, from }) {
  painting.src = url;
  download.href = url;
  download.download = name;
  dialog.style.setProperty("--ratio", String(ratio));
  compare(false);
  share.value = "0";
  reveal();
  if (from) original.src = from;
  else original.removeAttribute("src");
  dialog.showModal();
}

/** @param {boolean} possible */
const compare = (possible) => {
  original.hidden = !possible;
  byId("viewer-compare").hidden = !possible;
};

const reveal = () => dialog.style.setProperty("--share", `${share.value}%`);

original.addEventListener("load", () => compare(true));
share.addEventListener("input", reveal);
byId("viewer-close").addEventListener("click", () => dialog.close());
dialog.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close();
});
