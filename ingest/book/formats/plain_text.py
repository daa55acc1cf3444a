"""Plain text books in any encoding, such as Project Gutenberg's."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from bookscore.engine.errors import BookscoreError
from bookscore.ingest.book.chapters.headings import Heading, gutenberg_body, is_apparatus, is_end
from bookscore.ingest.book.chapters.matter import count_prose_words
from bookscore.ingest.book.formats.markup import Run, paragraphs
from bookscore.ingest.book.formats.text_blocks import (
    Block,
    blocks_of,
    headings_of,
    indent,
    is_subtitle,
    title_of_block,
)
from bookscore.ingest.book.prose import Book, Chapter, LeftOut, Paragraph, clean, count_words, odd_places
from bookscore.ingest.media import text
from bookscore.ingest.media.text import Decoded

MAX_TEXT_BYTES = 64 * 2**20  # the longest novels have 10 MiB; a tree of more would fill the memory
_MOST_LINES = 500_000  # the longest novels have 200,000, wrapped
_MIN_WORDS_OF_PART = 100  # fewer under "BOOK I" are its title or motto
_MIN_WORDS_UNHEADED = 300  # fewer before the first heading are a title page
_MAX_WORDS_LISTED = 60  # a heading that comes again, with no more under it, was a line of the contents


# Pictures and notes, which Gutenberg sets between the paragraphs.
_ASIDE = re.compile(
    r"\[(?:Illustration|Footnote|Sidenote|Transcriber)\b[^][]{0,5000}+(?:\[[^][]{0,500}+\][^][]{0,5000}+)*+\]",
    re.IGNORECASE,
)
# A page that begins after a whole sentence; other pages go on in the middle of a paragraph.
_NEW_PAGE = re.compile(r"([.!?…:*=\"'”’)\]]\s*)\f")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x19\x1b-\x1f]")
_NOTE_MARK = re.compile(r"(?<=\S)\[(?:\d{1,3}|[A-Z*†])\]")


def read_bytes(path: Path) -> bytes:
    """The content of a file.

    Raises
    ------
    BookscoreError
        The file cannot be read, or is larger than `MAX_TEXT_BYTES`.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_TEXT_BYTES + 1)
    except OSError as error:
        raise BookscoreError(
            f"{path}: cannot be read ({error.strerror}); check the path and its permissions"
        ) from error
    if len(data) > MAX_TEXT_BYTES:
        raise BookscoreError(
            f"{path}: is larger than the {MAX_TEXT_BYTES >> 20} MB allowed for a text; split it"
        )
    return data


def decode(path: Path) -> str:
    """The text of a file, in the encoding that most of it is in (see `decoded`)."""
    return decoded(path).text


def decoded(path: Path) -> Decoded:
    """The text of a file, and the places that are not valid in its encoding.

    Raises
    ------
    BookscoreError
        The file cannot be read, is empty or too large, or is no text.
    """
    read = text.decode(read_bytes(path))
    control = sum(1 for _ in _CONTROLS.finditer(read.text))
    if read.text.startswith(("%PDF", "{\\rtf")) or control > len(read.text) / 1000:
        raise BookscoreError(
            f"{path}: is neither an EPUB nor a text file; convert it to EPUB or plain text first"
        )
    if not read.text.strip():
        raise BookscoreError(f"{path}: is empty; give an EPUB or a text file")
    return read


@dataclass
class _Section:
    """What stands under one heading."""

    title: str
    heading: Heading | None
    paragraphs: list[Paragraph] = field(default_factory=list)

    @property
    def n_words(self) -> int:
        return sum(count_words(p.text) for p in self.paragraphs)


def read(path: Path) -> Book:
    """A text file as chapters; one without headings is one chapter.

    Raises
    ------
    BookscoreError
        The file cannot be read or holds no text.
    """
    read = decoded(path)
    whole = read.text.replace("\r\n", "\n").replace("\r", "\n")
    lines = _NEW_PAGE.sub(r"\1\n\n", whole).replace("\f", "\n").expandtabs().split("\n")
    if len(lines) > _MOST_LINES:
        raise BookscoreError(
            f"{path}: has {len(lines):,} lines, more than the {_MOST_LINES:,} allowed for a book; split it"
        )
    start, end = gutenberg_body(lines)
    named = {
        match[1].lower(): clean(match[2])
        for match in (re.fullmatch(r"(Title|Author|Language):\s*(\S.*)", line) for line in lines[:start])
        if match
    }
    title = named.get("title", path.stem)
    body = "\n".join(lines[start:end])
    if "[Footnote" in body:
        body = _NOTE_MARK.sub("", body)
    story = _ASIDE.sub("", body)
    found = _chapters(_sections(blocks_of(story.split("\n"))), title)
    if not found:
        raise BookscoreError(f"{path}: has no text to read; give an EPUB or a text file of a book")
    language = "en" if named.get("language", "").lower() == "english" else None
    left_out = [
        LeftOut(path.name, "", n_words, reason)
        for reason, n_words in {
            "licence": sum(map(count_words, lines[:start] + lines[end:])),
            "notes and pictures": count_words(body) - count_words(story),
            "contents, title page and other front and back matter": count_words(story) - _n_words(found),
        }.items()
        if n_words > 0
    ]
    left_out += odd_places(path.name, read.n_odd, read.encoding)
    return Book(title, named.get("author"), language, found, left_out)


