// @ts-check
// The loss of a work while it goes on: a line for each of its terms, on a logarithmic axis.

import { el } from "./dom.js";

/** @import { Curve } from "./types.d.ts" */

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 300;
const HEIGHT = 80;
const MARGIN = 3; // so that lines at the edges are not cut

/** A place for the curve, and `draw`, which shows one; a single step is none yet. */
export function lossCurve() {
  const node = el("figure", { class: "curve", hidden: true });

  /** @param {Curve} curve */
  function draw(curve) {
    node.hidden = curve.steps.length < 2;
    if (!node.hidden) node.replaceChildren(lines(curve), legend(curve));
  }
  return { node, draw };
}

/** @param {Curve} curve */
function lines({ steps, terms, scales }) {
  const image = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" });
  const x = axis(steps, MARGIN, WIDTH - MARGIN, false);
  const values = Object.values(terms).flat();
  const y = axis(values, HEIGHT - MARGIN, MARGIN, values.every((value) => value > 0));
  for (const step of scales.slice(1)) {
    image.append(svg("path", { class: "scale", d: `M${x(step)} 0V${HEIGHT}` }));
  }
  Object.values(terms).forEach((term, index) => {
    const points = steps.map((step, n) => `${begins(n) ? "M" : "L"}${x(step)} ${y(term[n])}`);
    image.append(svg("path", { class: `term term-${index % COLOURS}`, d: points.join("") }));
  });
  return image;

  /** Whether a scale begins at or before a point, and behind the one before: its pictures, and so its
   * losses, are others.
   * @param {number} n */
  function begins(n) {
    return n === 0 || scales.some((first) => steps[n - 1] < first && first <= steps[n]);
  }
}

const COLOURS = 6;

/** The terms and where they are now, for all; on what they began, for those who cannot see it.
 * @param {Curve} curve */
function legend({ terms }) {
  const entries = Object.entries(terms).map(([name, values], index) =>
    el(
      "li",
      { class: `term-${index % COLOURS}` },
      `${name.replaceAll("_", " ")} `,
      el("span", { class: "hidden" }, `from ${short(values[0])} to `),
      short(values[values.length - 1]),
    ),
  );
  return el("figcaption", {}, el("span", { class: "hidden" }, "The loss so far: "), el("ul", {}, ...entries));
}

/** @param {number} value */
const short = (value) => String(Number(value.toPrecision(2)));

/**
 * From values to places between *low* and *high*.
 * @param {number[]} values
 * @param {number} low
 * @param {number} high
 * @param {boolean} logarithmic
 */
function axis(values, low, high, logarithmic) {
  const of = logarithmic ? Math.log : Number;
  const least = of(Math.min(...values));
  const range = of(Math.max(...values)) - least || 1;
  return (/** @type {number} */ value) => Number((low + ((of(value) - least) / range) * (high - low)).toFixed(2));
}

/**
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} name
 * @param {Record<string, string>} attributes
 */
function svg(name, attributes) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}
