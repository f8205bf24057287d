// @ts-check
// Which pictures belong to a message, and what each of them is for.

import { commandIn, saidIn } from "./wording.js";

/** @import { Command, Input, Room } from "./types.d.ts" */

/**
 * The inputs that belong to what *text* asks for.
 * @param {string} text
 * @param {Room} room
 */
export function inputsOf(text, room, command = commandIn(text, room)) {
  /** @param {[string, string]} condition */
  const holds = ([name, value]) => {
    const option = command.options.find((known) => known.name === name);
    return option !== undefined && (saidIn(text, option) ?? option.usual) === value;
  };
  return command.inputs.filter(({ when }) => Object.entries(when ?? {}).every(holds));
}

/** @param {Input[]} inputs */
export const leastOf = (inputs) => inputs.reduce((sum, { least }) => sum + least, 0);

/** @param {Input[]} inputs */
export const mostOf = (inputs) => inputs.reduce((sum, { most }) => sum + most, 0);

/**
 * The command for *count* pictures with *text*: the one that it asks for or, where it names none
 * that has room for them, one of the same roles that has; undefined where there is none.
 * @param {string} text
 * @param {Room} room
 * @param {number} count
 */
export function takerOf(text, room, count) {
  const asked = commandIn(text, room);
  const takes = /** @param {typeof asked} command */ (command) =>
    mostOf(inputsOf(text, room, command)) >= count;
  if (takes(asked) || asked !== room.commands[0]) return takes(asked) ? asked : undefined;
  return room.commands.find((other) => sameRoles(asked, other) && takes(other));
}

/**
 * @param {Command} one
 * @param {Command} other
 */
const sameRoles = (one, other) =>
  JSON.stringify(one.inputs.map(({ role }) => role)) === JSON.stringify(other.inputs.map(({ role }) => role));

/**
 * What each of *count* pictures is for, in their order: what is over belongs to the first input
 * that may have more than it must.
 * @param {Input[]} inputs
 * @param {number} count
 */
export function rolesOf(inputs, count) {
  let spare = Math.max(0, count - leastOf(inputs));
  /** @type {string[]} */
  const roles = [];
  for (const { role, least, most } of inputs) {
    const more = Math.min(spare, most - least);
    spare -= more;
    roles.push(...Array(least + more).fill(role));
  }
  return [...roles, ...Array(spare).fill("too many")].slice(0, count);
}

/**
 * What each picture is for: one *chosen* for a role that belongs to *inputs* keeps it, the others
 * take what is left in their order.
 * @param {Input[]} inputs
 * @param {(string | null)[]} chosen
 */
export function assigned(inputs, chosen) {
  const left = rolesOf(inputs, Math.max(chosen.length, leastOf(inputs)));
  const kept = chosen.map((role) => (role !== null && roomFor(inputs, role) ? role : null));
  for (const role of kept) if (role !== null && left.includes(role)) left.splice(left.indexOf(role), 1);
  return kept.map((role) => role ?? left.shift() ?? "too many");
}

/**
 * @param {Input[]} inputs
 * @param {string} role
 */
const roomFor = (inputs, role) => inputs.some((input) => input.role === role);

/**
 * The first input for which pictures are missing among those for these *roles*.
 * @param {Input[]} inputs
 * @param {string[]} roles
 */
export const lacking = (inputs, roles) =>
  inputs.find(({ role, least }) => roles.filter((other) => other === role).length < least);

/**
 * *roles* as people read them: "Style", or "Style 1" and "Style 2".
 * @param {string[]} roles
 */
export function captions(roles) {
  /** @type {Record<string, number>} */
  const seen = {};
  return roles.map((role) => {
    seen[role] = (seen[role] ?? 0) + 1;
    const several = roles.indexOf(role) !== roles.lastIndexOf(role);
    return capital(spaced(role)) + (several ? ` ${seen[role]}` : "");
  });
}

/** A role as people write it.
 * @param {string} role */
const spaced = (role) => role.replaceAll("_", " ");

/** @param {string} words */
export const capital = (words) => words.charAt(0).toUpperCase() + words.slice(1);

/**
 * The most pictures that fit *text*, in words: of what it asks for or, where it names nothing, of
 * the command of the same roles that takes the most.
 * @param {string} text
 * @param {Room} room
 */
export function widestOf(text, room) {
  const asked = commandIn(text, room);
  const alike = room.commands.filter((other) => other === asked || (asked === room.commands[0] && sameRoles(asked, other)));
  const inputs = alike.map((command) => inputsOf(text, room, command));
  const [widest] = inputs.sort((a, b) => mostOf(b) - mostOf(a));
  const parts = widest.map(({ role, most }) => (most === 1 ? `one ${role} picture` : `${most} ${role}s`));
  return parts.join(" and ");
}
