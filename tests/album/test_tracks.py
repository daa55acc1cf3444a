"""Which files are tracks, what they are called, and in which order: of real and of made albums."""

from __future__ import annotations

from pathlib import Path

import av
import mutagen
import mutagen.apev2
import mutagen.id3
import numpy as np
import polars as pl
import pytest
import soundfile
from synthetic_music import cadence, encode, flac

from bookscore.engine.errors import BookscoreError
from bookscore.engine.models import Models
from bookscore.engine.settings import defaults
from bookscore.engine.stage import Inputs, Tables
from bookscore.ingest.album.charsets import decoded
from bookscore.ingest.album.medium import MEDIUM, sources
from bookscore.ingest.album.medium import tracks as read_tracks
from bookscore.ingest.album.order import album_and_disc, in_order, same_title

RATE_HZ = 22_050


def read(*folders: Path, **changed: object) -> Tables:
    named = defaults(MEDIUM.settings) | {f"album.{name}": value for name, value in changed.items()}
    return read_tracks(Inputs("album-1", 0, sources(*folders), named, {}, Models("embedded")))  # type: ignore[arg-type]


def titles(made: Tables) -> list[str]:
    assert made["track"]["track_no"].to_list() == list(range(1, len(made["track"]) + 1))
    return made["track"]["title"].to_list()


def unused(made: Tables) -> dict[str, str]:
    return {Path(path).name: reason for path, reason in made["unused_file"].select("path", "reason").rows()}


def noise(seed: int, seconds: float = 2.0, rate_hz: int = RATE_HZ) -> np.ndarray:
    """Sound that is like no other."""
    return 0.1 * np.random.default_rng(seed).standard_normal(round(seconds * rate_hz))


THREE = ["Zebra Theme", "Old House", "A Farewell"]
CASES = {
    "10-wav-cover": ("Alb", "Comp", THREE[::-1]),
    "11-aiff-picard": ("Alb", "Comp", THREE[::-1]),
    "12-wavpack-ape-tags": ("Alb", "Comp", THREE),
    "13-wavpack-cover": ("13-wavpack-cover", None, THREE),
    "15-wav-info-tags": ("Alb", "Comp", THREE),
    "17-vinyl-numbers": ("17-vinyl-numbers", "Comp", ["Sunrise", "Meadow", "Brook", "Angels"]),
    "19-image-and-cue": ("Alb", "Comp", THREE),
    "20-m4b-only": ("20-m4b-only", None, ["Alb"]),
    "21-other-suffixes": ("21-other-suffixes", None, ["01", "02", "03", "04"]),
    "22-compilation": ("Songs from the Film", "Various Artists", ["One", "Two", "Three"]),
    "23-two-formats": ("23-two-formats", None, ["01 Zebra Theme", "02 Old House", "03 A Farewell"]),
    "25-disc-dash-track": ("25-disc-dash-track", None, ["D1T1", "D1T2", "D2T1", "D2T2"]),
    "26-library-two-disc-albums": (
        "Alpha, Beta", None, [f"{album} d{d} t{t}" for album in ("Alpha", "Beta") for d in (1, 2) for t in (1, 2)],
    ),
    "28-some-without-number": ("28-some-without-number", None, ["Intro", "One", "Two"]),
    "29-id3v1-cp1251": ("Alb", "Композитор", ["Тема любви"]),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_albums_that_were_read_wrong(data_dir: Path, case: str) -> None:
    folder = data_dir.parent / "cases" / case
    if not folder.is_dir():
        pytest.skip(f"{folder} is not here")
    made = read(folder)
    album, artist, expected = CASES[case]
    assert titles(made) == expected
    assert made["album"].select("title", "artist").row(0) == (album, artist)
    lossy = [f"{name}.mp3" for name in expected] if case == "23-two-formats" else []
    assert sorted(unused(made)) == sorted(lossy)
    if case == "19-image-and-cue":
        parts = made["track"].select("file_start_s", "file_end_s", "artist").rows()
        assert parts == [(0, 20, "Comp"), (20, 40, "Comp"), (40, None, "Comp")]


# Files


CONTAINERS = {
    "a.m4b": ("ipod", "aac"), "b.mp4": ("mp4", "aac"), "c.webm": ("webm", "libopus"), "d.mka": ("matroska", "flac"),
    "e.ac3": ("ac3", "ac3"), "f.au": ("au", "pcm_s16be"), "g.aifc": ("aiff", "pcm_s16be"), "h.caf": ("caf", "pcm_s16be"),
    "i.wma": ("asf", "wmav2"), "j.tta": ("tta", "tta"), "k.w64": ("w64", "pcm_s16le"), "l.music": ("wav", "pcm_s16le"),
}  # fmt: skip


def contained(
    path: Path, sound: np.ndarray, form: str, codec: str, picture: bool = False, **tags: str
) -> Path:
    """A file of a container and codec that its suffix may not tell."""
    with av.open(str(path), "w", format=form) as container:
        container.metadata.update(tags)
        audio = container.add_stream(codec, rate=48_000, layout="mono")
        audio.bit_rate = 96_000
        if picture:
            video = container.add_stream("mpeg4", rate=10)
            video.width = video.height = 32
            for _ in range(20):
                container.mux(video.encode(av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8))))
            container.mux(video.encode(None))
        frame = av.AudioFrame.from_ndarray(sound.astype(np.float32)[None], "fltp", "mono")
        frame.sample_rate = 48_000
        resampler = av.AudioResampler(format=audio.codec_context.format, layout="mono", rate=48_000)
        fifo = av.AudioFifo()
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            part.pts = None
            fifo.write(part)
        size = audio.codec_context.frame_size or 4096
        while part := fifo.read(size, partial=True):
            container.mux(audio.encode(part))
        container.mux(audio.encode(None))
    return path


