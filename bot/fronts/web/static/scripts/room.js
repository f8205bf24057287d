// @ts-check
// The page: puts its parts together and keeps them in step with the room.

import * as api from "./api.js";
import { bindBrush } from "./brush.js";
import { Chat } from "./chat.js";
import { addFiles, bindComposer, chooseFiles, complain, compose } from "./composer.js";
import { byId, reasonOf } from "./dom.js";
import { listen } from "./feed.js";
import { bindOptions } from "./options.js";
import { bindShelf, markChosen } from "./shelf.js";
import { tray } from "./tray.js";

/** @import { Handlers, Message, Said } from "./types.d.ts" */

const text = byId("text", HTMLTextAreaElement);
const chat = new Chat({ again: paintAgain, reply });
let connected = false;

/** An empty room welcomes with its samples; later they wait behind their button. */
function welcome() {
  const home = chat.isEmpty ? "welcome-shelf" : "panel-samples";
  if (byId("shelf").parentElement?.id !== home) byId(home).append(byId("shelf"));
  byId("welcome").hidden = !chat.isEmpty;
  byId("samples").hidden = chat.isEmpty;
}

/** A disclosure button and its panel; one panel is open at a time.
 * @param {string} name
 * @param {boolean} open */
function toggle(name, open) {
  for (const other of ["samples", "options"]) {
    const shown = other === name && open;
    byId(other).setAttribute("aria-expanded", String(shown));
    byId(`panel-${other}`).hidden = !shown;
  }
}

function bindPanels() {
  for (const name of ["samples", "options"]) {
    byId(name).addEventListener("click", () => toggle(name, Boolean(byId(`panel-${name}`).hidden)));
  }
  byId("composer").addEventListener("keydown", (event) => {
    if (event.key === "Escape") toggle("", false);
  });
}

/** Put the pictures and the words of a message back into the composer.
 * @param {Said} said */
async function paintAgain({ text, pictures }) {
  try {
    const given = pictures.map(async ({ url, name, role }) => ({ role, file: await api.picture(url, name) }));
    compose(text, await Promise.all(given));
    toggle("options", true);
  } catch (error) {
    complain(reasonOf(error));
  }
}

/** Say *words* in reply to the answer of *job*.
 * @param {string} words
 * @param {string} job */
async function reply(words, job) {
  try {
    await api.say(words, [], job);
    await afterSending();
  } catch (error) {
    complain(reasonOf(error));
  }
}

/** A page in the background shows in its title that a painting has come.
 * @param {Message} message */
function callBack({ job }) {
  if (document.hidden && job?.state === "done") document.title = "● Done: stylenet";
}

function listenToRoom() {
  /** @type {Handlers} */
  const handlers = {
    room: ({ messages }) => {
      chat.sync(messages);
      welcome();
    },
    message: (message) => {
      chat.put(message);
      callBack(message);
      welcome();
    },
    progress: (news) => chat.progress(news),
  };
  listen(handlers, (is) => {
    connected = is;
    byId("connection").textContent = is ? "" : "Reconnecting…";
  });
}

async function afterSending() {
  toggle("", false);
  if (connected) return;
  chat.sync(await api.messages());
  welcome();
}

async function open() {
  listenToRoom();
  bindPanels();
  document.addEventListener("visibilitychange", () => {
    document.title = "stylenet";
  });
  const room = await api.room();
  byId("help").addEventListener("click", () =>
    api.say(room.help).catch((error) => complain(reasonOf(error))),
  );
  bindShelf(text, room, {
    onPick: (file, role) => addFiles([file], room, role),
    onOwn: chooseFiles,
    onTrouble: complain,
  });
  tray.addEventListener("change", () => markChosen(new Set(tray.files.map(({ name }) => name))));
  bindOptions(text, room);
  bindBrush(text, room, (file, role) => addFiles([file], room, role));
  bindComposer(room, afterSending);
}

open().catch((error) => complain(reasonOf(error)));
