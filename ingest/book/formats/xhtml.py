"""XHTML and tag-soup documents as runs of text blocks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from html.entities import html5
from itertools import islice
from typing import NamedTuple

from lxml import etree

from bookscore.ingest.book.chapters.headings import is_sure_heading
from bookscore.ingest.book.formats.elements import (
    BLOCKS,
    CODE,
    HEADINGS,
    NOT_STORY,
    REASONS,
    SILENT,
    STORY,
    is_set_apart,
    is_verse_line,
    kinds_of_note,
    level_of,
    local_name,
    semantics,
    short_text,
)
from bookscore.ingest.book.formats.initials import LETTER, Initial, Words, before, drawn, is_marked, letter_of
from bookscore.ingest.book.formats.markup import ELEMENTS, ENDS_SENTENCE, Run, is_prose, paragraphs
from bookscore.ingest.book.formats.parsing import decoded, parse_document
from bookscore.ingest.book.prose import clean, count_words

_XML = "{http://www.w3.org/XML/1998/namespace}"
_NOTE_NUMBER = re.compile(r"[\[({]?(?:\d{1,4}(?::\d{1,3})?|[*†‡§]+)[\])}]?|\[[A-Za-z]\]")
_QUOTES = ("‘’", "“”")  # of quotes inside quotes and of those outside
_PICTURE_ALONE = re.compile(
    r"(?:decorat|ornament|illustrat|image|picture|photo|cover|logo|head-?piece|tail-?piece|vignette|scene break)",
    re.I,
)
_MAX_LABELS = 20
_MAX_NUMBER = 200  # characters of a note's number or an initial, white space and all
_MIN_WORDS_LINKED = 6  # of a sentence that is a link; shorter ones are entries of a contents page
_IN_BOOK = re.compile(r"(?:[^:/?#]*/)*(?:[^/?#:]+\.x?html?)?(?:#.*)?", re.I)


@dataclass(frozen=True)
class Block:
    """A paragraph or heading.

    Attributes
    ----------
    text, markup : str
        See `ingest.book.prose.Paragraph`.
    level : int
        1 to 6 for a heading, 0 for a paragraph.
    is_story : bool
        False inside what is marked as front or back matter.
    n_words : int
    is_set_apart : bool
        Whether a paragraph is set as headings are: centred, in bold, or of a class whose name says so.
    """

    text: str
    markup: str
    level: int
    is_story: bool
    n_words: int
    is_set_apart: bool = False


@dataclass(frozen=True)
class Document:
    """A document's blocks, and what else is known of it.

    Attributes
    ----------
    blocks : list of Block
    anchors : dict of str to int
        Number of the block at or after each element with an id.
    language : str or None
    left_out : dict of str to int
        Words that are in no block, by what they are.
    n_odd : int
        Places that are not valid in its encoding.
    encoding : str
    """

    blocks: list[Block]
    anchors: dict[str, int]
    language: str | None = None
    left_out: Mapping[str, int] = field(default_factory=dict)
    n_odd: int = 0
    encoding: str = "utf-8"


def read_document(data: bytes) -> Document:
    """Blocks of an XHTML file; one without any text has none.

    Raises
    ------
    NotWhole
        Only a part of it can be parsed.
    """
    read = decoded(data)
    root = parse_document(read.text)
    document = Document([], {}) if root is None else blocks(root)
    return replace(document, n_odd=read.n_odd, encoding=read.encoding)


def blocks(root: etree._Element) -> Document:
    """Blocks of a document's tree."""
    return _Reader().read(root)


class _Context(NamedTuple):
    """What the elements around a text tell of it: emphasis, heading level, whether it is story, a link, ..."""

    emphasis: tuple[str, ...] = ()
    is_story: bool = True
    level: int = 0
    is_preformatted: bool = False
    is_link: bool = False
    n_quotes: int = 0
    is_set_apart: bool = False

    def inside(self, element: etree._Element) -> _Context:
        name, means = local_name(element), semantics(element)
        tag = ELEMENTS.get(name)
        return _Context(
            (*self.emphasis, tag) if tag and tag not in self.emphasis else self.emphasis,
            bool(means & STORY) or (self.is_story and not means & NOT_STORY),
            level_of(element) if name in HEADINGS else self.level,
            self.is_preformatted or name == "pre",
            self.is_link or (name == "a" and element.get("href") is not None),
            self.n_quotes + (name == "q"),
            name == "center" or is_set_apart(element) if name in BLOCKS else self.is_set_apart,
        )


