// @ts-check
// The composer: text and pictures, checked as far as a page can, and sent.

import * as api from "./api.js";
import { byId, reasonOf } from "./dom.js";
import { capital, inputsOf, lacking, mostOf, takerOf, widestOf } from "./inputs.js";
import { tray } from "./tray.js";
import { commandIn, withCommand } from "./wording.js";

/** @import { Given, Room } from "./types.d.ts" */

const text = byId("text", HTMLTextAreaElement);
const send = byId("send", HTMLButtonElement);
const files = byId("files", HTMLInputElement);

const READY = "Ready. Say more if you like";
const LIST = new Intl.ListFormat("en");

/**
 * Bring the composer to life; *onSent* is called after each message.
 * @param {Room} room
 * @param {() => unknown} onSent
 */
export function bindComposer(room, onSent) {
  /**
   * @param {Iterable<File>} offered
   * @param {string | null} [role]
   */
  const offer = (offered, role) => addFiles(offered, room, role);

  text.maxLength = room.limits.text;
  byId("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    submit(onSent);
  });
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      submit(onSent);
    }
  });
  text.addEventListener("input", grow);
  text.addEventListener("input", () => settle(room));
  tray.addEventListener("change", () => settle(room));
  byId("attach").addEventListener("click", () => chooseFiles());
  files.addEventListener("change", () => {
    offer(files.files ?? [], files.dataset.role || null);
    files.value = "";
  });
  document.addEventListener("paste", (event) => {
    const pasted = event.clipboardData?.files;
    if (!pasted?.length) return;
    event.preventDefault();
    offer(pasted);
  });
  bindDrop(offer);
  settle(room);
  text.disabled = send.disabled = false; // what is said before would be lost
}

/** Open the file dialog, perhaps for a picture of one *role*. */
export function chooseFiles(role = "") {
  files.dataset.role = role;
  files.click();
}

/**
 * Show what is wrong, or nothing.
 * @param {string} words
 */
export function complain(words) {
  const trouble = byId("trouble");
  trouble.textContent = words;
  trouble.hidden = !words;
}

/**
 * Start over with *said* and *pictures*, ready to be changed.
 * @param {string} said
 * @param {Given[]} pictures
 */
export function compose(said, pictures) {
  tray.clear();
  text.value = said;
  for (const { file, role } of pictures) tray.add(file, role);
  text.dispatchEvent(new Event("input", { bubbles: true }));
  send.focus();
}

/**
 * Take in the files that a page can tell are fit; *role* says what they are meant for.
 * @param {Iterable<File>} offered
 * @param {Room} room
 * @param {string | null} [role]
 */
export function addFiles(offered, room, role = null) {
  complain("");
  const most = room.limits.picture_bytes;
  /** @param {number} bytes */
  const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1).replace(/\.0$/, "")} MB`;
  for (const file of offered) {
    if (file.type && !file.type.startsWith("image/")) {
      complain(`${file.name} is not a picture.`);
    } else if (file.size > most) {
      complain(`${file.name} has ${megabytes(file.size)}; a picture may have ${megabytes(most)}.`);
    } else if (!tray.replaces(role) && !takerOf(text.value, room, tray.files.length + 1)) {
      complain(`${capital(widestOf(text.value, room))} are the most.`);
    } else {
      tray.add(file, role);
    }
  }
}

/**
 * After a change: more pictures may make another command, and the button says what it will do.
 * @param {Room} room
 */
function settle(room) {
  const count = tray.files.length;
  const taker = takerOf(text.value, room, count);
  if (taker && taker !== commandIn(text.value, room)) {
    text.value = withCommand(text.value, taker, room);
    text.dispatchEvent(new Event("input", { bubbles: true }));
    return;
  }
  const inputs = inputsOf(text.value, room);
  if (tray.serve(inputs)) return;
  const next = lacking(inputs, tray.roles);
  const ready = count > 0 && !next && count <= mostOf(inputs);
  send.textContent = ready ? commandIn(text.value, room).verb : "Send";
  send.classList.toggle("ready", ready);
  const all = capital(LIST.format(inputs.map(({ label }) => label)));
  if (ready || inputs.length === 0) text.placeholder = READY;
  else text.placeholder = count && next ? `Now ${next.label}` : `${all}, please`;
}

/**
 * Send; what the bot refuses stays, with its pictures, ready to be put right.
 * @param {() => unknown} onSent
 */
async function submit(onSent) {
  if (send.disabled || (!text.value.trim() && tray.files.length === 0)) return;
  const typing = document.activeElement === text;
  complain("");
  send.disabled = true;
  try {
    const { refused } = await api.say(text.value, tray.given);
    if (!refused) {
      text.value = "";
      tray.clear();
      text.dispatchEvent(new Event("input", { bubbles: true }));
    }
    await onSent();
  } catch (error) {
    complain(reasonOf(error));
  } finally {
    send.disabled = false;
    (typing ? text : send).focus({ preventScroll: true });
  }
}

/** As many rows as the text needs. */
function grow() {
  text.style.height = "auto";
  text.style.height = `${text.scrollHeight}px`;
}

/**
 * Pictures may be dropped anywhere on the page.
 * @param {(offered: Iterable<File>) => void} offer
 */
function bindDrop(offer) {
  let depth = 0;
  /** @param {DragEvent} event */
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
  /** @param {number} change */
  const show = (change) => {
    depth = Math.max(0, depth + change);
    byId("drop").hidden = depth === 0;
  };
  addEventListener("dragenter", (event) => carriesFiles(event) && show(1));
  addEventListener("dragleave", (event) => carriesFiles(event) && show(-1));
  addEventListener("dragover", (event) => carriesFiles(event) && event.preventDefault());
  addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    show(-depth);
    offer(event.dataTransfer?.files ?? []);
  });
}
