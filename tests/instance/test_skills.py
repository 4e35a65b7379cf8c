"""What neighbours may ask each other for: who sees it, in which order, and what becomes of it when its author goes."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from instance import (
    assurance,
    conversations,
    forgetting,
    mailboxes,
    meetings,
    moderation,
    moving,
    partings,
    quiet,
    reports,
    skills,
    suspensions,
)
from instance.audience import Audience, Reader
from instance.base import Refused
from instance.conversations import Conversation
from instance.decisions import Rule
from instance.evidence import Target
from instance.meetings import Place
from instance.outgoing import OutgoingMail
from instance.residents import Resident, Role
from instance.skills import Skill
from tests.instance.neighbourhood import NOW, Neighbourhood

NEAR, HERE = Audience.QUARTER, Audience.BUILDING


def offer(town: Neighbourhood, by: Resident, title: str, audience: Audience = NEAR, **more: object) -> Skill:
    given = {"building": None, "now": town.now, **more}
    return skills.offer(town.session, by=by, title=title, audience=audience, **given)  # type: ignore[arg-type]


def ask(town: Neighbourhood, skill: Skill, by: Resident, body: str = "Bonjour, samedi ?") -> Conversation:
    return conversations.ask(town.session, skill=skill, by=by, body=body, now=town.later(minutes=1))


def code(act: object) -> str:
    """What a refusal says."""
    with pytest.raises(Refused) as refused:
        act()  # type: ignore[operator]
    return refused.value.code


def listed(town: Neighbourhood, reader: Resident | Reader, **more: object) -> list[str]:
    """The whole directory, stretch after stretch."""
    who = reader if isinstance(reader, Reader) else town.reader(reader)
    found: list[str] = []
    after = None
    while True:
        page = skills.directory(town.session, reader=who, after=after, limit=2, **more)  # type: ignore[arg-type]
        assert len(page.skills) <= 2
        found += [one.title for one in page.skills]
        after = page.after
        if after is None:
            return found


def test_a_line_is_a_few_words_in_a_circle_that_was_chosen(town: Neighbourhood) -> None:
    ines, gus = town.resident(town.lilas), town.resident()
    assert offer(town, ines, "  Arroser   les plantes ").title == "Arroser les plantes"
    for typed, said in (
        ({"title": " "}, "missing"),
        ({"title": "x" * 81}, "too_long"),
        ({"title": "Un vélo", "audience": Audience.INSTANCE}, "not_so_far"),
        ({"title": "Un vélo", "audience": Audience.NETWORK}, "not_so_far"),
        ({"title": "Un vélo", "building": town.far}, "place_missing"),
    ):
        assert code(lambda typed=typed: offer(town, ines, **typed)) == said
    assert code(lambda: offer(town, gus, "Un vélo")) == "no_home"
    assert [one.title for one in skills.of_resident(town.session, resident=ines)] == ["Arroser les plantes"]


def test_somebody_with_two_homes_says_for_which_one(town: Neighbourhood) -> None:
    both = town.resident(town.lilas, town.far)
    assert code(lambda: offer(town, both, "Un vélo", HERE)) == "place_missing"
    offer(town, both, "Un vélo", HERE, building=town.far)
    assert listed(town, town.resident(town.far)) == ["Un vélo"]
    assert listed(town, town.resident(town.lilas)) == []


def test_ten_lines_are_the_most(town: Neighbourhood) -> None:
    ines = town.resident(town.lilas)
    held = [offer(town, ines, f"Chose {number}") for number in range(10)]
    assert code(lambda: offer(town, ines, "Encore une")) == "skills_many"
    skills.take_away(town.session, skill=held[0], by=ines, now=NOW)
    offer(town, ines, "Encore une")


def test_a_line_is_seen_in_its_circle_and_nowhere_else(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines = town.resident(town.lilas)
    near, here = offer(town, ines, "Pour le quartier"), offer(town, ines, "Pour l’immeuble", HERE)
    readers = {
        "building": (town.resident(town.lilas), [near, here]),
        "quarter": (town.resident(town.tilleuls), [near]),
        "elsewhere": (town.resident(town.far), []),
        "moderator elsewhere": (town.resident(town.far, role=Role.MODERATOR), []),
        "account": (town.resident(), []),
    }
    for who, (reader, seen) in readers.items():
        assert sorted(listed(town, reader)) == sorted(one.title for one in seen), who
        for one in (near, here):
            if one in seen:
                assert skills.find(town.session, public_id=one.public_id, reader=town.reader(reader)) is one
            else:
                find = {"public_id": one.public_id, "reader": town.reader(reader)}
                assert code(lambda find=find: skills.find(town.session, **find)) == "not_found"
    assert listed(town, Reader()) == []
    assert listed(town, readers["building"][0], hung=HERE) == ["Pour l’immeuble"]


def test_the_list_is_in_the_order_of_its_words_and_ends(stored_town: Neighbourhood) -> None:
    town = stored_town
    reader = town.resident(town.lilas)
    words = ["Zinc", "vélo", "Échelle", "arrosage", "Éclair", "Vélo"]
    people = [town.resident(town.lilas) for _ in words]
    held = [offer(town, who, title) for who, title in zip(people, words, strict=True)]
    assert listed(town, reader) == ["arrosage", "Échelle", "Éclair", "vélo", "Vélo", "Zinc"]
    # Being asked puts nobody first.
    ask(town, held[0], reader)
    assert listed(town, reader)[-1] == "Zinc"
    # What is not theirs to see says nothing of where it stands.
    hidden = offer(town, town.resident(town.far), "Milieu")
    first = skills.directory(town.session, reader=town.reader(reader), after=hidden.public_id, limit=2)
    never = skills.directory(town.session, reader=town.reader(reader), after=uuid.uuid4(), limit=2)
    assert [one.title for one in first.skills] == [one.title for one in never.skills] == ["arrosage", "Échelle"]


def test_words_are_found_without_accents_in_the_plural_and_by_their_beginning(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines, reader = town.resident(town.lilas), town.resident(town.lilas)
    for title in ("Réparer un vélo", "Arroser les plantes", "100% gratuit_"):
        offer(town, ines, title)
    for typed, found in (
        ("velos", ["Réparer un vélo"]),
        ("REPAR", ["Réparer un vélo"]),
        ("plante arroser", ["Arroser les plantes"]),
        ("plante vélo", []),
        ("elo", []),
        ("%", []),
        ("_", []),
        ("les", []),
        ("", ["100% gratuit_", "Arroser les plantes", "Réparer un vélo"]),
    ):
        assert listed(town, reader, typed=typed) == found, typed


@pytest.mark.parametrize("leaving", ["suspended", "moved out", "no longer known"])
def test_whoever_goes_is_gone_from_the_list_at_once(stored_town: Neighbourhood, leaving: str) -> None:
    town = stored_town
    ines, reader = town.resident(town.lilas), town.resident(town.lilas)
    skill = offer(town, ines, "Un vélo")
    talk = ask(town, skill, reader)
    assert listed(town, reader) == ["Un vélo"]
    if leaving == "suspended":
        judge = town.resident(town.far, role=Role.MODERATOR)
        suspensions.suspend(town.session, resident=ines, reason="x", rule=Rule.LAW, by=judge, now=town.now)
    elif leaving == "moved out":
        moving.move_out(town.session, resident=ines, lot=town.lilas.lots[0], now=town.now)
    else:
        for proof in assurance.of_resident(town.session, resident_id=ines.id):
            assurance.revoke(town.session, proof=proof, now=town.now)
    assert listed(town, reader) == []
    find = {"public_id": skill.public_id, "reader": town.reader(reader)}
    assert code(lambda: skills.find(town.session, **find)) == "not_found"
    assert conversations.find(town.session, public_id=talk.public_id, reader=town.reader(reader)) is talk


def test_who_moves_within_the_quarter_keeps_what_is_for_the_quarter(town: Neighbourhood) -> None:
    ines, reader = town.resident(town.lilas, town.tilleuls), town.resident(town.lilas)
    offer(town, ines, "Pour le quartier", building=town.lilas)
    here = offer(town, ines, "Pour l’immeuble", HERE, building=town.lilas)
    talk = ask(town, here, reader)
    moving.move_out(town.session, resident=ines, lot=town.lilas.lots[0], now=town.now)
    assert listed(town, reader) == ["Pour le quartier"]
    # What was about the building ends for whoever left it, and the other is told nothing.
    assert conversations.of_resident(town.session, resident=ines) == []
    assert conversations.of_resident(town.session, resident=reader) == [talk]


# --- asking


def test_asking_opens_one_conversation_that_both_have(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines, zoe = town.resident(town.lilas), town.resident(town.tilleuls)
    mailboxes.prove(town.session, resident=ines, address="ines@courriel.example", now=NOW)
    skill = offer(town, ines, "Un vélo")
    talk = ask(town, skill, zoe)
    assert ask(town, skill, zoe, "Ou dimanche ?") is talk
    assert (talk.owner, talk.opener, talk.subject) == (ines, zoe, skill)
    conversations.reply(town.session, conversation=talk, by=ines, body="Samedi.", now=town.later(minutes=1))
    town.session.expire(talk, ["messages"])
    assert len(talk.messages) == 3
    assert town.session.scalars(select(OutgoingMail.resident_id)).all() == [ines.id]
    moments = [town.now + timedelta(days=1)]
    place = Place(words="Devant la porte")
    meetings.propose(town.session, conversation=talk, by=ines, moments=moments, place=place, now=town.now)
    assert code(lambda: ask(town, skill, ines)) == "own_skill"
    assert code(lambda: ask(town, skill, town.resident())) == "not_known"
    assert code(lambda: ask(town, skill, zoe, " ")) == "missing"


def test_what_was_taken_away_is_asked_for_no_longer_and_its_letters_stay(town: Neighbourhood) -> None:
    ines, zoe, amir = (town.resident(town.lilas) for _ in range(3))
    skill = offer(town, ines, "Un vélo")
    talk = ask(town, skill, zoe)
    skills.take_away(town.session, skill=skill, by=ines, now=town.now)
    skills.take_away(town.session, skill=skill, by=ines, now=town.now)
    assert listed(town, zoe) == []
    assert code(lambda: ask(town, skill, amir)) == "not_asked"
    assert code(lambda: skills.own(town.session, public_id=skill.public_id, by=ines)) == "not_found"
    for one in (ines, zoe):
        conversations.reply(town.session, conversation=talk, by=one, body="Encore.", now=town.later(minutes=1))
        assert conversations.of_resident(town.session, resident=one) == [talk]


def test_words_that_nobody_wrote_about_are_forgotten_within_the_hour(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines, zoe = town.resident(town.lilas), town.resident(town.lilas)
    kept, gone, stands = (offer(town, ines, title) for title in ("Un vélo", "Une échelle", "Des plantes"))
    ask(town, kept, zoe)
    for one in (kept, gone):
        skills.take_away(town.session, skill=one, by=ines, now=town.now)
    assert forgetting.forget_spent(town.session, now=town.now) == 1
    assert set(town.session.scalars(select(Skill))) == {kept, stands}


def test_whoever_is_blocked_sees_no_difference(town: Neighbourhood) -> None:
    ines, zoe, amir = (town.resident(town.lilas) for _ in range(3))
    mailboxes.prove(town.session, resident=ines, address="ines@courriel.example", now=NOW)
    skill = offer(town, ines, "Un vélo")
    partings.block(town.session, by=ines, whom=zoe, now=NOW)
    assert listed(town, zoe) == listed(town, amir) == ["Un vélo"]
    talk = ask(town, skill, zoe)
    assert conversations.of_resident(town.session, resident=zoe) == [talk]
    assert conversations.of_resident(town.session, resident=ines) == []
    assert town.session.scalars(select(OutgoingMail)).all() == []
    # The other way round one is told, as with a notice: it is one's own doing.
    assert code(lambda: ask(town, offer(town, zoe, "Une scie"), ines)) == "you_block"


def test_a_conversation_about_a_skill_counts_among_the_new_ones_of_a_month(town: Neighbourhood) -> None:
    ines, zoe, amir = (town.resident(town.lilas) for _ in range(3))
    mailboxes.prove(town.session, resident=ines, address="ines@courriel.example", now=NOW)
    quiet.set_hours(town.session, resident=ines, begins=21, ends=8, most_new=1, now=NOW)
    skill = offer(town, ines, "Un vélo")
    ask(town, skill, zoe)
    ask(town, skill, amir)
    assert len(town.session.scalars(select(OutgoingMail)).all()) == 1


def test_a_line_and_its_author_can_be_reported_and_the_line_hidden(town: Neighbourhood) -> None:
    ines, zoe = town.resident(town.lilas), town.resident(town.lilas)
    judge = town.resident(town.far, role=Role.MODERATOR)
    skill = offer(town, ines, "Un vélo")
    talk = ask(town, skill, zoe)
    why = {"reason": "x", "now": town.now}
    for target, one in ((Target.PERSON, talk.public_id), (Target.MESSAGE, talk.messages[0].public_id)):
        filed = reports.report(town.session, target=target, public_id=one, by=zoe, reader=town.reader(zoe), **why)
        assert filed.quarter_id == town.north.id
    given = {"target": Target.SKILL, "public_id": skill.public_id, "by": zoe, "reader": town.reader(zoe)}
    entry = reports.report(town.session, **given, **why)
    assert (entry.words, entry.author, entry.stays) == ("Un vélo", ines, True)
    # Whoever asked for it has a part in it.
    zoe.role = Role.MODERATOR.value
    hide = {"row": skill, "rule": Rule.PLACE, "entry": entry, **why}
    assert code(lambda: moderation.hide_beside(town.session, by=zoe, **hide)) == "party"
    moderation.hide_beside(town.session, by=judge, **hide)
    assert listed(town, zoe) == []
    assert moderation.hidden_beside(town.session, by=judge) == [skill]
    assert code(lambda: change(town, skill, ines, "Deux vélos")) == "not_live"
    assert code(lambda: ask(town, skill, zoe)) == "not_asked"
    moderation.restore_beside(town.session, row=skill, by=judge, **why)
    assert listed(town, zoe) == ["Un vélo"]


def change(town: Neighbourhood, skill: Skill, by: Resident, title: str, audience: Audience = NEAR) -> None:
    given = {"title": title, "audience": audience, "building": None, "now": town.now}
    skills.change(town.session, skill=skill, by=by, **given)  # type: ignore[arg-type]


def test_a_conversation_is_about_one_thing(stored_town: Neighbourhood) -> None:
    """The store itself lets none in about nothing or about two things."""
    town = stored_town
    ines, zoe = town.resident(town.lilas), town.resident(town.lilas)
    skill, listing = offer(town, ines, "Un vélo"), town.offer(ines, NEAR)
    town.session.commit()
    for about in ({}, {"skill": skill, "listing": listing}):
        town.session.add(Conversation(owner=ines, opener=zoe, created_at=NOW, last_at=NOW, **about))
        with pytest.raises(IntegrityError):
            town.session.flush()
        town.session.rollback()
