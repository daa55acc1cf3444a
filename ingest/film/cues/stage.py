"""The cues of a film: of its subtitle file, else of its own track, else heard; moved to fit its sound."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl

from bookscore.engine.errors import BelowGate
from bookscore.engine.stage import Inputs, Tables
from bookscore.ingest.film.cues import fit as cue_fit
from bookscore.ingest.film.cues import subtitles as cues
from bookscore.ingest.film.cues.formats.raw import LeftOut
from bookscore.ingest.film.cues.subtitles import Cue, Subtitles

SCHEMA = {
    "film_id": pl.String,
    "cue_no": pl.Int32,
    "start_s": pl.Float64,
    "end_s": pl.Float64,
    "text": pl.String,
    "speaker": pl.String,
    "is_lyrics": pl.Boolean,
    "bracketed": pl.String,
}
SOURCE_SCHEMA = {
    "film_id": pl.String,
    "origin": pl.String,
    "language": pl.String,
    "format": pl.String,
    "n_left_out": pl.Int32,
    "offset_s": pl.Float64,
    "speed": pl.Float64,
    "fit": pl.Float64,
    "path": pl.String,
    "n_odd": pl.Int32,
}
LEFT_OUT_SCHEMA = {
    "film_id": pl.String,
    "cue_no": pl.Int32,
    "start_s": pl.Float64,
    "text": pl.String,
    "reason": pl.String,
}
OUTSIDE = "outside the film"


def read_cues(inputs: Inputs) -> Tables:
    """Cues in the player's time, where they come from, and which were left out.

    Raises
    ------
    BookscoreError
        The subtitles cannot be read, or run past the film's end.
    BelowGate
        A subtitle file agrees with the film's speech nowhere.
    """
    video, file = inputs.files.get("video"), inputs.files.get("subtitles") or inputs.files.get("cues")
    settings, speech = inputs.settings, inputs.given["film_speech"]
    film = inputs.given["film"].row(0, named=True)
    duration_s = float(film["duration_s"])
    language = str(settings["film.language"])
    if file:
        found = cues.read_file(file, film.get("fps"))
    else:
        assert video
        found = cues.read_video(video, language)
        if not found.cues and settings["film.transcribe"] and len(speech):
            from bookscore.ingest.film.cues.transcript import transcribe

            found = transcribe(video, speech, language, str(settings["film.transcribe_model"]))
    placed, fit = found.cues, None
    if video and found.origin in ("file", "track"):
        fit = _measured(found.cues, speech, duration_s)
        if file and fit and fit.disagrees(float(settings["film.cue_fit"])):
            raise BelowGate(
                f"{file}: does not fit {video.name}: its cues do not match the speech at any offset or speed "
                f"(fit {fit.fit:.2f} at best, no more than by chance): give the film's own subtitles, or take "
                "these unchanged with --set film.cue_fit=0"
            )
        if fit and fit.gains:
            placed = [_moved(cue, fit.offset_s, fit.speed) for cue in found.cues]
        if file:
            cues.check_fit(placed, file, duration_s, video)
    inside = [c for c in placed if c.end_s > 0 and c.start_s < duration_s]
    outside = [LeftOut(c.start_s, c.text, OUTSIDE) for c in placed if c.end_s <= 0 or c.start_s >= duration_s]
    return _tables(inputs.item_id, file, found, inside, outside, fit)


def _measured(found: list[Cue], speech: pl.DataFrame, duration_s: float) -> cue_fit.Fit | None:
    """How the spoken cues fit; None without cues or speech."""
    spoken = [(cue.start_s, cue.end_s) for cue in found if not cue.is_lyrics]
    spans = pl.DataFrame(spoken, schema={"start_s": pl.Float64, "end_s": pl.Float64}, orient="row")
    return cue_fit.measure(spans, speech, duration_s)


def _moved(cue: Cue, offset_s: float, speed: float) -> Cue:
    start_s, end_s = (round(offset_s + speed * time_s, 3) for time_s in (cue.start_s, cue.end_s))
    return replace(cue, start_s=max(start_s, 0.0), end_s=end_s)


def _tables(
    film_id: str,
    file: Path | None,
    found: Subtitles,
    placed: list[Cue],
    outside: list[LeftOut],
    fit: cue_fit.Fit | None,
) -> Tables:
    rows = [
        (film_id, number, cue.start_s, cue.end_s, cue.text, cue.speaker, cue.is_lyrics, cue.bracketed)
        for number, cue in enumerate(placed, 1)
    ]
    moved: tuple[float, float, float | None] = (0.0, 1.0, None)
    if fit and fit.gains:
        moved = (fit.offset_s, fit.speed, fit.fit)
    elif fit and fit.is_clear:
        moved = (0.0, 1.0, fit.fit_unmoved)
    path = str(file.resolve()) if file else None
    left_out = [
        (film_id, number, cue.start_s, cue.text, cue.reason)
        for number, cue in enumerate((*found.left_out, *outside), 1)
    ]
    n_odd = found.n_odd if file else None
    source = (film_id, found.origin, found.language, found.format, len(left_out), *moved, path, n_odd)
    return {
        "cue": pl.DataFrame(rows, schema=SCHEMA, orient="row"),
        "cue_source": pl.DataFrame([source], schema=SOURCE_SCHEMA, orient="row"),
        "left_out_cue": pl.DataFrame(left_out, schema=LEFT_OUT_SCHEMA, orient="row"),
    }
