"""The picture of a film: its shots, some frames of each, and their vectors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from bookscore.engine.stage import Inputs, Tables

THUMBNAIL_EVERY_S, THUMBNAIL_PX = 10.0, 160


def read_picture(inputs: Inputs) -> Tables:
    """Shots with their colours and frames, stretches of black and a strip of thumbnails, from one decode.

    Raises
    ------
    BookscoreError
        The picture cannot be decoded, or the file breaks off.
    """
    from bookscore.ingest.film.picture.decoding import Frame, Picture, ahead, jpeg
    from bookscore.ingest.film.picture.shots import shots

    frame_px = int(inputs.settings["film.frame_px"])
    picture = Picture(inputs.files["video"])
    shot_rows, frame_rows = [], []
    thumbnails: list[tuple[str, float, bytes]] = []
    black: list[tuple[str, float, float]] = []

    def passing() -> Iterator[Frame]:
        for frame in ahead(picture):
            if frame.time_s >= len(thumbnails) * THUMBNAIL_EVERY_S:
                thumbnails.append((inputs.item_id, frame.time_s, jpeg(frame.image, THUMBNAIL_PX)))
            yield frame

    found = shots(
        passing(),
        picture.fps,
        str(inputs.settings["film.detector"]),
        lambda start_s, end_s: black.append((inputs.item_id, start_s, end_s)),
    )
    for shot_no, shot in enumerate(found, 1):
        # Shots tile the film: the first begins with it.
        start_s = 0.0 if shot_no == 1 else shot.start_s
        shot_rows.append(
            (inputs.item_id, shot_no, start_s, shot.end_s, shot.histogram.tolist(), shot.opening)
        )
        for frame_no, (time_s, image) in enumerate(shot.frames, 1):
            frame_rows.append((inputs.item_id, shot_no, frame_no, time_s, jpeg(image, frame_px)))
    film: dict[str, Any] = {"film_id": pl.String}
    key = film | {"shot_no": pl.Int32}
    times = {"start_s": pl.Float64, "end_s": pl.Float64}
    looks = {"histogram": pl.List(pl.Float32), "opening": pl.String}
    pictured = {"time_s": pl.Float64, "jpeg": pl.Binary}
    counts = [(inputs.item_id, picture.n_frames, picture.n_damaged)]
    return {
        "shot": pl.DataFrame(shot_rows, schema=key | times | looks, orient="row"),
        "frame": pl.DataFrame(frame_rows, schema=key | {"frame_no": pl.Int32} | pictured, orient="row"),
        "black": pl.DataFrame(black, schema=film | times, orient="row"),
        "thumbnail": pl.DataFrame(thumbnails, schema=film | pictured, orient="row"),
        "film_picture": pl.DataFrame(
            counts, schema=film | {"n_frames": pl.Int32, "n_damaged": pl.Int32}, orient="row"
        ),
    }


def embed_frames(inputs: Inputs) -> Tables:
    """Vectors of the frames in the space of the image-text encoder."""
    from bookscore.ingest.film.picture import decoding as picture

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
