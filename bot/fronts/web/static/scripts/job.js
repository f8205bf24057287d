// A job in the conversation: its place in the queue, the painting as it grows, the painting.

import * as api from "./api.js";
import { announce, el } from "./dom.js";
import { render } from "./markdown.js";
import { view } from "./viewer.js";

const QUARTER = 0.25;

/** The part of a bot's message that shows its job; `update` moves an open one on. */
export function jobCard(message, said, { again }) {
  const { job, text } = message;
  if (job.state === "queued" || job.state === "running") return openCard(job, text, said);
  return { node: endedCard(job, text, said, again), update: () => {} };
}

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
  if (original(said)) image.src = original(said);
  else frame.classList.add("bare");
  const stop = el("button", { type: "button", class: "stop" }, "Cancel");
  stop.addEventListener("click", () => cancel(job.id, stop, words));
  const node = el("div", { class: "job" }, frame, bar, words, el("div", { class: "actions" }, stop));
  let quarter = 0;

  function update(now, sentence) {
    words.replaceChildren(...render(sentence));
    bar.hidden = now.state === "queued";
    bar.setAttribute("aria-valuenow", Math.round(100 * now.progress));
    bar.style.setProperty("--progress", now.progress);
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

function endedCard(job, text, said, again) {
  const words = el("div", { class: "text" }, ...render(text));
  const repaint = el("button", { type: "button", onclick: again }, "Paint again…");
  if (job.state !== "done") {
    repaint.textContent = "Try again…";
    return el("div", { class: `job ${job.state}` }, words, el("div", { class: "actions" }, repaint));
  }
  const [url, ratio] = [job.result_url, job.width / job.height || 1];
  const name = `stylenet-${job.id.replace("room-", "")}.png`;
  const image = el("img", { src: url, alt: "The painting" });
  const enlarge = () => view({ url, name, ratio, from: original(said) });
  const frame = el(
    "button",
    { type: "button", class: "frame", "aria-label": "Enlarge the painting", onclick: enlarge },
    image,
  );
  frame.style.setProperty("--ratio", ratio);
  const download = el("a", { class: "button", href: url, download: name }, "Download");
  const film = job.film_url ? filmSwitch(job, image) : null;
  const actions = el("div", { class: "actions" }, download, film, repaint);
  return el("div", { class: "job done" }, frame, words, actions);
}

/** A switch between the painting and the film of it. */
function filmSwitch(job, image) {
  const film = el("button", { type: "button", "aria-pressed": "false" }, "Film");
  film.addEventListener("click", () => {
    const playing = film.getAttribute("aria-pressed") === "true";
    film.setAttribute("aria-pressed", String(!playing));
    image.src = playing ? job.result_url : job.film_url;
    image.alt = playing ? "The painting" : "The film of the painting";
  });
  return film;
}

async function cancel(job, button, words) {
  button.textContent = "Cancelling…";
  try {
    await api.cancel(job);
  } catch (error) {
    button.textContent = "Cancel";
    words.replaceChildren(error.message);
  }
}

/** The content picture that a job is painted from; a texture has none. */
const original = ({ pictures }) => pictures.find(({ role }) => role === "content")?.url;
