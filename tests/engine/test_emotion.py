"""Emotion of texts: both sets' classifiers, and how right the embedded one is about comments and novels."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_roberta import GOEMOTIONS, write

from bookscore.engine.errors import BookscoreError
from bookscore.engine.models import Models, catalogue
from bookscore.engine.models.affect_words import COLUMNS, affect
from bookscore.engine.models.emotion import CLASS_OF_LABEL, CLASSES, NEUTRAL_WEIGHT, EmotionHead, class_matrix

MARKED = Path(__file__).parents[1] / "marked"
TEST, TRAIN = MARKED / "emotion_fiction.tsv", MARKED / "emotion_fiction_train.tsv"
KEY = ["novel", "chapter_no", "paragraph_no"]


def read_tsv(file: Path) -> pl.DataFrame:
    return pl.read_csv(file, separator="\t", comment_prefix="#", quote_char=None)


@pytest.fixture(scope="module")
def embedded() -> Models:
    return Models("embedded")


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Models:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BOOKSCORE_MODELS", str(tmp_path_factory.mktemp("models")))
        folder = catalogue.entry("emotion", "full").folder
        folder.mkdir(parents=True)
        write(folder)
        models = Models("full")
        assert models.emotion
        return models


def test_every_label_of_goemotions_has_its_class(data_dir: Path) -> None:
    labels = (data_dir / "goemotions" / "labels.txt").read_text().split()
    assert set(labels) == set(CLASS_OF_LABEL)
    np.testing.assert_array_equal(class_matrix(labels).sum(axis=0), [12, 5, 11])
    with pytest.raises(BookscoreError, match="boredom"):
        class_matrix(["joy", "boredom"])


@pytest.mark.parametrize("model_set", ["embedded", "full"])
def test_emotions_are_probabilities(model_set: str, request: pytest.FixtureRequest) -> None:
    classifier = request.getfixturevalue(model_set).emotion
    texts = ["she wept", "", "the sea was calm and grey " * 20]
    found = classifier.classify(texts)
    assert found.shape == (3, 3) and found.dtype == np.float32 and (found >= 0).all()
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_array_equal(classifier.classify(texts), found)
    assert classifier.classify([]).shape == (0, 3)


def test_plain_emotions_are_recognised(embedded: Models) -> None:
    found = embedded.emotion.classify(
        ["I love this, thank you so much!", "The shop opens at nine.", "I hate him, he makes me sick."]
    )
    assert [CLASSES[k] for k in found.argmax(axis=1)] == ["positive", "neutral", "negative"]


def test_dread_and_grief_of_a_novel_are_negative_where_comments_alone_teach_neutral(embedded: Models) -> None:
    texts = [
        "A nameless dread held her to the spot, and she dared not turn to see what stood behind her.",
        "They laid the child in the frozen ground, and the father stood alone by the grave until night fell.",
    ]
    vectors = embedded.sentence.encode(texts)
    head = embedded.emotion
    assert isinstance(head, EmotionHead)
    assert [CLASSES[k] for k in head.classify(texts, vectors).argmax(axis=1)] == ["negative"] * 2
    assert [CLASSES[k] for k in head.classify_comments(vectors).argmax(axis=1)] == ["neutral"] * 2


def test_the_head_takes_vectors_of_its_own_encoder_only(embedded: Models) -> None:
    texts = ["She wept.", "They laughed."]
    vectors = embedded.sentence.encode(texts)
    assert embedded.emotion.vector_model_id == embedded.model_id("sentence")
    np.testing.assert_array_equal(embedded.emotion.classify(texts, vectors), embedded.emotion.classify(texts))
    with pytest.raises(ValueError, match="384"):
        embedded.emotion.classify(texts, vectors[:, :100])
    with pytest.raises(ValueError, match="384"):
        embedded.emotion.classify(texts, vectors[:1])


def test_the_heads_revision_is_its_contents() -> None:
    model = catalogue.entry("emotion", "embedded")
    contents = (model.folder / "emotion_head.npz").read_bytes()
    report = json.loads((model.folder / "emotion_head.json").read_text())
    assert model.revision == report["revision"] == hashlib.sha256(contents).hexdigest()[:8]


def test_the_head_is_right_about_comments_it_was_not_trained_on(embedded: Models, data_dir: Path) -> None:
    pytest.importorskip("sklearn")
    from benchmarks.train_emotion_head import decided, figures, read_split

    labels = (data_dir / "goemotions" / "labels.txt").read_text().split()
    texts, on = read_split(data_dir / "goemotions" / "test.tsv", len(labels))
    truth, known = decided(on, class_matrix(labels))
    rows = np.flatnonzero(known)[::2]  # of 5104, for speed
    guess = embedded.emotion.classify([texts[row] for row in rows]).argmax(axis=1)
    assert figures(truth[rows], guess)["macro_f1"] >= 0.65


def test_the_head_is_right_about_novels(embedded: Models, data_dir: Path) -> None:
    pytest.importorskip("sklearn")
    from benchmarks.train_emotion_head import class_numbers, figures, read_marked

    marked = read_marked(TEST, data_dir / "books")
    guess = embedded.emotion.classify(marked["text"].to_list()).argmax(axis=1)
    assert len(marked) == 200
    # The goal is .60. VADER reaches .45 here, a head taught by comments alone .42.
    assert figures(class_numbers(marked["emotion"]), guess)["macro_f1"] >= 0.6


def test_no_marked_paragraph_or_neighbour_is_in_both_sets() -> None:
    test, train = read_tsv(TEST), read_tsv(TRAIN)
    assert test.group_by("novel").len()["len"].to_list() == [50] * 4
    assert not test.select(KEY).is_duplicated().any() and not train.select(KEY).is_duplicated().any()
    pairs = test.join(train, on=KEY[:2])
    assert (pairs["paragraph_no"] - pairs["paragraph_no_right"]).abs().min() > 3  # type: ignore[operator]
    assert set(test["emotion"]) == set(train["emotion"]) == set(CLASSES)


def test_a_book_that_is_not_the_marked_one_is_refused(tmp_path: Path, data_dir: Path) -> None:
    pytest.importorskip("sklearn")
    from benchmarks.train_emotion_head import read_marked

    file = tmp_path / "marked.tsv"
    file.write_text(
        "novel\tchapter_no\tparagraph_no\topening\temotion\nfrankenstein\t1\t1\tCall me Ishmael.\tneutral\n"
    )
    with pytest.raises(ValueError, match="Ishmael"):
        read_marked(file, data_dir / "books")


def test_words_of_feeling_are_found_whatever_their_case_and_apostrophe() -> None:
    glad, grim, plain, none = affect(
        ["A HAPPY wedding", "It was horrible, and I can’t stand it", "A chair", "?!"]
    )
    named = dict(zip(COLUMNS, glad.tolist(), strict=True))
    assert named["glad"] > 0 == named["grim"] and named["gladdest"] > 0.5
    assert grim[1] < 0 and grim[3] < -0.5 and grim[-1] == pytest.approx(np.log(8))
    assert not plain[:4].any() and not none.any()
    assert affect(["happy"] * 2 + ["happy " * 9])[2, 0] == pytest.approx(3 * affect(["happy"])[0, 0])


@settings(max_examples=50)
@given(st.text())
def test_words_of_feeling_take_any_text(text: str) -> None:
    (found,) = affect([text])
    assert np.isfinite(found).all() and found[0] >= 0 >= found[1] and found[2] <= 1 and found[3] >= -1


def test_roberta_sums_the_labels_that_reach_the_threshold(
    full: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    def says(**on: float) -> list[float]:
        logits = torch.tensor([[on.get(label, 0.01) for label in GOEMOTIONS]]).logit()
        answer = type("Answer", (), {"logits": logits})
        monkeypatch.setattr(type(full.emotion._model), "forward", lambda *_, **__: answer)
        return full.emotion.classify(["she wept"])[0].tolist()

    neutral = 0.8 * NEUTRAL_WEIGHT
    assert says(joy=0.4, love=0.4, neutral=0.8, grief=0.29) == pytest.approx(
        [0.8 / (0.8 + neutral), neutral / (0.8 + neutral), 0]
    )
    assert says(grief=0.2, joy=0.1) == pytest.approx([0, 0, 1])
