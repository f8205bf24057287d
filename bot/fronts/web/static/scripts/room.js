// The page: puts its parts together and keeps them in step with the room.

import * as api from "./api.js";
import { Chat } from "./chat.js";
import { addFiles, bindComposer, chooseFiles, complain, compose } from "./composer.js";
import { byId } from "./dom.js";
import { listen } from "./feed.js";
import { bindOptions } from "./options.js";
import { fillShelf, markChosen } from "./shelf.js";
import { tray } from "./tray.js";

const chat = new Chat({ again: paintAgain });
let connected = false;

/** An empty room welcomes with its samples; later they wait behind their button. */
function welcome() {
  const home = chat.isEmpty ? "welcome-shelf" : "panel-samples";
  if (byId("shelf").parentElement.id !== home) byId(home).append(byId("shelf"));
  byId("welcome").hidden = !chat.isEmpty;
  byId("samples").hidden = chat.isEmpty;
}

/** A disclosure button and its panel; one panel is open at a time. */
function toggle(name, open) {
  for (const other of ["samples", "options"]) {
    const shown = other === name && open;
    byId(other).setAttribute("aria-expanded", String(shown));
    byId(`panel-${other}`).hidden = !shown;
  }
}

function bindPanels() {
  for (const name of ["samples", "options"]) {
    byId(name).addEventListener("click", () => toggle(name, byId(`panel-${name}`).hidden));
  }
  byId("composer").addEventListener("keydown", (event) => {
    if (event.key === "Escape") toggle("", false);
  });
}

/** Put the pictures and the words of a message back into the composer. */
async function paintAgain({ text, pictures }) {
  try {
    compose(text, await Promise.all(pictures.map(({ url, name }) => api.picture(url, name))));
    toggle("options", true);
  } catch (error) {
    complain(error.message);
  }
}

/** A page in the background shows in its title that a painting has come. */
function callBack({ job }) {
  if (document.hidden && job?.state === "done") document.title = "● Painted: stylenet";
}

function listenToRoom() {
  const handlers = {
    room: ({ messages }) => chat.sync(messages),
    message: (message) => {
      chat.put(message);
      callBack(message);
    },
    progress: (news) => chat.progress(news),
  };
  const andWelcome = (handle) => (data) => {
    handle(data);
    welcome();
  };
  for (const name of Object.keys(handlers)) handlers[name] = andWelcome(handlers[name]);
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
  byId("help").addEventListener("click", () => api.say("!help").catch(({ message }) => complain(message)));
  const room = await api.room();
  fillShelf(room.samples, {
    onPick: (file, kind) => addFiles([file], room, kind),
    onOwn: chooseFiles,
    onTrouble: complain,
  });
  tray.addEventListener("change", () => markChosen(new Set(tray.files.map(({ name }) => name))));
  bindOptions(byId("text"), room);
  bindComposer(room, afterSending);
}

open().catch(({ message }) => complain(message));
