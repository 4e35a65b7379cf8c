"""Pages that no link leads to on a quiet day: what they need is put into the stores beside the running demo."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

import pyotp
from sqlalchemy import select
from sqlalchemy.orm import Session

from federation import block_plans, identity, ledger, lookups
from instance import (
    bookings,
    checking,
    conditions,
    conversations,
    documents,
    hours,
    introductions,
    listings,
    loans,
    lookouts,
    mailboxes,
    meetings,
    moderation,
    moving,
    notices,
    openings,
    partings,
    passes,
    pictures,
    reading,
    relays,
    reports,
    residents,
    rings,
    second_factor,
    suspensions,
    thanks,
    vouching,
)
from instance.audience import Audience
from instance.comments import Comment
from instance.conditions import Moment
from instance.decisions import Rule
from instance.documents import Why
from instance.evidence import Target
from instance.lending import Act
from instance.listings import Listing
from instance.meetings import Place
from instance.needs import Need
from instance.passes import Purpose
from instance.places import Building
from instance.recommendations import Recommendation
from instance.relays import Consent
from instance.residents import Resident
from instance.rings import Pace
from instance.search import Place as Where
from instance.search import Wish
from instance.slots import Window
from tests.browser.visitor import Visitor, wait_until
from tests.instance.papers import paper
from tests.running import Demo
from web.acts import blocking
from web.demo import drawing, stage
from web.demo.people import PASSWORD
from web.frame import arrivals, context
from web.mail import links
from web.settings import Settings
from web.stores import Store

# Somebody who is asked for a second step, before and after it.
DOUBLE, HALFWAY = "quitterie.conte", "quitterie.conte, halfway"
FORGETFUL, LOUD = "paul.chimere", "tom.figurant"
REASON = "Pour l’essai."
# A list of blocks that somebody looks at, with a line that cannot be read.
LIST = b"mauvaise.example\nexa***.com\n"
# Whether to block a town is asked on a page of its own.
OTHER = "/moderation/towns/voisine.example/block"
# Where other software sends somebody who wants to follow what they saw there.
INTERACTION = "/authorize_interaction?uri=acct:ciq@voisine.example"
TAKE_BACK = "/mine/away/take-back"
# Somebody without a letter, for whom one neighbour speaks.
NEW = "nour.nouvelle"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rare:
    """Where each kind of person can be led to, and the key of the second step."""

    starts: Mapping[str | None, Sequence[str]]
    secret: str


def prepare(demo: Demo) -> Rare:
    """Somebody reported a notice, forgot a password, was suspended, asks, lends, meets; a town was blocked."""
    settings, now = _settings(demo), datetime.now(UTC)
    home, outside = demo.store("marseille", "home"), demo.store("marseille", "federation")
    with home.write() as session, outside.write() as federation:
        judge = residents.by_login(session, login="admin")
        blocking.impose(session, outside=federation, host="bruyante.example", reason=REASON, by=judge, now=now)
        desk = _reported(session, judge=judge, now=now)
        asked = [*_asked(session, settings=settings, now=now), *_ending(session, settings=settings, now=now)]
        talk = _proposed(session, now=now)
        reported, photographed = _lend(session, settings=settings, now=now)
        _relay(session, now=now)
        _vouched(session, settings=settings, now=now)
        _book(session, now=now)
        _look_out(session, now=now)
        keys = arrivals.keys(settings)
        double = residents.by_login(session, login=DOUBLE)
        secret = second_factor.propose(session, resident=double, keys=keys, now=now)
        second_factor.confirm(session, resident=double, code=pyotp.TOTP(secret).at(now), keys=keys, now=now)
        session.commit()
        draft = block_plans.keep(federation, data=LIST, loosen=False, now=now)
        looked = {name: _looked_up(federation, name, demo=demo, now=now) for name in (identity.APPLICATION, "mairie")}
        federation.commit()
    gone = _taken_back(home, outside, now=now)
    for store in (home, outside):
        store.close()
    return Rare(
        starts={
            None: ["/recover/asked", *asked],
            "admin": [
                f"/admin/blocklist/{draft}",
                f"/admin/peers/look/{looked[identity.APPLICATION]}",
                f"/admin/erasures/{gone}",
                INTERACTION,
            ],
            "mairie": [f"/organisations/mairie/follows/look/{looked['mairie']}", INTERACTION],
            "odile": ["/report/thanks", talk, photographed, f"/notices/{gone}/away", "/mine/away", TAKE_BACK],
            "moderation": [
                *desk,
                reported,
                "/moderation/towns/bruyante.example/unblock",
                OTHER,
            ],
            HALFWAY: ["/sign-in/second-step"],
            DOUBLE: ["/account/second-step/app/off"],
            NEW: ["/", "/account/known", "/account/known/document?where=14+rue+des+Essais&lot=5"],
        },
        secret=secret,
    )


def enter_twice(rare: Rare, *, enter: Callable[..., Visitor], signed_in: dict[tuple[int, str | None], object]) -> None:
    """Somebody signs in with a second step; the cookies of both moments are kept."""
    visitor = enter(0)
    visitor.go("/sign-in")
    visitor.page.fill("#name", DOUBLE)
    visitor.page.fill("#password", PASSWORD)
    visitor.press("main form button[type=submit]")
    signed_in[0, HALFWAY] = visitor.page.context.storage_state()
    # The code of this half minute turned the second step on: each works once.
    visitor.page.fill("#code", pyotp.TOTP(rare.secret).at(datetime.now(UTC), counter_offset=1))
    visitor.press("main form button[type=submit]")
    assert "/sign-in" not in visitor.page.url, visitor.words()
    signed_in[0, DOUBLE] = visitor.page.context.storage_state()


def _looked_up(outside: Session, name: str, *, demo: Demo, now: datetime) -> UUID:
    """Somebody of the other town whom one of our actors wants to see; by which key."""
    target = identity.uri(demo.origins[1], identity.DESK)
    return lookups.ask(outside, own_username=name, target=target, now=now).key


def _taken_back(home: Store, outside: Store, *, now: datetime) -> UUID:
    """What Odile offered beyond the town and withdrew again; by its public id."""
    with home.write.begin() as session:
        by = residents.by_login(session, login="odile")
        words = {"title": "Un tabouret", "body": "À prêter.", "byline": "Une voisine", "now": now}
        slip = listings.offer(session, by=by, audience=Audience.NETWORK, **words)

    def entry() -> ledger.Entry | None:
        with outside.read() as session:
            return ledger.find(session, notice=slip.public_id)

    wait_until(lambda: entry() is not None, "an offer that left")
    with home.write.begin() as session:
        by = residents.by_login(session, login="odile")
        notices.withdraw(session, notice=session.get_one(Listing, slip.id), by=by, now=now)
    wait_until(lambda: (found := entry()) is not None and found.withdrawn_at is not None, "an offer taken back")
    return slip.public_id


def _settings(demo: Demo) -> Settings:
    first, second = (urlsplit(one).port for one in demo.origins)
    assert first is not None
    assert second is not None
    return Settings.read(stage.environments(folder=demo.folder, ports=(first, second), locale="fr")["marseille"])


def _reported(session: Session, *, judge: Resident, now: datetime) -> Sequence[str]:
    """An open report, what is hidden, and a suspended account; their pages."""
    odile = residents.by_login(session, login="odile")
    open_, hidden = _of(session, "amir"), _of(session, "basile.fictif")
    reader = reading.reader(session, resident=odile, now=now)
    entry = reports.report(
        session, target=Target.NOTICE, public_id=open_.public_id, reason=REASON, by=odile, reader=reader, now=now
    )
    moderation.hide(session, notice=hidden, reason=REASON, by=judge, rule=Rule.PLACE, now=now)
    comment = session.scalars(select(Comment).where(Comment.state == "live")).first()
    assert comment is not None
    moderation.hide_comment(session, comment=comment, reason=REASON, by=judge, rule=Rule.PLACE, now=now)
    beside = session.scalars(select(Recommendation).where(Recommendation.name == "Ampère Exemple")).one()
    moderation.hide_beside(session, row=beside, reason=REASON, by=judge, rule=Rule.PLACE, now=now)
    loud = residents.by_login(session, login=LOUD)
    suspensions.suspend(session, resident=loud, reason=REASON, by=judge, now=now)
    return (
        f"/moderation/reports/{entry.public_id}",
        f"/moderation/notices/{hidden.public_id}",
        f"/moderation/comments/{comment.public_id}",
        f"/moderation/beside/{beside.public_id}",
        f"/moderation/accounts/{loud.public_id}",
    )


def _relay(session: Session, *, now: datetime) -> None:
    """Odile writes for a neighbour without internet."""
    odile = residents.by_login(session, login="odile")
    today = hours.town_day(now)
    relays.take_on(
        session, by=odile, called="Mme Basilic", consent=Consent.SPOKEN, consented_on=today, today=today, now=now
    )


def _look_out(session: Session, *, now: datetime) -> None:
    """Odile keeps a search, and a neighbour hangs what it finds; Amir keeps one that found nothing yet."""
    for login in ("odile", "amir"):
        keeper = residents.by_login(session, login=login)
        reader = reading.reader(session, resident=keeper, now=now)
        lookouts.keep(session, by=keeper, reader=reader, wish=Wish(words="marmite", place=Where.BUILDING), now=now)
        session.flush()
        lookouts.look(session, now=now)
        if login == "odile":
            by = residents.by_login(session, login="driss.temoin")
            words = {"title": "Une marmite", "body": "À prêter.", "audience": Audience.BUILDING, "now": now}
            listings.offer(session, by=by, **words)
            lookouts.look(session, now=now)


def _lend(session: Session, *, settings: Settings, now: datetime) -> tuple[str, str]:
    """Odile has something of Clara's, shown when it changed hands, and is asked for something by Driss.

    Clara reports the loan; where that is read, and where Odile may show one photo more.
    """
    given = {"due_on": hours.town_day(now) + timedelta(days=4), "place": "", "now": now}
    for asker, lender, title in (
        ("odile", "clara.maquette", "Un diable"),
        ("driss.temoin", "odile", "Un fer à souder"),
    ):
        by, of = residents.by_login(session, login=asker), residents.by_login(session, login=lender)
        words = {"title": title, "body": "À prêter.", "audience": Audience.BUILDING, "now": now}
        listing = listings.offer(session, by=of, **words)
        talk = conversations.answer(session, listing=listing, by=by, body="Bonjour.", now=now)
        loan = loans.ask(session, conversation=talk, by=by, pickup_at=now + timedelta(days=1), **given)
        if asker == "odile":
            loans.agree(session, loan=loan, by=of, terms=1, now=now)
            shown = {"loan": loan, "moment": Moment.BEFORE, "picture": pictures.draw(drawing.drill()), "now": now}
            root = settings.home_data / conditions.FOLDER
            for who, note in ((of, "Les deux roues tournent"), (by, "")):
                conditions.put(session, root=root, by=who, words=note, **shown)
            loans.move(session, loan=loan, act=Act.HAND_OVER, by=of, now=now)
            conditions.put(session, root=root, by=by, words="Au retour", **{**shown, "moment": Moment.AFTER})
            told = {"target": Target.LOAN, "public_id": loan.public_id, "reason": REASON, "now": now}
            entry = reports.report(session, by=of, reader=reading.reader(session, resident=of, now=now), **told)
            photographed = f"/loans/{loan.public_id}/photos"
            _thanked(session, lender=of, borrower=by, now=now)
    return f"/moderation/reports/{entry.public_id}", photographed


def _thanked(session: Session, *, lender: Resident, borrower: Resident, now: datetime) -> None:
    """A loan that is over, with thanks of both."""
    words = {"title": "Une scie", "body": "À prêter.", "audience": Audience.BUILDING, "now": now}
    saw = listings.offer(session, by=lender, **words)
    talk = conversations.answer(session, listing=saw, by=borrower, body="Bonjour.", now=now)
    terms = {"pickup_at": now + timedelta(days=1), "due_on": hours.town_day(now) + timedelta(days=4), "place": ""}
    loan = loans.ask(session, conversation=talk, by=borrower, now=now, **terms)
    loans.agree(session, loan=loan, by=lender, terms=1, now=now)
    for act in (Act.HAND_OVER, Act.CONFIRM):
        loans.move(session, loan=loan, act=act, by=lender, now=now)
    for who in (lender, borrower):
        thanks.say(session, loan=loan, by=who, words="Merci bien !", now=now)


def _vouched(session: Session, *, settings: Settings, now: datetime) -> None:
    """Odile speaks for somebody new, who still shows the word, and is asked whether she herself still lives there."""
    odile = residents.by_login(session, login="odile")
    given = {"first_name": "Nour", "last_name": "Nouvelle", "password": PASSWORD, "email": None, "locale": "fr"}
    nour = residents.register(session, login=NEW, now=now, **given)
    said = {"pepper": context.letterbox_pepper(settings), "now": now}
    word = introductions.introduce(session, resident=nour, lot_number="40", **said)
    vouching.vouch(session, word=word.letters, by=odile, **said)
    (home,) = residents.dwellings(session, resident=odile)
    moving.ask_about(session, lot=home.lot, now=now)
    _shown(session, settings=settings, nour=nour, building=home.lot.building, now=now)


def _shown(session: Session, *, settings: Settings, nour: Resident, building: Building, now: datetime) -> None:
    """Documents of hers: one waits, an administrator looked at one, one could not be read."""
    root, admin = settings.home_data / documents.FOLDER, residents.by_login(session, login="admin")
    for step, lot in enumerate(building.lots[-3:]):
        sent = documents.send(session, root=root, by=nour, lot=lot, picture=paper(), now=now)
        given = {"public_id": sent.public_id, "by": admin, "now": now}
        if step:
            checking.look(session, root=root, **given)
        if step == 2:
            checking.refuse(session, why=Why.UNREADABLE, words="Un peu floue.", said=REASON, **given)


def _book(session: Session, *, now: datetime) -> None:
    """Odile has booked a time of Clara's, and Driss one of hers."""
    today = now.astimezone(hours.TOWN_TIME).date()
    words = {"body": "À l’heure dite.", "audience": Audience.QUARTER, "now": now}
    for booker, owner, title in (("odile", "clara.maquette", "Du café"), ("driss.temoin", "odile", "Du thé")):
        by, of = residents.by_login(session, login=booker), residents.by_login(session, login=owner)
        listing = listings.offer(session, by=of, title=title, **words)
        given = {"listing": listing, "now": now}
        window = Window(weekday=(today.weekday() + 2) % 7, begins=18 * 60, ends=20 * 60, minutes=30, first=today)
        openings.add(session, by=of, window=window, place="Dans le hall", **given)
        slot = openings.slots_of(session, **given)[0]
        bookings.book(session, by=by, starts_at=slot.starts_at, **given)


