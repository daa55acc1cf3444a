"""A film whose picture is in a format that FFmpeg does not know."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from bookscore.engine.errors import BookscoreError
from bookscore.ingest.film.medium import sources
from bookscore.ingest.film.probe import described


def test_a_picture_of_an_unknown_format_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "f.avi"
    with av.open(str(path), "w") as container:
        video = container.add_stream("mjpeg", rate=10)
        video.width, video.height, video.pix_fmt = 32, 24, "yuvj420p"
        for n in range(10):
            frame = av.VideoFrame.from_ndarray(np.zeros((24, 32, 3), np.uint8))
            frame.pts, frame.time_base = n, Fraction(1, 10)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
    assert described(path)["width_px"] == 32
    path.write_bytes(path.read_bytes().replace(b"MJPG", b"ZZZ9"))
    with pytest.raises(BookscoreError, match=r"f\.avi: its picture is in a format that FFmpeg does not know"):
        sources(path)


def test_a_length_of_days_is_a_damaged_time_stamp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "f.mkv"
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", rate=10)
        video.width = video.height = 32
        for n in range(10):
            frame = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8))
            frame.pts, frame.time_base = n, Fraction(1, 10)
            for packet in video.encode(frame):
                if n == 9:
                    packet.pts = packet.dts = 400_000_000
                container.mux(packet)
    with pytest.raises(BookscoreError, match=r"f\.mkv: states a length of \d{2,} hours"):
        sources(path)
