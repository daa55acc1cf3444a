"""Which subtitles and which sound a film with several of them gives."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import polars as pl
import pytest
from av.stream import Disposition
from av.subtitles.subtitle import SubtitleSet

from bookscore.engine import container as opener
from bookscore.engine.errors import BookscoreError
from bookscore.engine.settings import defaults
from bookscore.engine.stage import Inputs
from bookscore.ingest.film.cues import subtitles
from bookscore.ingest.film.cues.stage import read_cues
from bookscore.ingest.film.cues.subtitle_files import subtitles_beside
from bookscore.ingest.film.cues.subtitles import read_video
from bookscore.ingest.film.medium import MEDIUM, doubt, sources
from bookscore.ingest.media.sound import stream
from tests.small_models import SmallModels

ASS_HEADER = (
    b"[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: Name, Fontname, Fontsize\n"
    b"Style: Default,Arial,16\n\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
)  # fmt: skip
RATE_HZ = 8000


def text(language: str | None, said: str, n: int = 4, title: str = "", marks: int = 0) -> dict[str, Any]:
    return {"language": language, "said": said, "n": n, "title": title, "marks": marks}


def tone(language: str | None, hz: int, title: str = "", marks: int = 0) -> dict[str, Any]:
    return {"language": language, "hz": hz, "title": title, "marks": marks}


def pgs(folder: Path) -> Path:
    """A file of pictures of text: two empty ones."""
    segments = []
    for at_s in (1, 3):
        composition = bytes([0, 32, 0, 32, 0x10, 0, at_s, 0x80, 0, 0, 0])
        for kind, payload in ((0x16, composition), (0x80, b"")):
            head = b"PG" + (at_s * 90_000).to_bytes(4) + bytes(4) + bytes([kind]) + len(payload).to_bytes(2)
            segments.append(head + payload)
    path = folder / "pictures.sup"
    path.write_bytes(b"".join(segments))
    return path


def mark(track: Any, told: dict[str, Any]) -> None:
    track.disposition = Disposition(told["marks"])
    track.metadata["title"] = told["title"]
    if told["language"]:
        track.metadata["language"] = told["language"]


def write(
    path: Path,
    texts: list[dict[str, Any]],
    sounds: list[dict[str, Any]] | None = None,
    pictures: Sequence[str] = (),
) -> Path:
    """A film of ten black seconds with the tracks told; pictures of text by language."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", rate=10)
        video.width = video.height = 32
        tracks = [(container.add_stream("ass"), told) for told in texts]
        for track, told in tracks:
            track.codec_context.subtitle_header = ASS_HEADER
            mark(track, told)
        heard = [(container.add_stream("pcm_s16le", rate=RATE_HZ, layout="mono"), s) for s in sounds or []]
        for track, told in heard:
            mark(track, told)
        drawn = []
        for language in pictures:
            source = av.open(str(pgs(path.parent)))
            drawn.append((container.add_stream_from_template(source.streams[0]), source))
            drawn[-1][0].metadata["language"] = language
        for n in range(100):
            frame = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8))
            frame.pts, frame.time_base = n, Fraction(1, 10)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        for track, told in heard:
            wave = np.sin(2 * np.pi * told["hz"] * np.arange(4 * RATE_HZ) / RATE_HZ) * 9000
            pcm = av.AudioFrame.from_ndarray(wave.astype(np.int16)[None], "s16", "mono")
            pcm.sample_rate, pcm.pts, pcm.time_base = RATE_HZ, 0, Fraction(1, RATE_HZ)
            container.mux(track.encode(pcm))
        for track, told in tracks:
            for n in range(told["n"]):
                said = SubtitleSet.create(f"0,0,Default,,0,0,0,,{told['said']}".encode(), 0, 500)
                packet = track.codec_context.encode_subtitle(said)
                packet.stream, packet.time_base, packet.duration = track, Fraction(1, 1000), 500
                packet.pts = packet.dts = n * 1000
                container.mux(packet)
        for track, source in drawn:
            for packet in source.demux():
                if packet.dts is not None:
                    packet.stream = track
                    container.mux(packet)
            source.close()
    return path


ENGLISH, FRENCH, UNTOLD = text("eng", "Good day"), text("fre", "Bonjour"), text(None, "Hello")
COMMENTARY = text("eng", "We shot this in May", 9, title="Director's Commentary")
MARKED_COMMENTARY = text("eng", "We shot this in May", 9, marks=Disposition.comment)
FORCED = text("eng", "Bonjour means hello", 1, marks=Disposition.forced)
SIGNS = text("eng", "EXIT", 1)
LONG = text("eng", "Good day", 8)
SDH = text("eng", "MARY: Good evening", title="English SDH", marks=Disposition.hearing_impaired)


