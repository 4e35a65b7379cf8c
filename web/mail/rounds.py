"""The mail round: answers who forgot a password, then hands waiting mails to the relay, one after the other.

Each mail is leased in one transaction, sent outside of any, and recorded in another. A crash in between sends it
again under the same Message-ID.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage

from flask import Flask
from flask_babel import force_locale

from instance import outgoing, recovery
from instance.outgoing import OutgoingMail
from web import stores
from web.frame import locale
from web.mail import envelope, occasions, relay
from web.mail.occasions import Nothing, Occasion
from web.mail.relay import Later, Line, Never, Relay, Taken, Unreachable
from web.settings import Settings

MOST_AT_ONCE = 100

log = logging.getLogger(__name__)


class Round:
    """Looks for what is to send and sends it. One thread of one process uses it."""

    def __init__(
        self, home: stores.Store, *, settings: Settings, relay: Relay, app: Flask, now: Callable[[], datetime]
    ) -> None:
        self._home = home
        self._settings = settings
        self._relay = relay
        self._app = app
        self._now = now

    def __call__(self) -> int:
        """One look; how many mails the relay took.

        Raises Unreachable when the relay was of no use; the mail in hand was put off, the others wait.
        """
        asked, due = self._look()
        if asked:
            with self._home.write.begin() as session:
                recovery.answer_requests(session, now=self._now())
        first = self._lease() if asked or due else None
        return 0 if first is None else self._hand_over(first)

    def _look(self) -> tuple[bool, bool]:
        """Whether somebody forgot a password, and whether a mail is due; reading takes no lock."""
        with self._home.read() as session:
            return recovery.is_asked(session), outgoing.is_due(session, now=self._now())

    def _lease(self) -> int | None:
        """The id of the next mail, now ours to send."""
        with self._home.write.begin() as session:
            mail = outgoing.lease(session, now=self._now())
            return mail.id if mail is not None else None

    def _hand_over(self, first: int) -> int:
        taken, mail_id = 0, first
        try:
            with relay.connect(self._relay) as line:
                for _ in range(MOST_AT_ONCE):
                    taken += self._send(line, mail_id)
                    following = self._lease()
                    if following is None:
                        break
                    mail_id = following
        except Unreachable as error:
            self._record(mail_id, Later(said=error.said))
            raise
        return taken

    def _send(self, line: Line, mail_id: int) -> bool:
        written = self._write(mail_id)
        if written is None:
            return False
        message, to = written
        outcome = line.send(message, sender=self._settings.mail_from, recipient=to)
        self._record(mail_id, outcome)
        return isinstance(outcome, Taken)

    def _write(self, mail_id: int) -> tuple[EmailMessage, str] | None:
        """A mail and where it goes; None when it has nothing to say any more, or cannot be addressed."""
        now = self._now()
        with self._home.write.begin() as session, self._app.app_context():
            mail = session.get_one(OutgoingMail, mail_id)
            with force_locale(_language(mail, self._settings)):
                found = occasions.occasion(session, mail=mail, settings=self._settings, now=now)
                if isinstance(found, Nothing):
                    outgoing.drop(session, mail=mail, why=found.why, now=now)
                    return None
                try:
                    return self._seal(mail, found, now=now)
                except ValueError:
                    outgoing.fail(session, mail=mail, said="the address cannot be written on a mail", now=now)
                    return None

    def _seal(self, mail: OutgoingMail, found: Occasion, *, now: datetime) -> tuple[EmailMessage, str]:
        message = envelope.seal(
            found.content,
            to=found.to,
            message_id=str(mail.public_id),
            language=_language(mail, self._settings),
            settings=self._settings,
            now=now,
        )
        return message, envelope.recipient(found.to).addr_spec

    def _record(self, mail_id: int, outcome: relay.Outcome) -> None:
        with self._home.write.begin() as session:
            mail = session.get_one(OutgoingMail, mail_id)
            match outcome:
                case Taken():
                    outgoing.sent(session, mail=mail, now=self._now())
                case Later(said=said):
                    outgoing.put_off(session, mail=mail, said=said, now=self._now())
                case Never(said=said):
                    outgoing.fail(session, mail=mail, said=said, now=self._now())
                    # The kind only: to whom is in the row, not in a log.
                    log.warning("the relay refuses a mail (%s): %s", mail.kind, said)


def _language(mail: OutgoingMail, settings: Settings) -> str:
    return mail.resident.locale if mail.resident.locale in locale.LOCALES else settings.default_locale
