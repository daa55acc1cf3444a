"""Books in Markdown."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from bookscore.engine.errors import BookscoreError
from bookscore.ingest.book.formats.html import from_html
from bookscore.ingest.book.formats.plain_text import decoded
from bookscore.ingest.book.prose import Book, clean, odd_places

# The parser takes a kilobyte for each paragraph and each emphasis; a long novel has 40,000 and 5,000.
_MOST_CHARACTERS = 16_000_000
_MOST_LINES = 400_000
_MOST_SIGNS = 300_000
_SIGNS = "*_`[]<>!&\\^|"


def read(path: Path) -> Book:
    """A Markdown file (CommonMark, tables, footnotes) as a book: one chapter a heading, nested as they are.

    Raises
    ------
    BookscoreError
        The file cannot be read or holds no text.
    """
    from markdown_it import MarkdownIt
    from mdit_py_plugins.footnote import footnote_plugin
    from mdit_py_plugins.front_matter import front_matter_plugin

    markdown = MarkdownIt("commonmark").enable("table").use(front_matter_plugin).use(footnote_plugin)
    read = decoded(path)
    _refuse_excess(path, read.text)
    tokens = markdown.parse(read.text)
    named = _front_matter(tokens[0].content) if tokens and tokens[0].type == "front_matter" else {}
    html = markdown.renderer.render(tokens, markdown.options, {})
    book = from_html(html.encode(), path, named.get("title"), named.get("author"))
    language = named.get("lang") or named.get("language")
    left_out = book.left_out + odd_places(path.name, read.n_odd, read.encoding)
    return replace(book, language=language, left_out=left_out)


def _refuse_excess(path: Path, text: str) -> None:
    for what, n, most in (
        ("characters", len(text), _MOST_CHARACTERS),
        ("lines", text.count("\n"), _MOST_LINES),
        ("signs of Markdown", sum(map(text.count, _SIGNS)), _MOST_SIGNS),
    ):
        if n > most:
            raise BookscoreError(
                f"{path}: has {n:,} {what}, more than the {most:,} allowed for Markdown; split it"
            )


def _front_matter(text: str) -> dict[str, str]:
    """Title, author and language of a block of metadata before the text."""
    lines = re.finditer(r"^(title|author|lang|language):[ \t]*(\S.*)$", text, re.MULTILINE | re.IGNORECASE)
    return {match[1].lower(): clean(match[2]).strip("\"'") for match in lines}
