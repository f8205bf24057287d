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
  return text.match(new RegExp(`(?:^|\\s)${spelt(name)}\\s*=\\s*(\\S+)`, "i"))?.[1] ?? null;
}

/** Whether the painting is to start from the last of the pictures. */
export const startsFromPicture = (text) => optionOf(text, "init")?.toLowerCase() === "picture";

/** *text* with the option set; null takes it out. */
export function withOption(text, name, value) {
  const rest = text.replace(new RegExp(`(^|\\s+)${spelt(name)}\\s*=\\s*\\S+`, "gi"), "");
  return value === null ? rest.trimStart() : append(rest, `${name}=${value}`);
}

/** Whether *text* asks for the film. */
export const asksForFilm = (text) => /(?:^|\s)gif(?:=(?:yes|true|on|1))?(?=\s|$)/i.test(text);

/** *text*, with or without the wish for a film. */
export function withFilm(text, wanted) {
  const rest = text.replace(/(^|\s+)gif(?:=\S+)?(?=\s|$)/gi, "").trimStart();
  return wanted ? append(rest, "gif") : rest;
}

/** A name as a pattern: an option may be written with hyphens. */
const spelt = (name) => name.replaceAll("_", "[_-]");

const append = (text, word) => (text.trim() ? `${text.trimEnd()} ${word}` : word);
