"""The stages of a book: its file read, its persons found, its paragraphs embedded and classified, its chapters segmented."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from bookscore.engine.errors import BookscoreError
from bookscore.engine.printable import printable
from bookscore.engine.settings import Setting
from bookscore.engine.stage import Inputs, Medium, Stage, Tables

if TYPE_CHECKING:
    import numpy as np

    from bookscore.ingest.book.prose import Book

EMOTIONS = ("positive", "neutral", "negative")

# What a file made to fill the memory holds, and no book: the longest novels have 40,000 paragraphs, 200,000 sentences.
MAX_PARAGRAPHS = 200_000
MAX_ROWS = 1_000_000  # of all tables
MAX_PARAGRAPH_LENGTH = 8_000_000  # characters; a novel without a line break has 3 million

_BOOK = {
    "book_id": pl.String, "title": pl.String, "author": pl.String, "language": pl.String, "path": pl.String,
    "n_words": pl.Int32,
}  # fmt: skip
_CHAPTER = {"book_id": pl.String, "chapter_no": pl.Int32}
_PARAGRAPH = {**_CHAPTER, "paragraph_no": pl.Int32}
_SENTENCE = {**_PARAGRAPH, "sentence_no": pl.Int32}
_SCHEMAS: dict[str, dict[str, Any]] = {
    "book": _BOOK,
    "chapter": {**_CHAPTER, "title": pl.String, "n_words": pl.Int32},
    "paragraph": {
        **_PARAGRAPH, "text": pl.String, "n_words": pl.Int32, "emotion": pl.String,
        **{f"p_{emotion}": pl.Float32 for emotion in EMOTIONS}, "markup": pl.String,
    },
    "sentence": {**_SENTENCE, "text": pl.String, "is_dialogue": pl.Boolean},
    "quote": {**_PARAGRAPH, "quote_no": pl.Int32, "text": pl.String, "n_words": pl.Int32},
    "left_out": {
        "book_id": pl.String, "left_out_no": pl.Int32, "place": pl.String, "label": pl.String, "n_words": pl.Int32,
        "reason": pl.String,
    },
    "segment": {
        **_CHAPTER, "segment_no": pl.Int32, "first_paragraph_no": pl.Int32, "last_paragraph_no": pl.Int32,
        "n_words": pl.Int32, "emotion": pl.String,
    },
    "book_metadata": {
        "book_id": pl.String, "entry_no": pl.Int32, "name": pl.String, "text": pl.String, "refinements": pl.String,
    },
    "book_file": {
        "book_id": pl.String, "file_no": pl.Int32, "path": pl.String, "media_type": pl.String, "role": pl.String,
        "position": pl.Int32, "data": pl.Binary,
    },
    "unused_book_file": {"book_id": pl.String, "path": pl.String, "reason": pl.String},
}  # fmt: skip


def sources(path: Path) -> dict[str, Path]:
    """The files of a book, by role.

    Raises
    ------
    BookscoreError
        `path` is not a readable EPUB, FictionBook, DOCX, HTML, Markdown or text file.
    """
    from bookscore.ingest.book.formats import book_file

    book_file.check(path)
    return {"book": path}


def read(inputs: Inputs) -> Tables:
    """Book, chapters, paragraphs (their emotions not yet known), sentences, quotes, and what is left out."""
    from bookscore.ingest.book.formats import book_file

    path = inputs.files["book"]
    return tables(inputs.item_id, path, book_file.read(path))


def tables(book_id: str, path: Path, book: Book) -> Tables:
    """The rows of a book.

    Parameters
    ----------
    book_id : str
    path : Path
        The file from which it was read.
    book : Book

    Returns
    -------
    dict of str to polars.DataFrame
        Tables ``book``, ``chapter``, ``paragraph``, ``sentence``, ``quote`` and ``left_out``.

    Raises
    ------
    BookscoreError
        It has more paragraphs or sentences than a book has.
    """
    from bookscore.ingest.book.people.quotes import quote_spans, quote_style
    from bookscore.ingest.book.prose import count_words, sentence_spans

    rows: dict[str, list[tuple[object, ...]]] = {
        table: [] for table in ("chapter", "paragraph", "sentence", "quote")
    }
    _refuse_excess(path, book)
    style = quote_style([paragraph.text for chapter in book.chapters for paragraph in chapter.paragraphs])
    n_words = 0
    for chapter_no, chapter in enumerate(book.chapters, 1):
        texts = [paragraph.text for paragraph in chapter.paragraphs]
        words = [count_words(text) for text in texts]
        n_words += sum(words)
        rows["chapter"].append((book_id, chapter_no, chapter.title, sum(words)))
        quotes = quote_spans(texts, style)
        for paragraph_no, (text, spoken) in enumerate(zip(texts, quotes, strict=True), 1):
            key = (book_id, chapter_no, paragraph_no)
            markup = chapter.paragraphs[paragraph_no - 1].markup
            rows["paragraph"].append((*key, text, words[paragraph_no - 1], None, None, None, None, markup))
            n_over = 0  # quotes that end before the sentence
            for sentence_no, (start, end) in enumerate(sentence_spans(text, book.language), 1):
                while n_over < len(spoken) and spoken[n_over][1] <= start:
                    n_over += 1
                is_dialogue = n_over < len(spoken) and spoken[n_over][0] < end
                rows["sentence"].append((*key, sentence_no, text[start:end].replace("\n", " "), is_dialogue))
            for quote_no, (start, end) in enumerate(spoken, 1):
                quote = text[start:end].replace("\n", " ").strip()
                rows["quote"].append((*key, quote_no, quote, count_words(quote)))
            if len(rows["sentence"]) + len(rows["quote"]) > MAX_ROWS:
                raise BookscoreError(
                    f"{path}: has more than {MAX_ROWS:,} sentences and quotes, more than a book; split it"
                )
    rows["left_out"] = [
        (book_id, number, left.place, left.label, left.n_words, left.reason)
        for number, left in enumerate(book.left_out, 1)
    ]
    # A title may be the file's name.
    title, author = printable(book.title), printable(book.author or "") or None
    book_row = (book_id, title, author, book.language, str(path), n_words)
    rows["book"] = [book_row]
    return {table: _frame(table, found) for table, found in rows.items()}


def _refuse_excess(path: Path, book: Book) -> None:
    n_paragraphs = sum(len(chapter.paragraphs) for chapter in book.chapters)
    if n_paragraphs > MAX_PARAGRAPHS:
        raise BookscoreError(
            f"{path}: has {n_paragraphs:,} paragraphs, more than the {MAX_PARAGRAPHS:,} of a book; split it"
        )
    if any(len(p.text) > MAX_PARAGRAPH_LENGTH for chapter in book.chapters for p in chapter.paragraphs):
        raise BookscoreError(
            f"{path}: has a paragraph of more than {MAX_PARAGRAPH_LENGTH:,} characters: set line breaks in it"
        )


def publication(inputs: Inputs) -> Tables:
    """An EPUB's metadata, cover and style sheets, and which are not kept (see `ingest.book.formats.publication`)."""
    from bookscore.ingest.book.formats import book_file

    found = book_file.publication_of(inputs.files["book"])
    metadata = [
        (inputs.item_id, number, entry.name, entry.text, json.dumps(entry.refinements, ensure_ascii=False))
        for number, entry in enumerate(found.metadata, 1)
    ]
    files = [
        (inputs.item_id, number, file.path, file.media_type, file.role, file.position, file.data)
        for number, file in enumerate(found.files, 1)
    ]
    unused = [(inputs.item_id, path, reason) for path, reason in found.unused.items()]
    rows: dict[str, Sequence[tuple[object, ...]]] = {
        "book_metadata": metadata, "book_file": files, "unused_book_file": unused,
    }  # fmt: skip
    return {table: _frame(table, made) for table, made in rows.items()}


