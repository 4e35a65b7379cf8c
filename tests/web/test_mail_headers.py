"""Whatever somebody calls themselves, a place or a notice: a mail keeps its headers, and both its forms say it."""

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.policy import SMTP

import pytest
from flask_babel import force_locale
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from instance.audience import Audience
from web.mail import content, envelope
from web.settings import Settings

NOW = datetime(2027, 5, 11, 8, 0, 2, tzinfo=UTC)
EXPECTED = [
    "From", "To", "Subject", "Date", "Message-ID", "Reply-To", "Auto-Submitted", "List-Id", "List-Unsubscribe",
    "List-Unsubscribe-Post", "MIME-Version", "Content-Type", "Content-Language",
]  # fmt: skip
HOSTILE = [
    "x\r\nBcc: all@ailleurs.example",
    "x\nX-Evil: 1\n\n<script>alert(1)</script>",
    "x\r\n\r\n--boundary",
    "\u2028Bcc: a@b.example",
    "=?utf-8?q?=0D=0ABcc:_a@b.example?=",
    "{{ 7*7 }} {% raw %} ${7*7} %(place)s %s",
    "<b>gras</b> & \"guillemets\" 'simples'",
    "\u202egnp.exe",
    "é" * 400,
    "a" * 2000,
]
texts = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=120))


def place(name: str) -> Settings:
    return Settings.read(
        {
            "PALIER_ORIGIN": "https://voisins.example",
            "PALIER_NAME": name,
            "PALIER_CONTACT_EMAIL": "mairie@voisins.example",
        }
    )


SETTINGS = place("Ville d’Exemple")
APP = envelope.make_app(SETTINGS)


def sealed(*, title: str, who: str, town: str | None, language: str) -> bytes:
    with APP.app_context(), force_locale(language):
        said = content.answer(
            place=SETTINGS.name,
            url="https://voisins.example/conversations/1",
            stop_url="https://voisins.example/mail/stop/1/2",
            audience=Audience.NETWORK,
            title=title,
            who=who,
            town=town,
        )
        mail = envelope.seal(
            said, to="odile@courriel.example", message_id="1", language=language, settings=SETTINGS, now=NOW
        )
        return mail.as_bytes(policy=SMTP)


@settings(deadline=None, max_examples=120, suppress_health_check=[HealthCheck.too_slow])
@given(title=texts, who=texts, town=st.one_of(st.none(), texts), language=st.sampled_from(["fr", "en"]))
def test_no_text_adds_a_header_or_a_part(title: str, who: str, town: str | None, language: str) -> None:
    raw = sealed(title=title, who=who, town=town, language=language)
    head = raw.partition(b"\r\n\r\n")[0]
    names = [one.split(b":")[0].decode() for one in head.split(b"\r\n") if one[:1] not in {b" ", b"\t"}]
    assert sorted(names) == sorted(EXPECTED)
    assert max(len(one) for one in raw.split(b"\r\n")) <= 998  # RFC 5322, 2.1.1
    mail = message_from_bytes(raw, policy=policy.default)
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert mail["To"] == "odile@courriel.example"
    text, html = (part.get_content() for part in mail.iter_parts())
    assert " ".join(title.split())[:1] in text
    assert "<script" not in html
    assert "<b>gras" not in html


@settings(deadline=None, max_examples=100)
@given(name=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=80))
def test_any_name_of_a_place_comes_back_from_its_headers(name: str) -> None:
    if not name.isprintable() or not name.strip():
        return  # the settings refuse it
    where = place(name)
    with APP.app_context(), force_locale("en"):
        said = content.trial(place=where.name, url="https://voisins.example/")
        sent = envelope.seal(said, to="a@b.example", message_id="1", language="en", settings=where, now=NOW)
    mail = message_from_bytes(sent.as_bytes(policy=SMTP), policy=policy.default)
    assert mail["From"].addresses[0].addr_spec == "palier@voisins.example"
    # The older decoder: the newer one sees spaces between two encoded words of a phrase, where RFC 2047 has none.
    plain = message_from_bytes(sent.as_bytes(policy=SMTP))
    for header, end in (("From", "<palier@voisins.example>"), ("Subject", "")):
        shown = "".join(str(make_header(decode_header(plain[header]))).split())
        assert re.sub(r'["\\]', "", shown).endswith(re.sub(r'["\\]', "", "".join(where.name.split())) + end)


@pytest.mark.parametrize(
    ("address", "travels"),
    [
        ("odile@courriel.example", "odile@courriel.example"),
        ("odile@café.example", "odile@xn--caf-dma.example"),
        ("éloïse@café.example", "éloïse@xn--caf-dma.example"),
    ],
)
def test_a_domain_travels_in_plain_letters(address: str, travels: str) -> None:
    assert envelope.recipient(address).addr_spec == travels


@pytest.mark.parametrize("address", ["", "odile", "odile@", "a@b.example\r\nBcc: c@d.example", "@b.example"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r".*"), APP.app_context():
        envelope.seal(
            content.trial(place="x", url="https://voisins.example/"),
            to=address,
            message_id="1",
            language="en",
            settings=SETTINGS,
            now=NOW,
        )
