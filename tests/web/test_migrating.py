"""Both histories build exactly the tables of the models, on both engines, and have one head each."""

import uuid
from datetime import UTC, datetime, timedelta

import flask_migrate
import pytest
from sqlalchemy import column, insert, inspect, select, table, text

from instance import notices, residents, search, search_index
from instance.assurance import Level, Proof
from instance.audience import Reader
from instance.logins import Login
from instance.notices import Notice
from instance.places import Building
from instance.residents import Resident
from instance.thanks import Thanks
from tests.conftest import StoreUrls
from web import migrating, revisions, stores, tables


def test_migrations_build_what_the_models_say(empty_store_urls: StoreUrls) -> None:
    migrating.upgrade(empty_store_urls._asdict())
    for side, url in empty_store_urls._asdict().items():
        store = stores.open_store(url)
        assert migrating.differences(store, side=side) == []
        assert revisions.current(store) == revisions.head(side)
        store.close()


def test_upgrading_twice_changes_nothing(empty_store_urls: StoreUrls) -> None:
    migrating.upgrade(empty_store_urls._asdict())
    migrating.upgrade(empty_store_urls._asdict())


def test_the_two_stores_have_no_table_in_common(empty_store_urls: StoreUrls) -> None:
    migrating.upgrade(empty_store_urls._asdict())
    names = []
    for url in empty_store_urls:
        store = stores.open_store(url)
        names.append(set(inspect(store.engine).get_table_names()) - {"alembic_version"})
        store.close()
    # SQLite keeps the index of what is searched in tables of its own.
    assert {one for one in names[0] if not search_index.is_part(one)} == set(tables.HOME.tables)
    assert names[1] == set(tables.FEDERATION.tables)
    assert not names[0] & names[1]


def test_migrations_build_the_index_of_what_is_searched_as_it_is_described(
    empty_store_urls: StoreUrls, home_store: stores.Store
) -> None:
    """A later revision that rebuilds the table of notices would lose what keeps its index, without a word."""
    migrating.upgrade(empty_store_urls._asdict())
    migrated = stores.open_store(empty_store_urls.home)
    assert _index(migrated) == _index(home_store)
    migrated.close()


def _index(store: stores.Store) -> set[str]:
    asked = "SELECT sql FROM sqlite_master WHERE name LIKE 'notice_%' AND sql LIKE 'CREATE %' AND type <> 'index'"
    if store.engine.dialect.name == "postgresql":
        asked = f"SELECT indexdef FROM pg_indexes WHERE indexname = '{search_index.GIN}'"
    with store.engine.connect() as connection:
        found = {" ".join(one.split()) for one in connection.scalars(text(asked))}
    assert found
    return found


def test_what_hung_before_there_was_a_search_is_found(empty_store_urls: StoreUrls) -> None:
    url = empty_store_urls.home
    with migrating._application({"home": url}):
        flask_migrate.upgrade(directory=str(revisions.HISTORIES / "home"), revision="0008")
    store, at = stores.open_store(url), datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
    common = {"created_at": at, "updated_at": at, "language": "fr", "reach": 3, "circle": "instance", "version": 1}
    common |= {"reached_network": False, "body": "À prêter le samedi.", "html": ""}
    hung = {1: ("listing", "live", "Des perceuses"), 2: ("news", "live", "Le marché"), 3: ("listing", "expired", "x")}
    rows = [
        ("notice", {**common, "id": key, "public_id": uuid.uuid4(), "family": family, "state": state, "title": title})
        for key, (family, state, title) in hung.items()
    ]
    rows += [("listing", {"id": key, "direction": "offer"}) for key in (1, 3)]
    rows += [("news_item", {"id": 2, "summary": "Devant l’école"})]
    with store.write() as session:
        for name, row in rows:
            # Of the columns there were then: the model has more by now.
            types = tables.HOME.tables[name].c
            session.execute(insert(table(name, *(column(one, types[one].type) for one in row))).values(row))
        session.commit()
    migrating.upgrade({"home": url})
    reader = Reader(resident_id=1, moderator=True)
    with store.write() as session:
        for typed, keys in {"perceuse": [1], "samedi": [2, 1], "ecoles": [2]}.items():
            found = search.find(session, reader=reader, wish=search.Wish(words=typed), now=at)
            assert [one.id for one in found.notices] == keys
        for one in session.scalars(select(Notice)):
            kept = one.search_text
            notices.spell(one)
            assert one.search_text == kept
    store.close()


@pytest.mark.parametrize("side", migrating.SIDES)
def test_one_head_per_history(side: str) -> None:
    assert revisions.head(side)


def test_whoever_is_signed_in_stays_so_when_browsers_get_their_days(empty_store_urls: StoreUrls) -> None:
    url = empty_store_urls.home
    with migrating._application({"home": url}):
        flask_migrate.upgrade(directory=str(revisions.HISTORIES / "home"), revision="0001")
    store = stores.open_store(url)
    at = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
    with store.write() as session:
        kept = {"created_at": at, "public_id": uuid.uuid4()}
        person = dict.fromkeys(("first_name", "last_name", "login"), "nadia") | {"locale": "fr", "role": "resident"}
        session.execute(
            tables.HOME.tables["resident"].insert(),
            {**kept, **person, "id": 1, "password_hash": "x", "state": "active"},
        )
        session.execute(
            tables.HOME.tables["login"].insert(),
            {**kept, "id": 2, "resident_id": 1, "token_hash": "x", "expires_at": at + timedelta(days=30)},
        )
        session.commit()
    migrating.upgrade({"home": url})
    with store.read() as session:
        login = session.scalars(select(Login)).one()
        assert (login.used_on, login.proved_at, login.family) == (at, at, None)
    store.close()


