"""What an EPUB tells about itself: its metadata, cover, style sheets and fonts."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import polars as pl
import pytest
import styled_epub
from book_files import make_epub, make_small_epub, page
from PIL import Image
from small_models import SmallModels

from bookscore.engine.errors import BookscoreError
from bookscore.engine.runner import Item, Run
from bookscore.engine.settings import defaults
from bookscore.engine.warehouse import Warehouse
from bookscore.ingest.book.formats import style_sheets
from bookscore.ingest.book.medium import MEDIUM, sources

FILES = "path", "media_type", "role", "position"


def _metadata(path: Path) -> list[tuple[str, str, list[list[str]]]]:
    rows = styled_epub.rows(path)["book_metadata"]
    assert rows["entry_no"].to_list() == list(range(1, len(rows) + 1))
    return [
        (name, text, json.loads(more))
        for name, text, more in rows.select(pl.col("name", "text", "refinements")).rows()
    ]


def _files(path: Path) -> dict[str, tuple[str, str, int | None, bytes]]:
    """Media type, role, position and content by path."""
    rows = styled_epub.rows(path)["book_file"]
    assert rows["file_no"].to_list() == list(range(1, len(rows) + 1))
    return {path: tuple(rest) for path, *rest in rows.select(*FILES, "data").rows()}


def _picture(form: str) -> bytes:
    file = io.BytesIO()
    Image.new("L", (60, 90)).save(file, form)
    return file.getvalue()


def _package(metadata: str = "", items: str = "") -> str:
    return (
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/">{metadata}</metadata><manifest>{items}'
        '<item id="t" href="t.xhtml" media-type="application/xhtml+xml"/></manifest>'
        '<spine><itemref idref="t"/></spine></package>'
    )


def _css(*names: str) -> str:
    return "".join(f'<item id="{name}" href="{name}" media-type="text/css"/>' for name in names)


def _page(*sheets: str) -> str:
    return page("<p>text</p>").replace(
        "</head>", "".join(f'<link rel="stylesheet" href="{s}"/>' for s in sheets) + "</head>"
    )


# --- Metadata ---


def test_metadata_of_epub_2_has_its_attributes_as_refinements(tmp_path: Path) -> None:
    assert _metadata(styled_epub.make(tmp_path / "b.epub")) == [
        ("identifier", "urn:isbn:123", []),
        ("title", "The Lamp & the Sea", []),
        ("creator", "Ines Hallow", [["role", "aut"], ["file-as", "Hallow, Ines"]]),
        ("language", "en_GB", []),
        ("publisher", "Harbour Press", []),
        ("date", "1911", []),
        ("rights", "Public domain", []),
        ("subject", "Lighthouses", []),
    ]


def test_metadata_of_epub_3_has_its_refinements_in_order_and_its_collections(tmp_path: Path) -> None:
    package = _package(
        '<dc:title id="t">Low\n  Water</dc:title><dc:creator id="c">Ann Ò</dc:creator><dc:subject> </dc:subject>'
        '<meta refines="#c" property="role">aut</meta><meta refines="#c" property="role">ill</meta>'
        '<meta refines="#t" property="dcterms:modified">2020</meta>'
        '<meta id="s" property="belongs-to-collection">Lamps</meta><meta refines="#s" property="group-position">2</meta>'
    )
    assert _metadata(styled_epub.make(tmp_path / "b.epub", {"c.opf": package})) == [
        ("title", "Low Water", []),
        ("creator", "Ann Ò", [["role", "aut"], ["role", "ill"]]),
        ("belongs-to-collection", "Lamps", [["group-position", "2"]]),
    ]


# --- Cover ---


def test_the_cover_comes_first_under_a_name_of_its_own(tmp_path: Path) -> None:
    [(path, (media_type, role, position, data)), *_] = _files(styled_epub.make(tmp_path / "b.epub")).items()
    assert (path, media_type, role, position) == ("cover.jpeg", "image/jpeg", "cover", None)
    assert Image.open(io.BytesIO(data)).size == (60, 90)


@pytest.mark.parametrize(
    "cover",
    [b"", b"no picture", _picture("PNG")[:50], _picture("BMP"), b"<svg xmlns='http://www.w3.org/2000/svg'/>"],
    ids=["empty", "text", "cut off", "bmp", "svg"],
)
def test_a_cover_that_is_no_valid_image_gives_way_to_the_next(tmp_path: Path, cover: bytes) -> None:
    assert "cover" not in {
        file[1] for file in _files(styled_epub.make(tmp_path / "a.epub", {"images/c v.jpg": cover})).values()
    }
    items = (
        '<item id="x" href="x.png" media-type="image/png" properties="cover-image"/>'
        '<item id="y" href="y.gif" media-type="image/png" properties="cover-image"/>'
    )
    files = {"c.opf": _package(items=items), "x.png": cover, "y.gif": _picture("GIF")}
    assert _files(styled_epub.make(tmp_path / "b.epub", files)) == {
        "cover.gif": ("image/gif", "cover", None, _picture("GIF"))
    }


def test_a_picture_too_large_to_be_opened_is_no_cover(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    assert "cover.jpeg" not in _files(styled_epub.make(tmp_path / "b.epub"))


def test_files_that_cannot_be_unpacked_are_left_out(tmp_path: Path) -> None:
    """Deflated data that is no deflated data, as damage on a disk makes it."""
    whole, damaged = styled_epub.make(tmp_path / "whole.epub"), tmp_path / "damaged.epub"
    with zipfile.ZipFile(whole) as archive, zipfile.ZipFile(damaged, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in archive.namelist():
            copy.writestr(name, archive.read(name))
    with zipfile.ZipFile(damaged) as archive:
        places = [archive.getinfo(f"OEBPS/{name}") for name in ("images/c v.jpg", "fonts/lamp.ttf")]
    data = bytearray(damaged.read_bytes())
    for place in places:
        start = place.header_offset + 30 + len(place.filename)
        data[start : start + place.compress_size] = b"\xff" * place.compress_size
    damaged.write_bytes(data)
    found = _files(damaged)
    assert [*found] == ["OEBPS/css/book.css", "OEBPS/css/more.css"]
    assert b"lamp.ttf" in _files(whole)["OEBPS/css/book.css"][3]
    assert b"lamp.ttf" not in found["OEBPS/css/book.css"][3]


# --- Styles ---


def test_sheets_that_the_text_links_and_what_they_name_are_kept(tmp_path: Path) -> None:
    found = _files(styled_epub.make(tmp_path / "b.epub"))
    assert {path: file[:3] for path, file in found.items() if file[1] != "cover"} == {
        "OEBPS/css/book.css": ("text/css", "style", 1),
        "OEBPS/css/more.css": ("text/css", "asset", None),
        "OEBPS/fonts/lamp.ttf": ("application/x-font-ttf", "asset", None),
    }, "neither the obfuscated font nor one that is absent"
    css = found["OEBPS/css/book.css"][3].decode()
    assert "lamp.ttf" in css and "more.css" in css and "text-indent: 2em" in css
    for gone in ("locked.ttf", "gone.ttf", "example.org", "direction", "comment"):
        assert gone not in css


def test_sheets_are_in_the_order_of_their_links_whatever_imports_them(tmp_path: Path) -> None:
    files = {
        "c.opf": _package(items=_css("a.css", "b.css", "c.css")),
        "t.xhtml": _page("b.css", "a.css", "gone.css", "c.css", "b.css"),
        "a.css": "@import 'c.css'; p { color: red }",
        "b.css": "p { color: blue }",
        "c.css": "@import 'a.css'; p { color: teal }",
    }
    found = styled_epub.rows(styled_epub.make(tmp_path / "b.epub", files))["book_file"]
    assert set(found["role"]) == {"style"}
    in_order = found.sort("position")["path"].to_list()
    assert in_order == ["OEBPS/a.css", "OEBPS/c.css", "OEBPS/b.css"], "b.css has the last word"


def test_a_sheet_nested_without_end_is_left_out_with_what_it_names(tmp_path: Path) -> None:
    files = {
        "c.opf": _package(items=_css("deep.css", "more.css", "good.css")),
        "t.xhtml": _page("deep.css", "good.css"),
        "deep.css": "@import 'more.css'; p { color: " + "(" * 5000 + "}",
        "more.css": "p { color: red }",
        "good.css": 'p::before { content: "\\d800" }',
    }
    found = _files(styled_epub.make(tmp_path / "b.epub", files))
    assert [*found] == ["OEBPS/good.css"]
    assert "content" in found["OEBPS/good.css"][3].decode("utf-8")


@pytest.mark.parametrize(
    "url", ["", "//far/x.css", "/x.css", "http:x", "data:text/css,x", "../../x", "../../../../x"]
)
def test_a_style_cannot_reach_outside_its_archive(url: str) -> None:
    assert style_sheets.resolved(url, "a/b.css") is None


# --- The stage ---


def test_other_formats_have_no_rows(tmp_path: Path) -> None:
    (tmp_path / "b.html").write_text("<html><head><link rel='stylesheet' href='x.css'/></head><body><p>One.")
    (tmp_path / "b.txt").write_text("One.")
    for name in ("b.html", "b.txt"):
        rows = styled_epub.rows(tmp_path / name)
        assert {table: len(made) for table, made in rows.items()} == {
            "book_metadata": 0, "book_file": 0, "unused_book_file": 0,
        }  # fmt: skip


def test_an_epub_is_told_by_its_content(tmp_path: Path) -> None:
    assert len(_metadata(make_epub(tmp_path / "b.zip", {"a.xhtml": page("<p>One.</p>")}))) == 3


def test_a_protected_book_is_refused(tmp_path: Path) -> None:
    locked = (
        '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container" '
        'xmlns:enc="http://www.w3.org/2001/04/xmlenc#"><enc:EncryptedData><enc:EncryptionMethod '
        'Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/><enc:CipherData><enc:CipherReference '
        'URI="e/a.xhtml"/></enc:CipherData></enc:EncryptedData></encryption>'
    )
    path = make_epub(tmp_path / "b.epub", {"a.xhtml": page("")}, extra={"META-INF/encryption.xml": locked})
    with pytest.raises(BookscoreError, match=r"b\.epub: is protected by DRM"):
        styled_epub.rows(path)


def test_a_book_ingested_before_the_stage_was_made_runs_only_that_stage(tmp_path: Path) -> None:
    path = make_small_epub(tmp_path / "small.epub")

    def ingested(warehouse: Warehouse) -> list[str]:
        ran: list[str] = []
        run = Run(
            warehouse, defaults(MEDIUM.settings), SmallModels(), force=False,
            progress=lambda task, state: ran.append(task.stage.name) if state == "done" else None,
        )  # fmt: skip
        run.ingest([Item.of(warehouse, MEDIUM, sources(path))])
        return ran

    with Warehouse(tmp_path / "warehouse") as warehouse:
        assert ingested(warehouse) == [stage.name for stage in MEDIUM.stages]
        kept = warehouse.connection.execute("FROM book_metadata").fetchall()
        warehouse.connection.execute("DELETE FROM book_metadata")
        warehouse.connection.execute("DELETE FROM job WHERE stage = 'book.publication'")
        assert ingested(warehouse) == ["book.publication"]
        assert warehouse.connection.execute("FROM book_metadata").fetchall() == kept != []
        assert ingested(warehouse) == []
