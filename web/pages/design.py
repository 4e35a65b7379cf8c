"""Every component in each of its states, on one page: for whoever builds or judges the look."""

from typing import Final

from flask import Blueprint, abort, render_template

from instance.audience import Audience
from web.frame import context, tokens
from web.views import samples

pages = Blueprint("design", __name__)

# Both side by side, whatever the reader chose for the page around them.
PANES: Final = ("light", "dark")
COLOURS: Final = (
    ("board", "paper", "paper-worn", "line", "line-strong", "ink", "ink-soft"),
    ("blue", "blue-deep", "blue-wash", "terracotta", "terracotta-wash", "olive", "olive-wash"),
    ("ochre", "ochre-wash", "red", "red-wash", "plate", "sun", "white"),
)
SIZES: Final = ("page", "section", "title", "lead", "body", "small")
SPACES: Final = ("u1", "u2", "u3", "u4", "u6", "u8", "u12", "u16")


@pages.get("/design")
def design() -> str:
    """The components; in development for everybody signed in, elsewhere for staff."""
    resident = context.require_resident()
    if not context.settings().development and not resident.is_moderator:
        abort(404)
    now = context.now()
    return render_template(
        "design/design.html",
        panes=PANES,
        colours=COLOURS,
        sizes=SIZES,
        spaces=SPACES,
        values={"light": tokens.light(), "dark": tokens.dark()},
        forms={theme: samples.forms(theme) for theme in PANES},
        letters={theme: samples.letters(now, theme=theme) for theme in PANES},
        audiences=list(Audience),
        slips=samples.slips(now),
        bylines=samples.bylines(),
        leaving=samples.leaving(now),
        days=samples.days(),
        steps=samples.steps(),
        hung=samples.hung(now),
        urgent=samples.urgent(now),
    )