def test_buildings_keep_their_lots_when_residences_come(empty_store_urls: StoreUrls) -> None:
    url = empty_store_urls.home
    with migrating._application({"home": url}):
        flask_migrate.upgrade(directory=str(revisions.HISTORIES / "home"), revision="0004")
    store, at = stores.open_store(url), datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
    place = {"name": "Les Pins", "created_at": at}
    given = {
        "city": {**place, "insee": "99001"},
        "quarter": {**place, "city_id": 1, "slug": "les_pins", "postcode": "99000"},
        "building": {**place, "quarter_id": 1, "street": "14 rue de l’Exemple", "postcode": "99000"},
        "lot": {"created_at": at, "building_id": 1, "number": "1", "position": 0},
    }
    with store.write() as session:
        for name, values in given.items():
            # Of the columns there were then: the model has more by now.
            row = {**values, "id": 1, "public_id": uuid.uuid4()}
            table = tables.HOME.tables[name]
            session.execute(table.insert().values({table.c[one]: value for one, value in row.items()}))
        session.commit()
    migrating.upgrade({"home": url})
    with store.read() as session:
        building = session.scalars(select(Building)).one()
        assert (building.name, building.residence_id) == ("Les Pins", None)
        assert [one.number for one in building.lots] == ["1"]
    store.close()


def test_whoever_lives_here_when_levels_begin_joined_by_a_letter(empty_store_urls: StoreUrls) -> None:
    url = empty_store_urls.home
    with migrating._application({"home": url}):
        flask_migrate.upgrade(directory=str(revisions.HISTORIES / "home"), revision="0008")
    store = stores.open_store(url)
    at = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
    names = dict.fromkeys(("first_name", "last_name"), "Nadia") | {"locale": "fr", "role": "resident"}
    place = {"name": "Les Pins", "postcode": "99001"}
    rows: list[tuple[str, dict[str, object]]] = [
        ("city", {"name": "Exemple", "insee": "99001"}),
        ("quarter", {**place, "city_id": 1, "slug": "les_pins"}),
        ("building", {**place, "quarter_id": 1, "street": "14 rue de l’Exemple"}),
        *(("lot", {"id": one, "building_id": 1, "number": str(one), "position": one}) for one in range(1, 1204)),
        *(
            ("resident", {**names, "id": one, "login": f"n{one}", "password_hash": "x", "state": "active"})
            for one in (1, 2)
        ),
        # More than are looked at in one go, and one person with two homes.
        *(("occupancy", {"id": one, "resident_id": 1 + one % 2, "lot_id": one}) for one in range(1, 1204)),
    ]
    with store.write() as session:
        for table, values in rows:
            given = {"id": 1, "created_at": at, "public_id": uuid.uuid4(), **values}
            session.execute(tables.HOME.tables[table].insert(), given)
        session.commit()
    migrating.upgrade({"home": url})
    with store.read() as session:
        proofs = session.scalars(select(Proof).order_by(Proof.id)).all()
        assert [(one.resident_id, one.lot_id, one.kind, one.created_at) for one in proofs] == [
            (1 + one % 2, one, "letter", at) for one in range(1, 1204)
        ]
        somebody = session.get_one(Resident, 1)
        assert {one.level for one in residents.dwellings(session, resident=somebody)} == {Level.BUILDING}
    store.close()


def test_thanks_that_were_said_are_kept_when_they_become_rows(empty_store_urls: StoreUrls) -> None:
    url = empty_store_urls.home
    with migrating._application({"home": url}):
        flask_migrate.upgrade(directory=str(revisions.HISTORIES / "home"), revision="0013")
    store, at = stores.open_store(url), datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
    common = {"created_at": at, "updated_at": at, "language": "fr", "reach": 3, "circle": "instance", "version": 1}
    common |= {"reached_network": False, "title": "Une échelle", "body": "À prêter.", "html": "", "search_text": "x"}
    loan = {"created_at": at, "moved_at": at, "listing_id": 1, "state": "returned", "asker": "borrower", "terms": 1}
    rows: list[tuple[str, dict[str, object]]] = [
        ("notice", {**common, "id": 1, "family": "listing", "state": "live"}),
        ("listing", {"id": 1, "direction": "offer"}),
        # Two ids beside each other: the rows that come of them must not meet.
        ("loan", {**loan, "id": 7, "lender_thanks": "De rien", "borrower_thanks": "Merci"}),
        ("loan", {**loan, "id": 8, "lender_thanks": None, "borrower_thanks": "Mille mercis"}),
        ("loan", {**loan, "id": 9, "lender_thanks": None, "borrower_thanks": None}),
    ]
    with store.write() as session:
        for name, values in rows:
            row = values if name == "listing" else {**values, "public_id": uuid.uuid4()}
            # Of the columns there were then: the model has others by now.
            types = tables.HOME.tables[name].c
            columns = (column(one, types[one].type) if one in types else column(one) for one in row)
            session.execute(insert(table(name, *columns)).values(row))
        session.commit()
    migrating.upgrade({"home": url})
    with store.read() as session:
        found = session.scalars(select(Thanks).order_by(Thanks.id)).all()
        assert [(one.loan_id, one.side, one.words) for one in found] == [
            (7, "lender", "De rien"),
            (7, "borrower", "Merci"),
            (8, "borrower", "Mille mercis"),
        ]
        assert {one.created_at for one in found} == {at}
        assert len({one.public_id for one in found}) == 3
    store.close()
