"""The film: a video, its subtitles, or subtitles alone, into shots, scenes, cues and sound."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from bookscore.engine.errors import BookscoreError
from bookscore.engine.printable import printable
from bookscore.engine.settings import Setting
from bookscore.engine.stage import Inputs, Medium, Stage, Tables
from bookscore.ingest.film import probe
from bookscore.ingest.film import sound as film_sound
from bookscore.ingest.film.cues import stage as film_cues
from bookscore.ingest.film.cues import subtitles as cues
from bookscore.ingest.film.cues.subtitle_files import subtitles_beside
from bookscore.ingest.film.picture import stage as film_picture
from bookscore.ingest.film.scenes import stage as film_scenes
from bookscore.ingest.media.languages import is_language


def sources(path: Path, subtitles: Path | None = None) -> dict[str, Path]:
    """The film's files by role: video, its subtitles, or cues, which are subtitles alone.

    Subtitles that lie beside the video under its name (``F.srt``, ``F.en.srt``), or in a folder ``Subs``
    beside it, are found. The files that are given are opened, so that a wrong one is told of before any work.

    Parameters
    ----------
    path : Path
        The video, or a subtitle file where there is no video.
    subtitles : Path, optional
        Those to use with the video, instead of what lies beside it.

    Returns
    -------
    dict of str to Path

    Raises
    ------
    BookscoreError
        A file is absent or no file, no video or no subtitles, or there are two subtitle files.
    """
    for given in (path, *([subtitles] if subtitles else [])):
        if not given.is_file():
            raise BookscoreError(f"{given}: is not a file: check the path")
    if path.suffix.lower() in cues.SUFFIXES:
        if subtitles:
            raise BookscoreError(
                f"{path}: is a subtitle file itself: give the video as the film, or leave out {subtitles}"
            )
        cues.read_file(path)
        return {"cues": path}
    probe.described(path)
    if subtitles:
        cues.read_file(subtitles)
    else:
        subtitles = subtitles_beside(path)
    return {"video": path, "subtitles": subtitles} if subtitles else {"video": path}


def read_film(inputs: Inputs) -> Tables:
    """What the film is: duration, size, and whether it has picture and sound."""
    (path,) = inputs.files.values()
    if "video" in inputs.files:
        row = probe.described(path)
    else:
        end_s = max(cue.end_s for cue in cues.read_file(path).cues)
        row = {"title": printable(path.stem), "duration_s": end_s, "has_picture": False, "has_sound": False}
    row |= {"film_id": inputs.item_id, "path": str(path.resolve())}
    schema = {"fps": pl.Float64, "width_px": pl.Int32, "height_px": pl.Int32}
    return {"film": pl.DataFrame([{name: None for name in schema} | row], schema_overrides=schema)}


MEDIUM = Medium(
    name="film",
    settings=(
        Setting(
            "film.detector",
            "adaptive",
            "how cuts are found: a detector of PySceneDetect, or TransNet V2 (extra bookscore[transnet])",
            choices=("adaptive", "content", "histogram", "hash", "threshold", "transnetv2"),
        ),
        Setting(
            "film.frame_px",
            256,
            "longest side of the frames that are kept; the picture is decoded no larger than the default",
            "pixels",
            least=32,
            most=256,  # decoding.LONGEST_PX
        ),
        Setting(
            "film.scenes",
            0,
            "how many scenes a film with a picture is cut into; 0: as many as the rule finds",
            "scenes",
            least=0,
            most=10_000,
        ),
        Setting(
            "film.scene_rule",
            "fitted",
            "fitted: likeness of shots as fitted to the film, and a number of scenes that fits its length; paper: the "
            "paper's likeness and number",
            choices=("fitted", "paper"),
        ),
        Setting(
            "film.scene_mean_s",
            75.0,
            "mean length of a scene that the fitted rule expects; about that of the paper's films",
            "s",
            least=1,
            most=3600,
        ),
        Setting(
            "film.scene_gap_s",
            4.0,
            "without a picture: a pause in the talk from which a scene may begin",
            "s",
            least=0,
            most=3600,
        ),
        Setting(
            "film.scene_shortest_s",
            25.0,
            "without a picture: no scene is shorter",
            "s",
            least=1,
            most=3600,
        ),
        Setting(
            "film.scene_longest_s",
            120.0,
            "without a picture: a longer scene is cut at its longest pause",
            "s",
            least=1,
            most=3600,
        ),
        Setting(
            "film.language",
            "eng",
            "language of the sound and the subtitles to use, where a film has several",
            "code of ISO 639, such as eng",
            is_valid=is_language,
        ),
        Setting(
            "film.cue_fit",
            0.2,
            "a subtitle file is refused as another film's where it fits the speech no better than chance, though a "
            "correlation of this size would have been seen; 0: none is refused",
            least=0,
            most=1,
        ),
        Setting(
            "film.transcribe",
            0,
            "1: where there are no subtitles, the speech is transcribed (extra bookscore[transcribe])",
            choices=(0, 1),
        ),
        Setting(
            "film.transcribe_model",
            "small.en",
            "the model that transcribes",
            "Whisper model's name, or folder of one for faster-whisper",
        ),
    ),
    stages=(
        Stage("film.read", read_film, makes=("film",), files=("video", "cues"), version=2),
        Stage(
            "film.sound",
            film_sound.read_sound,
            makes=("film_sound", "film_landmark", "film_speech"),
            files=("video",),
            settings=("film.language",),
            version=2,
        ),
        Stage(
            "film.cues",
            film_cues.read_cues,
            makes=("cue", "cue_source"),
            files=("subtitles", "video", "cues"),
            given=("film", "film_speech"),
            after=("film.read", "film.sound"),
            settings=("film.language", "film.cue_fit", "film.transcribe", "film.transcribe_model"),
            version=3,
        ),
        Stage(
            "film.picture",
            film_picture.read_picture,
            makes=("shot", "frame", "black", "thumbnail", "film_picture"),
            files=("video",),
            settings=("film.detector", "film.frame_px"),
            after=("film.read",),
            version=2,
        ),
        Stage(
            "film.vectors",
            film_picture.embed_frames,
            makes=("frame_vector",),
            files=("video",),
            given=("frame",),
            after=("film.picture",),
            models=("image_text",),
        ),
        Stage(
            "film.scenes",
            film_scenes.find_scenes,
            makes=("scene",),
            given=("film", "shot", "frame", "cue"),
            after=("film.cues", "film.picture"),
            settings=("film.scenes", "film.scene_rule", "film.scene_mean_s", *film_scenes.CUE_SCENES),
            version=2,
        ),
    ),
)
