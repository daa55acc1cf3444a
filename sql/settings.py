"""The settings of the title job: recognition, alignment and weave."""

from __future__ import annotations

import json
from collections.abc import Mapping

from bookscore.engine.settings import Setting, Value, check
from bookscore.ingest.heard.medium import RECOGNISERS

RULES = ("ours", "paper")
"""paper: the rule of the paper, for comparison."""

MOST_WEIGHT = 1000.0  # far beyond what outweighs all else, far below what sums of weights overflow at
DAY_S = 86_400.0

SETTINGS = (
    Setting(
        "weave.recogniser", "album",
        "how the album's music is recognised in the film's sound: by cross-correlation with the album's audio, by audio "
        "fingerprints (landmarks), or by the Shazam service",
        choices=RECOGNISERS,
    ),
    Setting(
        "weave.shazam_fallback", "none", "the recogniser to use if Shazam does not answer; none: the run stops",
        choices=("none", "album", "landmarks"),
    ),
    Setting(
        "weave.heard_score", 0.1, "lowest score at which a run of windows counts as music of the album",
        least=0.01, most=1,
    ),
    Setting(
        "weave.place_sigma", 0.25,
        "standard deviation of the distance between a scene's place in the film and its chapter's in the book",
        "share of the whole", least=0.01, most=10,
    ),
    Setting(
        "weave.skip_nats", 0.5, "cost of skipping a chapter of mean length", "nats", least=0, most=100,
    ),
    Setting(
        "weave.back_nats", 4.6, "cost of going back in the book, before the film's own rate is learnt; the default expects it once in a hundred scenes", "nats",
        least=0, most=100,
    ),
    Setting(
        "weave.invented_share", 0.3, "share of the film's scenes that are expected not to be in the book, before its own is learnt",
        least=0.001, most=0.999,
    ),
    Setting(
        "weave.sure", 0.5, "lowest probability at which the weave uses a scene's chapter", least=0, most=1,
    ),
    Setting(
        "weave.match_nats", 25.0, "least evidence that the film tells the book; of real pairs, 17 unrelated ones had "
        "0 to 9, three true ones 104 and more", "nats", least=0,
    ),
    Setting(
        "weave.image_z", 3.0, "how far the similarity of a frame must exceed that of the film's other frames to be a moment",
        "standard deviations", least=0,
    ),
    Setting(
        "weave.images_per_segment", 3, "most moments found by images in a text segment", "moments", least=0, most=1000,
    ),
    Setting(
        "weave.rule", "ours",
        "ours: a sequence that is optimized over the whole book; paper: for each segment by itself, film music, or else "
        "a pseudo-random piece that fits the emotion",
        choices=RULES,
    ),
    Setting(
        "weave.neighbourhood_s", 60.0, "greatest distance in time between a moment and the music that counts for it",
        "s", least=0, most=DAY_S,
    ),
    Setting(
        "weave.near_s", 20.0, "distance in time at which music counts half for a moment", "s", least=0.1, most=DAY_S,
    ),
    Setting(
        "weave.film_weight", 3.0,
        "weight of music that the film plays; readers liked it best (paper 4.3), so by default one spoken line outweighs "
        "all other terms together",
        least=0, most=MOST_WEIGHT,
    ),
    Setting(
        "weave.emotion_weight", 1.0,
        "weight of the match of emotion and mode, from worst to best; the other weights are relative to it",
        least=0, most=MOST_WEIGHT,
    ),
    Setting(
        "weave.calm_weight", 3.0,
        "weight against arousal above calm_arousal; stirring music disturbed readers even in the right mode (paper 4.3). "
        "By default the most stirring piece loses nearly as much as the right mode gains",
        least=0, most=MOST_WEIGHT,
    ),
    Setting(
        "weave.calm_arousal", 0.7, "arousal up to which music counts as calm: by default seven tenths of the pool", "rank in the pool",
        least=0, most=1,
    ),
    Setting(
        "weave.short_weight", 0.5, "weight against pieces shorter than short_s, which repeat too often on a page", least=0, most=MOST_WEIGHT,
    ),
    Setting(
        "weave.short_s", 15.0,
        "pieces shorter than this count as short; one of 15 s plays sixteen times in a segment of four minutes",
        "s", least=0, most=3600,
    ),
    Setting(
        "weave.again_weight", 1.0,
        "weight against repeating a piece, unless the film does so too. By default an immediate repetition loses as much "
        "as the right mode gains; moderate repetition disturbed nobody (paper 4.3)",
        least=0, most=MOST_WEIGHT,
    ),
    Setting(
        "weave.again_segments", 6, "number of segments, about half an hour, after which a piece may repeat without loss",
        "segments", least=1, most=10_000,
    ),
    Setting(
        "weave.theme_weight", 0.5,
        "weight against over-used tracks; a famous theme distracts (paper 4.3). By default a track used twice as often as "
        "its share loses half of what the right mode gains",
        least=0, most=MOST_WEIGHT,
    ),
    Setting(
        "weave.go_on_weight", 0.5, "weight for music that continues over a segment boundary inside one scene of the film",
        least=0, most=MOST_WEIGHT,
    ),
    Setting(
        "weave.chance_weight", 0.05, "weight of a pseudo-random term, which breaks ties and spreads a large pool over the book",
        least=0, most=MOST_WEIGHT,
    ),
    Setting(
        "weave.candidates", 12,
        "number of pieces that each segment chooses from; more than a dozen hardly change the result",
        "pieces", least=1, most=200,
    ),
    Setting(
        "weave.beam", 4, "beam width: sequences kept for each segment and last piece; more change little", "sequences",
        least=1, most=100,
    ),
    Setting(
        "weave.seed", 1, "seed of the pseudo-random term; another seed breaks ties differently", least=0, most=2**31 - 1,
    ),
)  # fmt: skip


def parameters(settings: Mapping[str, Value]) -> dict[str, object]:
    """The values as SQL names them, ``$near_s`` and so on, and ``$settings``: all of them with their reasons, as JSON.

    Parameters
    ----------
    settings : Mapping[str, float | int | str]
        Values of all settings by name, others than these, too.

    Raises
    ------
    BookscoreError
        A setting does not take its value.
    """
    values = {name.removeprefix("weave."): value for name, value in check(SETTINGS, settings).items()}
    told = [
        {"name": name, "value": value, "reason": setting.why}
        for setting, (name, value) in zip(SETTINGS, values.items(), strict=True)
    ]
    return {**values, "settings": json.dumps(told)}
