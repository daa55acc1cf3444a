"""Sentences that a frame of the film could show."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from bookscore.ingest.book.visual_sentences import concreteness, visual_sentences


def narrated(texts: list[str], *, speech: tuple[int, ...] = ()) -> pl.DataFrame:
    rows = [(1, n, 1, text, n in speech) for n, text in enumerate(texts, 1)]
    return pl.DataFrame(
        rows, schema=["chapter_no", "paragraph_no", "sentence_no", "text", "is_dialogue"], orient="row"
    ).cast({"chapter_no": pl.Int32, "paragraph_no": pl.Int32, "sentence_no": pl.Int32})


def test_concrete_and_rare_narration_comes_first() -> None:
    texts = ["He thought that it might be so in the end."] * 6
    texts += [
        "“A red lantern swung above the wooden door,” he said.",
        "A red lantern swung above the wooden door.",
    ]
    found = visual_sentences(narrated(texts, speech=(7,)), per_1000_words=40)
    assert found.sort("score", descending=True)["text"][0] == texts[-1]
    assert 7 not in found["paragraph_no"]


def test_their_number_follows_the_chapters_length() -> None:
    sentences = narrated(["The old dog slept beside the iron stove."] * 125)
    assert len(visual_sentences(sentences, per_1000_words=12)) == 12
    assert len(visual_sentences(sentences, per_1000_words=30)) == 30


def test_names_do_not_make_a_sentence_rare() -> None:
    texts = ["The dog saw the cat by the stove.", "The dog saw the cat by the door of Lowood."] * 2
    found = visual_sentences(narrated([*texts, "The cat saw the dog by the stove of Carrisford."]), 1000)
    named = found.filter(pl.col("text").str.contains("Carrisford"))["tfidf"][0]
    assert named < found.filter(pl.col("text").str.contains("Lowood"))["tfidf"][0]


def test_a_language_without_ratings_has_none() -> None:
    found = visual_sentences(narrated(["猫 は 座 る 家 の 中 で"]), 12)
    assert found.is_empty() and found.schema["score"] == pl.Float32


@pytest.mark.parametrize(
    ("form", "word"), [("dogs", "dog"), ("berries", "berry"), ("hugged", "hug"), ("baking", "bake")]
)
def test_forms_have_the_rating_of_their_word(form: str, word: str) -> None:
    assert concreteness(form) is not None
    assert concreteness(form) == pytest.approx(concreteness(word), abs=0.7)


def test_ratings_are_those_published(data_dir: Path) -> None:
    published = pl.read_csv(
        data_dir / "lexicons" / "Concreteness_ratings_Brysbaert_et_al_BRM.txt", separator="\t"
    )
    for word, rating in (
        published.filter(pl.col("Bigram") == 0).select("Word", "Conc.M").sample(200, seed=1).iter_rows()
    ):
        assert concreteness(word) == pytest.approx(rating, abs=0.01), word
