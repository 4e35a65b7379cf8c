"""What the federation side notes down (why something stays, fails, or was refused), in the reader's language."""

import re
from typing import Final

from flask_babel import lazy_gettext

# The words noted are English by nature: they are written by processes that know no reader. Whoever adds a
# reason there adds its line here; one that is missing is shown as it was noted.
REASONS: Final = {
    # the boundary
    "audience building": lazy_gettext("It is for one building, so it stays."),
    "audience quarter": lazy_gettext("It is for one quarter, so it stays."),
    "audience instance": lazy_gettext("It is for this town, so it stays."),
    "superseded by a newer version": lazy_gettext("A newer version was looked at instead."),
    "came from elsewhere": lazy_gettext("It came from another town and does not leave again."),
    "both live here": lazy_gettext("Both neighbours live here, so the letter stays."),
    "the quarter is not open": lazy_gettext("The quarter is not open to neighbouring towns."),
    "no byline or no quarter": lazy_gettext("It has no signature for outside, so it stays."),
    "not a kind of notice that may leave": lazy_gettext("Notices of this kind do not leave."),
    "no such notice": lazy_gettext("The notice no longer exists."),
    "no such organisation": lazy_gettext("The organisation no longer exists."),
    "no such letter": lazy_gettext("The letter no longer exists."),
    "no such report": lazy_gettext("The report no longer exists."),
    "nobody is left to tell": lazy_gettext("Whoever wrote it cannot be found any more."),
    "no such loan": lazy_gettext("The loan no longer exists."),
    "nothing that the other town has to know": lazy_gettext("The other town does not have to know it."),
    "was withdrawn outside and stays so": lazy_gettext("It was taken down outside, and stays so there."),
    "published": lazy_gettext("It was published for everybody."),
    "was already withdrawn": lazy_gettext("It was already taken down outside."),
    "its author took everything back": lazy_gettext("Its author took everything back."),
    "withdrawn before it was sent": lazy_gettext("It was taken down before it was sent."),
    "nobody took it in time": lazy_gettext("Nobody there took it in time."),
    "somebody here gave it up": lazy_gettext("An administrator here gave it up."),
    "nothing had left": lazy_gettext("Nothing of it had left."),
    "another actor has this name": lazy_gettext("Somebody else already has this name outside."),
    "outline shown": lazy_gettext("Where it lies can be read by other towns."),
    "actor made": lazy_gettext("Its public profile can now be found and followed."),
    "profile updated": lazy_gettext("Its public profile was updated."),
    # looking others up, and sending to them
    "no instance behind this address": lazy_gettext("No town of this network answers at this address."),
    "the name has no address": lazy_gettext("This name leads nowhere. Check how it is written."),
    "the name leads to an address that is not public": lazy_gettext("This name leads into a private network."),
    "no answer in time": lazy_gettext("No answer in time."),
    "too many redirects": lazy_gettext("It sends visitors on too many times."),
    "it takes too many documents": lazy_gettext("Too many documents had to be fetched for it."),
    "a redirect to another host": lazy_gettext("It sends visitors on to another address. Use that one."),
    "a document of another media type": lazy_gettext("What answers there is not a town of this network."),
    "a document larger than 1 MiB": lazy_gettext("What it answered is too large."),
    "only https is spoken": lazy_gettext("Only secure addresses (https) are used."),
    "it was deleted": lazy_gettext("It was deleted there."),
    "host blocked": lazy_gettext("The town is blocked."),
    "against a charter": lazy_gettext("What is agreed with this town does not let it go there."),
    "its outlines are too tangled to compare": lazy_gettext(
        "Their map is too tangled to be compared with ours. Declare neighbours by hand."
    ),
    "an older charter than the one known": lazy_gettext("It showed an older charter than the one known."),
    "connection refused": lazy_gettext("Nobody listens at this address now."),
    "no longer on their list of followers": lazy_gettext(
        "Their town no longer lists us. Follow them again if you wish."
    ),
    "refused by the other side": lazy_gettext("The other side said no."),
    "it shows no outbox": lazy_gettext("It does not show what it published."),
    "no longer followed": lazy_gettext("It is no longer followed."),
    "an outbox with pages on another host": lazy_gettext("It sends readers on to another town."),
    "it is gone, as its own host confirms": lazy_gettext("It is gone, as its own town confirms."),
    "it is still there": lazy_gettext("It is still there, so nothing was dropped."),
    "its receiver is gone": lazy_gettext("Its receiver is gone."),
    # letters that came in
    "no signature": lazy_gettext("It was not signed."),
    "signature does not match": lazy_gettext("Its signature is not genuine."),
    "its signature is not its actor's": lazy_gettext("Somebody else than its sender signed it."),
    "date too far from now": lazy_gettext("It was signed too long ago, or its clock is wrong."),
    "the text is somebody else's": lazy_gettext("The text is somebody else's."),
    "speaks of another actor": lazy_gettext("It speaks for somebody else."),
    "withdraws what somebody else wrote": lazy_gettext("It takes down what somebody else wrote."),
    "withdraws what is another host's": lazy_gettext("It takes down what belongs to another town."),
    "written on a blocked host": lazy_gettext("It was written in a blocked town."),
    "of a kind that is not read here": lazy_gettext("It is of a kind that is not read here."),
    "forwarded, and its origin does not confirm it": lazy_gettext("Where it is said to come from does not confirm it."),
    "from an instance that nobody here approved yet": lazy_gettext("Nobody here approved this town yet."),
    "wants to take part; told that nobody counts": lazy_gettext(
        "Somebody there means to come. They were told that nobody is counted here."
    ),
    "wants to take part in nothing of ours": lazy_gettext(
        "Somebody there means to come to something that is not ours."
    ),
    "our charter with its town takes no news": lazy_gettext("What is agreed with its town takes no news."),
    "our charter with its town does not take this offer": lazy_gettext(
        "What is agreed with its town does not take this offer."
    ),
    "our charter with its town takes no reports": lazy_gettext("What is agreed with its town takes no reports."),
    "held for a moderator: its town is limited": lazy_gettext("Its town is limited: a moderator decides about it."),
    "names a day that nobody can mean": lazy_gettext("It names a day that nobody can mean."),
    "held for a moderator: it mentions many": lazy_gettext("It mentions many people: a moderator decides about it."),
    "its town wrote enough here for a day": lazy_gettext("Its town answered here more often today than is taken."),
    "enough was written under that for a day": lazy_gettext(
        "Other towns answered this more often today than is taken."
    ),
    "moves somebody else": lazy_gettext("It says that somebody else moved."),
    "nobody here follows whoever moves": lazy_gettext("Nobody here follows whoever moved."),
    "moves to one of ours": lazy_gettext("It says that they moved to one of us."),
    "moves to an address that cannot be used": lazy_gettext("They moved to an address that cannot be used."),
    "moves to a blocked host": lazy_gettext("They moved to a blocked town."),
    "moved less than a month ago": lazy_gettext("They moved less than a month ago."),
    "moves, and its own document does not say so": lazy_gettext(
        "Their old profile does not say that they moved there."
    ),
    "moves to somebody who does not know it": lazy_gettext("Their new profile does not say that it was theirs before."),
    "moves to somebody who has moved on": lazy_gettext("Their new profile says that they moved on from there."),
    "moves to somebody who cannot be followed": lazy_gettext("Where they moved to cannot be followed."),
    "its object was withdrawn before": lazy_gettext("What it is about was taken down before."),
    "it is of another kind than before": lazy_gettext("An offer does not become news, nor news an offer."),
    "its sender is not the one it belongs to": lazy_gettext("It belongs to somebody else than its sender."),
    "it answers nothing of ours": lazy_gettext("It answers nothing of this town."),
    "nobody here agreed to that": lazy_gettext("Nobody here agreed to that."),
    "what it answers is no longer public": lazy_gettext("What it answers no longer hangs for everybody."),
    "the agreement is somebody else's": lazy_gettext("The agreement is somebody else's."),
}
# Noted with a number or a name inside: the group goes into the sentence as `%(one)s`.
PATTERNS: Final = (
    (re.compile(r"answered (\d{3})"), lazy_gettext("It answered with error %(one)s.")),
    (re.compile(r"no connection: (?P<one>.*)"), lazy_gettext("No connection could be made (%(one)s).")),
    (re.compile(r"version (\d+)"), lazy_gettext("Version %(one)s was published.")),
    (re.compile(r"withdrawn from (\d+) inboxes"), lazy_gettext("It was taken down outside; told to: %(one)s.")),
    (re.compile(r"report to (\S+)"), lazy_gettext("A report to %(one)s, about something of theirs.")),
    (re.compile(r"letter to (\S+)"), lazy_gettext("A private letter to one person of %(one)s.")),
    (re.compile(r"moved to (\S+); follows that went along: \d+"), lazy_gettext("It moved to %(one)s.")),
    (
        re.compile(r"outlines not read: (.*)"),
        lazy_gettext("Outlines of theirs that cannot be read, and were left out: %(one)s."),
    ),
    (
        re.compile(r"its outlines are not believed: (.*)"),
        lazy_gettext("Their map cannot be read and was left out (%(one)s)."),
    ),
    (
        re.compile(r"our own programs fail at it \((\w+)\)"),
        lazy_gettext("Palier itself failed at it, several times (%(one)s). The log says more."),
    ),
    (
        re.compile(r"waits: our own programs fail at it \((\w+)\)"),
        lazy_gettext("Palier itself failed at it and tries again (%(one)s). The log says more."),
    ),
    (re.compile(r"waits: (.*)"), lazy_gettext("It waits (%(one)s).")),
)


def sentence(noted: str | None) -> str:
    """A noted reason as a sentence; nothing for nothing."""
    if not noted:
        return ""
    if noted in REASONS:
        return str(REASONS[noted])
    for pattern, words in PATTERNS:
        if found := pattern.fullmatch(noted):
            return str(words) % {"one": found[1]}
    return noted
