"""The film: a video, its subtitles, or subtitles alone, into shots, scenes, cues and sound."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from engine.errors import BookscoreError
from engine.stage import Inputs, Medium, Stage, Tables
from ingest import cues


def sources(path: Path, subtitles: Path | None = None) -> dict[str, Path]:
    """The film's files by role: video, subtitles, or subtitles alone.

    Subtitles that lie beside the video under its name (``F.srt``, ``F.en.srt``) are found.

    Raises
    ------
    BookscoreError
        A file is absent or no file, or there are two subtitle files.
    """
    for given in (path, *([subtitles] if subtitles else [])):
        if not given.is_file():
            raise BookscoreError(f"{given}: is not a file: check the path")
    if path.suffix.lower() in cues.SUFFIXES:
        if subtitles:
            raise BookscoreError(
                f"{path}: is a subtitle file itself: give the video as the film, or leave out {subtitles}"
            )
        return {"subtitles": path}
    if subtitles is None:
        names = (f"{path.stem}{middle}{suffix}" for middle in ("", ".en", ".eng") for suffix in cues.SUFFIXES)
        subtitles = next((path.with_name(name) for name in names if path.with_name(name).is_file()), None)
    return {"video": path, "subtitles": subtitles} if subtitles else {"video": path}


def read_film(inputs: Inputs) -> Tables:
    """What the film is: duration, size, and whether it has picture and sound."""
    video, subtitles = inputs.files.get("video"), inputs.files.get("subtitles")
    if video:
        row = _describe(video)
    else:
        assert subtitles
        end_s = max(cue.end_s for cue in cues.read_file(subtitles))
        row = {"title": subtitles.stem, "duration_s": end_s, "has_picture": False, "has_sound": False}
    row |= {
        "film_id": inputs.item_id,
        "path": str((video or subtitles).resolve()),  # type: ignore[union-attr]
        "subtitles_path": str(subtitles.resolve()) if video and subtitles else None,
    }
    schema = {"fps": pl.Float64, "width_px": pl.Int32, "height_px": pl.Int32, "subtitles_path": pl.String}
    return {"film": pl.DataFrame([{name: None for name in schema} | row], schema_overrides=schema)}


def _describe(video: Path) -> dict[str, Any]:
    import av

    from ingest.picture import length_s, picture_stream

    try:
        with av.open(str(video.resolve())) as container:
            picture = picture_stream(container)
            duration_s = length_s(container)
            title = container.metadata.get("title") or video.stem
            has_sound = bool(container.streams.audio)
            shape = (
                {}
                if picture is None
                else {
                    "fps": float(picture.average_rate or 0) or None,
                    "width_px": picture.width,
                    "height_px": picture.height,
                }
            )
    except av.FFmpegError as error:
        raise BookscoreError(
            f"{video}: is no video that can be read ({error.strerror}): is it whole?"
        ) from error
    if not (shape or has_sound):
        raise BookscoreError(f"{video}: has neither picture nor sound: give the film's video file")
    if not duration_s:
        raise BookscoreError(f"{video}: does not tell how long it is: copy it to mkv with ffmpeg -c copy")
    return {
        "title": title,
        "duration_s": duration_s,
        "has_picture": bool(shape),
        "has_sound": has_sound,
        **shape,
    }


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


def read_picture(inputs: Inputs) -> Tables:
    """Shots with their colours, and three frames of each."""
    from ingest import picture

    shots, frames = [], []
    _at_least(32, inputs, "film.frame_px")
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


def find_scenes(inputs: Inputs) -> Tables:
    """Scenes by the shots' colours, by pauses in the talk where there is no picture, else at even lengths."""
    import numpy as np

    from ingest import scenes

    _at_least(1, inputs, "film.scene_shortest_s", "film.scene_longest_s")
    _at_least(0, inputs, "film.scenes", "film.scene_gap_s")
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


def _at_least(least: int, inputs: Inputs, *names: str) -> None:
    for name in names:
        if not float(inputs.settings[name]) >= least:  # NaN, too, is refused
            raise BookscoreError(f"{name} is {inputs.settings[name]}: give {least} or more")


def read_sound(inputs: Inputs) -> Tables:
    """The sound at the recogniser's rate, and its landmarks, from one decode; no rows without sound."""
    import numpy as np

    from ingest import landmarks as marks
    from ingest.sound import has_audio, pcm_blocks, stream

    video = inputs.files["video"]
    found, start_s = [marks.landmarks(np.zeros(0, np.float32))], 0.0

    def passing() -> Iterator[np.ndarray]:
        nonlocal start_s
        for block in stream(video, marks.RATE_HZ):
            found.append(marks.landmarks(block, start_s))
            start_s += len(block) / marks.RATE_HZ
            yield block

    sound = pcm_blocks(passing() if has_audio(video) else iter(()), marks.RATE_HZ)
    film_id = pl.lit(inputs.item_id).alias("film_id")
    return {
        "film_sound": sound.with_columns(film_id),
        "film_landmark": pl.concat(found).with_columns(film_id),
    }


CUE_SCENES = ("film.scene_gap_s", "film.scene_shortest_s", "film.scene_longest_s")

MEDIUM = Medium(
    name="film",
    settings={
        "film.detector": "adaptive",
        "film.frame_px": 256,
        "film.scenes": 0,  # 0: as many as the rule of METHOD section 4 finds
        "film.scene_gap_s": 4.0,
        "film.scene_shortest_s": 25.0,
        "film.scene_longest_s": 120.0,
    },
    stages=(
        Stage("film.read", read_film, makes=("film",), files=("video", "subtitles")),
        Stage(
            "film.cues",
            read_cues,
            makes=("cue",),
            files=("subtitles", "video"),
            given=("film",),
            after=("film.read",),
        ),
        Stage(
            "film.picture",
            read_picture,
            makes=("shot", "frame"),
            files=("video",),
            settings=("film.detector", "film.frame_px"),
            after=("film.read",),
        ),
        Stage(
            "film.vectors",
            embed_frames,
            makes=("frame_vector",),
            files=("video",),
            given=("frame",),
            after=("film.picture",),
            models=("image_text",),
        ),
        Stage(
            "film.scenes",
            find_scenes,
            makes=("scene",),
            files=("video", "subtitles"),
            given=("film", "shot", "cue"),
            after=("film.cues", "film.picture"),
            settings=("film.scenes", *CUE_SCENES),
        ),
        Stage(
            "film.sound",
            read_sound,
            makes=("film_sound", "film_landmark"),
            files=("video",),
            after=("film.read",),
        ),
    ),
)
