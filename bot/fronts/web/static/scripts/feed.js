// @ts-check
// The room's events. The first one after each connection is the whole room, so to come back after
// a break is to be up to date.

/** @import { Handlers } from "./types.d.ts" */

const RETRY_MS = 3000;

/**
 * Listen for `room`, `message` and `progress`.
 * @param {Handlers} handlers
 * @param {(is: boolean) => void} onConnection
 */
export function listen(handlers, onConnection) {
  const source = new EventSource("/api/events");
  source.addEventListener("open", () => onConnection(true));
  source.addEventListener("error", () => {
    onConnection(false);
    if (source.readyState === EventSource.CLOSED) {
      setTimeout(() => listen(handlers, onConnection), RETRY_MS);
    }
  });
  for (const [name, handle] of Object.entries(handlers)) {
    source.addEventListener(name, (event) => handle(JSON.parse(event.data)));
  }
}
