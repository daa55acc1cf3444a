"""The scenes of a film."""

from __future__ import annotations

from typing import Any

import polars as pl

from bookscore.engine.stage import Inputs, Tables

CUE_SCENES = ("film.scene_gap_s", "film.scene_shortest_s", "film.scene_longest_s")
RUNS_ON_S = 1.0  # a sentence that a cue does not end goes on in the next, if that follows so soon
INSIDE_S = 0.1  # cues are timed no better


def find_scenes(inputs: Inputs) -> Tables:
    """Scenes by how alike the shots are, by pauses in the talk where there is no picture, else at even lengths."""
    import numpy as np

    shot, cue = inputs.given["shot"], inputs.given["cue"]
    duration_s = float(inputs.given["film"]["duration_s"][0])
    first: list[int | None]
    last: list[int | None]
    if len(shot):
        starts = _by_shots(inputs, duration_s)
        cuts_s = shot["start_s"].to_list()
        begins = [cuts_s[i] for i in starts]
        first = [i + 1 for i in starts]
        last = [*starts[1:], len(shot)]
        # The last scene runs to the end of the film, where sound and cues may outlast the picture.
        duration_s = max(duration_s, float(shot["end_s"][-1]))
    else:
        from bookscore.ingest.film.scenes.cue_scenes import scenes_of_cues

        setting = {name.removeprefix("film.scene_"): float(inputs.settings[name]) for name in CUE_SCENES}
        begins = (
            scenes_of_cues(cue["start_s"].to_numpy(), cue["end_s"].to_numpy(), duration_s, **setting)
            if len(cue)
            else np.arange(0, max(duration_s, 1), setting["longest_s"]).tolist()
        )
        first = last = [None] * len(begins)
    schema: dict[str, Any] = {
        "film_id": pl.String,
        "scene_no": pl.Int32,
        "first_shot_no": pl.Int32,
        "last_shot_no": pl.Int32,
        "start_s": pl.Float64,
        "end_s": pl.Float64,
    }
    ends = [*begins[1:], duration_s]
    columns = ([inputs.item_id] * len(begins), list(range(1, len(begins) + 1)), first, last, begins, ends)
    return {"scene": pl.DataFrame(dict(zip(schema, columns, strict=True)), schema=schema)}


def _by_shots(inputs: Inputs, duration_s: float) -> list[int]:
    """The scenes' first shots, counted from 0."""
    import numpy as np

    from bookscore.ingest.film.picture import decoding as picture
    from bookscore.ingest.film.scenes import shot_similarity, threads
    from bookscore.ingest.film.scenes import storygraphs as scenes

    shot, frame, cue = (inputs.given[table] for table in ("shot", "frame", "cue"))
    colours = np.array(shot["histogram"].to_list())
    paper = inputs.settings["film.scene_rule"] == "paper"
    alike = (
        shot_similarity.paper_similarity(colours)
        if paper
        else shot_similarity.fitted_similarity([np.sqrt(colours)])
    )
    begin, end = (
        threads.views(picture.decoded(jpeg) for jpeg in frames["jpeg"])
        for by_shot in [frame.sort("shot_no", "frame_no").group_by("shot_no", maintain_order=True)]
        for frames in (by_shot.first(), by_shot.last())
    )
    thread, crossed = threads.find_threads(begin, end)
    cuts_s = shot["start_s"].to_numpy()
    starts_s, ends_s = _sentences(cue)
    held = np.any((starts_s < cuts_s[:, None] - INSIDE_S) & (ends_s > cuts_s[:, None] + INSIDE_S), axis=1)
    expected = 0.0 if paper else duration_s / float(inputs.settings["film.scene_mean_s"])
    return scenes.scene_starts(alike, thread, crossed, held, int(inputs.settings["film.scenes"]), expected)


def _sentences(cue: pl.DataFrame) -> tuple[Any, Any]:
    """Starts and ends of the cues, one that leaves its sentence open lasting until the next begins."""
    cue = cue.sort("start_s", "cue_no")
    following_s = pl.col("start_s").shift(-1)
    runs_on = ~pl.col("text").str.contains(r"[.!?…♪][\"'”’)\]]*$") & (
        following_s - pl.col("end_s") < RUNS_ON_S
    )
    end_s = pl.when(runs_on).then(pl.max_horizontal("end_s", following_s + 2 * INSIDE_S)).otherwise("end_s")
    return cue["start_s"].to_numpy(), cue.select(end_s.alias("end_s"))["end_s"].to_numpy()
