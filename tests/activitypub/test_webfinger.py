"""Handles, hosts and what we answer about them; and what NodeInfo says, and does not."""

import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activitypub import codec, nodeinfo, webfinger

ORIGIN = "https://endoume.example"
LOCAL = "http://127.0.0.1:8100"


def test_the_answer_about_an_actor(letter: Callable[[str], dict[str, Any]]) -> None:
    assert letter("70-webfinger") == webfinger.answer(
        username="quartier",
        origin=ORIGIN,
        actor_uri=f"{ORIGIN}/users/quartier",
        profile_url=f"{ORIGIN}/@quartier",
    )


def test_the_answer_about_the_host(letter: Callable[[str], dict[str, Any]]) -> None:
    assert letter("71-webfinger-host") == webfinger.answer_host(
        origin=ORIGIN, desk_uri=f"{ORIGIN}/users/instance", actor_uri=f"{ORIGIN}/actor"
    )


def test_an_actor_without_a_page_for_people() -> None:
    found = webfinger.answer(username="palier", origin=LOCAL, actor_uri=f"{LOCAL}/actor", profile_url=None)
    assert found["subject"] == "acct:palier@127.0.0.1:8100"
    assert found["aliases"] == [f"{LOCAL}/actor"]
    assert webfinger.read(found) == f"{LOCAL}/actor"


@pytest.mark.parametrize(
    ("resource", "named"),
    [
        ("acct:quartier@endoume.example", "quartier"),
        ("acct:Quartier@ENDOUME.example", "quartier"),
        ("@quartier@endoume.example", "quartier"),
        ("quartier@endoume.example", "quartier"),
        ("https://endoume.example/users/quartier", "quartier"),
        ("https://endoume.example/@quartier", "quartier"),
        ("https://endoume.example/actor", "palier"),
        ("https://endoume.example/", webfinger.HOST),
        ("https://endoume.example", webfinger.HOST),
        ("acct:quartier@elsewhere.example", None),
        ("acct:quartier@endoume.example:8443", None),
        ("acct:no-such-form@endoume.example", None),
        (f"acct:{'a' * 31}@endoume.example", None),
        ("http://endoume.example/users/quartier", None),
        ("https://elsewhere.example/users/quartier", None),
        ("https://endoume.example/notices/1", None),
        ("https://endoume.example/users/quartier?x=1", None),
        ("https://endoume.example/users/quartier/inbox", None),
    ],
)
def test_whom_a_resource_names(resource: str, named: object) -> None:
    assert webfinger.parse_resource(resource, origin=ORIGIN) == named


def test_in_development_the_port_belongs_to_the_handle() -> None:
    assert webfinger.parse_resource("acct:ciq@127.0.0.1:8100", origin=LOCAL) == "ciq"
    assert webfinger.parse_resource("acct:ciq@127.0.0.1", origin=LOCAL) is None


@pytest.mark.parametrize(
    "resource",
    [
        "",
        "quartier",
        "acct:",
        "acct:@endoume.example",
        "a@b@c",
        "mailto:x",
        "acct:a@b/c",
        "a@\x00",
        "x" * 2000,
        "https://[",
        "acct:a@endoume.example#",
        "a@b.example\u2009",
        "a@Kelvin.example",
        "acct:é@endoume.example",
    ],
)
def test_a_resource_that_is_none(resource: str) -> None:
    with pytest.raises(codec.Malformed):
        webfinger.parse_resource(resource, origin=ORIGIN)


@given(st.text(max_size=60) | st.from_regex(r"(acct:|https?://)?@?[a-z0-9_%]{0,5}@?[a-z.:\[\]]{0,20}[/@]?[a-z]{0,5}"))
def test_any_resource_names_somebody_nobody_or_nothing(resource: str) -> None:
    try:
        named = webfinger.parse_resource(resource, origin=ORIGIN)
    except codec.Malformed:
        return
    assert named is None or named is webfinger.HOST or webfinger.USERNAME.fullmatch(str(named))


def test_a_handle_somebody_typed() -> None:
    assert webfinger.parse_handle(" @Asso.Nord@Mastodon.example ") == ("Asso.Nord", "mastodon.example")
    assert webfinger.parse_handle("ciq@127.0.0.1:8100") == ("ciq", "127.0.0.1:8100")
    assert webfinger.question(resource="acct:ciq@127.0.0.1:8100", origin=LOCAL) == (
        "http://127.0.0.1:8100/.well-known/webfinger?resource=acct%3Aciq%40127.0.0.1%3A8100"
    )


@pytest.mark.parametrize(
    "doc",
    [
        {},
        {"links": "x"},
        {"links": [{"rel": "self", "type": "text/html", "href": "https://a.example/u"}]},
        {"links": [{"rel": "self", "type": "application/activity+json", "href": "javascript:1"}]},
        {
            "links": [
                None,
                {"rel": "self", "type": [], "href": "https://a.example/u"},
                {"rel": ["self"], "type": [], "href": "https://a.example/u"},
            ]
        },
    ],
)
def test_an_answer_that_names_no_actor(doc: dict[str, Any]) -> None:
    with pytest.raises(codec.Malformed):
        webfinger.read(doc)


def test_host_meta_points_to_webfinger() -> None:
    link = ET.fromstring(webfinger.host_meta(origin=LOCAL))[0]
    assert link.attrib["template"] == f"{LOCAL}/.well-known/webfinger?resource={{uri}}"


def test_nodeinfo_is_found(letter: Callable[[str], dict[str, Any]]) -> None:
    links = nodeinfo.well_known(origin=ORIGIN)["links"]
    assert [link for link in links if not link["rel"].endswith("2.0")] == letter("72-nodeinfo-wellknown")["links"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("version", nodeinfo.VERSIONS)
def test_nodeinfo_says_what_we_are_but_not_how_many(letter: Callable[[str], dict[str, Any]], version: str) -> None:
    found = nodeinfo.document(
        version=version,
        software_version="0.1.0",
        name="Endoume",
        description="Comité de quartier",
        source_url="https://code.example/palier",
        staff=[f"{ORIGIN}/users/ciq"],
    )
    assert found.keys() == letter("73-nodeinfo-2.1").keys()
    assert found["usage"] == {"users": {}}
    assert ("repository" in found["software"]) is (version == "2.1")  # type: ignore[operator]
    assert version in nodeinfo.media_type(version)
