"""Words of feeling in a text: how glad and how grim they are, by the lexicon of VADER."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

import numpy as np

WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
STRONGEST = 4.0  # end of the lexicon's scale
COLUMNS = ("glad", "grim", "gladdest", "grimmest", "log_words")


@cache
def lexicon() -> dict[str, float]:
    """Valence of 7,500 words, -4 (grimmest) to 4 (Hutto & Gilbert, ICWSM 2014; MIT)."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    return SentimentIntensityAnalyzer().lexicon


def affect(texts: Sequence[str]) -> np.ndarray:
    """Return float64 (len(texts), 5): the ``COLUMNS``.

    The valences of the glad words and of the grim words, each added up and divided by the root of the
    text's length (feeling heaps up in a long text, but more slowly than words do); the gladdest and the
    grimmest word, as shares of the scale; the natural logarithm of the number of words.
    """
    valence_of = lexicon()
    rows = np.zeros((len(texts), len(COLUMNS)))
    for row, text in zip(rows, texts, strict=True):
        words = WORD.findall(text.lower().replace("’", "'"))
        if words:
            valence = np.array([valence_of.get(word, 0.0) for word in words])
            glad, grim = valence.clip(min=0), valence.clip(max=0)
            row[:2] = np.array([glad.sum(), grim.sum()]) / np.sqrt(len(words))
            row[2:] = glad.max() / STRONGEST, grim.min() / STRONGEST, np.log(len(words))
    return rows
