"""Every page that each kind of person can reach: accessible, 320 pixels wide, no foreign host, in both languages."""

from collections.abc import Callable

import pytest

from tests.browser.visitor import Visitor, shape

pytestmark = [pytest.mark.timeout(900), pytest.mark.xdist_group("browser")]

# Not pages: a download, and what ends the visit.
LEFT_OUT = ("/source.tar.gz", "/sign-out", "/actor", "/users/")
FRENCH_LEFT_OVERS = ("Se connecter", "Votre", "Immeuble", "Quartier", "Annonces")

PEOPLE = [
    pytest.param(None, "light", 1280, "fr", id="visitor"),
    pytest.param("odile", "light", 1280, "fr", id="resident"),
    pytest.param("odile", "dark", 320, "en", id="resident-phone-dark-english"),
    pytest.param("jardins", "light", 320, "fr", id="association-phone"),
    pytest.param("moderation", "dark", 1280, "en", id="moderator-dark-english"),
    pytest.param("admin", "light", 320, "fr", id="administrator-phone"),
    pytest.param("admin", "dark", 1280, "en", id="administrator-dark-english"),
]


@pytest.mark.parametrize(("login", "scheme", "width", "language"), PEOPLE)
def test_every_page_within_reach_is_accessible(
    visit: Callable[..., Visitor], login: str | None, scheme: str, width: int, language: str
) -> None:
    visitor = visit(0, login, width=width, color_scheme=scheme)
    waiting, seen, wrong = [f"/?lang={language}"], set(), []
    while waiting:
        path = waiting.pop(0)
        if shape(path) in seen or path.startswith(LEFT_OUT):
            continue
        seen.add(shape(path))
        visitor.go(_in(path, language))
        wrong += [f"{path}: {problem}" for problem in visitor.problems()]
        assert visitor.page.get_attribute("html", "lang") == language
        waiting += sorted(visitor.links())
    assert wrong == []
    assert visitor.foreign == []
    assert len(seen) >= (5 if login is None else 12), seen


def _in(path: str, language: str) -> str:
    if "lang=" in path:
        return path
    return f"{path}{'&' if '?' in path else '?'}lang={language}"


@pytest.mark.parametrize("size", [(1920, 1080), (1080, 1920), (800, 480)])
def test_the_wall_of_a_hall_fits_and_names_nobody(visit: Callable[..., Visitor], demo, size: tuple[int, int]) -> None:
    visitor = visit(0, width=size[0])
    visitor.page.set_viewport_size({"width": size[0], "height": size[1]})
    visitor.go(demo.halls[0])
    words = visitor.words()
    assert "Les Micocouliers" in words
    assert "Ascenseur B" in words
    assert "Amir" not in words
    assert visitor.page.evaluate("document.documentElement.scrollHeight") <= size[1]
    assert visitor.problems() == []
    assert visitor.foreign == []
