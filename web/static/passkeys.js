// Carries a passkey's question to the browser and its answer back. Without scripts the buttons stay hidden, and
// password, codes of an app and recovery codes do the same work.
"use strict";

const toBytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");

class Refused extends Error {}

async function post(address, token, body) {
  const answer = await fetch(address, {
    method: "POST",
    credentials: "same-origin",
    redirect: "error",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token },
    body: JSON.stringify(body),
  });
  const isJson = (answer.headers.get("Content-Type") || "").startsWith("application/json");
  const said = isJson ? await answer.json() : {};
  if (!answer.ok) throw new Refused(said.message || "");
  return said;
}

const listed = (keys) => (keys || []).map((one) => ({ ...one, id: toBytes(one.id) }));

async function create(options) {
  const key = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: toBytes(options.challenge),
      user: { ...options.user, id: toBytes(options.user.id) },
      excludeCredentials: listed(options.excludeCredentials),
    },
  });
  return sent(key, {
    clientDataJSON: toText(key.response.clientDataJSON),
    attestationObject: toText(key.response.attestationObject),
  });
}

async function show(options) {
  const key = await navigator.credentials.get({
    publicKey: {
      ...options,
      challenge: toBytes(options.challenge),
      allowCredentials: listed(options.allowCredentials),
    },
  });
  const handle = key.response.userHandle;
  return sent(key, {
    clientDataJSON: toText(key.response.clientDataJSON),
    authenticatorData: toText(key.response.authenticatorData),
    signature: toText(key.response.signature),
    userHandle: handle && handle.byteLength ? toText(handle) : null,
  });
}

const sent = (key, response) => ({ id: key.id, rawId: toText(key.rawId), type: key.type, response });

function sentence(error, said) {
  if (error instanceof Refused && error.message) return error.message;
  if (error.name === "NotAllowedError" || error.name === "AbortError") return said.passkeyCancelled;
  if (error.name === "InvalidStateError") return said.passkeyKnown;
  return said.passkeyFailed;
}

function goOn(next, said) {
  if (said.passkeyThen) document.getElementById(said.passkeyThen).submit();
  else location.assign(next || "/");
}

async function run(place, button) {
  const said = place.dataset;
  const trouble = place.querySelector("[role=alert]");
  trouble.textContent = "";
  button.disabled = true;
  try {
    const options = await post(said.passkeyQuestion, said.passkeyToken, {});
    const credential = options.user ? await create(options) : await show(options);
    const name = said.passkeyNamed ? document.getElementById(said.passkeyNamed).value : undefined;
    const done = await post(said.passkeyAnswer, said.passkeyToken, { credential, name, next: said.passkeyOnward });
    goOn(done.next, said);
  } catch (error) {
    trouble.textContent = sentence(error, said);
    button.disabled = false;
    button.focus();
  }
}

if (window.PublicKeyCredential) {
  for (const place of document.querySelectorAll("[data-passkey-question]")) {
    const button = place.querySelector("button");
    button.addEventListener("click", () => run(place, button));
    place.hidden = false;
  }
}