def test_every_file_that_ffmpeg_plays_is_a_track(tmp_path: Path) -> None:
    for seed, (name, (form, codec)) in enumerate(CONTAINERS.items()):
        contained(tmp_path / name, noise(seed, rate_hz=48_000), form, codec)
    (tmp_path / "READ ME").write_text("Ripped with care.")
    (tmp_path / "booklet.pdf").write_bytes(b"%PDF")
    made = read(tmp_path)
    assert titles(made) == [Path(name).stem for name in CONTAINERS]
    assert unused(made) == {}


def test_what_is_not_used_is_told(tmp_path: Path) -> None:
    flac(tmp_path / "1.flac", noise(1))
    contained(tmp_path / "film.mkv", noise(2, rate_hz=48_000), "matroska", "flac", picture=True)
    (tmp_path / "scans.zip").write_bytes(b"PK\x03\x04" + bytes(100))
    made = read(tmp_path)
    assert titles(made) == ["1"]
    assert unused(made)["film.mkv"].startswith("is a video, not a track")
    assert unused(made)["scans.zip"].startswith("cannot be decoded")


def test_the_better_of_two_files_of_a_recording_is_kept_and_learns_the_others_tags(tmp_path: Path) -> None:
    for no in (1, 2):
        sound = noise(no, 3, 48_000)
        soundfile.write(tmp_path / f"0{no} Piece {'AB'[no - 1]}.wav", sound, 48_000)
        tagged = encode(tmp_path / f"{no}.mp3", sound[None])
        file = mutagen.File(tagged, easy=True)
        file.update({"title": f"Piece {'AB'[no - 1]}", "artist": "Comp", "tracknumber": str(3 - no)})
        file.save()
    made = read(tmp_path)
    assert made["track"].select("title", "artist").rows() == [("Piece B", "Comp"), ("Piece A", "Comp")]
    assert [Path(path).suffix for path in made["track"]["path"]] == [".wav", ".wav"]
    assert unused(made)["1.mp3"].startswith("is the same recording as 01 Piece A.wav")
    assert set(unused(made)) == {"1.mp3", "2.mp3"}


