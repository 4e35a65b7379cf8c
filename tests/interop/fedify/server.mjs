// A small server on Fedify: two actors, an inbox that writes down what it understood, and buttons for the tests.
// Usage: node server.mjs HOST PORT FIRST_KNOCK, the last being rfc9421 or draft-cavage-http-signatures-12: how it signs
// for whom it does not know. It speaks plain http to private addresses, so it is good for tests only.
import "./old-node.mjs";
import { randomUUID } from "node:crypto";
import { serve } from "./serve.mjs";
import { watchIncoming, watchOutgoing } from "./ways.mjs";
import { Temporal } from "@js-temporal/polyfill";
import {
  Accept, Activity, Announce, Article, Create, createFederation, Delete, Endpoints, Event, Flag, Follow,
  generateCryptoKeyPair, Ignore, InProcessMessageQueue, isActor, Join, lookupWebFinger, MemoryKvStore, Mention, Note,
  Organization, Person, Place, PUBLIC_COLLECTION, Reject, Tombstone, Undo, Update, verifyObject,
} from "@fedify/fedify";

const [host, port, firstKnock] = process.argv.slice(2);
const origin = `http://${host}:${port}`;
const actors = {
  asso: { kind: Organization, name: "Association des Jardins Lointains" },
  lucie: { kind: Person, name: "Lucie Lointaine" },
  // What this one says carries no proof: only the signature of the request speaks for it.
  club: { kind: Organization, name: "Club Lointain", isProofless: true },
};
// Fedify makes RSA keys of 4096 bits, which takes longer than everything else here together.
const generateRsa = () => crypto.subtle.generateKey(
  { name: "RSASSA-PKCS1-v1_5", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" },
  true, ["sign", "verify"],
);
const received = []; // what came in, as Fedify understood it
const refused = []; // what Fedify could not read or deliver
const taken = []; // how each letter that came in was signed, and what it was answered
const sent = watchOutgoing(); // the same of what went out
let asksForNewer = false; // whether answers ask for the newer way of signing
const letters = {}; // activity id -> the document as it was sent, to an inbox here or to the drawer
const newId = (kind) => new URL(`${origin}/#${kind}/${randomUUID()}`);
const followers = {}; // name -> { actor id: recipient }
const follows = {}; // "name target" -> Follow
const writings = {}; // id -> { word, name, isPublic }

const federation = createFederation({
  kv: new MemoryKvStore(),
  queue: new InProcessMessageQueue({ pollInterval: { milliseconds: 100 } }),
  origin,
  allowPrivateAddress: true,
  firstKnock,
  onOutboxError: (error) => refused.push(`out: ${error}`),
});

federation
  .setActorDispatcher("/users/{identifier}", async (ctx, identifier) => {
    if (!(identifier in actors)) return null;
    const { kind, name } = actors[identifier];
    const keys = await ctx.getActorKeyPairs(identifier);
    return new kind({
      id: ctx.getActorUri(identifier),
      preferredUsername: identifier,
      name,
      inbox: ctx.getInboxUri(identifier),
      outbox: ctx.getOutboxUri(identifier),
      followers: ctx.getFollowersUri(identifier),
      endpoints: new Endpoints({ sharedInbox: ctx.getInboxUri() }),
      publicKey: keys[0].cryptographicKey,
      assertionMethods: keys.map((pair) => pair.multikey),
    });
  })
  .setKeyPairsDispatcher(async (_ctx, identifier) => {
    if (!(identifier in actors)) return [];
    const prover = actors[identifier].isProofless ? [] : [generateCryptoKeyPair("Ed25519")];
    actors[identifier].keys ??= Promise.all([generateRsa(), ...prover]);
    return await actors[identifier].keys;
  });
federation.setFollowersDispatcher("/users/{identifier}/followers", (_ctx, identifier) => ({
  items: Object.values(followers[identifier] ?? {}),
}));
federation.setOutboxDispatcher("/users/{identifier}/outbox", () => ({ items: [] }));
const find = (ctx, kind, id) => {
  const found = writings[ctx.getObjectUri(kind, { id }).href];
  return found?.isPublic ? found.word : null;
};
federation.setObjectDispatcher(Note, "/notes/{id}", (ctx, { id }) => find(ctx, Note, id));
federation.setObjectDispatcher(Article, "/articles/{id}", (ctx, { id }) => find(ctx, Article, id));
federation.setObjectDispatcher(Event, "/events/{id}", (ctx, { id }) => find(ctx, Event, id));
// An inbox of nobody: what is sent there can be handed on by others, and its origin does not confirm it.
const drawer = { id: new URL(`${origin}/drawer`), inboxId: new URL(`${origin}/drawer`) };

// --- the inbox

async function describe(ctx, word) {
  if (word == null) return null;
  const common = { type: word.constructor.name, id: word.id?.href };
  if (isActor(word)) return { ...common, name: word.name?.toString(), username: word.preferredUsername?.toString() };
  if (word.actorId) {
    // An object of another origin is not believed but fetched, and our own Follow inside an Accept has no document.
    const object = await word.getObject(ctx).catch(() => null);
    const [to, content] = [word.toIds.map((one) => one.href), word.content?.toString() ?? null];
    const objectIds = word.objectIds.map((one) => one.href);
    return { ...common, actor: word.actorId.href, object: await describe(ctx, object), objectIds, to, content };
  }
  const tags = [];
  for await (const { href, name, constructor } of word.getTags(ctx)) {
    tags.push({ type: constructor.name, href: href?.href, name: name?.toString() });
  }
  return {
    ...common,
    name: word.name?.toString() ?? null,
    summary: word.summary?.toString() ?? null,
    content: word.content?.toString() ?? null,
    attributedTo: word.attributionId?.href,
    inReplyTo: word.replyTargetId?.href ?? null,
    // Fedify has no property for `context`: it is read from the document as it came.
    context: (await word.toJsonLd(ctx)).context ?? null,
    to: word.toIds.map((one) => one.href),
    tags,
    startTime: word.startTime?.toString() ?? null,
    endTime: word.endTime?.toString() ?? null,
    place: (await word.getLocation(ctx))?.name?.toString() ?? null,
  };
}

const note = async (ctx, activity) =>
  void received.push({ ...(await describe(ctx, activity)), objectId: activity.objectId?.href ?? null });

federation
  .setInboxListeners("/users/{identifier}/inbox", "/inbox")
  .on(Follow, async (ctx, follow) => {
    await note(ctx, follow);
    const { type, identifier } = ctx.parseUri(follow.objectId) ?? {};
    const follower = await follow.getActor(ctx);
    if (type !== "actor" || follower == null) return;
    (followers[identifier] ??= {})[follower.id.href] = follower;
    const accept = new Accept({ id: newId("Accept"), actor: follow.objectId, object: follow });
    await ctx.sendActivity({ identifier }, follower, accept);
  })
  .on(Undo, async (ctx, undo) => {
    await note(ctx, undo);
    const undone = await undo.getObject(ctx);
    const { identifier } = (undone instanceof Follow && ctx.parseUri(undone.objectId)) || {};
    if (identifier) delete followers[identifier]?.[undo.actorId.href];
  })
  .on(Accept, note).on(Reject, note).on(Create, note).on(Update, note).on(Delete, note).on(Announce, note)
  .on(Flag, note).on(Ignore, note)
  .onError((_ctx, error) => void refused.push(`in: ${error.stack}`));

// --- the buttons

async function say(ctx, { kind, name, word, recipients }) {
  const to = { tos: word.toIds, ccs: word.ccIds };
  const activity = new kind({ id: newId(kind.name), actor: ctx.getActorUri(name), object: word, ...to });
  await ctx.sendActivity({ identifier: name }, recipients, activity);
  return { id: word.id.href, activity: activity.id.href };
}
const look = (ctx, target) => ctx.lookupObject(target, { allowPrivateAddress: true });
const readers = (name) => Object.values(followers[name] ?? {});
const dated = ({ startTime, endTime, place }) => ({
  ...(startTime && { startTime: Temporal.Instant.from(startTime) }),
  ...(endTime && { endTime: Temporal.Instant.from(endTime) }),
  ...(place && { location: new Place({ name: place }) }),
});

const buttons = {
  received: async () => ({ received, refused }),
  followers: async (_ctx, { name }) => Object.keys(followers[name] ?? {}),
  webfinger: async (_ctx, { resource }) => await lookupWebFinger(resource, { allowPrivateAddress: true }),
  look: async (ctx, { target }) => await describe(ctx, await look(ctx, target)),
  follow: async (ctx, { name, target }) => {
    const actor = await look(ctx, target);
    const follow = new Follow({ id: newId("Follow"), actor: ctx.getActorUri(name), object: actor.id });
    follows[`${name} ${target}`] = follow;
    await ctx.sendActivity({ identifier: name }, actor, follow);
    return { id: follow.id.href };
  },
  unfollow: async (ctx, { name, target }) => {
    const undo = new Undo({ id: newId("Undo"), actor: ctx.getActorUri(name), object: follows[`${name} ${target}`] });
    await ctx.sendActivity({ identifier: name }, await look(ctx, target), undo);
    return { id: undo.id.href };
  },
  reply: async (ctx, { name, to, inReplyTo, content, isPublic = false }) => {
    const receiver = await look(ctx, to);
    const word = new Note({
      id: ctx.getObjectUri(Note, { id: randomUUID() }), attribution: ctx.getActorUri(name), content,
      tos: isPublic ? [PUBLIC_COLLECTION, receiver.id] : [receiver.id],
      replyTarget: new URL(inReplyTo), published: Temporal.Now.instant(),
      tags: [new Mention({ href: receiver.id, name: `@${receiver.preferredUsername}@${receiver.id.host}` })],
    });
    writings[word.id.href] = { word, name, isPublic };
    return await say(ctx, { kind: Create, name, word, recipients: receiver });
  },
  publish: async (ctx, { name, type, title, content, isKept = false, ...when }) => {
    const kind = { Note, Article, Event }[type];
    const word = new kind({
      id: ctx.getObjectUri(kind, { id: randomUUID() }), attribution: ctx.getActorUri(name), name: title, content,
      to: PUBLIC_COLLECTION, cc: ctx.getFollowersUri(name), published: Temporal.Now.instant(), ...dated(when),
    });
    writings[word.id.href] = { word, name, isPublic: !isKept };
    return await say(ctx, { kind: Create, name, word, recipients: isKept ? drawer : readers(name) });
  },
  edit: async (ctx, { id, content, ...when }) => {
    const { word: old, name } = writings[id];
    const word = old.clone({ ...(content && { content }), ...dated(when), updated: Temporal.Now.instant() });
    writings[id] = { ...writings[id], word };
    return await say(ctx, { kind: Update, name, word, recipients: readers(name) });
  },
  withdraw: async (ctx, { id }) => {
    const { name } = writings[id];
    delete writings[id];
    const word = new Tombstone({ id: new URL(id), to: PUBLIC_COLLECTION });
    return await say(ctx, { kind: Delete, name, word, recipients: readers(name) });
  },
  report: async (ctx, { name, about, by, content }) => {
    const author = await look(ctx, by);
    const objects = [author.id, new URL(about)];
    const flag = new Flag({ id: newId("Flag"), actor: ctx.getActorUri(name), to: author.id, objects, content });
    await ctx.sendActivity({ identifier: name }, author, flag);
    return { id: flag.id.href };
  },
  join: async (ctx, { name, event, by }) => {
    const object = new URL(event);
    const join = new Join({ id: newId("Join"), actor: ctx.getActorUri(name), to: new URL(by), object });
    await ctx.sendActivity({ identifier: name }, await look(ctx, by), join);
    return { id: join.id.href };
  },
  letter: async (_ctx, { id }) => letters[id] ?? null,
  ways: async () => ({ taken, sent }),
  ask: async (_ctx, { forNewer }) => (asksForNewer = forNewer),
  verify: async ({ documentLoader, contextLoader }, { document }) => {
    const proven = await verifyObject(Activity, document, { documentLoader, contextLoader });
    return { isProven: proven != null };
  },
};

async function press(request, button) {
  const given = request.method === "POST" ? await request.json() : {};
  try {
    return Response.json(await button(federation.createContext(new URL(origin), undefined), given));
  } catch (error) {
    return Response.json({ error: error.stack }, { status: 500 });
  }
}

async function answer(request) {
  const [, control, name] = new URL(request.url).pathname.split("/");
  if (control === "control" && name in buttons) return await press(request, buttons[name]);
  if (request.method === "POST") {
    const document = await request.clone().json().catch(() => ({}));
    letters[document.id] ??= document;
  }
  if (control === "drawer") return new Response(null, { status: 202 });
  if (request.method !== "POST") return await federation.fetch(request, { contextData: undefined });
  const { documentLoader, contextLoader } = federation.createContext(new URL(origin), undefined);
  const way = await watchIncoming(request, { documentLoader, contextLoader });
  const response = await federation.fetch(request, { contextData: undefined });
  taken.push({ ...way, status: response.status });
  // RFC 9421 §5.1: what is signed next should be signed like this.
  if (asksForNewer) response.headers.set("Accept-Signature", 'sig1=("@method" "@target-uri" "content-digest");created');
  return response;
}

serve(answer, { host, port: Number(port) });
