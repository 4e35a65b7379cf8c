// A small server on Fedify: two actors, an inbox that writes down what it understood, and buttons for the tests.
// Usage: node server.mjs HOST PORT. It speaks plain http to private addresses, so it is good for tests only.
import "./old-node.mjs";
import { createServer } from "node:http";
import { randomUUID } from "node:crypto";
import { Temporal } from "@js-temporal/polyfill";
import {
  Accept, Announce, Article, Create, createFederation, Delete, Endpoints, Follow, generateCryptoKeyPair,
  InProcessMessageQueue, isActor, lookupWebFinger, MemoryKvStore, Mention, Note, Organization, Person,
  PUBLIC_COLLECTION, Reject, Tombstone, Undo, Update,
} from "@fedify/fedify";

const [host, port] = process.argv.slice(2);
const origin = `http://${host}:${port}`;
const actors = {
  asso: { kind: Organization, name: "Association des Jardins Lointains" },
  lucie: { kind: Person, name: "Lucie Lointaine" },
};
const received = []; // what came in, as Fedify understood it
const refused = []; // what Fedify could not read or deliver
const followers = {}; // name -> { actor id: recipient }
const follows = {}; // "name target" -> Follow
const writings = {}; // id -> { word, name, isPublic }

const federation = createFederation({
  kv: new MemoryKvStore(),
  queue: new InProcessMessageQueue(),
  origin,
  allowPrivateAddress: true,
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
    actors[identifier].keys ??= Promise.all(["RSASSA-PKCS1-v1_5", "Ed25519"].map((kind) => generateCryptoKeyPair(kind)));
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

// --- the inbox

const kindOf = (word) => word?.constructor.name ?? null;

async function describe(ctx, word) {
  if (word == null) return null;
  const common = { type: kindOf(word), id: word.id?.href };
  if (isActor(word)) return { ...common, name: word.name?.toString(), username: word.preferredUsername?.toString() };
  if (word.actorId) {
    // An object of another origin is not believed but fetched, and our own Follow inside an Accept has no document.
    const object = await word.getObject(ctx).catch(() => null);
    return { ...common, actor: word.actorId.href, object: await describe(ctx, object) };
  }
  const tags = [];
  for await (const tag of word.getTags(ctx)) tags.push({ type: kindOf(tag), href: tag.href?.href, name: tag.name?.toString() });
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
    const accept = new Accept({ id: new URL(`${origin}/#accepts/${randomUUID()}`), actor: follow.objectId, object: follow });
    await ctx.sendActivity({ identifier }, follower, accept);
  })
  .on(Undo, async (ctx, undo) => {
    await note(ctx, undo);
    const undone = await undo.getObject(ctx);
    const { identifier } = (undone instanceof Follow && ctx.parseUri(undone.objectId)) || {};
    if (identifier) delete followers[identifier]?.[undo.actorId.href];
  })
  .on(Accept, note).on(Reject, note).on(Create, note).on(Update, note).on(Delete, note).on(Announce, note)
  .onError((_ctx, error) => void refused.push(`in: ${error.stack}`));

// --- the buttons

async function say(ctx, { kind, name, word, recipients }) {
  const id = new URL(`${origin}/#${kind.name}/${randomUUID()}`);
  const activity = new kind({ id, actor: ctx.getActorUri(name), object: word, tos: word.toIds, ccs: word.ccIds });
  await ctx.sendActivity({ identifier: name }, recipients, activity);
  return { id: word.id.href, activity: activity.id.href };
}
const look = (ctx, target) => ctx.lookupObject(target, { allowPrivateAddress: true });
const readers = (name) => Object.values(followers[name] ?? {});

const buttons = {
  received: async () => ({ received, refused }),
  followers: async (_ctx, { name }) => Object.keys(followers[name] ?? {}),
  webfinger: async (_ctx, { resource }) => await lookupWebFinger(resource, { allowPrivateAddress: true }),
  look: async (ctx, { target }) => await describe(ctx, await look(ctx, target)),
  follow: async (ctx, { name, target }) => {
    const actor = await look(ctx, target);
    const id = new URL(`${origin}/#Follow/${randomUUID()}`);
    const follow = new Follow({ id, actor: ctx.getActorUri(name), object: actor.id });
    follows[`${name} ${target}`] = follow;
    await ctx.sendActivity({ identifier: name }, actor, follow);
    return { id: id.href };
  },
  unfollow: async (ctx, { name, target }) => {
    const id = new URL(`${origin}/#Undo/${randomUUID()}`);
    const undo = new Undo({ id, actor: ctx.getActorUri(name), object: follows[`${name} ${target}`] });
    await ctx.sendActivity({ identifier: name }, await look(ctx, target), undo);
    return { id: id.href };
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
  publish: async (ctx, { name, type, title, content }) => {
    const kind = { Note, Article }[type];
    const word = new kind({
      id: ctx.getObjectUri(kind, { id: randomUUID() }), attribution: ctx.getActorUri(name), name: title, content,
      to: PUBLIC_COLLECTION, cc: ctx.getFollowersUri(name), published: Temporal.Now.instant(),
    });
    writings[word.id.href] = { word, name, isPublic: true };
    return await say(ctx, { kind: Create, name, word, recipients: readers(name) });
  },
  edit: async (ctx, { id, ...changed }) => {
    const { word: old, name } = writings[id];
    const word = old.clone({ ...changed, updated: Temporal.Now.instant() });
    writings[id] = { ...writings[id], word };
    return await say(ctx, { kind: Update, name, word, recipients: readers(name) });
  },
  withdraw: async (ctx, { id }) => {
    const { name } = writings[id];
    delete writings[id];
    const word = new Tombstone({ id: new URL(id), to: PUBLIC_COLLECTION });
    return await say(ctx, { kind: Delete, name, word, recipients: readers(name) });
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
  return await federation.fetch(request, { contextData: undefined });
}

createServer(async (incoming, outgoing) => {
  const body = [];
  for await (const part of incoming) body.push(part);
  const hasBody = !["GET", "HEAD"].includes(incoming.method);
  const request = new Request(origin + incoming.url, {
    method: incoming.method, headers: incoming.headers, ...(hasBody && { body: Buffer.concat(body) }),
  });
  const response = await answer(request);
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(Buffer.from(await response.arrayBuffer()));
}).listen(Number(port), host, () => console.log(`ready at ${origin}`));