def people(inputs: Inputs) -> Tables:
    """The book's persons, their mentions, and the quotes again with their speakers (see `ingest.book.people.cast`)."""
    from bookscore.ingest.book.people.cast import people

    given = inputs.given
    return people(given["paragraph"], given["quote"], given["book"]["language"].item())


def vectors(inputs: Inputs) -> Tables:
    """A vector for each paragraph."""
    paragraph = inputs.given["paragraph"]
    encoded = inputs.models.sentence.encode(paragraph["text"].to_list())
    return {
        "paragraph_vector": _with_vectors(
            paragraph.select(*_PARAGRAPH), inputs.models.model_id("sentence"), encoded
        )
    }


def emotion(inputs: Inputs) -> Tables:
    """The paragraphs again, with the probabilities of the three emotions and the likeliest (paper 3.3)."""
    paragraph = inputs.given["paragraph"]
    classifier = inputs.models.emotion
    given = None
    if classifier.vector_model_id == inputs.models.model_id("sentence"):
        given = _matrix(inputs)
    probabilities = classifier.classify(paragraph["text"].to_list(), given)
    likeliest = [EMOTIONS[i] for i in probabilities.argmax(axis=1)]
    return {
        "paragraph": paragraph.with_columns(
            pl.Series("emotion", likeliest, dtype=pl.String),
            *(
                pl.Series(f"p_{name}", probabilities[:, i], dtype=pl.Float32)
                for i, name in enumerate(EMOTIONS)
            ),
        )
    }


