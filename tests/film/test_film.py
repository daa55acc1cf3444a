"""Small films of known cuts, made here, through the stages of the film ingest."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import polars as pl
import pytest
from av.subtitles.subtitle import SubtitleSet

from bookscore.engine.errors import BookscoreError
from bookscore.engine.models import Models
from bookscore.engine.runner import Item, Run, Task
from bookscore.engine.settings import defaults
from bookscore.engine.stage import Inputs, Tables
from bookscore.engine.warehouse import Warehouse
from bookscore.ingest.film.medium import MEDIUM, sources
from bookscore.ingest.film.picture.decoding import Picture
from bookscore.ingest.film.picture.shots import shots
from bookscore.queries.status import notes
from tests.small_models import COLOURS, SmallModels

pytestmark = pytest.mark.long

WIDTH, HEIGHT, RATE_HZ = 128, 96, 22_050
SHOTS_S = (2.0, 1.5, 3.0, 1.5, 2.5)
VIEWS = ((200, 40, 30), (30, 180, 60), (40, 50, 210), (220, 210, 60), (90, 20, 120))
SRT = "1\n00:00:01,000 --> 00:00:02,000\nHARRY: One, two\n\n2\n00:00:05,000 --> 00:00:06,500\nThree\n"
ASS_HEADER = (
    b"[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: Name, Fontname, Fontsize\n"
    b"Style: Default,Arial,16\n\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
)  # fmt: skip


Track = tuple[str, str, list[tuple[float, str, str]]]  # codec, language, lines: time, speaker, text


def images(fps: int) -> list[np.ndarray]:
    """Shots of one colour each, with grain and a square that wanders slowly."""
    rng = np.random.default_rng(1)
    made = []
    for view, length_s in zip(VIEWS, SHOTS_S, strict=True):
        ground = np.array(view) + rng.integers(-12, 12, (HEIGHT, WIDTH, 1))
        for n in range(round(length_s * fps)):
            image = ground.clip(0, 255).astype(np.uint8)
            x = 10 + n // 2
            image[40:52, x : x + 12] = 255 - np.array(view)
            made.append(image)
    return made


def write(
    path: Path,
    fps: int = 25,
    codec: str = "libx264",
    *,
    with_sound: bool = True,
    from_s: float = 0.0,
    tracks: Sequence[Track] = (),
    forced: str | None = None,
) -> Path:
    pictures = images(fps)
    with av.open(str(path), "w") as container:
        video = container.add_stream(codec, rate=fps, options={"g": "30"})
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        sound = container.add_stream("aac", rate=RATE_HZ, layout="mono") if with_sound else None
        said_in = []
        for codec_name, language, _ in tracks:
            said_in.append(container.add_stream(codec_name))
            said_in[-1].codec_context.subtitle_header = ASS_HEADER
            said_in[-1].metadata["language"] = language
            if codec_name == forced:
                said_in[-1].disposition = av.stream.Disposition.forced
        for n, image in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = round(from_s * fps) + n, Fraction(1, fps)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        if sound:
            t = np.arange(round(sum(SHOTS_S) * RATE_HZ)) / RATE_HZ
            tone = (0.3 * np.sin(2 * np.pi * 440 * t)).astype(np.float32)
            wave = av.AudioFrame.from_ndarray(tone[None], format="fltp", layout="mono")
            wave.sample_rate, wave.time_base = RATE_HZ, Fraction(1, RATE_HZ)
            wave.pts = round(from_s * RATE_HZ)
            container.mux(sound.encode(wave))
            container.mux(sound.encode(None))
        for track, (_, _, lines) in zip(said_in, tracks, strict=True):
            for at_s, speaker, text in lines:
                said = SubtitleSet.create(f"0,0,Default,{speaker},0,0,0,,{text}".encode(), 0, 1000)
                packet = track.codec_context.encode_subtitle(said)
                packet.stream, packet.time_base = track, Fraction(1, 1000)
                packet.pts = packet.dts = round((at_s + from_s) * 1000)
                packet.duration = 1000
                container.mux(packet)
    return path


def ingest(files: dict[str, Path], **settings: Any) -> Tables:
    """Every stage of the medium that has a file to read, in order, as the engine runs them."""
    made: Tables = {
        "shot": pl.DataFrame(schema={"start_s": pl.Float64, "end_s": pl.Float64}),
        "frame": pl.DataFrame(),
        "cue": pl.DataFrame(schema={"start_s": pl.Float64, "end_s": pl.Float64}),
        "film_speech": pl.DataFrame(schema={"start_s": pl.Float64, "end_s": pl.Float64}),
    }
    values = defaults(MEDIUM.settings) | {f"film.{name}": value for name, value in settings.items()}
    for stage in MEDIUM.stages:
        read = {role: path for role, path in files.items() if role in stage.files}
        if read or not stage.files:
            given = {name: made[name] for name in stage.given}
            tables = stage.run(Inputs("f1", 0, read, values, given, SmallModels()))
            assert set(tables) == set(stage.makes)
            made |= tables
    return made


def starts(made: Tables) -> list[float]:
    return made["shot"]["start_s"].to_list()


def known_starts() -> list[float]:
    return [0.0, *itertools.accumulate(SHOTS_S[:-1])]


@pytest.mark.parametrize(
    ("name", "fps", "codec", "from_s", "detector"),
    [
        ("a.mkv", 25, "libx264", 0.0, "adaptive"),
        ("b.mp4", 12, "libx264", 0.0, "adaptive"),
        ("c.mkv", 12, "mpeg4", 0.0, "content"),
        ("d.mp4", 25, "mpeg4", 0.0, "content"),
        ("e.mkv", 25, "libx264", 7.0, "adaptive"),
        ("f.ts", 25, "libx264", 3.0, "adaptive"),
    ],
)
def test_shots_begin_at_the_cuts_and_tile_the_film(
    tmp_path: Path, name: str, fps: int, codec: str, from_s: float, detector: str
) -> None:
    with_sound = name != "f.ts"  # its muxer would begin the sound, and so the film, before the picture
    video = write(tmp_path / name, fps, codec, from_s=from_s, with_sound=with_sound)
    made = ingest(sources(video), detector=detector)
    film, shot, frame, scene = (made[table] for table in ("film", "shot", "frame", "scene"))
    length_s = sum(SHOTS_S)
    assert starts(made) == pytest.approx(known_starts(), abs=1 / fps)
    assert shot["end_s"].to_list()[:-1] == starts(made)[1:]
    assert shot["end_s"][-1] == pytest.approx(length_s, abs=1 / fps)
    assert np.array(shot["histogram"].to_list()).sum(axis=1) == pytest.approx(np.ones(5), abs=1e-5)

    assert frame["frame_no"].to_list() == [1, 2, 3] * 5
    inside = frame.join(shot, on="shot_no")
    assert (inside["time_s"] >= inside["start_s"] - 1e-6).all()
    assert (inside["time_s"] < inside["end_s"]).all()
    middle = inside.filter(pl.col("frame_no") == 2)
    assert middle["time_s"].to_numpy() == pytest.approx(
        ((middle["start_s"] + middle["end_s"]) / 2).to_numpy(), abs=0.2
    )
    for shot_no, encoded in frame.select("shot_no", "jpeg").iter_rows():
        seen = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
        assert np.median(seen, axis=(0, 1)) == pytest.approx(VIEWS[shot_no - 1], abs=25)

    row = film.row(0, named=True)
    assert (row["width_px"], row["height_px"], row["fps"]) == (WIDTH, HEIGHT, fps)
    assert row["has_picture"] and row["has_sound"] == with_sound
    assert row["duration_s"] == pytest.approx(length_s, abs=0.15)
    assert scene["start_s"][0] == 0 and scene["end_s"][-1] == pytest.approx(length_s, abs=0.15)
    assert scene["first_shot_no"][0] == 1 and scene["last_shot_no"][-1] == 5
    samples = sum(len(pcm) // 2 for pcm in made["film_sound"]["pcm"])
    assert samples == pytest.approx(length_s * 4000 * with_sound, rel=0.03)


def test_frames_are_embedded_by_the_image_text_encoder(tmp_path: Path) -> None:
    vectors = ingest(sources(write(tmp_path / "f.mkv")))["frame_vector"]
    assert vectors.columns == ["film_id", "shot_no", "frame_no", "time_s", "model_id", "vector"]
    assert vectors["model_id"].unique().to_list() == ["small-image-text@1"]
    words = SmallModels().image_text.encode_texts(COLOURS)
    closeness = np.array(vectors["vector"].to_list()) @ words.T
    assert closeness.argmax(axis=1)[:9].tolist() == [0] * 3 + [1] * 3 + [2] * 3


def test_a_film_without_sound_has_no_rows_of_sound(tmp_path: Path) -> None:
    made = ingest(sources(write(tmp_path / "f.mp4", with_sound=False)))
    assert not made["film"]["has_sound"][0]
    assert len(made["film_sound"]) == len(made["film_landmark"]) == 0
    assert len(made["shot"]) == 5


def sound_only(path: Path, seconds: float, *, cover: bool = False) -> Path:
    with av.open(str(path), "w", format="mp4") as container:
        sound = container.add_stream("aac", rate=RATE_HZ, layout="mono")
        if cover:
            picture = container.add_stream("mjpeg", rate=1)
            picture.width, picture.height, picture.pix_fmt = WIDTH, HEIGHT, "yuvj420p"
            picture.disposition = av.stream.Disposition.attached_pic
            container.mux(picture.encode(av.VideoFrame.from_ndarray(images(1)[0], format="rgb24")))
            container.mux(picture.encode(None))
        noise = np.random.default_rng(1).normal(0, 0.1, (1, round(seconds * RATE_HZ))).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(noise, format="fltp", layout="mono")
        frame.sample_rate = RATE_HZ
        container.mux(sound.encode(frame))
        container.mux(sound.encode(None))
    return path


@pytest.mark.parametrize("cover", [False, True])
def test_a_film_without_picture_has_scenes_of_even_length(tmp_path: Path, cover: bool) -> None:
    made = ingest(sources(sound_only(tmp_path / "f.m4a", 20, cover=cover)), scene_longest_s=8.0)
    assert not made["film"]["has_picture"][0] and made["film"]["width_px"][0] is None
    assert len(made["shot"]) == len(made["frame"]) == len(made["frame_vector"]) == len(made["cue"]) == 0
    assert made["scene"]["start_s"].to_list() == [0.0, 8.0, 16.0]
    assert made["scene"]["end_s"][-1] == pytest.approx(20, abs=0.1)
    assert made["scene"]["first_shot_no"].to_list() == [None] * 3
    assert len(made["film_landmark"]) > 50


def test_subtitles_alone_are_a_film(tmp_path: Path) -> None:
    path = tmp_path / "f.srt"
    path.write_text(SRT)
    made = ingest(sources(path))
    assert made["film"].select("title", "duration_s", "has_picture", "has_sound").row(0) == (
        "f",
        6.5,
        False,
        False,
    )
    assert made["cue"].drop("film_id").rows() == [
        (1, 1.0, 2.0, "One, two", "HARRY", False, None),
        (2, 5.0, 6.5, "Three", None, False, None),
    ]
    assert made["scene"].drop("film_id").rows() == [(1, None, None, 0.0, 6.5)]


def test_a_stray_cue_makes_no_film_of_a_hundred_hours_and_is_told(tmp_path: Path) -> None:
    path = tmp_path / "f.srt"
    cues = "".join(f"{n}\n00:00:{n:02},000 --> 00:00:{n:02},900\nLine.\n\n" for n in range(1, 40))
    odd = (
        "40\n99:00:00,000 --> 99:00:01,000\nStray.\n\n41\n00:00:50,000 --> 00:00:49,000\nBack.\n\n"
        "42\n00:00:51,000 --> 00:00:52,000\n[hum]\n\n43\n00:00:53,000 --> 00:00:54,000\nSubtitles by me\n\n"
        "44\n00:00:55,000 --> 00:00:56,000\n(hum)\n"
    )
    path.write_bytes((cues.replace("Line", "Café") + odd).encode().replace("é".encode(), b"\xe9", 1))
    with Warehouse(tmp_path / "warehouse") as warehouse:
        item = Item.of(warehouse, MEDIUM, sources(path))
        Run(
            warehouse,
            defaults(MEDIUM.settings),
            Models("embedded"),
            force=False,
            progress=lambda task, state: None,
        ).ingest([item])
        count, last_s, duration_s = warehouse.connection.execute(
            "SELECT count(*), max(end_s), any_value(duration_s) FROM cue JOIN film USING (film_id)"
        ).fetchall()[0]
        assert (count, last_s, duration_s) == (39, 39.9, 39.9)
        left_out = warehouse.connection.execute(
            "SELECT start_s, text, reason FROM left_out_cue ORDER BY start_s"
        ).fetchall()
        assert left_out == [
            (50.0, "Back.", "end before the beginning"),
            (51.0, "[hum]", "no spoken word"),
            (53.0, "Subtitles by me", "line of the distributor"),
            (55.0, "(hum)", "no spoken word"),
            (356_400.0, "Stray.", "outside the film"),
        ]
        assert [line for line in notes(warehouse.connection, item.item_id) if "subtitles" in line] == [
            "f.srt: 5 cues of its subtitles left out: no spoken word (2), end before the beginning (1), "
            "line of the distributor (1), outside the film (1)",
            "f.srt: its subtitles have 1 place that is not valid in their encoding: read as Windows-1252, or as \ufffd",
        ]


def test_a_stray_cue_does_not_refuse_the_films_subtitles(tmp_path: Path) -> None:
    video = write(tmp_path / "f.mp4", 12, with_sound=False)
    cues = (
        f"{n}\n00:00:0{n // 2},{n % 2}00 --> 00:00:0{n // 2},{n % 2}90\nLine {n}\n\n" for n in range(1, 13)
    )
    (tmp_path / "f.srt").write_text("".join(cues) + "13\n05:00:00,000 --> 05:00:01,000\nStray.\n")
    made = ingest(sources(video))
    assert made["cue"]["text"].to_list() == [f"Line {n}" for n in range(1, 13)]
    assert made["left_out_cue"].select("start_s", "text", "reason").rows() == [
        (18_000.0, "Stray.", "outside the film")
    ]
    assert made["cue_source"]["n_left_out"][0] == 1


@pytest.mark.parametrize("beside", ["f.srt", "f.en.srt", "f.eng.srt"])
def test_subtitles_beside_the_video_are_found(tmp_path: Path, beside: str) -> None:
    video = write(tmp_path / "f.mp4", 12, with_sound=False)
    (tmp_path / beside).write_text(SRT)
    (tmp_path / "g.srt").write_text(SRT.replace("Three", "Four"))
    assert sources(video) == {"video": video, "subtitles": tmp_path / beside}
    assert sources(video, tmp_path / "g.srt")["subtitles"] == tmp_path / "g.srt"
    made = ingest(sources(video))
    assert made["cue"]["text"].to_list() == ["One, two", "Three"]
    assert made["cue_source"]["path"][0] == str((tmp_path / beside).resolve())


def test_other_subtitles_leave_the_picture_alone_and_refused_ones_all(tmp_path: Path) -> None:
    video = write(tmp_path / "f.mp4", 12, with_sound=False)
    texts = {"one": SRT, "other": SRT.replace("Three", "Four"), "long": SRT.replace("00:00:", "02:00:")}
    for name, text in texts.items():
        (tmp_path / f"{name}.srt").write_text(text)
    done: list[str] = []

    def progress(task: Task, state: str) -> None:
        if state == "done":
            done.append(task.stage.name)

    with Warehouse(tmp_path / "warehouse") as warehouse:

        def run(name: str) -> list[str]:
            done.clear()
            item = Item.of(warehouse, MEDIUM, sources(video, tmp_path / f"{name}.srt"))
            Run(
                warehouse, defaults(MEDIUM.settings), Models("embedded"), force=False, progress=progress
            ).ingest([item])
            return done

        def rows() -> list[tuple[object, ...]]:
            return warehouse.connection.execute(
                "SELECT text, parse_filename(path), (SELECT count(*) FROM shot) FROM cue, cue_source ORDER BY cue_no"
            ).fetchall()

        assert "film.picture" in run("one")
        assert run("other") == ["film.cues", "film.scenes"]
        before = rows()
        assert [row[:2] for row in before] == [("One, two", "other.srt"), ("Four", "other.srt")]
        with pytest.raises(BookscoreError, match=r"long\.srt"):
            run("long")
        assert rows() == before


@pytest.mark.parametrize(
    ("name", "codec", "from_s"),
    [("f.mkv", "srt", 0.0), ("f.mkv", "srt", 4.0), ("f.mkv", "ass", 0.0), ("f.mp4", "mov_text", 0.0)],
)
def test_the_track_inside_the_video_gives_its_cues(
    tmp_path: Path, name: str, codec: str, from_s: float
) -> None:
    said = [
        (1.0, "", "HARRY: One, two, three, four, five, six, seven, eight, nine, ten"),
        (6.0, "", "- Yes.\\N- {\\i1}No{\\i0}."),
    ]
    cue = ingest(sources(write(tmp_path / name, tracks=[(codec, "eng", said)], from_s=from_s)))["cue"]
    assert cue["start_s"].to_list() == pytest.approx([1.0, 6.0, 6.5], abs=0.05)
    assert (cue["end_s"] - cue["start_s"]).to_list() == pytest.approx([1.0, 0.5, 0.5])
    said_in_order = ["One, two, three, four, five, six, seven, eight, nine, ten", "Yes.", "No."]
    assert cue["text"].to_list() == said_in_order
    assert cue["speaker"].to_list() == ["HARRY", None, None]


def test_the_speaker_field_of_a_track_inside_the_video_is_kept(tmp_path: Path) -> None:
    said = [(1.0, "Harry", "One, two"), (6.0, "", "Three")]
    cue = ingest(sources(write(tmp_path / "f.mkv", 12, tracks=[("ass", "eng", said)])))["cue"]
    assert cue.select("speaker", "text").rows() == [("Harry", "One, two"), (None, "Three")]


def test_the_english_track_goes_before_others(tmp_path: Path) -> None:
    tracks = [("srt", "fre", [(1.0, "", "Bonjour")]), ("srt", "eng", [(1.0, "", "Good day")])]
    for order in (tracks, tracks[::-1]):
        assert ingest(sources(write(tmp_path / "f.mkv", 12, tracks=order)))["cue"]["text"].to_list() == [
            "Good day"
        ]
    only = write(tmp_path / "g.mkv", 12, tracks=tracks[:1])
    assert ingest(sources(only))["cue"]["text"].to_list() == ["Bonjour"]


def test_a_forced_track_goes_after_the_whole_one(tmp_path: Path) -> None:
    tracks = [("ass", "eng", [(1.0, "", "Bonjour means hello")]), ("srt", "eng", [(1.0, "", "Good day")])]
    cue = ingest(sources(write(tmp_path / "f.mkv", 12, tracks=tracks, forced="ass")))["cue"]
    assert cue["text"].to_list() == ["Good day"]


def test_a_relative_name_with_a_colon_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "Film: the film.mkv", 12, tracks=[("srt", "eng", [(1.0, "", "One")])])
    monkeypatch.chdir(tmp_path)
    made = ingest(sources(Path("Film: the film.mkv")))
    assert (len(made["shot"]), made["cue"]["text"].to_list()) == (5, ["One"])


def test_shots_come_while_the_film_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "f.mkv", with_sound=False)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 3 // 4])
    begun_s = []
    with pytest.raises(BookscoreError, match=r"f\.mkv: breaks off"):
        picture = Picture(path)
        for shot in shots(picture, picture.fps, "adaptive"):
            begun_s.append(shot.start_s)
    assert begun_s[:2] == pytest.approx(known_starts()[:2], abs=0.04)


def test_a_scene_does_not_begin_in_the_middle_of_a_cue(tmp_path: Path) -> None:
    video = write(tmp_path / "f.mkv")
    assert 2 in ingest(sources(video), scenes=5)["scene"]["first_shot_no"].to_list()
    (tmp_path / "f.srt").write_text("1\n00:00:01,000 --> 00:00:03,000\nOver the cut\n")
    assert 2 not in ingest(sources(video), scenes=4)["scene"]["first_shot_no"].to_list()


@pytest.mark.parametrize("ending, begins", [("", False), (".", True)])
def test_nor_in_the_middle_of_a_sentence_of_two_cues(tmp_path: Path, ending: str, begins: bool) -> None:
    """The cut lies between the cues, at 2 s."""
    video = write(tmp_path / "f.mkv")
    cues = f"1\n00:00:01,000 --> 00:00:01,900\nHe said{ending}\n\n2\n00:00:02,300 --> 00:00:03,000\nIt is late.\n"
    (tmp_path / "f.srt").write_text(cues)
    assert (2 in ingest(sources(video), scenes=4)["scene"]["first_shot_no"].to_list()) == begins


@pytest.mark.parametrize("what", ["text", "empty", "half", "subtitles", "directory", "absent"])
@pytest.mark.parametrize("name", ["f.mkv", "f.mp4"])
def test_a_film_that_is_none_is_refused_in_one_line(tmp_path: Path, name: str, what: str) -> None:
    path = tmp_path / name
    match what:
        case "text":
            path.write_text("Once upon a time\n" * 100)
        case "empty":
            path.touch()
        case "half":
            whole = write(path, 12, with_sound=False).read_bytes()
            path.write_bytes(whole[: len(whole) // 2])
        case "subtitles":
            path.write_text(SRT)
        case "directory":
            path.mkdir()
    with pytest.raises(BookscoreError) as refusal:
        ingest(sources(path))
    assert str(path) in str(refusal.value) and "\n" not in str(refusal.value)


def test_subtitles_of_a_longer_film_are_refused(tmp_path: Path) -> None:
    video = write(tmp_path / "f.mp4", 12, with_sound=False)
    other = tmp_path / "other.srt"
    other.write_text(
        SRT + "\n3\n00:30:00,000 --> 00:30:01,000\nLate\n\n4\n00:31:00,000 --> 00:31:01,000\nLater\n"
    )
    with pytest.raises(BookscoreError, match=r"other\.srt: does not fit f\.mp4"):
        ingest(sources(video, other))


def test_two_subtitle_files_or_an_absent_one_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.srt"
    path.write_text(SRT)
    with pytest.raises(BookscoreError, match="is a subtitle file itself"):
        sources(path, path)
    with pytest.raises(BookscoreError, match=r"absent\.srt: is not a file"):
        sources(path, tmp_path / "absent.srt")


def test_the_same_film_gives_the_same_rows(tmp_path: Path) -> None:
    files = sources(write(tmp_path / "f.mkv", 12))
    first, again = ingest(files), ingest(files)
    assert all(first[table].equals(again[table]) for table in first)


def test_the_cuts_of_a_real_film_are_found(data_dir: Path) -> None:
    made = ingest({"video": data_dir / "video" / "big-buck-bunny-480p-30s.mp4"})
    assert starts(made) == pytest.approx([0, 11.875, 15.75, 23.042], abs=0.05)
    assert made["film"]["has_sound"][0] and len(made["film_landmark"]) > 100
    assert made["scene"]["end_s"][-1] == pytest.approx(30, abs=0.2)
