"""Makes the demo's book, film and album, and writes down what is true of them."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TypedDict

from demo import album, sound, story, subtitles
from demo.film import FPS, frames, shot_spans, write_film
from demo.screenplay import timed

BOOK, FILM, SUBTITLES, ALBUM, TRUTH = (
    "the-keeper-of-pellowick-light.epub",
    "film.mkv",
    "film.srt",
    "album",
    "truth.json",
)


class ShotTruth(TypedDict):
    start_s: float
    end_s: float
    scene_no: int
    chapter_no: int | None


class SceneTruth(TypedDict):
    start_s: float
    end_s: float
    chapter_no: int | None


class MusicTruth(TypedDict):
    track_no: int
    start_s: float
    end_s: float
    key: str
    mode: str


class HeardTruth(TypedDict):
    start_s: float
    end_s: float
    track_no: int
    offset_s: float


class Truth(TypedDict):
    """What is true of the demo.

    Attributes
    ----------
    made_by : str
        Digest of the maker; another digest makes other files.
    duration_s : float
        Of the film.
    cuts_s : list of float
        Between shots; the film's two ends are no cuts.
    shots, scenes : list
        In the film's order; `chapter_no` is None where the film invents.
    music : list
        Sections of the album's tracks, each in one key.
    heard : list
        Where music of the album runs in the film; `offset_s` is the place in the track at `start_s`.
    skipped_chapters : list of int
        Chapters that the film leaves out.
    """

    made_by: str
    title: str
    duration_s: float
    cuts_s: list[float]
    shots: list[ShotTruth]
    scenes: list[SceneTruth]
    music: list[MusicTruth]
    heard: list[HeardTruth]
    skipped_chapters: list[int]


# The making does not depend on these.
_NOT_MAKING = ("__main__.py", "check.py")


@cache
def digest() -> str:
    """Of everything in this package that the files are made from."""
    sources = sorted(
        (f.name, f.read_bytes()) for f in files("demo").iterdir() if f.name.endswith((".py", ".md"))
    )
    made_from = [name.encode() + code for name, code in sources if name not in _NOT_MAKING]
    return hashlib.sha256(b"\0".join(made_from)).hexdigest()[:16]


def truth() -> Truth:
    """What is true of the files, from the novel, the screenplay and the score alone."""
    scenes = [
        SceneTruth(start_s=start_s, end_s=start_s + scene.seconds, chapter_no=scene.chapter_no)
        for start_s, scene in timed()
    ]
    shots = [
        ShotTruth(start_s=start_s, end_s=end_s, scene_no=no, chapter_no=scenes[no - 1]["chapter_no"])
        for start_s, end_s, no in shot_spans()
    ]
    music = [
        MusicTruth(track_no=no, start_s=start_s, end_s=end_s, key=section.key, mode=section.mode)
        for no, track in enumerate(album.TRACKS, start=1)
        for start_s, end_s, section in track.spans()
    ]
    heard = [
        HeardTruth(start_s=start_s, end_s=end_s, track_no=no, offset_s=offset_s)
        for start_s, end_s, no, offset_s in sound.heard_spans()
    ]
    novel, told = story.load(), {scene["chapter_no"] for scene in scenes}
    return Truth(
        made_by=digest(),
        title=novel.title,
        duration_s=scenes[-1]["end_s"],
        cuts_s=[shot["start_s"] for shot in shots[1:]],
        shots=shots,
        scenes=scenes,
        music=music,
        heard=heard,
        skipped_chapters=[no for no in range(1, len(novel.chapters) + 1) if no not in told],
    )


def made(folder: Path) -> bool:
    """Whether `folder` holds all that this maker makes."""
    try:
        return json.loads((folder / TRUTH).read_text(encoding="utf-8"))["made_by"] == digest()
    except (FileNotFoundError, KeyError, ValueError):
        return False


def make(folder: Path) -> Truth:
    """Make book, film, subtitles and album in `folder`, and ``truth.json`` when all is there."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / TRUTH).unlink(missing_ok=True)
    facts, cues, novel = truth(), subtitles.cues(), story.load()
    story.write_epub(novel, folder / BOOK)
    subtitles.write_srt(folder / SUBTITLES)
    tracks = album.write(folder / ALBUM)
    mixed = sound.mix(cues, tracks, facts["duration_s"])
    write_film(folder / FILM, frames(cues), FPS, mixed, album.RATE_HZ, novel.title)
    (folder / TRUTH).write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    return facts
