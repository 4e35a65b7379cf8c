"""From content to a mail: both forms of it, its headers, and an application to write it outside of any request."""

from collections.abc import Mapping
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import urlsplit

from flask import Flask, render_template
from flask_babel import Babel, gettext

from instance.audience import Audience
from web.frame import context, locale, tokens, words
from web.mail.content import Content
from web.settings import Settings

LONGEST_NAME = 80


def make_app(settings: Settings) -> Flask:
    """An application that can write: templates and languages, and no store, no page, no session."""
    app = Flask(
        "web",
        instance_path=str(settings.home_data.absolute()),
        static_folder=None,
        template_folder="templates",
    )
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    app.config["BABEL_DEFAULT_LOCALE"] = settings.default_locale
    app.config["BABEL_DEFAULT_TIMEZONE"] = locale.TIMEZONE
    Babel(app)
    app.extensions[context.SETTINGS] = settings
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    return app


def html(content: Content, *, place: str, language: str) -> str:
    """The HTML form: one table's width, styles in place, and nothing that would be loaded from anywhere."""
    return render_template("mail/mail.html", **_data(content, place=place, language=language))


def text(content: Content, *, place: str, language: str) -> str:
    """The plain form: the same sentences."""
    return render_template("mail/mail.txt", **_data(content, place=place, language=language))


def _data(content: Content, *, place: str, language: str) -> Mapping[str, object]:
    return {
        "mail": content,
        "reach": words.REACHES[content.audience.word] if content.audience is not None else None,
        "leaf": LEAVES[content.audience] if content.audience is not None else None,
        "stop_words": gettext("Stop these mails"),
        "place": place,
        "language": language,
        "day": tokens.light(),
        "night": tokens.dark(),
    }


# How wide the leaf of the audience's door is and how wide the gap, of sixteen pixels; then what shows in the gap.
LEAVES: Mapping[Audience, tuple[int, int, str]] = {
    Audience.BUILDING: (16, 0, "plate"),
    Audience.QUARTER: (10, 6, "plate"),
    Audience.INSTANCE: (4, 12, "plate"),
    Audience.NETWORK: (4, 12, "ochre-wash"),
}


def seal(
    content: Content, *, to: str, message_id: str, language: str, settings: Settings, now: datetime
) -> EmailMessage:
    """The mail as it is handed to the relay. Raises ValueError for an address that is none."""
    place = line(settings.name)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(display_name=place[:LONGEST_NAME], addr_spec=settings.mail_from)
    mail["To"] = recipient(to)
    mail["Subject"] = f"{line(content.subject)} · {place}"
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{message_id}@{settings.mail_from.rpartition('@')[2]}>"
    if settings.contact_email:
        mail["Reply-To"] = settings.contact_email
    # RFC 3834: no holiday answers to this, and none from us.
    mail["Auto-Submitted"] = "auto-generated"
    if content.stop_url is not None:
        # RFC 2369, RFC 2919, RFC 8058.
        mail["List-Id"] = f"<answers.{urlsplit(settings.origin).hostname}>"
        mail["List-Unsubscribe"] = f"<{content.stop_url}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(text(content, place=place, language=language), cte="quoted-printable")
    mail.add_alternative(html(content, place=place, language=language), subtype="html", cte="quoted-printable")
    # Last: the parts take every Content- header with them that is there before.
    mail["Content-Language"] = language
    return mail


def recipient(address: str) -> Address:
    """An address as it travels: the domain in plain letters, so that only a name with accents needs SMTPUTF8.

    Raises ValueError for what is not one address.
    """
    name, _, domain = address.rpartition("@")
    if not name or not domain or name != line(name) or " " in name:
        raise ValueError(address)
    return Address(username=name, domain=domain.encode("idna").decode("ascii"))


def line(text: str) -> str:
    """Text that is one line and nothing else: a header never ends before its end."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())
