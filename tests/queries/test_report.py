"""The report of a title: one page that needs no other, in a real browser."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pytest
import woven_fixture as woven_title
from PIL import Image

from bookscore.engine.errors import BookscoreError
from bookscore.queries import report
from bookscore.queries.report import charts

VOID = {"meta", "img", "br"}


def fill(connection: duckdb.DuckDBPyConnection) -> None:
    """What the report shows beyond the soundtrack: evidence, a frame, novelty."""
    for chapter_no, scene_no, nats in ((1, 12, 9.0), (2, 12, 1.0), (1, 13, 0.0), (2, 13, 4.0)):
        connection.execute(
            "INSERT INTO chapter_scene_evidence (title_id, film_id, chapter_no, scene_no, dialogue, characters, place) "
            "VALUES ('t', 'f', ?, ?, ?, 0, 0)",
            [chapter_no, scene_no, nats],
        )
    picture = io.BytesIO()
    Image.new("RGB", (64, 36), "#7a5").save(picture, "JPEG")
    connection.execute("INSERT INTO frame VALUES ('f', 40, 1, 3722, ?)", [picture.getvalue()])
    for n in range(8):
        connection.execute("INSERT INTO novelty VALUES ('a', 1, ?, ?, ?)", [n + 1, float(n), n / 8])


@pytest.fixture
def warehouse(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    connection = woven_title.make(tmp_path)
    fill(connection)
    return connection


def page(connection: duckdb.DuckDBPyConnection, folder: Path) -> str:
    report.write(connection, woven_title.NAME, folder / "report.html")
    return (folder / "report.html").read_text(encoding="utf-8")


class Checker(HTMLParser):
    """Elements that are open, and the text outside styles."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def checked(html: str) -> Checker:
    found = Checker()
    found.feed(html)
    assert found.open == []
    return found