@pytest.mark.parametrize(
    ("texts", "chosen"),
    [
        ([FRENCH, ENGLISH], "Good day"),
        ([FRENCH, text("en-GB", "Good day")], "Good day"),
        ([FRENCH, UNTOLD], "Hello"),
        ([UNTOLD, ENGLISH], "Good day"),
        ([FRENCH], "Bonjour"),
        ([COMMENTARY, ENGLISH], "Good day"),
        ([MARKED_COMMENTARY, ENGLISH], "Good day"),
        ([FORCED, ENGLISH], "Good day"),
        ([SIGNS, LONG], "Good day"),
        ([ENGLISH, SDH], "Good evening"),
        ([SDH], "Good evening"),
        ([text("eng", "[hum]"), FRENCH], "Bonjour"),
    ],
)
def test_the_whole_english_track_is_chosen(tmp_path: Path, texts: list[dict[str, Any]], chosen: str) -> None:
    read = read_video(write(tmp_path / "f.mkv", texts), "eng")
    assert {cue.text for cue in read.cues} == {chosen}
    assert (read.origin, read.format) == ("track", "ass")


def test_another_language_is_chosen_by_any_of_its_codes(tmp_path: Path) -> None:
    video = write(tmp_path / "f.mkv", [ENGLISH, FRENCH])
    for code in ("fre", "fra", "fr"):
        read = read_video(video, code)
        assert (read.cues[0].text, read.language) == ("Bonjour", "fre")


def test_pictures_of_text_are_told_by_name(tmp_path: Path) -> None:
    read = read_video(write(tmp_path / "f.mkv", [], pictures=["fre", "eng"]), "eng")
    assert (read.cues, read.origin, read.format, read.language) == ([], "none", "hdmv_pgs_subtitle", "eng")
    assert read_video(write(tmp_path / "g.mkv", [ENGLISH], pictures=["eng"]), "eng").format == "ass"


def test_a_film_with_pictures_of_text_only_goes_on_without_cues(tmp_path: Path) -> None:
    video = write(tmp_path / "f.mkv", [], pictures=["eng"])
    nothing = pl.DataFrame(schema={"start_s": pl.Float64, "end_s": pl.Float64})
    given = {"film": pl.DataFrame({"duration_s": [10.0]}), "film_speech": nothing}
    made = read_cues(Inputs("f1", 0, {"video": video}, defaults(MEDIUM.settings), given, SmallModels()))
    assert len(made["cue"]) == 0
    assert made["cue_source"].row(0) == (
        "f1",
        "none",
        "eng",
        "hdmv_pgs_subtitle",
        0,
        0.0,
        1.0,
        None,
        None,
        None,
    )


def test_twenty_tracks_with_damage_are_read_or_refused_in_one_line(tmp_path: Path) -> None:
    texts = [ENGLISH, FRENCH, SDH] + [text("ger", "Hallo", 6)] * 16
    whole = write(tmp_path / "f.mkv", texts, [tone("eng", 500)]).read_bytes()
    broken = tmp_path / "broken.mkv"
    n_read = 0
    for seed in range(12):
        rng = np.random.default_rng(seed)
        damaged = np.frombuffer(whole, np.uint8).copy()
        damaged[rng.integers(500, len(whole), rng.integers(1, 200))] = rng.integers(256)
        broken.write_bytes(
            damaged.tobytes()[: len(whole) if seed % 3 else int(rng.integers(100, len(whole)))]
        )
        try:
            n_read += bool(read_video(broken, "eng").cues) and bool(list(stream(broken, RATE_HZ)))
        except BookscoreError as refusal:
            assert str(broken) in str(refusal) and "\n" not in str(refusal)
    assert n_read > 3


