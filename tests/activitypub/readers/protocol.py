"""The lines that the readers cite of protocol.md, the notes that Palier was planned by: of each, what a rule checks.

The notes are not part of the project. A number is a line of theirs, "…" stands for what was left out.
"""

from collections.abc import Mapping
from typing import Final

LINES: Final[Mapping[int, str]] = {
    # §0, the decisions that follow from the evidence
    27: "Lemmy refuses a Group as author",
    28: "`Announce(Create)` for Lemmy/PieFed/Mobilizon (FEP-1b12) and `Announce(object id)` for Mastodon/GoToSocial",
    # §1.2, discovery
    74: "`subject` = the canonical acct and a `links` entry `rel=self` with type `application/activity+json` (or "
    "ld+json + profile) whose `href` is the actor id. … Mastodon round-trips: `preferredUsername@host-of-id` "
    "is looked up",
    77: 'WebFinger of `https://host/` → link `rel="https://www.w3.org/ns/activitystreams#Service"`',
    82: "link rel `http://nodeinfo.diaspora.software/ns/schema/2.1` … Required: `version, software{name "
    "^[a-z0-9-]+$, version}, protocols, services{inbound,outbound}, openRegistrations, usage{users:{}}, "
    "metadata` … Lemmy declares an instance dead after 3 days without a successful check",
    # §1.3, actors
    88: "`@context, id, type, preferredUsername, inbox, outbox, publicKey{id, owner, publicKeyPem}`; `followers` "
    "for Mastodon followers-only recognition; … `name, summary, url, … Lemmy's Group parser needs `id, type, "
    "preferredUsername, inbox, outbox, publicKey`",
    92: "| `Person` | … | ordinary account | user | profile |",
    93: "| `Group` | … | “Group” badge; boosts appear | community | group |",
    94: "| `Organization` | … | ordinary account | accepted as **post author** | [mem] as person |",
    95: "| `Service` | … | “Automated” badge | accepted as author (bot) | — |",
    96: "| `Application` | … | not shown | site actor at root in Lemmy's own case | relay-like |",
    98: "one origin for id, inbox, outbox, followers, key; `publicKey.id = actor id",
    108: "Key's owner == `activity.actor` **exactly**; `keyId` host == actor host; `activity.id` host == actor host",
    115: "`OrderedCollection` with `totalItems`, `first`; `OrderedCollectionPage` with `partOf`, `next`/`prev`, "
    "`orderedItems` ≤ 20 … `totalItems` 0 or rounded and **no pages**",
    157: "| WordPress | yes | option, off |",
    # §1.9, activities
    179: "| `Follow` | actor→object, id dereferenceable or stable | answer `Accept` with the **embedded Follow "
    "incl. original id**",
    180: "| `Undo` | embed the original object with its id | … actor must be the same",
    181: "| `Create` | `to/cc` same as object | object host == actor host, attributedTo == actor |",
    182: "| `Update` | full object + `updated`; new activity id each time | same host; … cannot change owner",
    183: "| `Delete` | `Tombstone{id, formerType, deleted}`; … signer host == object host",
    184: "| `Announce` | id, actor, published, to, cc, object |",
    190: "with `joinMode` none/external reply `Ignore`/nothing",
    # §1.11 and §1.12, whom it is for
    205: "neither = direct and needs a `Mention` tag for notification in Mastodon … Lemmy/PieFed need Public "
    "somewhere in `to`/`cc` and the community in `to`/`cc`/`audience`",
    209: "`Announce{actor: group, object: <Create|Update|Delete|Like|Undo…>}`, to Public, cc followers",
    210: "Mastodon and Pleroma do not understand a wrapped activity … Lemmy itself rejects `Announce(Page)` "
    "silently … GoToSocial: `Announce` object must be a status",
    211: "`attributedTo: <collection url>` on the Group (Lemmy)",
    # §1.13, what each peer does with each type
    217: "| | Note | Article / Page | Event | Question | Proposal (bare) |",
    219: "| **Mastodon** 4.5–4.7 | `content` shown; `name` ignored; **`summary` = content warning** | "
    "`<h2>name</h2>` + `summary` + link to `url`; **`content` discarded** | as Article | poll | not shown |",
    220: "| **GoToSocial** | content; CW = `summary` **else `name`** | content shown, CW = summary or name "
    "(folded) | same as Article | poll | ignored |",
    221: "| **Lemmy** | post; title = `name` or first line | post, title `name`, body `content`, `url`/first "
    "attachment as link | accepted as post | no | parse error/ignored |",
    222: "| **PieFed** | post | post | post | poll post | ignored |",
    223: "| **Mobilizon** | comment only in reply | only with `actor` **and** `attributedTo` | native | no | ignored |",
    225: "| **Flohmarkt** | only with `flohmarkt:data` (listing) or a direct reply to a listing | no | no | no | "
    "newer: as attachment",
    226: "| **Epicyon** | yes | yes | [mem] | yes | native “shares”/“wanted” |",
    227: "| **Fedify apps** | per app | per app | per app | per app | typed vocab ≥ 2.1 |",
    229: "`attributedTo` string (or PeerTube array); creator type Person/Service/Organization and same host as "
    "object; every `attachment` item must be `Link{href}`, `Image{url}` or `Document{url}` **or the whole "
    "object fails**; `image` a single object; `context` a string; `inReplyTo` absent or null for top posts",
    235: "`Document`/`Image` with `mediaType, url, name`",
    236: '`{"type":"Mention","href":actor id,"name":"@u@host"}` and actor in `to`/`cc`',
    237: "`QuoteRequest{object: our post, instrument: quoting post}` → `Accept{result: QuoteAuthorization id}`; "
    "serve the authorization (`interactingObject`, `interactionTarget`, `attributedTo`) … Mastodon ≥ 4.4 reads",
    247: "owner of an object = `attributedTo` (objects), … self (actors)",
    # §1.16, marketplaces
    253: "`id` (fragment `#primary`/`#reciprocal`), `action: transfer|deliverService`",
    255: "`Accept{object: Offer id (string), result: Agreement{",
    259: "generic Proposals are not shown",
    260: "listing = `Note` at `/users/{name}/items/{uuid}` + "
    "`flohmarkt:data{price,name,description,original_id,coordinates{lat,lng}}`; every attachment must have "
    "`url` and `name` … 422 without `flohmarkt:data`, 403 outside its perimeter; instance actor "
    "`/users/instance`, mutual Follow between instances; replies only as a **direct Note to exactly one "
    "recipient with `inReplyTo` = item**, public replies get an automatic “ignored”; Delete = Tombstone",
    261: "Note + FEP-0837 `Proposal` in `attachment`",
    262: "reads both dialects; needs `purpose offer`, `action transfer`, `reciprocal` with price **and** currency",
    263: "bare `Proposal` with `#primary`, `reciprocal.resourceConformsTo` = Wikidata currency; … `Place{name}`; "
    "offers and wanted",
    264: "typed `Proposal, Intent, Measure` ≥ 2.1; `Agreement, Commitment` 2.3 … **a wrong context silently "
    "empties the object**",
    270: "with that `rel` Unfathomably does not mistake it for a quote",
    # §1.17 and §1.18, events and reports
    277: "Mobilizon needs `actor`/`attributedTo`, `name`, `startTime`; reads `… joinMode "
    "(free|restricted|external|invite), externalParticipationUrl … `Document` named “Banner”",
    281: "Mastodon sends from the instance actor, `object: [actor, post…]`, `content` comment, `to` the actor; "
    "GoToSocial the same, `to` not assumed; Lemmy uses `summary` for the reason, single object, `to` "
    "community",
    # §5.15, what each peer will show: the columns, then a row for each
    1586: "| Our object → | News Article | Group Announce (wrapped / id) | Offer Note | Proposal doc | Event | "
    "Direct interest | Offer(Agreement) |",
    1588: "| Mastodon 4.5+ | title, summary, link; image | ignored / boost by “Group” | full text, photo, alt; can "
    "reply privately | — | title, summary, link | native DM | ignored |",
    1589: "| GoToSocial | folded under summary, full content | ignored / boost | full text | — | folded | native "
    "DM | ignored |",
    1590: "| Lemmy 0.19+ | post in remote community, title + body | post appears / rejected quietly | comment-less "
    "post only if addressed to a community; else not shown | — | post | PM type differs: not supported [mem] "
    "| ignored |",
    1591: "| PieFed | post | post / ok | as Lemmy | — | post/event | — | ignored |",
    1592: "| Mobilizon | only via actor + attributedTo | handles Announce | — | — | **native event**, “join "
    "elsewhere” button | — | ignored |",
    1593: "| Flohmarkt | — | — | dialect A/B: **native listing** if inside perimeter | B | — | **native "
    "conversation** | [mem] no |",
    1594: "| Mitra | post | — / repost | post | only priced subscriptions | post | DM | Offer for its own kind only |",
    1595: "| Unfathomably (Pleroma fork) | article | boost | note; native listing with dialect | via attachment; "
    "needs price | event | DM | [mem] |",
    1596: "| Epicyon | article | repost | note | **native share/wanted** (`#primary`) | [mem] | DM | [mem] |",
    1597: "| Fedify-based / Bonfire | typed, app decides | typed | typed Note (+ inline VF kept) | typed ≥ 2.1; "
    "Bonfire bridge only | typed | typed | typed ≥ 2.3 |",
}
