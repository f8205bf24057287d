// @ts-check
// The pictures that wait to be sent, in their order, and what each of them is for.

import { announce, byId, el } from "./dom.js";
import { captions, rolesOf } from "./inputs.js";

/** @import { Input } from "./types.d.ts" */
/** @typedef {{ file: File, url: string, role: string | null }} Held */

/** The tray. A picture chosen for a role gives way to a newer one where the role has only one. */
class Tray extends EventTarget {
  constructor() {
    super();
    this.list = byId("tray");
    /** @type {Held[]} */
    this.pictures = [];
    /** @type {Input[]} */
    this.inputs = [];
  }

  get files() {
    return this.pictures.map(({ file }) => file);
  }

  /** What the pictures are for. */
  get captions() {
    return captions(rolesOf(this.inputs, this.pictures.length));
  }

  /**
   * Let the pictures be for *inputs*; returns whether anything has changed.
   * @param {Input[]} inputs
   */
  serve(inputs) {
    if (JSON.stringify(inputs) === JSON.stringify(this.inputs)) return false;
    this.inputs = inputs;
    this.changed();
    return true;
  }

  /**
   * Add a picture: at the end, or where one for this *role* belongs.
   * @param {File} file
   * @param {string | null} role
   */
  add(file, role = null) {
    const known = role ? this.pictures.findIndex((picture) => picture.role === role) : -1;
    const single = this.inputs.find((input) => input.role === role)?.most === 1;
    const picture = { file, role, url: URL.createObjectURL(file) };
    if (known >= 0 && single) release(this.pictures.splice(known, 1, picture)[0]);
    else if (role && role === this.inputs[0]?.role) this.pictures.unshift(picture);
    else this.pictures.push(picture);
    this.changed();
  }

  /**
   * Take a picture out.
   * @param {number} n
   */
  remove(n) {
    release(this.pictures.splice(n, 1)[0]);
    this.changed();
    const left = this.buttons(".remove");
    (left[Math.min(n, left.length - 1)] ?? byId("attach")).focus();
  }

  /**
   * Swap a picture with the one before it.
   * @param {number} n
   */
  swap(n) {
    const [before, moved] = this.pictures.slice(n - 1, n + 1);
    this.pictures.splice(n - 1, 2, moved, before);
    this.changed();
    this.buttons(".swap")[Math.max(n - 2, 0)]?.focus();
    announce(`${moved.file.name} is now ${this.captions[n - 1].toLowerCase()}`);
  }

  clear() {
    this.pictures.splice(0).forEach(release);
    this.changed();
  }

  changed() {
    const roles = this.captions;
    this.list.hidden = this.pictures.length === 0;
    this.list.replaceChildren(...this.pictures.map((picture, n) => this.item(picture, roles[n], n)));
    this.dispatchEvent(new Event("change"));
  }

  /** @param {string} selector */
  buttons(selector) {
    return /** @type {NodeListOf<HTMLButtonElement>} */ (this.list.querySelectorAll(selector));
  }

  /**
   * @param {Held} picture
   * @param {string} role
   * @param {number} n
   */
  item({ file, url }, role, n) {
    const image = el("img", { src: url, alt: file.name });
    image.addEventListener("error", () => image.replaceWith(el("span", { class: "blank" }, file.name)));
    const swap = el(
      "button",
      { type: "button", class: "swap", "aria-label": `Swap ${role} with the one before`, onclick: () => this.swap(n) },
      "⇄",
    );
    const remove = el(
      "button",
      { type: "button", class: "remove", "aria-label": `Remove ${role}: ${file.name}`, onclick: () => this.remove(n) },
      "×",
    );
    return el("li", {}, n > 0 ? swap : null, el("figure", {}, image, el("figcaption", {}, role)), remove);
  }
}

/** @param {Held} picture */
const release = ({ url }) => URL.revokeObjectURL(url);

export const tray = new Tray();
