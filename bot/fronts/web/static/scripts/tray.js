// The pictures that wait to be sent, in their order: it decides what each of them is for.

import { announce, byId, el } from "./dom.js";

/** The tray. A picture chosen as `content` or as `style` gives way to a newer one of its kind. */
class Tray extends EventTarget {
  constructor() {
    super();
    this.list = byId("tray");
    this.pictures = []; // { file, url, kind }
    this.painting = "stylenet";
    this.start = false; // whether the last picture is what the painting starts from
  }

  /** How many pictures the painting needs. */
  get least() {
    return (this.painting === "texture" ? 1 : 2) + this.start;
  }

  get files() {
    return this.pictures.map(({ file }) => file);
  }

  /** Add a picture: at the end, or where a `content` or `style` picture belongs. */
  add(file, kind = null) {
    const before = kind ? this.pictures.findIndex((picture) => picture.kind === kind) : -1;
    const single = kind === "content" || this.painting === "stylenet";
    if (before >= 0 && single) release(this.pictures.splice(before, 1, held(file, kind))[0]);
    else if (kind === "content") this.pictures.unshift(held(file, kind));
    else this.pictures.push(held(file, kind));
    this.changed();
  }

  /** Take a picture out. */
  remove(n) {
    release(this.pictures.splice(n, 1)[0]);
    this.changed();
    const left = this.list.querySelectorAll(".remove");
    (left[Math.min(n, left.length - 1)] ?? byId("attach")).focus();
  }

  /** Swap a picture with the one before it. */
  swap(n) {
    const [before, moved] = this.pictures.slice(n - 1, n + 1);
    this.pictures.splice(n - 1, 2, moved, before);
    this.changed();
    this.list.querySelectorAll(".swap")[Math.max(n - 2, 0)]?.focus();
    announce(`${moved.file.name} is now ${this.role(n - 1).toLowerCase()}`);
  }

  clear() {
    this.pictures.splice(0).forEach(release);
    this.changed();
  }

  /** What the nth picture is for. */
  role(n) {
    const style = this.painting === "texture" ? n + 1 : n;
    if (style === 0) return "Content";
    const count = this.pictures.length;
    if (this.start && count >= this.least && n === count - 1) return "Start";
    return count > this.least ? `Style ${style}` : "Style";
  }

  changed() {
    this.list.hidden = this.pictures.length === 0;
    this.list.replaceChildren(...this.pictures.map((picture, n) => this.item(picture, n)));
    this.dispatchEvent(new Event("change"));
  }

  item({ file, url }, n) {
    const role = this.role(n);
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

const held = (file, kind) => ({ file, kind, url: URL.createObjectURL(file) });
const release = ({ url }) => URL.revokeObjectURL(url);

export const tray = new Tray();
