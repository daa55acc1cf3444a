"""Names that look like markup: they are shown as text on every page and in the EPUB."""

from __future__ import annotations

import json
import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import jinja2
import pytest
import woven_fixture as woven_title
from lxml import etree
from markupsafe import Markup
from reader_pages import make

from bookscore.queries import epub, reader, report, templates
from bookscore.queries.report import scenes

NAMED = {
    ("book", "title"): "book",
    ("book", "author"): "author",
    ("film", "title"): "film",
    ("album", "title"): "album",
    ("album", "artist"): "artist",
    ("track", "title"): "track",
    ("chapter", "title"): "chapter",
}


def _hostile(what: str) -> str:
    return f'{what} <img src=x onerror=alert(1)> & "quotes" </script><!-- end'


@pytest.fixture
def warehouse(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    """The tiny title with hostile names everywhere, and a control character, which XML cannot hold, in one."""
    connection = make(tmp_path)
    for (table, column), what in NAMED.items():
        connection.execute(f"UPDATE {table} SET {column} = ?", [_hostile(what)])
    connection.execute("UPDATE chapter SET title = 'Bell ' || chr(7) || title")
    return connection


class Page(HTMLParser):
    """The elements of a page with their attributes, and its text outside of scripts and styles."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.cdata_elem:
            self.scripts.append(data)
        else:
            self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")


def _checked(html: str, *shown: str) -> Page:
    """A page without markup from a name, and with these names in its text."""
    page = Page(html)
    for tag, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on")], (tag, attributes)
        assert attributes.get("src") != "x"
    for what in shown:
        assert _hostile(what) in page.text, what
    return page


def test_the_report_and_the_scenes_show_names_as_text(warehouse, tmp_path):
    report.write(warehouse, woven_title.NAME, tmp_path / "report.html")
    _checked((tmp_path / "report.html").read_text(), "book", "author", "film", "album", "track", "chapter")
    scenes.write(warehouse, woven_title.NAME, tmp_path / "scenes.html")
    _checked((tmp_path / "scenes.html").read_text(), "film")


def test_the_reader_shows_names_as_text_and_tells_its_program_the_same(warehouse, tmp_path):
    reader.write(warehouse, woven_title.NAME, tmp_path / "reader")
    html = (tmp_path / "reader" / "index.html").read_text()
    page = _checked(html, "book", "author", "film", "album", "artist", "chapter")
    music = [attributes["data-music"] for _, attributes in page.elements if "data-music" in attributes]
    assert music and set(music) == {_hostile("track")}
    [told] = re.findall(r'id="soundtrack">(.*?)</script>', html, re.DOTALL)
    assert not re.search("[<>&]", told)
    assert json.loads(told)["album"] == _hostile("album")


def test_the_epub_stays_well_formed_and_shows_names_as_text(warehouse, tmp_path):
    epub.write(warehouse, woven_title.NAME, tmp_path / "out.epub", codec="opus")
    with zipfile.ZipFile(tmp_path / "out.epub") as archive:
        documents = {
            name: etree.fromstring(archive.read(name))
            for name in archive.namelist()
            if name.endswith((".xhtml", ".opf", ".xml"))
        }
    text = {name: "".join(document.itertext()) for name, document in documents.items()}
    for what in ("book", "author", "film", "album", "artist"):
        assert _hostile(what) in text["EPUB/title.xhtml"]
    for what in ("book", "author", "artist"):
        assert _hostile(what) in text["EPUB/package.opf"]
    for name in ("EPUB/nav.xhtml", "EPUB/text/001-001.xhtml"):
        assert f"Bell {_hostile('chapter')}" in text[name], "without the control character"
    images = [image.get("src") for document in documents.values() for image in document.iter("{*}img")]
    assert images == []


def test_a_template_escapes_all_but_markup_and_refuses_what_it_was_not_given():
    def shown(**names: object) -> list[str]:
        page = templates.render("epub/container.xml.j2", **names)
        return re.findall(r'full-path="(.*?)"', page)

    assert shown(package='<"&\x07') == ["&lt;&#34;&amp;"]
    assert shown(package=Markup("&lt;\x07")) == ["&lt;"]
    with pytest.raises(jinja2.UndefinedError, match="package"):
        shown()
