// @ts-check
// The conversation: one list item per message, renewed when its message changes.

import { announce, byId, el } from "./dom.js";
import { download, isPicture, player, prints } from "./files.js";
import { jobCard } from "./job.js";
import { plain, render } from "./markdown.js";

/** @import { Message, News, Said } from "./types.d.ts" */
/** @import { Card } from "./job.js" */
/** @typedef {{ message: Message, node: HTMLElement, card: Card | null }} Item */

const NEAR_PX = 80;

/**
 * The conversation in the page; *again* is called with a message whose pictures to paint again,
 * *reply* with a text and the job to whose answer it replies.
 */
export class Chat {
  /** @param {{ again: (said: Said) => void, reply: (text: string, job: string) => void }} on */
  constructor({ again, reply }) {
    this.list = byId("chat");
    this.again = again;
    this.reply = reply;
    /** @type {Map<number, Item>} */
    this.items = new Map(); // by message id
    this.following = true;
    this.seen = { top: 0, height: 0 };
    addEventListener("scroll", () => this.scrolled(), { passive: true });
    new ResizeObserver(() => this.following && this.toEnd()).observe(document.body);
  }

  get isEmpty() {
    return this.items.size === 0;
  }

  /** Show exactly these messages.
   * @param {Message[]} messages */
  sync(messages) {
    const ids = new Set(messages.map(({ id }) => id));
    for (const id of [...this.items.keys()].filter((id) => !ids.has(id))) this.remove(id);
    for (const message of messages) this.put(message, { quietly: true });
  }

  /** Add a message, or renew it.
   * @param {Message} message */
  put(message, { quietly = false } = {}) {
    const known = this.items.get(message.id);
    if (known && JSON.stringify(known.message) === JSON.stringify(message)) return;
    const item = this.build(message);
    this.items.set(message.id, item);
    if (known) replace(known.node, item.node);
    else this.insert(item.node, message.id);
    if (!quietly && message.author === "bot") announce(plain(message.text));
    if (!known && message.author === "you") this.following = true;
  }

  /** Move a job on.
   * @param {News} news */
  progress({ job, text }) {
    const item = [...this.items.values()].find(({ message }) => message.job?.id === job.id);
    if (!item || item.message.job?.state !== job.state) {
      if (item) this.put({ ...item.message, text, job });
    } else {
      item.card?.update(job, text);
      item.message = { ...item.message, text, job };
    }
  }

  /** @param {number} id */
  remove(id) {
    this.items.get(id)?.node.remove();
    this.items.delete(id);
  }

  /**
   * @param {Message} message
   * @returns {Item}
   */
  build(message) {
    const said = this.said(message);
    const { job } = message;
    const card =
      job &&
      jobCard(job, message.text, said, {
        again: () => this.again(said),
        reply: (text) => this.reply(text, job.id),
      });
    const body = card ? card.node : el("div", { class: "text" }, ...render(message.text));
    const who = el("span", { class: "hidden" }, message.author === "you" ? "You: " : "stylenet: ");
    const empty = message.author === "you" && !message.text;
    const node = el(
      "li",
      { class: `message ${message.author}`, tabindex: "-1" },
      who,
      ...(card ? [] : filesOf(message)), // a card shows its own
      empty ? null : body,
    );
    return { message, node, card };
  }

  /** What was said just before a message: that which it replies to.
   * @param {Message} message
   * @returns {Said} */
  said({ id }) {
    const before = [...this.items.values()].filter(({ message }) => message.id < id);
    const mine = before.filter(({ message }) => message.author === "you");
    return mine.at(-1)?.message ?? { text: "", pictures: [] };
  }

  /**
   * @param {HTMLElement} node
   * @param {number} id
   */
  insert(node, id) {
    const later = Math.min(...[...this.items.keys()].filter((other) => other > id));
    this.list.insertBefore(node, this.items.get(later)?.node ?? null);
  }

  /**
   * Whoever scrolls up wants to read; whoever is back at the end wants to see what comes. A page
   * that moved because it has another height was not scrolled by anyone.
   */
  scrolled() {
    const height = document.documentElement.scrollHeight;
    if (scrollY >= height - innerHeight - NEAR_PX) this.following = true;
    else if (scrollY < this.seen.top && height === this.seen.height) this.following = false;
    this.seen = { top: scrollY, height };
  }

  /** Stay at the end, whatever grows; the welcome is read from its beginning. */
  toEnd() {
    if (!this.isEmpty) scrollTo({ top: document.documentElement.scrollHeight });
  }
}

/**
 * Put *next* where *old* was, and keep the focus inside if it was there.
 * @param {HTMLElement} old
 * @param {HTMLElement} next
 */
function replace(old, next) {
  const hadFocus = old.contains(document.activeElement);
  old.replaceWith(next);
  if (hadFocus) /** @type {HTMLElement} */ (next.querySelector("button, a") ?? next).focus({ preventScroll: true });
}

/** The files of a message; those that are shown to people they may look at more closely.
 * @param {Message} message */
function filesOf({ author, pictures }) {
  const some = pictures.filter(isPicture);
  const others = pictures.filter((file) => !isPicture(file));
  return [
    some.length ? prints(some, author === "bot") : null,
    ...others.map((file) => player(file) ?? download(file, `Download ${file.name}`)),
  ];
}
