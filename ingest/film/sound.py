"""The sound of a film, decoded once."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from bookscore.engine.stage import Inputs, Tables


def read_sound(inputs: Inputs) -> Tables:
    """The sound at the recogniser's rate, its landmarks, and where it holds speech, from one decode.

    There are no rows without sound.
    """
    import numpy as np
    from scipy.signal import resample_poly

    from bookscore.ingest.heard import landmarks as marks
    from bookscore.ingest.media import speech
    from bookscore.ingest.media.sound import has_audio, pcm_blocks, stream

    video, language = inputs.files["video"], str(inputs.settings["film.language"])
    found, start_s = [marks.landmarks(np.zeros(0, np.float32))], 0.0
    speech_scores = [np.zeros(0, np.float32)]

    def passing() -> Iterator[np.ndarray]:
        nonlocal start_s
        for block in stream(video, marks.RATE_HZ, language=language):
            found.append(marks.landmarks(block, start_s))
            speech_scores.append(speech.scores(resample_poly(block, speech.RATE_HZ, marks.RATE_HZ)))
            start_s += len(block) / marks.RATE_HZ
            yield block

    sound = pcm_blocks(passing() if has_audio(video) else iter(()), marks.RATE_HZ)
    film_id = pl.lit(inputs.item_id).alias("film_id")
    return {
        "film_sound": sound.with_columns(film_id),
        "film_landmark": pl.concat(found).with_columns(film_id),
        "film_speech": speech.stretches(np.concatenate(speech_scores)).with_columns(film_id),
    }
