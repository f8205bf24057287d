// The text of a message is the truth about its options: reading them from it, writing them into it.

const KIND = /^\s*[^\s\w]{0,5}(stylenet|blend|texture)\b\s*/i;

/** The kind of painting that *text* asks for. */
export const kindOf = (text) => text.match(KIND)?.[1].toLowerCase() ?? "stylenet";

/** *text*, asking for another *kind*: its first word, so that a *hashtag* must not stand before. */
export function withKind(text, kind, hashtag) {
  const rest = text.replace(KIND, "").replace(hashtag, "").trimStart();
  return kind === "stylenet" ? rest : `${kind} ${rest}`;
}

/** The value of an option in *text*; null when it does not say. */
export function optionOf(text, name) {
  return text.match(new RegExp(`(?<!\\w)${spelt(name)}${SIGN}(${VALUE})`, "i"))?.[1] ?? null;
}

/** Whether the painting is to start from the last of the pictures. */
export const startsFromPicture = (text) => optionOf(text, "init")?.toLowerCase() === "picture";

/** *text* with the option set; null takes it out. */
export function withOption(text, name, value) {
  const option = new RegExp(`(^|\\s+)[-–—*_"'\`(]*${spelt(name)}${SIGN}\\S+`, "gi");
  const rest = text.replace(option, "");
  return value === null ? rest.trimStart() : append(rest, `${name}=${value}`);
}

/** Whether *text* asks for the film. */
export const asksForFilm = (text) =>
  /(?<![\w.])(?<!\b(?:no|without)\s)gif(?:\s*[=:]\s*(?:yes|true|on|1))?(?!\s+(?:no|off|false)\b)(?=[\s.,;!?*"')]|$)/i.test(text);

/** *text*, with or without the wish for a film. */
export function withFilm(text, wanted) {
  const film = /(^|\s+)(?:(?:no|without)\s+)?gif(?:\s*=\s*\S+|:(?:yes|no|on|off)|[.,;:!?]*)(?=\s|$)/gi;
  const rest = text.replace(film, "").trimStart();
  return wanted ? append(rest, "gif") : rest;
}

/** A name as a pattern: an option may be written with hyphens or spaces. */
const spelt = (name) => name.replaceAll("_", "[_\\s-]?");

/** What stands between an option and its value, and the value. */
const SIGN = "(?:\\s*[=:＝：]\\s*[\"'`*]*|\\s+(?=(?:\\d|picture|noise|content|luminance|style)))";
const VALUE = "[\\w.,:+-]*\\w";

const append = (text, word) => (text.trim() ? `${text.trimEnd()} ${word}` : word);
