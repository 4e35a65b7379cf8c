// Draws the wall anew each minute. A reload of the page would go blank when the line is cut: the last
// content stays instead, with the hour it dates from. Without scripts the page reloads itself (noscript).
"use strict";

const EACH_MINUTE = 60000;

async function drawAnew() {
  try {
    const answer = await fetch(location.href, { cache: "no-store" });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    document.documentElement.className = fresh.documentElement.className;
    document.body.replaceChildren(...fresh.body.children);
  } catch {
    // No line: what hangs there stays.
  }
}

setInterval(drawAnew, EACH_MINUTE);
