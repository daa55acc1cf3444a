"""Media files are opened, and their tags read, by the old PyAV and the new."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import polars as pl
import pytest
from synthetic_music import tone

from bookscore.engine.container import open_media, tag
from bookscore.engine.models import Models
from bookscore.engine.stage import Inputs
from bookscore.ingest.film.cues.subtitles import read_video
from bookscore.ingest.film.medium import MEDIUM, read_film
from bookscore.ingest.film.picture.decoding import Picture
from bookscore.ingest.media.sound import stream
from bookscore.queries.sound.music_files import cut

OPEN = av.open
HAS_CHOICE = int(av.__version__.split(".")[0]) < 19


def open_as_19(file: str, mode: str = "r", format: str | None = None, options: Any = None) -> Any:
    """As PyAV 19's: without the argument metadata_errors, and bytes of tags that are not UTF-8 escaped."""
    return OPEN(file, mode, format=format, options=options, metadata_errors="surrogateescape")


@pytest.fixture(
    params=["installed", pytest.param("19", marks=pytest.mark.skipif(not HAS_CHOICE, reason="is PyAV 19"))]
)
def film(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A film with sound whose title is in Latin-1, read by the PyAV that is installed and by version 19."""
    path = tmp_path / "film.mkv"
    with av.open(str(path), "w") as container:
        container.metadata["title"] = "Caf# noir"
        video = container.add_stream("mpeg4", rate=10)
        video.width = video.height = 32
        audio = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        audio.metadata["title"] = "Op#ra"
        for _ in range(20):
            container.mux(video.encode(av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8))))
        frame = av.AudioFrame.from_ndarray((tone(2, 8000) * 9000).astype(np.int16)[None], "s16", "mono")
        frame.sample_rate = 8000
        for packet in [*audio.encode(frame), *video.encode(None), *audio.encode(None)]:
            container.mux(packet)
    content = path.read_bytes()
    path.write_bytes(content.replace(b"Caf#", b"Caf\xe9").replace(b"Op#ra", b"Op\xe9ra"))
    if request.param == "19":
        monkeypatch.setattr(av, "open", open_as_19)
    return path


def test_tags_are_text_that_a_database_stores(film: Path) -> None:
    with open_media(film) as container:
        assert tag(container, "title") == "Caf\N{REPLACEMENT CHARACTER} noir"
        assert tag(container.streams.audio[0], "title") == "Op\N{REPLACEMENT CHARACTER}ra"
        assert tag(container, "no such tag") is None
    inputs = Inputs("film-1", 0, {"video": film}, MEDIUM.settings, {}, Models("embedded"))
    described = read_film(inputs)["film"]
    assert described["title"].to_list() == ["Caf\N{REPLACEMENT CHARACTER} noir"]
    assert pl.from_arrow(described.to_arrow()).equals(described)


def test_sound_picture_and_subtitles_are_read(film: Path) -> None:
    assert len(np.concatenate(list(stream(film, 8000)))) == pytest.approx(16_000, abs=100)
    assert len(list(Picture(film))) == 20
    assert read_video(film, "eng").origin == "none"
    assert cut(film, [(0.5, 1.5)])[0].shape == (2, 44_100)
