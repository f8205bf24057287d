// The painting, large, and how it compares with the picture it was painted from.

import { byId } from "./dom.js";

const dialog = byId("viewer");
const original = byId("viewer-original");
const share = byId("viewer-share");

/** Open the painting at *url*, to be saved as *name*; *from* is the original's address, if any. */
export function view({ url, name, ratio, from }) {
  byId("viewer-painting").src = url;
  byId("viewer-download").href = url;
  byId("viewer-download").download = name;
  dialog.style.setProperty("--ratio", ratio);
  compare(false);
  share.value = 0;
  reveal();
  if (from) original.src = from;
  else original.removeAttribute("src");
  dialog.showModal();
}

const compare = (possible) => {
  original.hidden = !possible;
  byId("viewer-compare").hidden = !possible;
};

const reveal = () => dialog.style.setProperty("--share", `${share.value}%`);

original.addEventListener("load", () => compare(true));
share.addEventListener("input", reveal);
byId("viewer-close").addEventListener("click", () => dialog.close());
dialog.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close();
});
