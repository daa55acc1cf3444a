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
from bookscore.ingest.film.cues.subtitle_files import choose, subtitles_beside
from bookscore.ingest.film.picture import stage as film_picture
from bookscore.ingest.film.scenes import stage as film_scenes
from bookscore.ingest.media.languages import is_language


def sources(path: Path, subtitles: Path | None = None, language: str = "eng") -> dict[str, Path]:
    """The film's files by role: video, its subtitles, or cues, which are subtitles alone.

    Subtitles that lie beside the video are found, see `subtitle_files.choose`. The files that are given are opened, so
    that a wrong one is refused before any work.

    Parameters
    ----------
    path : Path
        The video, or a subtitle file where there is no video.
    subtitles : Path, optional
        Those to use with the video, instead of what lies beside it.
    language : str
        Of the subtitles to find, as an ISO 639 code.

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
    if path.suffix.lower() in cues.ALL_SUFFIXES:
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
        subtitles = subtitles_beside(path, language)
    return {"video": path, "subtitles": subtitles} if subtitles else {"video": path}


def doubt(path: Path, language: str) -> str | None:
    """A line that tells of other subtitles beside the video that would do as well as those taken, if there are any.

    Parameters
    ----------
    path : Path
        The video.
    language : str
        As for `sources`.
    """
    beside = None if path.suffix.lower() in cues.ALL_SUFFIXES else choose(path, language)
    if not (beside and beside.others):
        return None
    others = ", ".join(other.name for other in beside.others)
    return f"{path.name}: its subtitles are taken from {beside.path.name}, not from {others}: --subtitles takes others"


def read_film(inputs: Inputs) -> Tables:
    """What the film is: duration, size, and whether it has picture and sound."""
    (path,) = inputs.files.values()
    if "video" in inputs.files:
        row = probe.described(path)
    else:
        end_s = cues.length_s(cues.read_file(path).cues)
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
            "how cuts are detected: a detector of PySceneDetect, or TransNet V2 (extra bookscore[transnet])",
            choices=("adaptive", "content", "histogram", "hash", "threshold", "transnetv2"),
        ),
        Setting(
            "film.frame_px",
            256,
            "longest side of the frames that are kept; the picture is never decoded larger than the default",
            "pixels",
            least=32,
            most=256,  # decoding.LONGEST_PX
        ),
        Setting(
            "film.scenes",
            0,
            "number of scenes to cut a film with a picture into; 0: as many as film.scene_rule finds",
            "scenes",
            least=0,
            most=10_000,
        ),
        Setting(
            "film.scene_rule",
            "fitted",
            "fitted: similarity of shots by a model fitted to the film, and a number of scenes that fits its length; "
            "paper: the paper's similarity and number",
            choices=("fitted", "paper"),
        ),
        Setting(
            "film.scene_mean_s",
            75.0,
            "mean length of a scene that the rule fitted expects; about that of the paper's films",
            "s",
            least=1,
            most=3600,
        ),
        Setting(
            "film.scene_gap_s",
            4.0,
            "without a picture: shortest pause between cues at which a scene may begin",
            "s",
            least=0,
            most=3600,
        ),
        Setting(
            "film.scene_shortest_s",
            25.0,
            "without a picture: shortest length of a scene",
            "s",
            least=1,
            most=3600,
        ),
        Setting(
            "film.scene_longest_s",
            120.0,
            "without a picture: longest length of a scene; a longer one is cut at its longest pause",
            "s",
            least=1,
            most=3600,
        ),
        Setting(
            "film.language",
            "eng",
            "language of the audio and the subtitles to use if a film has several",
            "code of ISO 639, such as eng",
            is_valid=is_language,
        ),
        Setting(
            "film.cue_fit",
            0.2,
            "least correlation of the right subtitles with the speech: a subtitle file that fits no better than chance is "
            "refused where a correlation of this size would have been detected; 0: none is refused",
            least=0,
            most=1,
        ),
        Setting(
            "film.transcribe",
            0,
            "1: the speech is transcribed if there are no subtitles (extra bookscore[transcribe])",
            choices=(0, 1),
        ),
        Setting(
            "film.transcribe_model",
            "small.en",
            "speech recognition model for film.transcribe",
            "name of a Whisper model, or folder of one for faster-whisper",
        ),
    ),
    stages=(
        Stage("film.read", read_film, makes=("film",), files=("video", "cues"), version=3),
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
            makes=("cue", "cue_source", "left_out_cue"),
            files=("subtitles", "video", "cues"),
            given=("film", "film_speech"),
            after=("film.read", "film.sound"),
            settings=("film.language", "film.cue_fit", "film.transcribe", "film.transcribe_model"),
            version=5,
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
