// @ts-check
// What the page asks of the room. Every failure becomes an Error with a sentence to show.

/** @import { Given, Message, Posted, Room } from "./types.d.ts" */

/** What can be asked for here.
 * @returns {Promise<Room>} */
export const room = () => call("/api/room");

/** @returns {Promise<Message[]>} */
export const messages = () => call("/api/messages");

/** @param {string} job */
export const cancel = (job) => call(`/api/jobs/${job}/cancel`, { method: "POST" });

/**
 * Post a message with pictures; resolves once the room has replied.
 * @param {string} text
 * @param {Given[]} pictures
 * @param {string} replyTo the job to whose answer it replies, if it does
 * @returns {Promise<Posted>}
 */
export function say(text, pictures = [], replyTo = "") {
  const body = new FormData();
  body.append("text", text);
  if (replyTo) body.append("reply_to", replyTo);
  for (const { file, role } of pictures) body.append(role, file);
  return call("/api/messages", { method: "POST", body });
}

/**
 * The picture at *url* as a file, as if it had been chosen by hand.
 * @param {string} url
 * @param {string} name
 */
export async function picture(url, name) {
  const blob = await (await answer(url)).blob();
  return new File([blob], name, { type: blob.type });
}

/**
 * @param {string} path
 * @param {RequestInit} [init]
 */
const call = async (path, init) => (await answer(path, init)).json();

/**
 * @param {string} path
 * @param {RequestInit} [init]
 */
async function answer(path, init) {
  let response;
  try {
    response = await fetch(path, init);
  } catch {
    throw new Error("The room does not answer. Is it still running?");
  }
  if (!response.ok) throw new Error(await reason(response));
  return response;
}

/** @param {Response} response */
async function reason(response) {
  try {
    const { error } = await response.json();
    return `That did not work: ${error}.`;
  } catch {
    return `That did not work (${response.status}).`;
  }
}
