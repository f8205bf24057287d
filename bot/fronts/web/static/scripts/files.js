// @ts-check
// Files of messages and jobs, shown by what they are: pictures, films, sounds, or links to them.

import { el } from "./dom.js";
import { captions } from "./inputs.js";
import { view } from "./viewer.js";

/** @import { Shown } from "./types.d.ts" */

/** @param {Shown} file */
export const isPicture = ({ media_type }) => media_type.startsWith("image/");

/** What a file is to those who cannot see or hear it, as far as anybody says.
 * @param {Shown} file */
export const altOf = ({ alt, role }) => alt || captions([role])[0];

/**
 * What plays a film or a sound; of other files there is nothing to be seen.
 * @param {Shown} file
 */
export function player(file) {
  const how = { src: file.url, controls: true, "aria-label": altOf(file) };
  if (file.media_type.startsWith("video/")) return el("video", { ...how, playsinline: true });
  if (file.media_type.startsWith("audio/")) return el("audio", how);
  return null;
}

/**
 * @param {Shown} file
 * @param {string} words
 */
export const download = ({ url, name }, words) =>
  el("a", { class: "button", href: url, download: name }, words);

/**
 * Pictures, like prints on a table; to *enlarge* each is a button.
 * @param {Shown[]} pictures
 * @param {boolean} enlarge
 */
export function prints(pictures, enlarge) {
  const said = captions(pictures.map(({ role }) => role));
  const all = pictures.map((picture, n) => print(picture, said[n], enlarge));
  return el("ul", { class: "prints", "aria-label": "Pictures" }, ...all);
}

/**
 * @param {Shown} picture
 * @param {string} caption
 * @param {boolean} enlarge
 */
function print(picture, caption, enlarge) {
  const image = el("img", { src: picture.url, alt: altOf(picture), loading: "lazy" });
  image.addEventListener("error", () => image.replaceWith(el("span", { class: "blank" }, "no preview")));
  const words = el("span", { "aria-hidden": "true" }, caption);
  return el("li", {}, enlarge ? enlarging(image, picture, caption) : image, words);
}

/**
 * A button around *image* that opens its file large, over what it was made *from*, if anything.
 * @param {HTMLImageElement} image
 * @param {Shown} file
 * @param {string} caption
 * @param {string} [from]
 */
export function enlarging(image, file, caption, from) {
  const open = () => view({ ...file, alt: altOf(file), ratio: ratioOf(image), from });
  return el("button", { type: "button", "aria-label": `Enlarge: ${caption}`, onclick: open }, image);
}

/** Width over height of a picture that has come.
 * @param {HTMLImageElement} image */
export const ratioOf = ({ naturalWidth, naturalHeight }) => naturalWidth / naturalHeight || 1;
