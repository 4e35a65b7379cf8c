// Keeps a wall right: changes come as server-sent events, each with the part of the wall that it replaces. When that
// fails, the page is asked for instead, and when nothing answers, the last content stays with the hour it dates from.
// Without scripts the page reloads itself (noscript).
"use strict";

const STALE_AFTER = 40000; // the server speaks at least every 15 seconds
const ASK_EACH = 30000; // while there is no stream
const STREAM_AGAIN = 20000; // and as much again at random, so that not all screens come at once
const WAIT_EACH = 4000; // for somebody who types the code
const NIGHT = [22, 23, 0, 1, 2, 3, 4, 5];

const body = document.body;
const started = Date.parse(body.dataset.now);
let ahead = started - Date.now(); // a display's own clock may be wrong
let heard = Date.now();
let stream = null;
let streamAt = 0;
let askAt = Date.now() + ASK_EACH;

const now = () => new Date(Date.now() + ahead);
const parts = () => [...document.querySelectorAll("[data-part]")];

// --- the clock, the night, and what is over

function format(options) {
  const language = document.documentElement.lang === "fr" ? "fr-FR" : "en-US";
  return new Intl.DateTimeFormat(language, { timeZone: body.dataset.zone, ...options });
}

function hourOf(moment) {
  if (document.documentElement.lang !== "fr") return format({ hour: "numeric", minute: "2-digit" }).format(moment);
  const found = Object.fromEntries(
    format({ hour: "numeric", minute: "2-digit", hourCycle: "h23" })
      .formatToParts(moment)
      .map((one) => [one.type, one.value]),
  );
  return `${Number(found.hour)}\u00a0h\u00a0${found.minute.padStart(2, "0")}`;
}

function dayOf(moment) {
  if (document.documentElement.lang === "fr") return format({ weekday: "long", day: "numeric", month: "long" }).format(moment);
  const found = Object.fromEntries(
    format({ weekday: "long", day: "numeric", month: "long" })
      .formatToParts(moment)
      .map((one) => [one.type, one.value]),
  );
  return `${found.weekday} ${found.day} ${found.month}`;
}

function say(selector, words) {
  for (const place of document.querySelectorAll(selector)) if (place.textContent !== words) place.textContent = words;
}

function tellTime() {
  const moment = now();
  say("[data-hour]", hourOf(moment));
  say("[data-day]", dayOf(moment));
  const hour = Number(format({ hour: "numeric", hourCycle: "h23" }).format(moment).replace(/\D/g, ""));
  document.documentElement.classList.toggle("wall--night", NIGHT.includes(hour));
  const stale = Date.now() - heard > STALE_AFTER;
  for (const place of document.querySelectorAll("[data-stale]")) place.hidden = !stale;
  if (stale) say("[data-stale-hour]", hourOf(new Date(heard + ahead)));
}

// One message at a time in each frame, by the clock: two screens side by side say the same.
function turn() {
  const moment = now().getTime();
  for (const part of parts()) {
    const slides = [...part.querySelectorAll("[data-slide]")];
    const hanging = slides.filter((one) => !one.dataset.until || Date.parse(one.dataset.until) > moment);
    const shown = hanging[Math.floor(moment / 1000 / Number(body.dataset.turn)) % (hanging.length || 1)];
    for (const one of slides) one.toggleAttribute("data-now", one === shown);
    if (part.dataset.part === "urgent") part.hidden = !shown;
    const count = part.querySelector("[data-count]");
    if (count) count.textContent = hanging.length > 1 ? `${hanging.indexOf(shown) + 1}/${hanging.length}` : "";
    const empty = part.querySelector(".hall__empty");
    if (empty) empty.hidden = Boolean(shown);
  }
}

// --- what is new

function put(name, html) {
  const made = document.createElement("template");
  made.innerHTML = html;
  const fresh = made.content.querySelector(`[data-part="${name}"]`);
  const old = document.querySelector(`[data-part="${name}"]`);
  if (!fresh || !old || fresh.dataset.version === old.dataset.version) return;
  old.replaceWith(fresh);
  if (name === "head") document.title = fresh.querySelector("h1").firstChild.textContent.trim();
}

function hear(moment) {
  heard = Date.now();
  if (moment) ahead = moment - heard;
}

function listen() {
  const have = parts().map((one) => one.dataset.version);
  const opened = new EventSource(`${body.dataset.stream}?have=${have.join(".")}`);
  stream = opened;
  opened.addEventListener("part", (event) => {
    const { name, html } = JSON.parse(event.data);
    put(name, html);
    turn();
  });
  opened.addEventListener("beat", (event) => {
    const beat = JSON.parse(event.data);
    hear(beat.now);
    // A newer version of the software has another page around the same words.
    if (beat.shell !== body.dataset.shell) location.reload();
  });
  // Switched off: this browser waits for a new code.
  opened.addEventListener("gone", () => location.assign("/hall"));
  // The browser itself comes back after a cut line; it gives up when something else than a stream answers.
  opened.addEventListener("error", () => {
    if (opened.readyState === EventSource.CLOSED) closeStream();
  });
}

function closeStream() {
  stream?.close();
  stream = null;
  streamAt = Date.now() + STREAM_AGAIN * (1 + Math.random());
  askAt = Math.min(askAt, Date.now());
}

async function ask() {
  askAt = Date.now() + ASK_EACH;
  try {
    const answer = await fetch(location.href, { cache: "no-store" });
    if (answer.status === 404) location.assign("/hall");
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (fresh.body.dataset.mode !== body.dataset.mode || fresh.body.dataset.shell !== body.dataset.shell) {
      location.reload();
      return;
    }
    hear(Date.parse(fresh.body.dataset.now));
    for (const part of fresh.querySelectorAll("[data-part]")) put(part.dataset.part, part.outerHTML);
    const pairing = fresh.querySelector("[data-pairing]");
    if (pairing) document.querySelector("[data-pairing]").replaceWith(document.adoptNode(pairing));
    else turn();
  } catch {
    // No line: what hangs there stays.
  }
}

function everySecond() {
  tellTime();
  if (body.dataset.mode === "waiting") {
    if (Date.now() >= askAt) ask().then(() => (askAt = Date.now() + WAIT_EACH));
    return;
  }
  turn();
  // A line that is cut without a word looks open for hours.
  if (stream && Date.now() - heard > STALE_AFTER && Date.now() > streamAt) closeStream();
  if (!stream && Date.now() >= streamAt) {
    streamAt = Date.now() + STALE_AFTER;
    listen();
  }
  if ((!stream || Date.now() - heard > ASK_EACH) && Date.now() >= askAt) ask();
}

if (body.dataset.mode === "waiting") askAt = Date.now() + WAIT_EACH;
everySecond();
setInterval(everySecond, 1000);
