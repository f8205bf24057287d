// @ts-check
// The pictures that wait to be sent, in their order, and what each of them is for.

import { announce, byId, el } from "./dom.js";
import { assigned, captions } from "./inputs.js";

/** @import { Given, Input } from "./types.d.ts" */
/** @typedef {{ file: File, url: string, role: string | null }} Held */

/** The tray, in the order of what the pictures are for. A picture chosen for a role gives way to a
 * newer one where the role has only one. */
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

  /** What each picture is for. */
  get roles() {
    return assigned(this.inputs, this.pictures.map(({ role }) => role));
  }

  /** The same, as people read it. */
  get captions() {
    return captions(this.roles);
  }

  /** The pictures with what they are for.
   * @returns {Given[]} */
  get given() {
    return this.roles.map((role, n) => ({ role, file: this.pictures[n].file }));
  }

  /** The picture for a role, if there is one.
   * @param {string} role */
  of(role) {
    return this.pictures[this.roles.indexOf(role)];
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
    const picture = { file, role, url: URL.createObjectURL(file) };
    if (this.replaces(role)) release(this.pictures.splice(this.chosen(role), 1, picture)[0]);
    else this.pictures.push(picture);
    this.changed();
  }

  /**
   * Whether a picture chosen for *role* takes the place of another.
   * @param {string | null} role
   */
  replaces(role) {
    return this.chosen(role) >= 0 && this.inputs.find((input) => input.role === role)?.most === 1;
  }

  /** @param {string | null} role */
  chosen(role) {
    return role ? this.pictures.findIndex((picture) => picture.role === role) : -1;
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
   * Swap a picture with the one before it, and what they are for.
   * @param {number} n
   */
  swap(n) {
    const [before, moved] = this.pictures.slice(n - 1, n + 1);
    const [first, second] = this.roles.slice(n - 1, n + 1);
    this.pictures.splice(n - 1, 2, { ...moved, role: first }, { ...before, role: second });
    this.changed();
    this.buttons(".swap")[Math.max(n - 2, 0)]?.focus();
    announce(`${moved.file.name} is now ${this.captions[n - 1].toLowerCase()}`);
  }

  clear() {
    this.pictures.splice(0).forEach(release);
    this.changed();
  }

  changed() {
    const now = this.roles;
    const order = [...this.inputs.map(({ role }) => role), ...now]; // what is too many comes last
    const ranked = this.pictures.map((picture, n) => ({ picture, rank: order.indexOf(now[n]) }));
    this.pictures = ranked.sort((a, b) => a.rank - b.rank).map(({ picture }) => picture);
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
