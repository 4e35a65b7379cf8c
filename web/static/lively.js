// What htmx does not do by itself. Every page works without this file.
"use strict";

const EACH_TWENTY_SECONDS = 20000;

// A conversation on the screen looks for new letters; one in a hidden tab waits until somebody is back.
function look() {
  const letters = document.getElementById("letters");
  if (letters && !document.hidden) letters.dispatchEvent(new Event("look"));
}

setInterval(look, EACH_TWENTY_SECONDS);
document.addEventListener("visibilitychange", look);

// The link to older notices goes away with its click: the keyboard goes on at the notices it fetched, and the address
// names them, so that going back leads there.
let asked = null;

document.addEventListener("htmx:before:request", (event) => {
  const link = event.target.closest?.(".pagination a");
  if (link) asked = { url: link.href, shown: document.querySelectorAll("#feed .board").length };
});

document.addEventListener("htmx:after:swap", () => {
  const boards = document.querySelectorAll("#feed .board");
  if (!asked || boards.length <= asked.shown) return;
  boards[asked.shown].focus();
  history.replaceState(null, "", asked.url);
  asked = null;
});
