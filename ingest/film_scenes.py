"""The scenes of a film."""

from __future__ import annotations

from typing import Any

import polars as pl

from engine.settings import at_least
from engine.stage import Inputs, Tables

CUE_SCENES = ("film.scene_gap_s", "film.scene_shortest_s", "film.scene_longest_s")


def find_scenes(inputs: Inputs) -> Tables:
    """Scenes by the shots' colours, by pauses in the talk where there is no picture, else at even lengths."""
    import numpy as np

    from ingest import scenes

    at_least(1, inputs.settings, "film.scene_shortest_s", "film.scene_longest_s")
    at_least(0, inputs.settings, "film.scenes", "film.scene_gap_s")
    shot, cue = inputs.given["shot"], inputs.given["cue"]
    duration_s = float(inputs.given["film"]["duration_s"][0])
    starts_s, ends_s = cue["start_s"].to_numpy(), cue["end_s"].to_numpy()
    rows: list[tuple[Any, ...]]
    if len(shot):
        cuts_s = shot["start_s"].to_numpy()
        held = np.any((starts_s < cuts_s[:, None] - 0.1) & (ends_s > cuts_s[:, None] + 0.1), axis=1)
        histograms = np.array(shot["histogram"].to_list())
        first = scenes.scene_starts(histograms, held, int(inputs.settings["film.scenes"]))
        last = [*(i - 1 for i in first[1:]), len(shot) - 1]
        # The last scene runs to the end of the film, where sound and cues may outlast the picture.
        bounds = [*(float(cuts_s[i]) for i in first), max(duration_s, float(shot["end_s"][-1]))]
        rows = [
            (inputs.item_id, number, i + 1, j + 1, bounds[number - 1], bounds[number])
            for number, (i, j) in enumerate(zip(first, last, strict=True), 1)
        ]
    else:
        setting = {name.removeprefix("film.scene_"): float(inputs.settings[name]) for name in CUE_SCENES}
        begins = (
            scenes.scenes_of_cues(starts_s, ends_s, duration_s, **setting)
            if len(cue)
            else list(np.arange(0, max(duration_s, 1), setting["longest_s"]).astype(float))
        )
        rows = [
            (inputs.item_id, number, None, None, start_s, end_s)
            for number, (start_s, end_s) in enumerate(zip(begins, [*begins[1:], duration_s], strict=True), 1)
        ]
    schema = {
        "film_id": pl.String,
        "scene_no": pl.Int32,
        "first_shot_no": pl.Int32,
        "last_shot_no": pl.Int32,
        "start_s": pl.Float64,
        "end_s": pl.Float64,
    }
    return {"scene": pl.DataFrame(rows, schema=schema, orient="row")}
