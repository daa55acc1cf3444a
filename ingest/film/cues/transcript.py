"""The cues of a film without subtitles: its speech, written down by Whisper (Radford et al. 2023)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from bookscore.engine.errors import BookscoreError
from bookscore.ingest.film.cues.subtitle_marks import clean
from bookscore.ingest.film.cues.subtitles import Cue, Subtitles

if TYPE_CHECKING:
    import numpy as np
    from faster_whisper import WhisperModel
    from faster_whisper.transcribe import Segment, Word

RATE_HZ = 16_000
PIECE_S = 600.0  # heard at once
PAUSE_S = 1.0  # a longer one ends a cue
LONGEST_S = 7.0
_TITLES = {"mr.", "mrs.", "ms.", "dr.", "st."}  # their stop ends no sentence
# The model's own doubts (the figures of Whisper): what it makes of noise and music, and loops.
NO_SPEECH, LEAST_LOGPROB, MOST_COMPRESSION = 0.6, -1.0, 2.4


def transcribe(video: Path, speech: pl.DataFrame, language: str, model: str) -> Subtitles:
    """Hear the film's speech; a cue is about a sentence.

    Parameters
    ----------
    video : Path
    speech : polars.DataFrame
        start_s, end_s of the stretches of speech: the sound is cut between them.
    language : str
        Of the speech, as an ISO 639 code.
    model : str
        Name of a Whisper model, or a folder that holds one for faster-whisper.

    Raises
    ------
    BookscoreError
        faster-whisper is not installed, or there is no such model, or the film's sound cannot be read.
    """
    import langcodes

    from bookscore.ingest.media.sound import stream

    whisper, spoken = _load(model), langcodes.get(language).language
    blocks = stream(video, RATE_HZ, block_s=30, language=language)
    found = []
    for start_s, sound in _cut(blocks, _pauses(speech)):
        segments, _ = whisper.transcribe(
            sound,
            language=spoken,
            temperature=0.0,  # a second try by chance would give other words each run
            condition_on_previous_text=False,
            word_timestamps=True,
            vad_filter=True,
        )
        for words in _sentences(_credible(segments)):
            text, _, is_lyrics = clean("".join(word.word for word in words))
            if text:
                first_s, last_s = (round(start_s + float(s), 3) for s in (words[0].start, words[-1].end))
                found.append(Cue(first_s, max(last_s, first_s + 0.1), text, None, is_lyrics))
    return Subtitles(found, "transcript", language, f"whisper {Path(model).name}")


def _load(model: str) -> WhisperModel:
    try:
        from faster_whisper import WhisperModel
    except ImportError as error:
        raise BookscoreError(
            "transcription needs faster-whisper: pip install 'bookscore[transcribe]'"
        ) from error
    try:
        return WhisperModel(model, compute_type="auto")
    except (OSError, RuntimeError, ValueError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise BookscoreError(
            f"film.transcribe_model: {model} cannot be loaded ({reason}): give the name of a Whisper model "
            "that can be downloaded, or a folder that holds one for faster-whisper"
        ) from error


def _pauses(speech: pl.DataFrame) -> list[float]:
    """Times between stretches of speech at which to cut, at most about `PIECE_S` apart where it can be."""
    cuts = [0.0]
    pauses = ((speech["end_s"] + speech["start_s"].shift(-1)) / 2).drop_nulls().to_list()
    for time_s, next_s in pairwise([*pauses, *speech["end_s"].tail(1)]):
        if next_s - cuts[-1] > PIECE_S:
            cuts.append(time_s)
    return cuts[1:]


def _cut(blocks: Iterable[np.ndarray], cuts_s: list[float]) -> Iterator[tuple[float, np.ndarray]]:
    """The sound in pieces that end at the cuts, each with its start in seconds."""
    import numpy as np

    ends = [round(cut_s * RATE_HZ) for cut_s in cuts_s]
    held, start = np.zeros(0, np.float32), 0
    for block in blocks:
        held = np.concatenate([held, block])
        while ends and start + len(held) >= ends[0]:
            end = ends.pop(0)
            yield start / RATE_HZ, held[: end - start]
            held, start = held[end - start :], end
    if len(held):
        yield start / RATE_HZ, held


def _credible(segments: Iterable[Segment]) -> Iterator[Word]:
    """Words of the segments that are speech by the model's own figures."""
    for segment in segments:
        is_noise = segment.no_speech_prob > NO_SPEECH and segment.avg_logprob < LEAST_LOGPROB
        if not is_noise and segment.compression_ratio <= MOST_COMPRESSION:
            yield from segment.words or []


def _sentences(words: Iterable[Word]) -> Iterator[list[Word]]:
    """Words in groups that end with a sentence, before a pause, or when they grow long."""
    held: list[Word] = []
    for word in words:
        if held and (word.start - held[-1].end > PAUSE_S or word.end - held[0].start > LONGEST_S):
            yield held
            held = []
        held.append(word)
        ends = word.word.rstrip("\"'”’)").endswith((".", "!", "?", "…"))
        if ends and word.word.strip().lower() not in _TITLES:
            yield held
            held = []
    if held:
        yield held
