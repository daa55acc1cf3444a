"""An exported EPUB refers to nothing outside itself, whatever the book's own EPUB refers to."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
import styled_epub
import woven_fixture as woven_title
from epub_check import faults, is_remote, references

from bookscore.queries import epub

FAR = "http://far.example"
ITEMS = """\
<item id="v" href="images/v.svg" media-type="image/svg+xml"/><item id="w" href="images/w.svg" media-type="image/svg+xml"/>
<item id="n" href="css/named.css" media-type="Text/CSS ;charset=utf-8"/>
<item id="j" href="images/x.js" media-type="text/javascript"/><item id="h" href="x.html" media-type="text/html"/>
"""
CSS = f"""\
@charset "utf-8"; @import url("more.css"); @import "named.css" print; @import "{FAR}/far.css"; @import url({FAR}/far.css) screen;
@namespace epub "http://www.idpf.org/2007/ops"; @namespace far "{FAR}"; @namespace url({FAR});
@font-face {{ font-family: "Lamp"; src: url(../fonts/lamp.ttf) format("truetype"); }}
@font-face {{ font-family: "Far"; src: local("Far"), url({FAR}/far.ttf); }}
h1 {{ background: url(../images/v.svg) }} h2 {{ list-style-image: url(../images/w.svg) }}
h3 {{ background: image-set("{FAR}/a.png" 1x, url(../images/v.svg) 2x) }} h4 {{ background: src("{FAR}/a.png") }}
h5 {{ content: url(../images/x.js) url(../x.html) }} h6 {{ background: \\75 rl({FAR}/a.png); color: red }}
p {{ --far: url({FAR}/a.png); cursor: url({FAR}/a.cur), auto; behavior: url(../images/x.js) }}
@supports (background: url({FAR})) {{ p {{ color: red }} }} @media print {{ p {{ background: url(//far.example/a.png) }} }}
"""
SCRIPTED = f"""\
<?xml version="1.0"?><?xml-stylesheet href="{FAR}/a.css"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "{FAR}/svg.dtd">
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9" onload="ran()">
<script xlink:href="{FAR}/a.js">ran()</script><style>@import "{FAR}/a.css"; path {{ fill: url({FAR}#a) }}</style>
<foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" src="{FAR}"/></foreignObject>
<image width="9" height="9" xlink:href="{FAR}/a.png"/><use xlink:href="{FAR}/a.svg#a"/>
<a xlink:href="{FAR}"><path d="M0 0h9v9z" fill="url({FAR}#a)"/></a><animate attributeName="href" to="{FAR}"/></svg>
"""
FILES = {
    "c.opf": styled_epub.package(ITEMS, "text/css; charset=utf-8"), "css/book.css": CSS, "images/v.svg": SCRIPTED,
    "images/w.svg": '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h9v9z" fill="none"/></svg>',
    "css/named.css": f"em {{ background: url('{FAR}/b.png'); color: teal }}", "images/x.js": "ran()", "x.html": "<p>x</p>",
}  # fmt: skip


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    warehouse = woven_title.make(tmp_path)
    source = styled_epub.make(tmp_path / "source.epub", FILES)
    assert any(is_remote(reference) for _, reference in references(source)), "the search finds what it is for"
    styled_epub.ingest(warehouse, source)
    epub.write(warehouse, woven_title.NAME, tmp_path / "out.epub", codec="opus")
    return tmp_path / "out.epub"


def test_no_file_of_it_refers_to_anything_outside(exported: Path) -> None:
    found = list(references(exported))
    assert len(found) > 40
    assert [(name, reference) for name, reference in found if is_remote(reference)] == []
    with zipfile.ZipFile(exported) as archive:
        for name in archive.namelist():
            data = archive.read(name)
            assert b"far.example" not in data, name
            assert b"ran()" not in data or "/source/" not in name, name


def test_what_is_harmless_is_kept(exported: Path) -> None:
    with zipfile.ZipFile(exported) as archive:
        css = archive.read("EPUB/source/OEBPS/css/book.css").decode()
        drawing = archive.read("EPUB/source/OEBPS/images/v.svg").decode()
        named = archive.read("EPUB/source/OEBPS/css/named.css").decode()
        names = archive.namelist()
    for kept in (
        "lamp.ttf",
        "images/v.svg",
        "images/w.svg",
        "more.css",
        "named.css",
        "color: red",
        "@namespace epub",
    ):
        assert kept in css
    assert "M0 0h9v9z" in drawing and named == "em { color: teal; }\n"
    assert not [name for name in names if name.endswith((".js", "x.html"))]


def test_epubcheck_finds_no_fault_in_it(exported: Path) -> None:
    assert faults(exported) == []
