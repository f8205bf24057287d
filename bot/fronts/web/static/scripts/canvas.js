// @ts-check
// A canvas that is painted on with hard edges, by mouse, finger, pen or keys, perhaps over a picture.

import { el } from "./dom.js";

/** What is held in the hand: the tool, its colour, and its diameter in pixels of the canvas.
 * @typedef {{ tool: string, colour: string, size: number }} Hand */
/** @typedef {{ x: number, y: number }} Point */

const LONGEST = 512;
const MOST_UNDONE = 40;
const NEAR = 40; // levels by which what is filled at once may differ, all channels together
const STEP = 8; // pixels by which an arrow key moves; with shift, one

/** A canvas of one's own; `touched` tells whether anything was painted on it. */
export class Canvas {
  /**
   * @param {string} label
   * @param {{ width: number, height: number }} shape
   * @param {Hand} hand
   * @param {string} ground the colour that it has at first
   * @param {() => void} onTouch
   */
  constructor(label, shape, hand, ground, onTouch) {
    const scale = LONGEST / Math.max(shape.width, shape.height);
    const [width, height] = [shape.width, shape.height].map((side) => Math.max(1, Math.round(side * scale)));
    const keys = "Arrow keys move the brush, the space bar paints";
    this.node = el("canvas", { width, height, tabindex: 0, role: "img", "aria-label": label, "aria-description": keys });
    this.pen = /** @type {CanvasRenderingContext2D} */ (this.node.getContext("2d", { willReadFrequently: true }));
    this.ring = el("span", { class: "ring", hidden: true });
    this.hand = hand;
    this.onTouch = onTouch;
    this.touched = false;
    /** @type {ImageData[]} */
    this.before = [];
    this.at = { x: width >> 1, y: height >> 1 };
    this.ground = ground;
    this.cover();
    this.listen();
  }

  /** One colour all over. */
  cover() {
    this.pen.fillStyle = this.ground;
    this.pen.fillRect(0, 0, this.node.width, this.node.height);
  }

  /** Start from a picture, whatever its size.
   * @param {HTMLImageElement} image */
  take(image) {
    this.pen.imageSmoothingEnabled = false;
    this.pen.drawImage(image, 0, 0, this.node.width, this.node.height);
    this.touched = true;
  }

  /** Begin something that can be undone. */
  begin() {
    this.before.push(this.pen.getImageData(0, 0, this.node.width, this.node.height));
    this.before.splice(0, this.before.length - MOST_UNDONE);
    this.touched = true;
    this.onTouch();
  }

  undo() {
    const image = this.before.pop();
    if (image) this.pen.putImageData(image, 0, 0);
  }

  clear() {
    this.begin();
    this.cover();
  }

  /** The canvas as a picture.
   * @param {string} name
   * @returns {Promise<File>} */
  async file(name) {
    const blob = await new Promise((done) => this.node.toBlob(done, "image/png"));
    return new File([/** @type {Blob} */ (blob)], name, { type: "image/png" });
  }

  listen() {
    const { node } = this;
    let painting = false;
    node.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || !event.isPrimary) return;
      node.setPointerCapture(event.pointerId);
      this.at = this.place(event);
      this.use();
      painting = this.hand.tool === "brush";
    });
    node.addEventListener("pointermove", (event) => {
      const way = painting ? (event.getCoalescedEvents?.() ?? []) : [];
      for (const point of way.length ? way : [event]) {
        if (painting) this.line(this.at, this.place(point));
        if (painting || event.isPrimary) this.at = this.place(point);
      }
      this.point(event.pointerType !== "touch");
    });
    for (const end of ["pointerup", "pointercancel"]) node.addEventListener(end, () => (painting = false));
    for (const gone of ["pointerleave", "blur"]) node.addEventListener(gone, () => this.point(false));
    node.addEventListener("focus", () => this.point(node.matches(":focus-visible")));
    node.addEventListener("keydown", (event) => this.key(event));
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const step = event.shiftKey ? 1 : STEP;
    const ways = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    const way = ways[/** @type {keyof typeof ways} */ (event.key)];
    if (way) {
      const { width, height } = this.node;
      this.at = { x: within(this.at.x + way[0], width), y: within(this.at.y + way[1], height) };
    } else if (event.key === " ") this.use();
    else return;
    event.preventDefault();
    this.point(true);
  }

  /** Use what is in the hand, here. */
  use() {
    this.begin();
    if (this.hand.tool === "fill") this.fill(this.at);
    else this.line(this.at, this.at);
  }

  /** Where an event happens, in pixels of the canvas.
   * @param {PointerEvent} event
   * @returns {Point} */
  place({ clientX, clientY }) {
    const { left, top, width, height } = this.node.getBoundingClientRect();
    return {
      x: Math.floor(((clientX - left) * this.node.width) / width),
      y: Math.floor(((clientY - top) * this.node.height) / height),
    };
  }

  /** Show where the brush is, and how large, or hide it.
   * @param {boolean} shown */
  point(shown) {
    this.ring.hidden = !shown;
    const { width, height } = this.node;
    const share = { left: this.at.x / width, top: this.at.y / height, width: this.hand.size / width };
    for (const [name, value] of Object.entries(share)) this.ring.style.setProperty(name, `${100 * value}%`);
  }

  /** A line of discs: a canvas's own lines have soft edges, whose colours belong to nothing.
   * @param {Point} from
   * @param {Point} to */
  line(from, to) {
    this.pen.fillStyle = this.hand.colour;
    const length = Math.hypot(to.x - from.x, to.y - from.y);
    const steps = Math.ceil(length / Math.max(1, this.hand.size / 6));
    for (let n = 0; n <= steps; n++) {
      const share = steps ? n / steps : 0;
      this.disc(from.x + share * (to.x - from.x), from.y + share * (to.y - from.y));
    }
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  disc(x, y) {
    const radius = this.hand.size / 2;
    for (let row = -Math.floor(radius); row <= radius; row++) {
      const half = Math.round(Math.sqrt(radius ** 2 - row ** 2));
      this.pen.fillRect(Math.round(x) - half, Math.round(y) + row, 2 * half + 1, 1);
    }
  }

  /** Fill what is connected and of about one colour.
   * @param {Point} from */
  fill({ x, y }) {
    const { width, height } = this.node;
    const image = this.pen.getImageData(0, 0, width, height);
    const { data } = image;
    this.pen.fillStyle = this.hand.colour;
    this.pen.fillRect(x, y, 1, 1);
    const colour = this.pen.getImageData(x, y, 1, 1).data;
    const was = data.slice(4 * (y * width + x), 4 * (y * width + x) + 4);
    const seen = new Uint8Array(width * height);
    const open = [y * width + x];
    for (let place = open.pop(); place !== undefined; place = open.pop()) {
      if (seen[place] || distance(data, 4 * place, was) > NEAR) continue;
      seen[place] = 1;
      data.set(colour, 4 * place);
      const column = place % width;
      if (column > 0) open.push(place - 1);
      if (column < width - 1) open.push(place + 1);
      if (place >= width) open.push(place - width);
      if (place < width * (height - 1)) open.push(place + width);
    }
    this.pen.putImageData(image, 0, 0);
  }
}

/**
 * @param {Uint8ClampedArray} data
 * @param {number} at
 * @param {Uint8ClampedArray} colour
 */
const distance = (data, at, colour) =>
  Math.abs(data[at] - colour[0]) + Math.abs(data[at + 1] - colour[1]) + Math.abs(data[at + 2] - colour[2]);

/**
 * @param {number} value
 * @param {number} end
 */
const within = (value, end) => Math.min(Math.max(value, 0), end - 1);
