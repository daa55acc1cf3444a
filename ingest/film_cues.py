"""The cues of a film: of its subtitle file, else of its own track."""

from __future__ import annotations

import polars as pl

from engine.stage import Inputs, Tables
from ingest import cues


def read_cues(inputs: Inputs) -> Tables:
    """Cues of the subtitle file, else of the video's own track."""
    video, subtitles = inputs.files.get("video"), inputs.files.get("subtitles")
    duration_s = float(inputs.given["film"]["duration_s"][0])
    if subtitles:
        found = cues.read_file(subtitles)
        if video:
            cues.check_fit(found, subtitles, duration_s, video)
    else:
        assert video
        found = cues.read_video(video)
    rows = [
        (inputs.item_id, number, cue.start_s, cue.end_s, cue.text, cue.speaker)
        for number, cue in enumerate((cue for cue in found if cue.start_s < duration_s), 1)
    ]
    schema = {
        "film_id": pl.String,
        "cue_no": pl.Int32,
        "start_s": pl.Float64,
        "end_s": pl.Float64,
        "text": pl.String,
        "speaker": pl.String,
    }
    return {"cue": pl.DataFrame(rows, schema=schema, orient="row")}