class _Reader:
    """Walks a tree once (no recursion: books nest deep) and gathers its text block by block."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.left_out: Counter[str] = Counter()
        self.anchors: dict[str, int] = {}
        self.around = [_Context()]
        self.initial: Initial | None = None
        self.words = Words(())
        self.linked_heading: Block | None = None
        self.is_after_link = False
        self._begin()

    def _begin(self) -> None:
        self.buffer: list[Run] = []
        self.has_word = False
        self.is_in_book = False  # whether a link of the buffer leads to a place in the book
        self.linked = 0  # characters of the buffer that are links
        self.is_note = False
        self.is_painted_title = False

    def read(self, root: etree._Element) -> Document:
        self.words = Words(root.itertext())
        walk = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
        for event, element in walk:
            if event in ("comment", "pi"):
                self._add(element.tail)
            elif element.tag is etree.Entity:
                if event == "start":
                    self._add(html5.get(f"{element.name};", ""))
                else:
                    self._add(element.tail)
            elif event == "start":
                if self._start(element):
                    self._add(element.text)
                else:
                    walk.skip_subtree()
            else:
                self._end(element)
                self._add(element.tail)
        self._flush()
        self._settle_initial("")
        self._leave_linked_heading()
        return Document(self.blocks, self.anchors, root.get(_XML + "lang") or root.get("lang"), self.left_out)

    def _add(self, text: str | None) -> None:
        if text:
            context = self.around[-1]
            text = text if context.is_preformatted else re.sub(r"\s+", " ", text)
            if self.initial:
                self.initial.is_spaced |= text[0].isspace()
                text = text if text.isspace() else self._settle_initial(text)
            self.buffer.append((text, context.emphasis))
            self.has_word = self.has_word or any(map(str.isalnum, text))
            if context.is_link:
                self.linked += len(clean(text))

    def _settle_initial(self, text: str) -> str:
        """The text with the initial that waits before it; one that is no initial becomes a block."""
        initial, self.initial = self.initial, None
        if not initial:
            return text
        context = self.around[-1]
        rest = text.lstrip()
        set_before = None if initial.is_apart and context.level else before(initial, rest, self.words)
        if set_before is not None:
            return set_before + rest
        if initial.is_painted:
            self._leave("text of pictures", initial.text)
        else:
            at = len(self.blocks)
            self.blocks.append(Block(initial.text, initial.text, 0, context.is_story, 1))
            n_since = len(self.anchors) - initial.n_anchors
            for anchor in list(islice(reversed(self.anchors), n_since)):
                self.anchors[anchor] = at + 1
        return text

    def _start(self, element: etree._Element) -> bool:
        """Enter an element; false where its content is no text of the book."""
        name, href = local_name(element), element.get("href")
        if name in BLOCKS and not is_verse_line(element):
            self._flush()
        ids = (element.get("id"), element.get(_XML + "id"), element.get("name") if name == "a" else None)
        for anchor in filter(None, ids):
            self.anchors.setdefault(anchor, len(self.blocks))
        self.around.append(self.around[-1].inside(element))
        notes = kinds_of_note(element)
        is_hidden = element.get("hidden") is not None
        if not notes and not is_hidden and self._paints(element):
            return False
        is_hidden = is_hidden or element.get("aria-hidden") == "true"
        if name in SILENT or notes or is_hidden:
            if name not in CODE:
                told = next((REASONS[kind] for kind in sorted({name, *notes}) if kind in REASONS), None)
                others = "notes" if notes else "hidden text" if is_hidden else "text of pictures"
                self._leave(told or others, "".join(element.itertext()))
            return False
        if name == "a" and "#" in (href or "") and not self.around[-1].level:
            if _NOTE_NUMBER.fullmatch((short_text(element, _MAX_NUMBER) or "").strip()):
                # A paragraph that begins with a note's number is the note.
                self.is_note = self.is_note or not self.has_word
                self._leave("notes", "".join(element.itertext()))
                return False
        elif name == "br":
            self.buffer.append(("\n", ()))
        elif name == "q":
            self._add(_QUOTES[self.around[-1].n_quotes % 2][0])
        if name == "a" and _IN_BOOK.fullmatch(href or "#"):
            self.is_in_book = True
        return True

    def _paints(self, element: etree._Element) -> bool:
        """Take an element that stands for words: an initial, or a heading that is a picture."""
        name = local_name(element)
        is_hidden = element.get("aria-hidden") == "true"
        label = element.get("aria-label") or ""
        if name in ("img", "svg") or element.get("role") == "img":
            written = [] if name == "img" else [str(text) for text in element.itertext()]  # an img is entered
            texts = [element.get("alt") or label, *written[:_MAX_LABELS]]
            picture = next(filter(None, map(clean, texts)), "")
            inside = clean("".join(written))
            if not self.has_word and (is_sure_heading(picture) or self._is_title_painted(picture)):
                self._add(picture)
                self.is_painted_title = True
                self._leave("text of pictures", inside.replace(picture, "", 1))
                return True
            if text := drawn(*texts):
                self._take_initial(Initial(text, is_painted=True))
                inside = inside.replace(text, "", 1)
            self._leave("text of pictures", inside)
            return name != "img"
        marked = is_marked(element.get("class") or "", element.get("style") or "")
        if (
            (marked or is_hidden)
            and not self.has_word
            and (letter := letter_of(short_text(element, _MAX_NUMBER) or ""))
        ):
            self._take_initial(Initial(letter, is_painted=is_hidden, is_apart=name in BLOCKS))
            return True
        if (
            label
            and name not in BLOCKS
            and clean(short_text(element, 2 * len(label) + _MAX_NUMBER) or "") == clean(label)
        ):
            self._add(label)  # read as one word though its letters are set apart
            return True
        return False

    def _is_title_painted(self, picture: str) -> bool:
        return bool(self.around[-1].level and picture and not _PICTURE_ALONE.match(picture))

    def _take_initial(self, initial: Initial) -> None:
        if self.has_word:  # a letter painted in the midst of a line
            if len(initial.text) == 1:
                self._add(initial.text)
            else:
                self._leave("text of pictures", initial.text)
        else:
            self._leave("text of pictures", self._settle_initial(""))
            initial.n_anchors = len(self.anchors)
            self.initial = initial

    def _end(self, element: etree._Element) -> None:
        name = local_name(element)
        if is_verse_line(element):
            self.buffer.append(("\n", ()))
        elif name in BLOCKS:
            self._flush()
        elif name == "q":
            self._add(_QUOTES[self.around[-1].n_quotes % 2][1])
        self.around.pop()

    def _flush(self) -> None:
        """Make blocks of the text gathered: one, or one a stanza where lines are set with breaks."""
        context = self.around[-1]
        if self.initial:
            self.initial.is_apart = True
        text = clean("".join(text for text, _ in self.buffer))
        if self.has_word and not context.level and LETTER.fullmatch(text) and not self.linked:
            self._settle_initial("")
            self.initial = Initial(
                text, is_painted=False, is_marked=False, is_apart=True, n_anchors=len(self.anchors)
            )
        elif self.is_note:
            self._leave("notes", text)
        elif self.has_word:
            self._make_blocks(context, text)
        self._begin()

    def _make_blocks(self, context: _Context, text: str) -> None:
        is_link = self.linked >= 0.8 * len(text) and not context.level
        if is_link and self.is_in_book and not _is_sentence(text):
            # "Chapter 1" that leads back to the contents is a heading; one of many in a row is the contents.
            self._leave_linked_heading()
            if is_sure_heading(text) and not self.is_after_link:
                self.linked_heading = Block(text, text, 0, context.is_story, count_words(text), True)
            else:
                self._leave("contents", text)
            self.is_after_link = True
            return
        if self.linked_heading:
            self.blocks.append(self.linked_heading)
        self.linked_heading, self.is_after_link = None, False
        stanzas = paragraphs(self.buffer)
        if not context.level and is_prose([line for stanza in stanzas for line in stanza.text.split("\n")]):
            stanzas = paragraphs((text.replace("\n", "\n\n"), elements) for text, elements in self.buffer)
        for stanza in stanzas:
            text, markup = stanza.text, stanza.markup
            if context.level:
                text, markup = text.replace("\n", " "), markup.replace("<br/>", " ")
            if n_words := count_words(text):
                is_bold = all("strong" in emphasis for piece, emphasis in self.buffer if piece.strip())
                is_set_apart = context.is_set_apart or is_bold or self.is_painted_title
                self.blocks.append(
                    Block(text, markup, context.level, context.is_story, n_words, is_set_apart)
                )

    def _leave_linked_heading(self) -> None:
        """Count what seemed to be a heading as an entry of the contents."""
        if self.linked_heading:
            self._leave("contents", self.linked_heading.text)
            self.linked_heading = None

    def _leave(self, reason: str, text: str) -> None:
        if n_words := count_words(text):
            self.left_out[reason] += n_words


def _is_sentence(text: str) -> bool:
    """Whether a text is one of prose rather than the title of a chapter."""
    words = text.split()
    n_small = sum(word[0].islower() for word in words)
    return len(words) >= _MIN_WORDS_LINKED and n_small > len(words) / 2 and bool(ENDS_SENTENCE.search(text))