def test_names_alone_make_no_recording_the_same(tmp_path: Path) -> None:
    flac(tmp_path / "Theme.flac", noise(1, 3, 48_000), 48_000)
    encode(tmp_path / "Theme.mp3", noise(2, 3, 48_000)[None])
    encode(tmp_path / "Other.mp3", noise(1, 5, 48_000)[None])  # begins like the first, and goes on
    assert titles(read(tmp_path)) == ["Other", "Theme", "Theme"]


# Tags


@pytest.mark.parametrize("name", ["a.mka", "c.webm", "i.wma", "l.wav", "h.caf", "b.mp4"])
def test_tags_are_read_whatever_the_format_calls_them(tmp_path: Path, name: str) -> None:
    form, codec = {"a.mka": ("matroska", "flac"), "l.wav": ("wav", "pcm_s16le")}.get(name) or CONTAINERS[name]
    told = {"title": "The Title", "artist": "Comp", "album": "Alb"}
    contained(tmp_path / name, noise(1, rate_hz=48_000), form, codec, **told)
    made = read(tmp_path)
    assert made["track"].select("title", "artist", "album").row(0) == ("The Title", "Comp", "Alb")


def test_free_and_foreign_tags_are_read(tmp_path: Path) -> None:
    mp4 = encode(tmp_path / "a.m4a", noise(1, rate_hz=48_000)[None])
    file = mutagen.File(mp4)
    file["©nam"], file["trkn"], file["aART"] = ["Second"], [(2, 2)], ["Comp"]
    file["----:com.apple.iTunes:DISCNUMBER"] = [b"1"]
    file.save()
    mp3 = encode(tmp_path / "b.mp3", noise(2, rate_hz=48_000)[None])
    ape = mutagen.apev2.APEv2()
    ape.update({"Title": "First", "Track": "1/2", "Album Artist": "Comp"})
    ape["Cover Art (Front)"] = mutagen.apev2.APEValue(b"x\0\x89PNG", mutagen.apev2.BINARY)
    ape.save(mp3)
    made = read(tmp_path)
    assert made["track"].select("title", "artist").rows() == [("First", "Comp"), ("Second", "Comp")]
    assert made["album"]["artist"].to_list() == ["Comp"]