def test_the_page_needs_nothing_else_and_runs_nothing(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    found = checked(page(warehouse, tmp_path))
    assert "script" not in {tag for tag, _ in found.found}
    sources = [
        value
        for _, attributes in found.found
        for name, value in attributes.items()
        if name in ("src", "href")
    ]
    assert sources and all(str(source).startswith("data:") for source in sources)
    assert woven_title.HOSTILE not in page(warehouse, tmp_path)


def test_the_page_tells_the_whole_soundtrack(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    found = checked(page(warehouse, tmp_path))
    text = " ".join(" ".join(found.text).split())
    assert "1 of the 2 scenes of The Lamp" in text
    for (chapter, segment), (_, method) in woven_title.WOVEN.items():
        assert ("tr", {"id": f"s{chapter}-{segment}"}) in found.found
        assert {"film": "from the film", "emotion": "by emotion"}[method] in text
    assert "Keep that lamp burning!" in text and "ban “Ebb”" in text and "as far as that" in text
    [picture] = [attributes for tag, attributes in found.found if tag == "img"]
    assert picture["alt"] == "The film at 1:02:03"


def test_the_best_match_is_told_book_and_film_side_by_side(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    html = page(warehouse, tmp_path)
    assert (
        "<dt>Book</dt><dd>“Keep the lamp burning”</dd><dt>Film 1:02:03</dt><dd>“Keep that lamp burning!”</dd>"
        in html
    )


def test_what_the_reader_asked_for_is_told_as_theirs(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    warehouse.execute(
        'UPDATE soundtrack SET evidence = json_merge_patch(evidence, \'{"reader": ["calmer"]}\') WHERE segment_no = 1 AND chapter_no = 1'
    )
    warehouse.execute("UPDATE soundtrack SET method = 'reader' WHERE (chapter_no, segment_no) = (2, 1)")
    html = page(warehouse, tmp_path)
    assert html.count("You asked for calmer music here.") == 1
    assert (
        "You gave this music to the passage yourself." in html and 'class="tag reader">chosen by you' in html
    )


def test_the_line_of_the_musics_emotion_is_up_where_it_is_major() -> None:
    def span(start: float, strength: float) -> charts.Span:
        return charts.Span(start, start + 0.5, "1.1", "film", 0.1, strength, 0.2, "Ebb")

    drawn = charts.course([span(0, 1), span(0.5, -1)], 0.7, [(0.0, 1)])
    [points] = re.findall(r'class="music" points="([^"]+)"', drawn)
    heights = [float(point.split(",")[1]) for point in points.split()]
    [zero] = {float(y) for y in re.findall(r'class="zero"[^>]* y1="([\d.]+)"', drawn)}
    assert heights[0] == heights[1] < zero < heights[2] == heights[3]


def test_every_picture_says_what_it_shows(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    found = checked(page(warehouse, tmp_path)).found
    pictures = [
        attributes for tag, attributes in found if tag == "svg" and attributes.get("aria-hidden") != "true"
    ]
    assert len(pictures) == 5 and all(attributes["aria-label"] for attributes in pictures)


def test_two_films_have_a_matrix_each_and_a_book_without_one_has_none(tmp_path: Path) -> None:
    connection = woven_title.make(tmp_path / "two")
    fill(connection)
    connection.execute("INSERT INTO title_film VALUES ('t', 2, 'g', 'album', 0.1)")
    connection.execute("INSERT INTO film VALUES ('g', 'The Sea', '/films/sea.mkv', 60, 25, 4, 3, true, true)")
    connection.execute("INSERT INTO scene VALUES ('g', 1, 1, 1, 0, 60)")
    both = page(connection, tmp_path)
    assert both.count('class="matrix"') == 2 and both.count("The darker a cell") == 1
    assert "along the films <cite>The Lamp</cite>, <cite>The Sea</cite>" in both
    alone = page(woven_title.make(tmp_path / "none", film=False), tmp_path)
    assert 'class="matrix"' not in alone and "from the film" not in alone


def test_a_film_that_does_not_match_and_scenes_that_are_not_sure_are_told(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    warehouse.execute("UPDATE chapter_scene SET accepted = false")
    html = page(warehouse, tmp_path)
    assert "0 of the 2 scenes of <cite>The Lamp</cite>" in html and "1 more may, but too uncertainly" in html
    warehouse.execute("DELETE FROM film_match")
    warehouse.execute(
        "INSERT INTO film_match (title_id, film_id, n_lines, nats, accepted) VALUES ('t', 'f', 0, 0, false)"
    )
    html = page(warehouse, tmp_path)
    assert "<cite>The Lamp</cite> does not match the book" in html and "of the 2 scenes" not in html


def test_an_unknown_title_and_a_place_that_cannot_be_written_are_told(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    with pytest.raises(BookscoreError, match="'Lamp'"):
        report.write(warehouse, "Lamp", tmp_path / "x.html")
    (tmp_path / "file").write_text("")
    with pytest.raises(BookscoreError, match="cannot be written"):
        report.write(warehouse, woven_title.NAME, tmp_path / "file" / "x.html")


def test_a_large_matrix_stays_small() -> None:
    chapters = [(n, f"Chapter {n}") for n in range(1, 151)]
    scenes = range(1, 1001)
    evidence = {(c, s): float((7 * c + 13 * s) % 10) for c, _ in chapters for s in scenes}
    drawn = charts.matrix(chapters, scenes, evidence, {s: (1 + s * 149 // 1000, 0.5) for s in scenes}, "F")
    assert len(drawn) < 1_000_000


@pytest.mark.parametrize(
    ("title", "headed"),
    [
        ("IV. Lottie", "4 Lottie"),
        ("Chapter 4: Lottie", "4 Lottie"),
        ("Lottie", "4 Lottie"),
        ("IV", "4"),
        ("Mixed", "4 Mixed"),
        ("I Tried", "4 I Tried"),
    ],
)
def test_a_chapters_number_is_told_once(title: str, headed: str) -> None:
    assert charts.headed(4, title) == headed


@pytest.fixture
def browser() -> Iterator:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


def luminance(colour: str) -> float:
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_phone_and_a_desk_and_can_be_read(
    browser, warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, scheme: str
) -> None:
    page(warehouse, tmp_path)
    for width in (390, 1280):
        opened = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
        said: list[str] = []
        opened.on("console", lambda message, said=said: said.append(message.text))
        opened.goto((tmp_path / "report.html").as_uri())
        assert opened.evaluate("document.documentElement.scrollWidth") <= width
        paper = luminance(opened.evaluate("getComputedStyle(document.body).backgroundColor"))
        for selector, of in (
            ("p", "color"),
            ("td.why", "color"),
            ("dt", "color"),
            ("svg text", "fill"),
            (".kind", "color"),
        ):
            ink = luminance(opened.evaluate(f"getComputedStyle(document.querySelector('{selector}')).{of}"))
            assert (max(ink, paper) + 0.05) / (min(ink, paper) + 0.05) >= 4.5, selector
        for tag in opened.query_selector_all(".tag"):
            ink, back = (
                luminance(tag.evaluate(f"(e) => getComputedStyle(e).{of}"))
                for of in ("color", "backgroundColor")
            )
            assert (max(ink, back) + 0.05) / (min(ink, back) + 0.05) >= 4.5
        assert said == []
        opened.close()
