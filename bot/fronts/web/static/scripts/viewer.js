// @ts-check
// A picture, large, and how it compares with the one that it was made from.

import { byId } from "./dom.js";

const dialog = byId("viewer", HTMLDialogElement);
const picture = byId("viewer-picture", HTMLImageElement);
const original = byId("viewer-original", HTMLImageElement);
const share = byId("viewer-share", HTMLInputElement);
const download = byId("viewer-download", HTMLAnchorElement);

/**
 * Open the picture at *url*, to be saved as *name*; *from* is the original's address, if any.
 * One that is *seamless* is repeated.
 * @param {{ url: string, name: string, alt: string, seamless?: boolean, ratio: number, from?: string }} shown
 */
export function view({ url, name, alt, seamless = false, ratio, from }) {
  picture.src = url;
  picture.alt = alt;
  download.href = url;
  download.download = name;
  dialog.style.setProperty("--ratio", String(ratio));
  dialog.style.setProperty("--picture", `url("${url}")`);
  dialog.classList.toggle("seamless", seamless);
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
