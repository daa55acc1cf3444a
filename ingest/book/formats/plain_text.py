"""Plain text books in any encoding, such as Project Gutenberg's."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles

from bookscore.engine.errors import BookscoreError
from bookscore.ingest.book.chapters.headings import Heading, gutenberg_body, heading, is_end, is_front_matter
from bookscore.ingest.book.formats.markup import Run, paragraphs
from bookscore.ingest.book.prose import Book, Chapter, LeftOut, Paragraph, clean, count_words, odd_places
from bookscore.ingest.media import text
from bookscore.ingest.media.text import Decoded

MAX_TEXT_BYTES = 64 * 2**20  # the longest novels have 10 MiB; a tree of more would fill the memory
_MAX_WRAPPED_LENGTH = 100  # characters; longer lines are paragraphs, not lines of them
_MAX_SUBTITLE_LENGTH = 60
_MIN_WORDS_OF_PART = 100  # fewer under "BOOK I" are its title or motto
_MIN_WORDS_UNHEADED = 300  # fewer before the first heading are a title page
_MAX_WORDS_LISTED = 60  # a heading that comes again, with no more under it, was a line of the contents


# Pictures and notes, which Gutenberg sets between the paragraphs.
_ASIDE = re.compile(
    r"\[(?:Illustration|Footnote|Sidenote|Transcriber)\b[^][]{0,5000}+(?:\[[^][]{0,500}+\][^][]{0,5000}+)*+\]",
    re.IGNORECASE,
)
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
    control = sum(c < " " and c not in "\t\n\v\f\r\x1a" for c in read.text)
    if read.text.startswith(("%PDF", "{\\rtf")) or control > len(read.text) / 1000:
        raise BookscoreError(f"{path}: is no EPUB and no text; convert it to EPUB or plain text first")
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
    lines = read.text.replace("\r\n", "\n").replace("\r", "\n").expandtabs().split("\n")
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
    found = _chapters(_sections(_blocks(story.split("\n"))), title)
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
    return sum(count_words(p.text) for c in found for p in c.paragraphs) + titles_of_chapters + sum(titles.values())


def _blocks(lines: list[str]) -> list[list[str]]:
    """Runs of lines between blank ones; each line by itself where lines are not wrapped."""
    full = [len(line) for line in lines if line.strip()]
    if len(full) > 1 and quantiles(full, n=10)[-1] > _MAX_WRAPPED_LENGTH:
        return [[line] for line in lines if line.strip()]
    blocks: list[list[str]] = [[]]
    for line in lines:
        if line.strip():
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block]


def _sections(blocks: list[list[str]]) -> list[_Section]:
    """Cut at headings. The first section has none."""
    headings = _headings(blocks)
    indents = Counter(_indent(line) for block in blocks for line in block)
    margin = indents.most_common(1)[0][0] if indents else 0
    sections = [_Section("", None)]
    for i, block in enumerate(blocks):
        if i in headings:
            sections.append(_Section(clean(" ".join(block)), headings[i]))
        elif i - 1 in headings and not sections[-1].paragraphs and _is_subtitle(block):
            sections[-1].title = f"{sections[-1].title.rstrip('.:')}: {clean(block[0])}"
        else:
            sections[-1].paragraphs += [
                p for p in _paragraphs(block, margin) if count_words(p.text) and not is_end(p.text)
            ]
    return sections


def _headings(blocks: list[list[str]]) -> dict[int, Heading]:
    """Blocks that are headings, by number.

    Bare numerals are headings only where they count up from 1, and where no "Chapter 1" tells that they
    number something smaller.
    """
    found: dict[int, Heading] = {}
    for i, block in enumerate(blocks):
        first, *others = map(clean, block)
        if len(block) <= 3 and not any(heading(line) or len(line) > _MAX_SUBTITLE_LENGTH for line in others):
            if form := heading(first):
                found[i] = form
            elif not others and is_front_matter(first) and (first.isupper() or first.istitle()):
                found[i] = Heading("matter", None)
    bare, expected = [], 1
    for i, form in found.items():
        if form.kind == "" and form.number in (1, expected):
            bare.append(i)
            expected = form.number + 1
        elif form.is_part:
            expected = 1
    worded = sum(1 for form in found.values() if form.number and form.kind and not form.is_part)
    kept = set(bare) if len(bare) > 1 and worded < 2 else set()
    return {i: form for i, form in found.items() if form.kind or i in kept}


def _is_subtitle(block: list[str]) -> bool:
    line = clean(block[0])
    return (
        len(block) == 1
        and len(line) <= _MAX_SUBTITLE_LENGTH
        and line[-1] not in ".,;:!?…\"'”’—-"
        and line[0].isalnum()
    )


def _chapters(sections: list[_Section], book_title: str) -> list[Chapter]:
    """Chapters of the sections: without title pages, lists of contents, notes and parts' mottoes."""
    unheaded, *headed = sections
    found = []
    if not headed or _n_prose_words(unheaded) >= _MIN_WORDS_UNHEADED:
        found.append((book_title, unheaded))
    part = ""
    for i, section in enumerate(headed):
        form = section.heading
        if form is None or form.kind == "matter":
            continue
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


def _n_prose_words(section: _Section) -> int:
    """Words in paragraphs that read like prose: a list of contents or of pictures has none."""
    return sum(
        n
        for p in section.paragraphs
        if (n := count_words(p.text)) >= 25 and re.search(r"[.!?…][\"'”’)]*$", p.text)
    )


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _paragraphs(block: list[str], margin: int) -> list[Paragraph]:
    """Verse as it stands; of prose, lines joined, a new paragraph at each indented line."""
    if len(block) > 1 and all(_indent(line) > margin for line in block):
        return paragraphs(_emphasis("\n".join(block)))
    runs: list[list[str]] = []
    for line in block:
        if not runs or _indent(line) > margin:
            runs.append([])
        runs[-1].append(line.strip())
    # A word parted at a hyphen, or at a dash, goes on without a space.
    joined = (re.sub(r"(?<=\w-|--|.—)\n(?=\w)", "", "\n".join(run)).replace("\n", " ") for run in runs)
    return [paragraph for text in joined for paragraph in paragraphs(_emphasis(text))]


def _emphasis(text: str) -> list[Run]:
    """Runs of a text, those between Gutenberg's _underscores_ in italics."""
    parts = re.split(r"(?<!\w)_([^_]+)_(?!\w)", text)
    return [(part, ("em",) if i % 2 else ()) for i, part in enumerate(parts)]