def _n_words(found: list[Chapter]) -> int:
    """Words of the chapters and of their titles, those of parts once."""
    titles = {piece: count_words(piece) for c in found for piece in c.title.split(" / ")[:-1]}
    titles_of_chapters = sum(count_words(c.title.split(" / ")[-1]) for c in found)
    return (
        sum(count_words(p.text) for c in found for p in c.paragraphs)
        + titles_of_chapters
        + sum(titles.values())
    )


def _sections(blocks: list[Block]) -> list[_Section]:
    """Cut at headings. The first section has none."""
    headings = headings_of(blocks)
    indents = Counter(indent(line) for block in blocks for line in block.lines)
    margin = indents.most_common(1)[0][0] if indents else 0
    sections = [_Section("", None)]
    for i, block in enumerate(blocks):
        if i in headings:
            sections.append(_Section(title_of_block(block), headings[i]))
        elif i - 1 in headings and not sections[-1].paragraphs and is_subtitle(block):
            sections[-1].title = f"{sections[-1].title.rstrip('.:')}: {clean(block.lines[0])}"
        else:
            sections[-1].paragraphs += [
                p for p in _paragraphs(block.lines, margin) if count_words(p.text) and not is_end(p.text)
            ]
    return sections


def _chapters(sections: list[_Section], book_title: str) -> list[Chapter]:
    """Chapters of the sections: without title pages, lists of contents, notes and parts' mottoes."""
    unheaded, *headed = sections
    found = []
    if not headed or count_prose_words(p.text for p in unheaded.paragraphs) >= _MIN_WORDS_UNHEADED:
        found.append((book_title, unheaded))
    part = ""
    told: set[Heading] = set()  # numbered alike since the last part began
    is_notes = False
    for i, section in enumerate(headed):
        form = section.heading
        if form is None or form.kind == "matter":
            is_notes = len(told) > 1 and is_apparatus(section.title)
            continue
        if is_notes and form in told:  # "Chapter 1" below "Notes" holds the notes to it
            continue
        is_notes = False
        told = {form} if form.is_part else told | {form} if section.n_words > _MAX_WORDS_LISTED else told
        if form.is_part and section.n_words < _MIN_WORDS_OF_PART and _has_chapters(headed[i + 1 :]):
            part = f"{section.title} / "
        elif section.paragraphs:
            part = "" if form.is_part else part
            found.append((part + section.title, section))
    last = {title.casefold(): i for i, (title, _) in enumerate(found)}
    return [
        Chapter(title, section.paragraphs)
        for i, (title, section) in enumerate(found)
        if section.paragraphs and (last[title.casefold()] == i or section.n_words > _MAX_WORDS_LISTED)
    ]


def _has_chapters(sections: list[_Section]) -> bool:
    """Whether the next section that is a heading of the story is a chapter's, not a part's."""
    following = next((s.heading for s in sections if s.heading and s.heading.kind != "matter"), None)
    return following is not None and not following.is_part


def _paragraphs(block: list[str], margin: int) -> list[Paragraph]:
    """Verse as it stands; of prose, lines joined, a new paragraph at each indented line."""
    if len(block) > 1 and all(indent(line) > margin for line in block):
        return paragraphs(_emphasis("\n".join(block)))
    runs: list[list[str]] = []
    for line in block:
        if not runs or indent(line) > margin:
            runs.append([])
        runs[-1].append(line.strip())
    # A word parted at a hyphen, or at a dash, goes on without a space.
    joined = (re.sub(r"(?<=\w-|--|.—)\n(?=\w)", "", "\n".join(run)).replace("\n", " ") for run in runs)
    return [paragraph for text in joined for paragraph in paragraphs(_emphasis(text))]


def _emphasis(text: str) -> list[Run]:
    """Runs of a text, those between Gutenberg's _underscores_ in italics."""
    parts = re.split(r"(?<!\w)_([^_]+)_(?!\w)", text)
    return [(part, ("em",) if i % 2 else ()) for i, part in enumerate(parts)]
