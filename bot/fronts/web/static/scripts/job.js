// @ts-check
// A job in the conversation: its place in the queue, the work as it grows, and what came of it.

import * as api from "./api.js";
import { announce, el, reasonOf } from "./dom.js";
import { render } from "./markdown.js";
import { view } from "./viewer.js";

/** @import { Job, JobFile, Said } from "./types.d.ts" */
/** @typedef {{ node: HTMLElement, update: (job: Job, text: string) => void }} Card */

const QUARTER = 0.25;

/**
 * The part of a bot's message that shows its *job*; `update` moves an open one on.
 * @param {Job} job
 * @param {string} text
 * @param {Said} said
 * @param {{ again: () => void }} on
 * @returns {Card}
 */
export function jobCard(job, text, said, { again }) {
  if (job.state === "queued" || job.state === "running") return openCard(job, text, said);
  return { node: endedCard(job, text, said, again), update: () => {} };
}

/**
 * @param {Job} job
 * @param {string} text
 * @param {Said} said
 */
function openCard(job, text, said) {
  const words = el("div", { class: "text" });
  const bar = el("div", {
    role: "progressbar",
    class: "progress",
    "aria-label": "Painting",
    "aria-valuemin": "0",
    "aria-valuemax": "100",
  });
  const image = el("img", { alt: "", class: "underdrawing" });
  const frame = el("div", { class: "frame" }, image);
  const from = original(said);
  if (from) image.src = from;
  else frame.classList.add("bare");
  const stop = el("button", { type: "button", class: "stop" }, "Cancel");
  stop.addEventListener("click", () => cancel(job.id, stop, words));
  const node = el("div", { class: "job" }, frame, bar, words, el("div", { class: "actions" }, stop));
  let quarter = 0;

  /**
   * @param {Job} now
   * @param {string} sentence
   */
  function update(now, sentence) {
    words.replaceChildren(...render(sentence));
    bar.hidden = now.state === "queued";
    bar.setAttribute("aria-valuenow", String(Math.round(100 * now.progress)));
    bar.style.setProperty("--progress", String(now.progress));
    if (now.preview) {
      image.src = now.preview;
      image.className = "";
      image.alt = "The painting so far";
      frame.classList.remove("bare");
    }
    if (Math.floor(now.progress / QUARTER) > quarter) {
      quarter = Math.floor(now.progress / QUARTER);
      announce(`Painting: ${25 * quarter} percent`);
    }
  }
  update(job, text);
  return { node, update };
}

/**
 * @param {Job} job
 * @param {string} text
 * @param {Said} said
 * @param {() => void} again
 */
function endedCard(job, text, said, again) {
  const words = el("div", { class: "text" }, ...render(text));
  const repaint = el("button", { type: "button", onclick: again }, "Paint again…");
  if (job.state !== "done") {
    repaint.textContent = "Try again…";
    return el("div", { class: `job ${job.state}` }, words, el("div", { class: "actions" }, repaint));
  }
  const result = job.files.find(({ role }) => role === "result");
  const picture = result && isPicture(result) ? framed(result, job, said) : null;
  const film = job.files.find((file) => file.role === "film" && isPicture(file));
  const others = job.files.filter((file) => file !== film && !(picture && file === result));
  const actions = el(
    "div",
    { class: "actions" },
    picture && result ? download(result, "Download") : null,
    picture && result && film ? filmSwitch(result, film, picture.image) : null,
    ...others.map((file) => download(file, `Download ${file.role}`)),
    repaint,
  );
  return el("div", { class: "job done" }, picture?.node ?? null, ...others.map(player), words, actions);
}

/**
 * The picture that was asked for, which opens large.
 * @param {JobFile} file
 * @param {Job} job
 * @param {Said} said
 */
function framed({ url, name }, job, said) {
  const ratio = job.width / job.height || 1;
  const image = el("img", { src: url, alt: "The painting" });
  const enlarge = () => view({ url, name, ratio, from: original(said) });
  const node = el(
    "button",
    { type: "button", class: "frame", "aria-label": "Enlarge the painting", onclick: enlarge },
    image,
  );
  node.style.setProperty("--ratio", String(ratio));
  return { node, image };
}

/**
 * What shows or plays a file, if anything does.
 * @param {JobFile} file
 */
function player({ url, role, media_type }) {
  if (media_type.startsWith("image/")) return el("img", { src: url, alt: `The ${role}`, class: "sheet" });
  if (media_type.startsWith("video/")) return el("video", { src: url, controls: true, "aria-label": `The ${role}` });
  if (media_type.startsWith("audio/")) return el("audio", { src: url, controls: true, "aria-label": `The ${role}` });
  return null;
}

/**
 * @param {JobFile} file
 * @param {string} words
 */
const download = ({ url, name }, words) => el("a", { class: "button", href: url, download: name }, words);

/** @param {JobFile} file */
const isPicture = ({ media_type }) => media_type.startsWith("image/");

/**
 * A switch between the painting and the film of it.
 * @param {JobFile} result
 * @param {JobFile} film
 * @param {HTMLImageElement} image
 */
function filmSwitch(result, film, image) {
  const button = el("button", { type: "button", "aria-pressed": "false" }, "Film");
  button.addEventListener("click", () => {
    const playing = button.getAttribute("aria-pressed") === "true";
    button.setAttribute("aria-pressed", String(!playing));
    image.src = playing ? result.url : film.url;
    image.alt = playing ? "The painting" : "The film of the painting";
  });
  return button;
}

/**
 * @param {string} job
 * @param {HTMLButtonElement} button
 * @param {HTMLElement} words
 */
async function cancel(job, button, words) {
  button.textContent = "Cancelling…";
  try {
    await api.cancel(job);
  } catch (error) {
    button.textContent = "Cancel";
    words.replaceChildren(reasonOf(error));
  }
}

/** The content picture that a job is painted from; a texture has none.
 * @param {Said} said */
const original = ({ pictures }) => pictures.find(({ role }) => role === "content")?.url;