def _of(session: Session, login: str) -> Listing:
    author = residents.by_login(session, login=login)
    return session.scalars(select(Listing).where(Listing.author_id == author.id)).one()


def _proposed(session: Session, *, now: datetime) -> str:
    """Amir proposes moments to Odile, who blocks somebody else; where she reads it."""
    odile, amir, loud = (residents.by_login(session, login=one) for one in ("odile", "amir", LOUD))
    given = {"listing": _of(session, "amir"), "by": odile}
    talk = conversations.answer(session, body="Est-ce encore possible ?", now=now, **given)
    moments = [now + timedelta(days=days) for days in (2, 3, 4)]
    place = Place(words="Devant les boîtes aux lettres")
    meetings.propose(session, conversation=talk, by=amir, moments=moments, place=place, now=now)
    partings.block(session, by=odile, whom=loud, now=now)
    return f"/conversations/{talk.public_id}"


def _asked(session: Session, *, settings: Settings, now: datetime) -> Sequence[str]:
    """The links of three mails."""
    somebody = residents.by_login(session, login=FORGETFUL)
    mailboxes.prove(session, resident=somebody, address="paul@courriel.example", now=now)
    key = links.key(settings)
    given = {
        purpose: passes.token(
            passes.grant(session, purpose=purpose, to=somebody, address="paul@courriel.example", now=now), key=key
        )
        for purpose in Purpose
    }
    addresses = (
        links.confirm(settings, token=given[Purpose.CONFIRM]),
        links.reset(settings, token=given[Purpose.RESET]),
        links.stop(settings, resident=somebody),
    )
    return [one.removeprefix(settings.origin) for one in addresses]


def _ending(session: Session, *, settings: Settings, now: datetime) -> Sequence[str]:
    """A request that widens tomorrow and may hang longer; the links of the mail about its end."""
    listing = rings.ask(
        session,
        by=residents.by_login(session, login="odile"),
        title="Une rallonge",
        body=REASON,
        audience=Audience.INSTANCE,
        need=Need.TOOL,
        pace=Pace.TOMORROW,
        now=now,
    )
    listing.expires_at = now + timedelta(days=2)
    return [links.act_on(settings, act=act, notice=listing).removeprefix(settings.origin) for act in links.Act]
