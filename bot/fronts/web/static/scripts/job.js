// @ts-check
// A job in the conversation: its place in the queue, the work as it grows, and what came of it.

import * as api from "./api.js";
import { lossCurve } from "./curve.js";
import { announce, el, reasonOf } from "./dom.js";
import { altOf, download, enlarging, isPicture, player, prints, ratioOf } from "./files.js";
import { captions } from "./inputs.js";
import { render } from "./markdown.js";

/** @import { Job, JobFile, Said } from "./types.d.ts" */
/** @typedef {{ node: HTMLElement, update: (job: Job, text: string) => void }} Card */

const MAIN = "result"; // the role of the file that was asked for
const QUARTER = 0.25;

/**
 * The part of a bot's message that shows its *job*; `update` moves an open one on.
 * @param {Job} job
 * @param {string} text
 * @param {Said} said
 * @param {{ again: () => void, reply: (text: string) => void }} on
 * @returns {Card}
 */
export function jobCard(job, text, said, on) {
  if (job.state === "queued" || job.state === "running") return openCard(job, text, said);
  return { node: endedCard(job, text, said, on), update: () => {} };
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
    "aria-label": "Progress",
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
  const loss = lossCurve();
  const node = el("div", { class: "job" }, frame, bar, loss.node, words, el("div", { class: "actions" }, stop));
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
      image.alt = "What there is so far";
      frame.classList.remove("bare");
    }
    if (now.curve) loss.draw(now.curve);
    if (Math.floor(now.progress / QUARTER) > quarter) {
      quarter = Math.floor(now.progress / QUARTER);
      announce(`${25 * quarter} percent done`);
    }
  }
  update(job, text);
  return { node, update };
}

/**
 * @param {Job} job
 * @param {string} text
 * @param {Said} said
 * @param {{ again: () => void, reply: (text: string) => void }} on
 */
function endedCard(job, text, said, { again, reply }) {
  const words = el("div", { class: "text" }, ...render(text));
  const repaint = el("button", { type: "button", onclick: again }, "Again…");
  if (job.state !== "done") {
    repaint.textContent = "Try again…";
    return el("div", { class: `job ${job.state}` }, words, el("div", { class: "actions" }, repaint));
  }
  const main = job.files.find(({ role }) => role === MAIN);
  const others = job.files.filter((file) => file !== main);
  const pictures = others.filter(isPicture);
  const actions = el(
    "div",
    { class: "actions" },
    main ? download(main, "Download") : null,
    ...others.filter((file) => !isPicture(file)).map((file) => download(file, `Download ${file.role}`)),
    repaint,
  );
  return el(
    "div",
    { class: "job done" },
    main && isPicture(main) ? framed(main, job, said) : null,
    ...job.files.map(player),
    pictures.length ? prints(pictures, true) : null,
    words,
    replies(job, reply),
    actions,
  );
}

/**
 * A button for each thing that one may reply to the answer.
 * @param {Job} job
 * @param {(text: string) => void} reply
 */
function replies(job, reply) {
  if (job.replies.length === 0) return null;
  const buttons = job.replies.map(({ label, text }) =>
    el("button", { type: "button", title: text, onclick: () => reply(text) }, label),
  );
  return el("div", { class: "replies", role: "group", "aria-label": "Reply" }, el("span", {}, "Reply"), ...buttons);
}

/**
 * The picture that was asked for, which opens large. Its size may be known before it has come.
 * @param {JobFile} file
 * @param {Job} job
 * @param {Said} said
 */
function framed(file, job, said) {
  const image = el("img", { src: file.url, alt: altOf(file) });
  const node = enlarging(image, file, captions([file.role])[0], original(said));
  node.classList.add("frame");
  /** @param {number} ratio */
  const shape = (ratio) => node.style.setProperty("--ratio", String(ratio));
  if (job.width && job.height) shape(job.width / job.height);
  else image.addEventListener("load", () => shape(ratioOf(image)));
  return node;
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

/** The picture of which a job makes another, if it does.
 * @param {Said} said */
const original = ({ pictures }) => pictures.find(({ subject }) => subject)?.url;
