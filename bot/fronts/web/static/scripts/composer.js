// The composer: text and pictures, checked as far as a page can, and sent.

import * as api from "./api.js";
import { byId } from "./dom.js";
import { tray } from "./tray.js";
import { kindOf, startsFromPicture, withKind } from "./wording.js";

const text = byId("text");
const send = byId("send");
const files = byId("files");

const EMPTY = "A picture and a style, please";
const HALF_READY = "Now a style";
const NO_START = "Now a picture to start from";
const READY = "Ready. Say more if you like";

/** Bring the composer to life; *onSent* is called after each message. */
export function bindComposer(room, onSent) {
  const offer = (offered, kind) => addFiles(offered, room, kind);

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
    offer(files.files, files.dataset.kind || null);
    files.value = "";
  });
  document.addEventListener("paste", (event) => {
    if (event.clipboardData.files.length === 0) return;
    event.preventDefault();
    offer(event.clipboardData.files);
  });
  bindDrop(offer);
  settle(room);
}

/** Open the file dialog, perhaps for a `content` or a `style` picture. */
export function chooseFiles(kind = "") {
  files.dataset.kind = kind;
  files.click();
}

/** Show what is wrong, or nothing. */
export function complain(words) {
  const trouble = byId("trouble");
  trouble.textContent = words;
  trouble.hidden = !words;
}

/** Start over with *said* and *pictures*, ready to be changed. */
export function compose(said, pictures) {
  tray.clear();
  text.value = said;
  for (const picture of pictures) tray.add(picture);
  text.dispatchEvent(new Event("input", { bubbles: true }));
  send.focus();
}

/** Take in the files that a page can tell are fit; *kind* says what the first is meant for. */
export function addFiles(offered, room, kind = null) {
  complain("");
  for (const file of offered) {
    const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1).replace(/\.0$/, "")} MB`;
    if (file.type && !file.type.startsWith("image/")) {
      complain(`${file.name} is not a picture.`);
    } else if (file.size > room.picture_bytes) {
      const cap = megabytes(room.picture_bytes);
      complain(`${file.name} has ${megabytes(file.size)}; a picture may have ${cap}.`);
    } else if (tray.files.length > room.max_styles + startsFromPicture(text.value)) {
      complain(`One content picture and ${room.max_styles} styles are the most.`);
    } else {
      tray.add(file, kind);
    }
  }
}

/** After a change: several styles make a blend, and the button says what it will do. */
function settle(room) {
  const start = startsFromPicture(text.value);
  if (tray.files.length > 2 + start && kindOf(text.value) === "stylenet") {
    text.value = withKind(text.value, "blend", room.hashtag);
    text.dispatchEvent(new Event("input", { bubbles: true }));
    return;
  }
  const kind = kindOf(text.value);
  if (tray.painting !== kind || tray.start !== start) {
    [tray.painting, tray.start] = [kind, start];
    tray.changed();
    return;
  }
  const missing = tray.least - tray.files.length;
  const ready = missing <= 0;
  send.textContent = ready ? "Paint" : "Send";
  send.classList.toggle("ready", ready);
  const next = start && missing === 1 ? NO_START : HALF_READY;
  text.placeholder = ready ? READY : tray.files.length ? next : EMPTY;
}

/** Send; what the bot refuses stays, with its pictures, ready to be put right. */
async function submit(onSent) {
  if (send.disabled || (!text.value.trim() && tray.files.length === 0)) return;
  const typing = document.activeElement === text;
  complain("");
  send.disabled = true;
  try {
    const { refused } = await api.say(text.value, tray.files);
    if (!refused) {
      text.value = "";
      tray.clear();
      text.dispatchEvent(new Event("input", { bubbles: true }));
    }
    await onSent();
  } catch (error) {
    complain(error.message);
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

/** Pictures may be dropped anywhere on the page. */
function bindDrop(offer) {
  let depth = 0;
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
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
    offer(event.dataTransfer.files);
  });
}