def segments(inputs: Inputs) -> Tables:
    """Contiguous segments of each chapter (see `ingest.book.segmentation`), each with its paragraphs' emotion."""
    from bookscore.ingest.book.segmentation import segment_runs, time_cues

    paragraph, matrix = inputs.given["paragraph"], _matrix(inputs)
    rows = []
    first = 0
    for (chapter_no,), chapter in paragraph.group_by(["chapter_no"], maintain_order=True):
        words = chapter["n_words"].to_numpy()
        runs = segment_runs(
            matrix[first : first + len(chapter)],
            words,
            int(inputs.settings["book.segment_words"]),
            str(inputs.settings["book.segmenter"]),
            time_cues(chapter["text"].to_list()),
        )
        first += len(chapter)
        for segment_no, (start, end) in enumerate(runs, 1):
            key = (inputs.item_id, chapter_no, segment_no, start + 1, end)
            rows.append((*key, int(words[start:end].sum()), majority_emotion(chapter[start:end])))
    return {"segment": _frame("segment", rows)}


def majority_emotion(paragraph: pl.DataFrame) -> str:
    """The emotion of most paragraphs (paper 3.3).

    Where two have as many, the one with more probability over all the words wins, for a long paragraph
    is more of what is read; then the order of `EMOTIONS`.
    """
    counts = {name: (paragraph["emotion"] == name).sum() for name in EMOTIONS}
    weights = {name: (paragraph[f"p_{name}"] * paragraph["n_words"]).sum() for name in EMOTIONS}
    return max(EMOTIONS, key=lambda name: (counts[name], weights[name]))


def visual(inputs: Inputs) -> Tables:
    """The sentences that a frame of the film could show, and their vectors beside the frames' (paper 3.2)."""
    from bookscore.ingest.book.visual_sentences import visual_sentences

    found = visual_sentences(
        inputs.given["sentence"], float(inputs.settings["book.visual_sentences_per_1000_words"])
    )
    found = found.with_columns(book_id=pl.lit(inputs.item_id))
    encoded = inputs.models.image_text.encode_texts(found["text"].to_list())
    return {
        "visual_sentence": found.select(*_SENTENCE, "tfidf", "concreteness", "score"),
        "sentence_vector": _with_vectors(
            found.select(*_SENTENCE), inputs.models.model_id("image_text"), encoded
        ),
    }


def _frame(table: str, rows: Sequence[tuple[object, ...]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=_SCHEMAS[table], orient="row")


def _with_vectors(keys: pl.DataFrame, model_id: str, encoded: np.ndarray) -> pl.DataFrame:
    return keys.with_columns(
        pl.lit(model_id).alias("model_id"), pl.Series("vector", list(encoded), dtype=pl.List(pl.Float32))
    )


def _matrix(inputs: Inputs) -> np.ndarray:
    """The paragraphs' sentence vectors, float32 of shape (n, dim), in the paragraphs' order."""
    import numpy as np

    wanted = pl.col("model_id") == inputs.models.model_id("sentence")
    keys = ["chapter_no", "paragraph_no"]
    rows = inputs.given["paragraph"].join(
        inputs.given["paragraph_vector"].filter(wanted), on=keys, how="left", maintain_order="left"
    )
    return np.array(rows["vector"].to_list(), dtype=np.float32)


MEDIUM = Medium(
    name="book",
    stages=(
        Stage(
            "book.read", read, makes=("book", "chapter", "paragraph", "sentence", "quote", "left_out"),
            files=("book",), version=3,
        ),
        Stage(
            "book.publication", publication, makes=("book_metadata", "book_file", "unused_book_file"), files=("book",),
            after=("book.read",), version=2,
        ),
        Stage(
            "book.people", people, makes=("person", "mention", "quote"), given=("book", "paragraph", "quote"),
            after=("book.read",),
            version=2,
        ),
        Stage(
            "book.vectors", vectors, makes=("paragraph_vector",), given=("paragraph",), after=("book.read",),
            models=("sentence",),
        ),
        Stage(
            "book.emotion", emotion, makes=("paragraph",), given=("paragraph", "paragraph_vector"),
            after=("book.read", "book.vectors"), models=("emotion", "sentence"),
            version=2,
        ),
        Stage(
            "book.segments", segments, makes=("segment",), given=("paragraph", "paragraph_vector"),
            after=("book.vectors", "book.emotion"), settings=("book.segment_words", "book.segmenter"), models=("sentence",),
            version=3,
        ),
        Stage(
            "book.visual", visual, makes=("visual_sentence", "sentence_vector"), given=("sentence",),
            after=("book.read",), settings=("book.visual_sentences_per_1000_words",), models=("image_text",),
        ),
    ),
    settings=(
        Setting(
            "book.segment_words", 900, "mean length of a text segment; the default is about four minutes of reading", "words",
            least=50, most=1_000_000,
        ),
        Setting(
            "book.segmenter", "least-squares",
            "how a chapter is cut into text segments: least-squares had the lowest error on annotated and on joined "
            "texts; tw-finch is the paper's method",
            choices=("least-squares", "tw-finch"),
        ),
        Setting(
            "book.visual_sentences_per_1000_words", 12.0, "number of sentences that are compared with the film's frames",
            "per 1000 words", least=0, most=1000,
        ),
    ),
)  # fmt: skip
