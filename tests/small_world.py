"""A small book, its film with picture, sound and subtitles, and its album: three chapters, half a minute of weaving."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import soundfile
from book_files import link, make_epub, nav, page
from synthetic_music import cadence, piece

RATE_HZ = 22_050
SCENE_S, CHAPTERS = 16, 3
VIEWS = ((200, 40, 30), (30, 180, 60), (40, 50, 210))


def _line(chapter: int, number: int) -> str:
    """What somebody says, in words of its own."""
    rng = np.random.default_rng([chapter, number])
    words = ["".join(rng.choice([*"bdfglmnprst"], 4) + rng.choice([*"aeiou"], 4)) for _ in range(6)]
    return f"Bring the {' '.join(words[:3])} and every {' '.join(words[3:])} with you"


def _book(path: Path) -> None:
    """Three chapters; the last is long enough for two pieces of music."""
    pages, sentence = {}, "The grey cat sat by the old stove and slept until the rain had gone. "
    for chapter in range(1, CHAPTERS + 1):
        told = [f"<p>“{_line(chapter, n)},” said Ada. {sentence * chapter}</p>" for n in range(1, 6)]
        pages[f"c{chapter}.xhtml"] = page(f"<h1>{chapter}</h1>{''.join(told)}")
    make_epub(path, pages, nav("".join(link(name, f"Part {name[1]}") for name in pages)))


def _film(path: Path, music: np.ndarray) -> None:
    """A scene a chapter, one shot each, in which its lines are spoken and the music plays."""
    fps = 8
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", rate=fps)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        sound = container.add_stream("aac", rate=RATE_HZ, layout="mono")
        for n in range(CHAPTERS * SCENE_S * fps):
            image = np.full((48, 64, 3), VIEWS[n // (SCENE_S * fps)], np.uint8)
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = n, Fraction(1, fps)
            container.mux(video.encode(frame))
        wave = av.AudioFrame.from_ndarray(
            music[None, : CHAPTERS * SCENE_S * RATE_HZ], format="fltp", layout="mono"
        )
        wave.sample_rate, wave.time_base, wave.pts = RATE_HZ, Fraction(1, RATE_HZ), 0
        container.mux([*video.encode(None), *sound.encode(wave), *sound.encode(None)])
    cues = []
    for chapter in range(1, CHAPTERS + 1):
        for n in range(1, 6):
            at_s = (chapter - 1) * SCENE_S + 3 * n - 2
            cues.append(
                f"{len(cues) + 1}\n00:00:{at_s:02},000 --> 00:00:{at_s + 2:02},000\n{_line(chapter, n)}.\n"
            )
    path.with_suffix(".srt").write_text("\n".join(cues))


def make(folder: Path) -> None:
    """Write ``B.epub``, ``F.mkv`` with ``F.srt``, and ``ALBUM/`` into a folder."""
    (folder / "ALBUM").mkdir()
    ebb = piece({f"{tonic} major": 16 for tonic in ("C", "F", "D", "G", "A")}, RATE_HZ)
    flow = cadence("Eb major", 30, RATE_HZ, chord_s=2.5)
    for name, sound in {"Ebb": ebb, "Flow": 0.2 * flow}.items():  # one of them calmer
        soundfile.write(folder / "ALBUM" / f"{name}.flac", sound, RATE_HZ)
    _book(folder / "B.epub")
    _film(folder / "F.mkv", ebb)
