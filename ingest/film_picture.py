"""The picture of a film: its shots, three frames of each, and their vectors."""

from __future__ import annotations

from typing import Any

import polars as pl

from engine.settings import at_least
from engine.stage import Inputs, Tables


def read_picture(inputs: Inputs) -> Tables:
    """Shots with their colours, and three frames of each."""
    from ingest import picture

    shots, frames = [], []
    at_least(32, inputs.settings, "film.frame_px")
    found = picture.shots(inputs.files["video"], str(inputs.settings["film.detector"]))
    for shot_no, shot in enumerate(found, 1):
        # Shots tile the film: the first begins with it.
        start_s = 0.0 if shot_no == 1 else shot.start_s
        shots.append((inputs.item_id, shot_no, start_s, shot.end_s, shot.histogram.tolist()))
        for frame_no, (time_s, image) in enumerate(shot.frames, 1):
            encoded = picture.jpeg(image, int(inputs.settings["film.frame_px"]))
            frames.append((inputs.item_id, shot_no, frame_no, time_s, encoded))
    key: dict[str, Any] = {"film_id": pl.String, "shot_no": pl.Int32}
    times = {"start_s": pl.Float64, "end_s": pl.Float64, "histogram": pl.List(pl.Float32)}
    pictured = {"frame_no": pl.Int32, "time_s": pl.Float64, "jpeg": pl.Binary}
    return {
        "shot": pl.DataFrame(shots, schema=key | times, orient="row"),
        "frame": pl.DataFrame(frames, schema=key | pictured, orient="row"),
    }


def embed_frames(inputs: Inputs) -> Tables:
    """Vectors of the frames in the space of the image-text encoder."""
    from ingest import picture

    frame = inputs.given["frame"]
    vectors: list[list[float]] = []
    for part in frame.iter_slices(256):
        images = [picture.decoded(jpeg) for jpeg in part["jpeg"]]
        vectors.extend(inputs.models.image_text.encode_images(images).tolist())
    made = frame.drop("jpeg").with_columns(
        model_id=pl.lit(inputs.models.model_id("image_text")),
        vector=pl.Series(vectors, dtype=pl.List(pl.Float32)),
    )
    return {"frame_vector": made}
