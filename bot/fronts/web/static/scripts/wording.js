// @ts-check
// The text of a message is the truth about its options: reading them from it, writing them into it.

/** @import { Command, Option, Room } from "./types.d.ts" */

/**
 * The command that *text* asks for.
 * @param {string} text
 * @param {Room} room
 */
export function commandIn(text, room) {
  const name = text.match(beginning(room))?.[1].toLowerCase();
  return room.commands.find((command) => command.name === name) ?? room.commands[0];
}

/**
 * *text*, asking for another command: its first word, so that the hashtag must not stand before.
 * @param {string} text
 * @param {Command} command
 * @param {Room} room
 */
export function withCommand(text, command, room) {
  const rest = text.replace(beginning(room), "").replace(room.hashtag, "").trimStart();
  return command === room.commands[0] ? rest : `${command.name} ${rest}`;
}

/**
 * The commands that have a form: those to which pictures belong.
 * @param {Room} room
 */
export const forms = (room) => room.commands.filter(({ inputs }) => inputs.length > 0);

/**
 * The value of an option in *text*; null when it does not say.
 * @param {string} text
 * @param {Option} option
 */
export function saidIn(text, option) {
  if (option.kind === "flag") return flagIn(text, option.name);
  const found = text.match(new RegExp(`(?<!\\w)${spelt(option.name)}${sign(option)}(${VALUE})`, "i"));
  return found?.[1].toLowerCase() ?? null;
}

/**
 * *text* with the option set; null, and what is usual, take it out.
 * @param {string} text
 * @param {Option} option
 * @param {string | null} value
 */
export function withSaid(text, option, value) {
  const flag = option.kind === "flag";
  const rest = text.replace(flag ? aboutFlag(option.name) : aboutValue(option), "");
  if (value === null || value === option.usual) return rest.trimStart();
  const said = flag && value === "yes" ? option.name : `${option.name}=${value}`;
  return rest.trim() ? `${rest.trimEnd()} ${said}` : said;
}

/** @param {Room} room */
const beginning = (room) =>
  new RegExp(`^\\s*[^\\s\\w]{0,5}(${forms(room).map(({ name }) => name).join("|")})\\b\\s*`, "i");

/**
 * @param {string} text
 * @param {string} name
 */
function flagIn(text, name) {
  const yes = "(?:\\s*[=:]\\s*(?:yes|true|on|1))?(?!\\s+(?:no|off|false)\\b)(?=[\\s.,;!?*\"')]|$)";
  const wanted = `(?<![\\w.])(?<!\\b(?:no|without)\\s)${spelt(name)}${yes}`;
  if (new RegExp(wanted, "i").test(text)) return "yes";
  return new RegExp(`(?<![\\w.])${spelt(name)}(?!\\w)`, "i").test(text) ? "no" : null;
}

/** @param {string} name */
const aboutFlag = (name) =>
  new RegExp(
    `(^|\\s+)(?:(?:no|without)\\s+)?${spelt(name)}(?:\\s*=\\s*\\S+|:(?:yes|no|on|off)|[.,;:!?]*)(?=\\s|$)`,
    "gi",
  );

/** @param {Option} option */
const aboutValue = (option) =>
  new RegExp(`(^|\\s+)[-–—*_"'\`(]*${spelt(option.name)}${sign(option)}\\S+`, "gi");

/** A name as a pattern: an option may be written with hyphens or spaces.
 * @param {string} name */
const spelt = (name) => name.replaceAll("_", "[_\\s-]?");

/** What stands between an option and its value; behind a space only what can be one is meant.
 * @param {Option} option */
const sign = ({ kind, choices }) => {
  const values = kind === "choice" ? choices : [...choices, "\\d"];
  return `(?:\\s*[=:＝：]\\s*["'\`*]*|\\s+(?=(?:${values.join("|")})))`;
};

const VALUE = "[\\w.,:+-]*\\w";