def test_a_fault_of_mutagen_costs_no_album(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flac(tmp_path / "x.flac", noise(1), title="From FFmpeg", tracknumber="1")

    def fails(*_: object, **__: object) -> None:
        raise IndexError("list index out of range")

    monkeypatch.setattr(mutagen, "File", fails)
    assert titles(read(tmp_path)) == ["From FFmpeg"]


@pytest.mark.parametrize(
    ("encoding", "texts"),
    [
        ("cp1251", ["Тема Дождя", "Прощание", "Score"]),
        ("koi8_r", ["Прощание славянки", "В. Агапкин"]),
        ("cp1252", ["Café", "Für Elise", "L’été", "Götterdämmerung"]),
        ("cp1252", ["Þú ert jörðin", "Ólafur Arnalds"]),
        ("utf-8", ["Dvořák", "もののけ姫", "Café"]),
        ("cp932", ["もののけ姫", "久石譲", "アシタカせっ記 (Theme)"]),
        ("gb18030", ["月亮代表我的心", "邓丽君"]),
        ("cp949", ["올드보이", "조영욱", "미도 테마"]),
        ("cp1253", ["Ο χορός του Ζορμπά", "Μίκης Θεοδωράκης"]),
    ],
)
def test_the_encoding_of_tags_is_told_by_all_of_them(encoding: str, texts: list[str]) -> None:
    assert decoded(text.encode(encoding) for text in texts) == texts


def test_latin_1_is_not_believed_where_it_is_cyrillic(tmp_path: Path) -> None:
    for no, title in enumerate(["Тема Дождя", "Вальс"], 1):
        path = encode(tmp_path / f"{no}.mp3", noise(no, rate_hz=48_000)[None])
        tags = mutagen.id3.ID3()
        tags.add(mutagen.id3.TIT2(encoding=0, text=[title.encode("cp1251").decode("latin-1")]))
        tags.add(mutagen.id3.TPE1(encoding=3, text=["Café"]))  # says UTF-8, and is
        tags.save(path)
    made = read(tmp_path)
    assert made["track"].select("title", "artist").rows() == [("Тема Дождя", "Café"), ("Вальс", "Café")]


def test_nobody_is_credited_with_anothers_music(tmp_path: Path) -> None:
    flac(tmp_path / "Ann" / "1.flac", noise(1), artist="Ann & Co", albumartist="Ann")
    flac(tmp_path / "Ann" / "2.flac", noise(2))
    flac(tmp_path / "Mix" / "1.flac", noise(3), artist="Bob")
    flac(tmp_path / "Mix" / "2.flac", noise(4), artist="Bob")
    flac(tmp_path / "Mix" / "3.flac", noise(5))
    flac(tmp_path / "Various" / "1.flac", noise(6), artist="Cid", albumartist="Various Artists")
    flac(tmp_path / "Various" / "2.flac", noise(7))
    artists = read(tmp_path)["track"]["artist"].to_list()
    assert artists == ["Ann & Co", "Ann", "Bob", "Bob", None, "Cid", None]


# Order


def order(*names: str) -> list[str]:
    return in_order({f"{name}.flac": {} for name in names})


@pytest.mark.parametrize(
    "names",
    [
        ["Disc One/1", "Disc Two/1", "Disc Three/1", "Bonus Disc/1"],
        ["A CD1/1", "A CD1/2", "A CD2/1", "B CD1/1", "B CD2/1"],
        ["Intro/1", "Score/CD 1/1", "Score/CD 2/1", "Score/CD 10/1"],
        ["A1 x", "A2 w", "B1 v", "B2 u"],
        ["1-01 z", "1-02 y", "2-01 x"],
        ["Part I", "Part II", "Part V", "Part IX", "Part X"],
        ["I. z", "II. y", "IV. x", "IX. w"],
        ["Track One", "Track Two", "Track Three"],
        ["Ann - 01 - z", "Ann - 02 - y", "Ann - 10 - x"],
        ["2 z", "10 a", "I Am", "Mix"],
    ],
)
def test_names_have_a_natural_order(names: list[str]) -> None:
    assert order(*reversed(names)) == [f"{name}.flac" for name in names]


@pytest.mark.parametrize(
    "numbers",
    [
        ["A1", "A2", "B1", "B2", "C1"],
        ["1", "2/12", "03", "10", "11 of 12"],
        ["1-01", "1-02", "2-01", "10-01"],
        ["I", "II", "IV", "IX"],
        ["One", "Two", "Eleven"],
        ["5", "5a", "5b", "6"],
        ["A", "B", "AA"],
        ["0", "1", ""],
    ],
)
def test_numbers_of_tracks_are_read_as_they_are_written(numbers: list[str]) -> None:
    tags = {f"{9 - no}": {"tracknumber": number} for no, number in enumerate(numbers)}
    assert [tags[name]["tracknumber"] for name in in_order(tags)] == numbers


def test_discs_go_before_tracks_and_folders_before_discs() -> None:
    discs = ["1/3", "Disc Two", "III", "Bonus"]
    tags = {f"{9 - no}": {"discnumber": disc, "tracknumber": str(9 - no)} for no, disc in enumerate(discs)}
    assert [tags[name]["discnumber"] for name in in_order(tags)] == discs
    library = {
        f"{album}/{d}{t}": {"discnumber": str(d), "tracknumber": str(t)}
        for album in ("B", "A")
        for d in (2, 1)
        for t in (2, 1)
    }
    assert in_order(library) == sorted(library)


def test_albums_in_one_folder_stay_together_and_a_bonus_track_finds_its_place() -> None:
    mixed = {f"{a}{n}": {"album": a, "tracknumber": str(n)} for n in (1, 2) for a in ("Y", "X")}
    assert in_order(mixed) == ["X1", "X2", "Y1", "Y2"]
    assert album_and_disc("Score (Disc 2)") == ("Score", 2)
    assert album_and_disc("Score [CD One]") == ("Score", 1)
    assert album_and_disc("Disc 2") == ("Disc 2", None)
    discs = {
        name: {"album": f"Score (Disc {name[0]})", "tracknumber": name[1]} for name in ("12", "21", "11")
    }
    assert in_order(discs) == ["11", "12", "21"]


def test_titles_are_compared_without_their_numbers() -> None:
    assert same_title("01 Zebra Theme", "Zebra theme")
    assert same_title("40 Years Later", "01 - 40 years later")
    assert not same_title("01", "02")
    assert not same_title("Track 01", "Track 02")


def test_an_album_on_two_discs_has_one_title(tmp_path: Path) -> None:
    for no in (1, 2):
        flac(tmp_path / f"{no}.flac", noise(no), album=f"The Score (Disc {no})")
    assert read(tmp_path)["album"]["title"].to_list() == ["The Score"]


# Speech


def test_speech_is_left_out_and_music_with_voices_is_not(tmp_path: Path, data_dir: Path) -> None:
    folder = data_dir / "music" / "librosa"
    spoken = {"198-209-0000.ogg", "3436-172162-0000.ogg", "5703-47212-0000.ogg"}
    made = read(folder)
    assert set(unused(made)) == spoken
    assert set(unused(made).values()) == {"is speech, not music: left out; to keep it, use --keep-speech"}
    assert len(made["track"]) == 4
    kept = read(folder, keep_speech=1)
    assert len(kept["track"]) == 7 and kept["unused_file"].is_empty()
    # The same voice over an accompaniment is a song, or a melodrama.
    voice, rate_hz = soundfile.read(folder / "198-209-0000.ogg", always_2d=True)
    chords = cadence("C major", len(voice) / rate_hz + 1, rate_hz)[: len(voice)]
    flac(tmp_path / "sung.flac", voice.mean(axis=1) + chords * voice.std() / chords.std() / 2, rate_hz)
    assert titles(read(tmp_path)) == ["sung"]


def test_an_album_of_nothing_but_speech_is_refused(tmp_path: Path, data_dir: Path) -> None:
    sound, rate_hz = soundfile.read(data_dir / "music" / "librosa" / "198-209-0000.ogg")
    flac(tmp_path / "1.flac", sound, rate_hz)
    with pytest.raises(BookscoreError, match=r"1\.flac: is speech, not music: .*--keep-speech"):
        read(tmp_path)
    assert titles(read(tmp_path, keep_speech=1)) == ["1"]


def test_an_unaccompanied_voice_that_sings_stays() -> None:
    from bookscore.ingest.album.spoken import SUNG, sung_share

    rate_hz, phase, notes = 16_000, 0.0, []
    for midi in (60, 62, 64, 65, 67, 65, 64, 60) * 3:
        at = np.arange(round(0.6 * rate_hz)) / rate_hz
        hz = 440 * 2 ** ((midi - 69) / 12) * 2 ** (0.06 * np.sin(2 * np.pi * 5.5 * at))  # a wide vibrato
        angle = phase + 2 * np.pi * np.cumsum(hz) / rate_hz
        phase = float(angle[-1])
        notes.append(sum(np.sin(k * angle) / k**1.5 for k in range(1, 12)))
    assert sung_share(np.concatenate(notes).astype(np.float32)) > 2 * SUNG


def test_schema_of_the_rows(tmp_path: Path) -> None:
    flac(tmp_path / "x.flac", noise(1))
    made = read(tmp_path)
    assert made["track"].schema["file_start_s"] == made["track"].schema["file_end_s"] == pl.Float64