def test_no_stream_is_asked_once_the_file_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PyAV 19 then answers with an error; older versions read freed memory."""
    opened = []

    def open_media(path: Path) -> Any:
        opened.append(opener.open_media(path))
        return opened[-1]

    def tag(stream: Any, name: str) -> str | None:
        assert opened[-1].size  # fails where it is closed
        return opener.tag(stream, name)

    monkeypatch.setattr(subtitles, "open_media", open_media)
    monkeypatch.setattr(subtitles, "tag", tag)
    assert read_video(write(tmp_path / "f.mkv", [FRENCH, ENGLISH]), "eng").language == "eng"
    assert read_video(write(tmp_path / "g.mkv", [], pictures=["fre", "eng"]), "eng").language == "eng"


def test_a_film_without_subtitles_has_none(tmp_path: Path) -> None:
    read = read_video(write(tmp_path / "f.mkv", []), "eng")
    assert (read.cues, read.origin, read.format) == ([], "none", None)


@pytest.mark.parametrize(
    ("sounds", "chosen_hz"),
    [
        ([tone("fre", 500, marks=Disposition.default), tone("eng", 900)], 900),
        ([tone("eng", 500, "Director's commentary"), tone("eng", 900)], 900),
        ([tone("eng", 500, marks=Disposition.comment), tone("eng", 900)], 900),
        ([tone("eng", 500, marks=Disposition.visual_impaired), tone("eng", 900)], 900),
        ([tone("eng", 500), tone("eng", 900, marks=Disposition.default)], 900),
        ([tone("fre", 500), tone("ger", 900, marks=Disposition.default)], 900),
        ([tone("eng", 500, "Commentary")], 500),
    ],
)
def test_the_films_own_sound_is_heard(tmp_path: Path, sounds: list[dict[str, Any]], chosen_hz: int) -> None:
    heard = np.concatenate(list(stream(write(tmp_path / "f.mkv", [], sounds), RATE_HZ, language="eng")))
    assert np.abs(np.fft.rfft(heard[:RATE_HZ])).argmax() == chosen_hz


@pytest.mark.parametrize(
    ("beside", "found"),
    [
        (["F.srt", "F.en.srt"], "F.srt"),
        (["F.eng.sdh.srt", "F.en.srt"], "F.en.srt"),
        (["F.eng.sdh.srt", "F.fr.srt"], "F.eng.sdh.srt"),
        (["F.en-US.vtt"], "F.en-US.vtt"),
        (["F.English.ass"], "F.English.ass"),
        (["F.SRT"], "F.SRT"),
        (["F.en.forced.srt", "F.fr.srt", "F 2.en.srt", "Film.srt", "G.srt"], None),
        (["Subs/F.srt"], "Subs/F.srt"),
        (["Subs/2_English.srt", "Subs/3_French.srt", "Subs/1_English forced.srt"], "Subs/2_English.srt"),
        (["subtitles/F/2_English.srt", "G.mkv"], "subtitles/F/2_English.srt"),
        (["Subs/2_English.srt", "G.mkv"], None),
        (["Subs/F.en.srt", "Subs/G.en.srt", "G.mkv"], "Subs/F.en.srt"),
        (["f.SRT"], "f.SRT"),
        (["F.2.eng.srt"], "F.2.eng.srt"),
        (["F_3_English.srt", "F.fr.srt"], "F_3_English.srt"),
        (["English.srt"], "English.srt"),
        (["2_English.srt", "3_French.srt"], "2_English.srt"),
        (["English.srt", "G.mp4"], None),
        (["English.srt", "F-sample.mkv"], "English.srt"),
        (["F.2.en.srt", "F.2.mkv"], None),
        (["Subs/en.srt"], "Subs/en.srt"),
        (["SUBS/2_english.SRT"], "SUBS/2_english.SRT"),
        (["F.eng.sdh.srt", "Subs/2_English.srt"], "Subs/2_English.srt"),
        (["F.en.hi.srt", "F.en.srt"], "F.en.srt"),
        (["F.en.cc.srt", "F.hi.srt", "F.uk.srt"], "F.en.cc.srt"),
        (["F.English (forced).srt", "F.English.SDH.srt"], "F.English.SDH.srt"),
        (["F.pt-BR.srt", "F.en-GB.srt"], "F.en-GB.srt"),
        (["Subs/It English.srt", "Subs/It Italian.srt"], "Subs/It English.srt"),
        (["F.directors.commentary.en.srt"], None),
        (["F.dfxp"], "F.dfxp"),
        (["F.xml", "F.txt"], None),
        ([], None),
    ],
)
def test_subtitle_files_beside_a_video_are_found(
    tmp_path: Path, beside: list[str], found: str | None
) -> None:
    for name in ["F.mkv", *beside]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert subtitles_beside(tmp_path / "F.mkv") == (found and tmp_path / found)


@pytest.mark.parametrize(
    ("language", "found"),
    [
        ("eng", "F.srt"),
        ("fre", "F.fr.srt"),
        ("fra", "F.fr.srt"),
        ("ger", "Subs/4_German.srt"),
        ("jpn", "F.srt"),
    ],
)
def test_subtitle_files_are_found_by_language(tmp_path: Path, language: str, found: str) -> None:
    (tmp_path / "Subs").mkdir()
    for name in ("F.mkv", "F.srt", "F.fr.srt", "Subs/4_German.srt"):
        (tmp_path / name).touch()
    assert subtitles_beside(tmp_path / "F.mkv", language) == tmp_path / found


def test_of_files_alike_one_is_taken_and_the_others_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bookscore.ingest.film.probe.described", lambda video: {})  # as if it were a video
    (tmp_path / "Subs").mkdir()
    for name, size in (
        ("F.mkv", 0),
        ("Subs/2_English.srt", 900),
        ("Subs/3_English.srt", 4000),
        ("Subs/4_English.srt", 4100),
    ):
        (tmp_path / name).write_bytes(bytes(size))
    assert sources(tmp_path / "F.mkv")["subtitles"].name == "3_English.srt"  # 2 holds a part only
    line = doubt(tmp_path / "F.mkv", "eng")
    assert line == (
        "F.mkv: its subtitles are taken from 3_English.srt, not from 4_English.srt: --subtitles takes others"
    )
    (tmp_path / "Subs/4_English.srt").unlink()
    assert doubt(tmp_path / "F.mkv", "eng") is None
