// Building the page from code: nodes and text only, never markup from a string.

export const byId = (id) => document.getElementById(id);

/** An element with attributes (`on…` are listeners, null and false leave one out) and children. */
export function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value === true) node.setAttribute(key, "");
    else if (value !== null && value !== false) node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

/** *roles* as people read them: "Style", or "Style 1" and "Style 2". */
export function captions(roles) {
  const seen = {};
  return roles.map((role) => {
    seen[role] = (seen[role] ?? 0) + 1;
    const several = roles.indexOf(role) !== roles.lastIndexOf(role);
    return role.charAt(0).toUpperCase() + role.slice(1) + (several ? ` ${seen[role]}` : "");
  });
}

let spoken = "";

/** Tell people who listen instead of look; the same words twice in a row are said once. */
export function announce(words) {
  if (words === spoken) return;
  spoken = words;
  byId("announcer").textContent = words;
}
