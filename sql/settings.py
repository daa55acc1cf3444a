"""The settings of the title job: recognition, alignment and weave."""

from __future__ import annotations

import json
from collections.abc import Mapping

from bookscore.engine.settings import Setting, Value, check
from bookscore.ingest.heard.medium import RECOGNISERS

RULES = ("ours", "paper")
"""paper: the weave as the paper has it, to compare with."""

MOST_WEIGHT = 1000.0  # far beyond what outweighs all else, far below what sums of weights overflow at
DAY_S = 86_400.0

SETTINGS = (
    Setting(
        "weave.recogniser", "album",
        "how the album's music is recognised in the film's sound: by correlation with the album's own sound, by "
        "landmarks (hashed spectral peaks), or by the Shazam service",
        choices=RECOGNISERS,
    ),
    Setting(
        "weave.shazam_fallback", "none", "the recogniser to use where Shazam gives no answers; none: the run stops",
        choices=("none", "album", "landmarks"),
    ),
    Setting(
        "weave.heard_score", 0.1, "score from which a run of windows counts as music of the album",
        least=0.01, most=1,
    ),
    Setting(
        "weave.place_sigma", 0.25,
        "standard deviation of the distance between a scene's place in the film and its chapter's in the book",
        "share of the whole", least=0.01, most=10,
    ),
    Setting(
        "weave.skip_nats", 0.5, "price of leaving out a chapter of mean length", "nats", least=0, most=100,
    ),
    Setting(
        "weave.back_nats", 4.6, "price of going back in the book: once in a hundred scenes", "nats",
        least=0, most=100,
    ),
    Setting(
        "weave.invented_share", 0.3, "share of the film's scenes that are expected not to be in the book",
        least=0.001, most=0.999,
    ),
    Setting(
        "weave.sure", 0.5, "probability from which the weave uses the chapter of a scene", least=0, most=1,
    ),
    Setting(
        "weave.match_nats", 25.0, "evidence from which the film is taken to tell the book: unrelated pairs had "
        "0 to 11, true pairs 52 and more", "nats", least=0,
    ),
    Setting(
        "weave.image_z", 3.0, "how far an image must stand out from the film's other frames to be a moment",
        "standard deviations", least=0,
    ),
    Setting(
        "weave.images_per_segment", 3, "moments that images may give to a segment", "moments", least=0, most=1000,
    ),
    Setting(
        "weave.rule", "ours",
        "ours: one plan for the whole book; paper: film first, else emotion, each segment by a pseudo-random choice",
        choices=RULES,
    ),
    Setting(
        "weave.neighbourhood_s", 60.0, "how far from a moment music may be heard and still belong to it",
        "s", least=0, most=DAY_S,
    ),
    Setting(
        "weave.near_s", 20.0, "so far from its moment, music counts half", "s", least=0.1, most=DAY_S,
    ),
    Setting(
        "weave.film_weight", 3.0,
        "readers liked music from the film best (paper 4.3): a spoken line outweighs all else together",
        least=0, most=MOST_WEIGHT,
    ),
    Setting(
        "weave.emotion_weight", 1.0,
        "from the wrong end of the mode to the right one: the unit of all other weights",
        least=0, most=MOST_WEIGHT,
    ),
    Setting(
        "weave.calm_weight", 3.0,
        "stirring music disturbed readers even where its mode was right (paper 4.3): the most stirring loses nearly "
        "what a right mode earns",
        least=0, most=MOST_WEIGHT,
    ),
    Setting(
        "weave.calm_arousal", 0.7, "up to here music is calm: seven tenths of the pool", "rank in the pool",
        least=0, most=1,
    ),
    Setting(
        "weave.short_weight", 0.5, "a piece that comes round many times a page wears", least=0, most=MOST_WEIGHT,
    ),
    Setting(
        "weave.short_s", 15.0,
        "below this a piece is short: it would be heard sixteen times in a segment of four minutes",
        "s", least=0, most=3600,
    ),
    Setting(
        "weave.again_weight", 1.0,
        "to hear a piece again at once spoils about what a right mode earns, unless the film does so; moderate "
        "repetition disturbed nobody (paper 4.3)",
        least=0, most=MOST_WEIGHT,
    ),
    Setting(
        "weave.again_segments", 6, "after so many other segments, about half an hour, a piece is welcome again",
        "segments", least=1, most=10_000,
    ),
    Setting(
        "weave.theme_weight", 0.5,
        "a famous theme distracts where it is over-used (paper 4.3): a track that has had twice its share loses half "
        "of what a right mode earns",
        least=0, most=MOST_WEIGHT,
    ),
    Setting(
        "weave.go_on_weight", 0.5, "inside one scene of the film music should rather run on than change",
        least=0, most=MOST_WEIGHT,
    ),
    Setting(
        "weave.chance_weight", 0.05, "settles what is equal, and spreads a large pool over the book",
        least=0, most=MOST_WEIGHT,
    ),
    Setting(
        "weave.candidates", 12,
        "pieces a segment chooses from: the choice of the best hardly changes beyond a dozen",
        "pieces", least=1, most=200,
    ),
    Setting(
        "weave.beam", 4, "plans kept for each segment and piece it may end with; more change little", "plans",
        least=1, most=100,
    ),
    Setting(
        "weave.seed", 1, "another seed settles what is equal otherwise", least=0, most=2**31 - 1,
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
