"""Paper for letterboxes: order, words, structure and size of the PDF, for one lot and for two thousand."""

import io
import subprocess
import time
from datetime import date

import pypdf
import pytest

from web.sheets import press, printing
from web.sheets.order import Letterbox, Order, Paper


def order(paper: Paper, *, lots: int = 10, locale: str = "en", **more: str) -> Order:
    said = {"building": "Les Pins", "street": "14 rue de l’Exemple", "contact": ""} | more
    return Order(
        paper=paper,
        locale=locale,
        place="Voisins d’Exemple",
        town="99001 Exemple",
        address="https://voisins.example/join",
        until=date(2027, 7, 10),
        letterboxes=[Letterbox(lot=f"L{number}", code=f"K7QF-93MX-{number:04d}") for number in range(lots, 0, -1)],
        **said,
    )


def read(drawn: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(drawn))


def words(page: pypdf.PageObject) -> str:
    return page.extract_text()


def test_a_sheet_for_each_letterbox_in_the_order_given() -> None:
    pages = read(printing.draw(order(Paper.LETTERS))).pages
    assert len(pages) == 10
    for page, number in zip(pages, range(10, 0, -1), strict=True):
        said = words(page)
        assert f"Letterbox L{number}\n" in said
        assert f"K7QF-93MX-{number:04d}" in said.replace(" ", "")
        for constant in ("Voisins d’Exemple", "14 rue de l’Exemple", "https://voisins.example/join", "July 10, 2027"):
            assert constant in said


def test_eight_slips_on_a_sheet() -> None:
    pages = read(printing.draw(order(Paper.SLIPS))).pages
    assert [words(one).count("Letterbox L") for one in pages] == [8, 2]
    assert "Letterbox L2\n" in words(pages[1])


def test_both_languages_are_on_a_letter() -> None:
    said = words(read(printing.draw(order(Paper.LETTERS, lots=1, locale="fr"))).pages[0])
    assert "Boîte aux lettres L1" in said
    assert "10 juillet 2027" in said
    assert "In English: this is the notice board" in said
    said = words(read(printing.draw(order(Paper.LETTERS, lots=1))).pages[0])
    assert "En français" in said


def test_somebody_to_ask_is_named_if_there_is_one() -> None:
    assert "Ask whoever gave you" in words(read(printing.draw(order(Paper.LETTERS, lots=1))).pages[0])
    named = words(read(printing.draw(order(Paper.LETTERS, lots=1, contact="aide@voisins.example"))).pages[0])
    assert "Write to aide@voisins.example" in named


@pytest.mark.parametrize("paper", list(Paper))
def test_a_title_a_language_and_a_structure(paper: Paper) -> None:
    document = read(printing.draw(order(paper, lots=9, locale="fr")))
    root = document.trailer["/Root"]
    assert root["/Lang"] == "fr"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert "Les Pins" in document.metadata.title
    kinds = [one.get_object()["/S"] for one in root["/StructTreeRoot"]["/K"][0].get_object()["/K"]]
    assert kinds.count("/H1") == 9
    figures = [
        one.get_object()
        for one in root["/StructTreeRoot"]["/K"][0].get_object()["/K"]
        if one.get_object()["/S"] == "/Figure"
    ]
    assert len(figures) == 9
    assert all("https://voisins.example/join" in one["/Alt"] for one in figures)


def test_every_mark_in_a_sheet_is_an_element_of_the_structure() -> None:
    document = read(printing.draw(order(Paper.LETTERS, lots=3)))
    elements = document.trailer["/Root"]["/StructTreeRoot"]["/K"][0].get_object()["/K"]
    for page in document.pages:
        content = page.get_contents().get_data()
        told = {
            one.get_object()["/K"][0] for one in elements if one.get_object().raw_get("/Pg") == page.indirect_reference
        }
        assert told == set(range(content.count(b"/MCID")))
        assert content.count(b"BDC") + content.count(b"BMC") == content.count(b"EMC")


def test_no_code_is_in_an_address() -> None:
    drawn = printing.draw(order(Paper.LETTERS, lots=2))
    pictures = {one.data for page in read(drawn).pages for one in page.images}
    assert len(pictures) == 1  # the same square on every letter, so it cannot carry a code


def test_our_own_font_is_inside_and_no_other() -> None:
    fonts = {
        font.get_object()["/BaseFont"]
        for page in read(printing.draw(order(Paper.LETTERS, lots=1, building="Cité Łódź"))).pages
        for font in page["/Resources"]["/Font"].values()
    }
    assert fonts
    assert all("Atkinson" in one for one in fonts)


def test_long_names_stay_on_the_sheet() -> None:
    long = order(Paper.LETTERS, lots=1, building="Résidence " + "des Micocouliers " * 6, street="x" * 120)
    (page,) = read(printing.draw(long)).pages
    at = []
    page.extract_text(
        visitor_text=lambda text, _cm, tm, _font, _size: at.append((tm[4], tm[5])) if text.strip() else None
    )
    assert all(0 < x < 595 and 20 < y < 842 for x, y in at)


def test_an_order_travels_unchanged() -> None:
    one = order(Paper.SLIPS, lots=2)
    assert Order.unpacked(one.packed()) == one
    assert read(press.draw(one)).pages[0].extract_text() == read(printing.draw(one)).pages[0].extract_text()


def test_a_process_that_fails_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(press, "SECONDS", 0.001)
    with pytest.raises(subprocess.TimeoutExpired):
        press.draw(order(Paper.LETTERS))


def test_two_thousand_letters_take_bounded_time_and_space() -> None:
    begin = time.process_time()
    drawn = printing.draw(order(Paper.LETTERS, lots=2000))
    # About four seconds of work; laid out anew for each sheet it would be a hundred.
    assert time.process_time() - begin < 40
    assert len(drawn) < 15_000_000
    pages = read(drawn).pages
    assert len(pages) == 2000
    assert "Letterbox L1\n" in words(pages[1999])
