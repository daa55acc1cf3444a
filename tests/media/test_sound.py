"""Sound of all kinds decoded."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from synthetic_music import CODECS, encode, tone

from bookscore.engine.errors import BookscoreError
from bookscore.ingest.media.sound import has_audio, resampled, stream


def film(path: Path, pieces: dict[float, np.ndarray], seconds: float, start_s: float = 0) -> Path:
    """Write a video whose sound has pieces at given times and nothing between them."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", rate=10)
        video.width = video.height = 32
        audio = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        packets = []
        for i in range(int(seconds * 10)):
            frame = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8))
            frame.pts, frame.time_base = i + round(10 * start_s), Fraction(1, 10)
            packets += video.encode(frame)
        for time_s, sound in pieces.items():
            pcm = av.AudioFrame.from_ndarray((sound * 32767).astype(np.int16)[None], "s16", "mono")
            pcm.sample_rate, pcm.time_base, pcm.pts = (
                8000,
                Fraction(1, 8000),
                round((start_s + time_s) * 8000),
            )
            packets += audio.encode(pcm)
        for packet in [*packets, *video.encode(None), *audio.encode(None)]:
            container.mux(packet)
    return path


def decode(path: Path, rate_hz: int) -> np.ndarray:
    return np.concatenate(list(stream(path, rate_hz)))


@pytest.mark.parametrize("suffix", CODECS)
def test_every_format_is_decoded_at_its_length_and_level(tmp_path: Path, suffix: str) -> None:
    path = encode(tmp_path / f"a{suffix}", tone(2, 48_000)[None])
    assert has_audio(path)
    sound = decode(path, 8000)
    assert len(sound) / 8000 == pytest.approx(2, abs=0.1)
    assert np.sqrt(np.mean(sound[4000:12_000] ** 2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.05)


def test_blocks_are_of_one_length_and_join_without_seams(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.wav", tone(7.3, 48_000)[None])
    blocks = list(stream(path, 11_025, block_s=2))
    assert [len(block) for block in blocks[:-1]] == [22_050] * 3
    assert np.concatenate(blocks) == pytest.approx(decode(path, 11_025))
    again = np.concatenate(list(resampled(stream(path, 16_000, block_s=0.7), 16_000, 4000)))
    assert again[100:-100] == pytest.approx(tone(7.3, 4000)[100:-100], abs=0.002)


def test_stereo_keeps_its_sides_and_mono_mixes_them(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.flac", np.stack([tone(1, 48_000), np.zeros(48_000)]), "stereo")
    sides = np.concatenate(list(stream(path, 48_000, stereo=True)))
    assert sides.shape == (48_000, 2)
    assert np.abs(sides[:, 1]).max() == 0
    assert decode(path, 48_000) == pytest.approx(sides[:, 0] / 2, abs=1e-4)


def test_six_loud_channels_do_not_clip(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.flac", np.tile(1.9 * tone(1, 48_000), (6, 1)), "5.1")
    assert 0.9 < np.abs(decode(path, 48_000)).max() <= 1


@pytest.mark.parametrize("start_s", [0, 5])
def test_sound_that_starts_late_or_pauses_is_heard_at_the_players_time(tmp_path: Path, start_s: int) -> None:
    pieces = {1.5: tone(2, 8000), 6.0: tone(1, 8000)}
    path = film(tmp_path / "film.mkv", pieces, 8, start_s)
    loud = np.flatnonzero(np.abs(decode(path, 8000)) > 0.1) / 8000
    starts = loud[np.flatnonzero(np.diff(loud, prepend=-1) > 0.1)]
    assert starts == pytest.approx([1.5, 6.0], abs=0.01)
    assert loud.max() == pytest.approx(7, abs=0.01)


def test_a_film_without_sound_has_no_audio(tmp_path: Path) -> None:
    path = tmp_path / "mute.mkv"
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", rate=10)
        video.width = video.height = 32
        packets = video.encode(av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8)))
        for packet in [*packets, *video.encode(None)]:
            container.mux(packet)
    assert not has_audio(path)
    with pytest.raises(BookscoreError, match=r"mute\.mkv: has no sound"):
        decode(path, 8000)


def test_a_file_with_damaged_packets_is_still_decoded(data_dir: Path) -> None:
    path = data_dir / "music" / "tears_of_steel_ost" / "01 40 years later.ogg"  # its last packet is empty
    assert len(decode(path, 8000)) / 8000 == pytest.approx(31.01, abs=0.01)


@pytest.mark.parametrize("suffix", [".wav", ".flac"])
@pytest.mark.parametrize(("rate_hz", "n_channels"), [(8000, 1), (192_000, 1), (192_000, 2), (48_000, 8)])
def test_any_rate_and_number_of_channels_is_decoded(
    tmp_path: Path, suffix: str, rate_hz: int, n_channels: int
) -> None:
    path = tmp_path / f"a{suffix}"
    soundfile.write(path, np.tile(tone(2, rate_hz)[:, None], n_channels), rate_hz)
    sound = decode(path, 16_000)
    assert len(sound) == pytest.approx(32_000, abs=20)
    level = np.abs(np.fft.rfft(sound[8000:24_000]))
    assert level.argmax() == 440
    assert np.abs(sound).max() == pytest.approx(0.5, abs=0.02)


def test_a_file_that_breaks_off_is_decoded_as_far_as_it_goes(tmp_path: Path) -> None:
    whole = tone(20, 48_000) * np.random.default_rng(0).uniform(0.5, 1, 960_000)
    path = encode(tmp_path / "a.flac", whole[None])
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    sound = decode(path, 48_000)
    assert len(sound) / 48_000 == pytest.approx(10, abs=0.5)
    assert sound[:400_000] == pytest.approx(whole[:400_000], abs=1e-3)


def test_a_file_of_which_most_is_damaged_plays_as_far_as_it_goes(tmp_path: Path) -> None:
    path = encode(tmp_path / "2.mp3", tone(40, 48_000)[None])
    content = bytearray(path.read_bytes())
    content[len(content) // 5 :] = np.random.default_rng(0).bytes(len(content) * 4 // 5)
    path.write_bytes(content)
    assert 7 < len(decode(path, 8000)) / 8000 < 41


def test_samples_that_are_no_numbers_become_silence(tmp_path: Path) -> None:
    sound = tone(1, 8000)
    sound[100:103] = np.nan, np.inf, -np.inf
    soundfile.write(tmp_path / "a.wav", sound, 8000, subtype="FLOAT")
    assert np.isfinite(decode(tmp_path / "a.wav", 8000)).all()


@pytest.mark.parametrize("content", [b"", b"not music at all " * 500, b"fLaC" + bytes(4000)])
def test_a_file_that_is_no_music_is_named_in_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.mp3"
    path.write_bytes(content)
    with pytest.raises(BookscoreError, match=r"broken\.mp3: ") as caught:
        decode(path, 8000)
    assert "\n" not in str(caught.value)
