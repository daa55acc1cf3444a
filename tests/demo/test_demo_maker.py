"""The demo's maker: what it writes is what its truth says, and the check tells right from wrong."""

from __future__ import annotations

import json
from itertools import islice, pairwise
from pathlib import Path

import av
import duckdb
import numpy as np
import polars as pl
import pysubs2
import pytest
import soundfile

from bookscore.engine.warehouse import Warehouse
from bookscore.ingest.album import keystrength
from bookscore.ingest.book.formats.epub import Epub
from demo import album, check, film, maker, screenplay, sets, sound, story, subtitles

pytestmark = pytest.mark.long

TRUTH = maker.truth()


@pytest.fixture(scope="module")
def tracks(tmp_path_factory: pytest.TempPathFactory) -> dict[int, np.ndarray]:
    return album.write(tmp_path_factory.mktemp("album"))


def test_the_epub_is_read_as_the_story_without_title_page_and_colophon(tmp_path: Path) -> None:
    novel = story.load()
    story.write_epub(novel, tmp_path / "a.epub")
    with Epub(tmp_path / "a.epub") as epub:
        book = epub.read()
    assert (book.title, book.author) == (novel.title, story.AUTHOR)
    assert [chapter.title for chapter in book.chapters] == [chapter.title for chapter in novel.chapters]
    assert len(novel.chapters) == 7
    for chapter in novel.chapters:
        assert 450 <= sum(len(text.split()) for text in chapter.paragraphs) <= 700


def test_the_same_story_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.epub", "b.epub"):
        story.write_epub(story.load(), tmp_path / name)
    assert (tmp_path / "a.epub").read_bytes() == (tmp_path / "b.epub").read_bytes()


def test_the_truth_is_of_one_piece() -> None:
    shots, scenes = TRUTH["shots"], TRUTH["scenes"]
    assert TRUTH["skipped_chapters"] == [4]
    assert sum(scene["chapter_no"] is None for scene in scenes) == 4
    assert [shot["start_s"] for shot in shots[1:]] == [shot["end_s"] for shot in shots[:-1]]
    assert [scene["start_s"] for scene in scenes[1:]] == [scene["end_s"] for scene in scenes[:-1]]
    assert shots[-1]["end_s"] == scenes[-1]["end_s"] == TRUTH["duration_s"]
    assert min(shot["end_s"] - shot["start_s"] for shot in shots) >= 1.5
    for shot in shots:
        scene = scenes[shot["scene_no"] - 1]
        assert scene["start_s"] <= shot["start_s"] < shot["end_s"] <= scene["end_s"]


def test_music_in_the_film_lies_in_its_track_and_in_one_key_at_a_time() -> None:
    ends_s = {section["track_no"]: section["end_s"] for section in TRUTH["music"]}
    for before, after in pairwise(TRUTH["heard"]):
        assert before["end_s"] < after["start_s"]
    for span in TRUTH["heard"]:
        length_s = span["end_s"] - span["start_s"]
        assert 6 <= length_s <= 60
        assert span["offset_s"] + length_s <= ends_s[span["track_no"]]
    assert min(section["end_s"] - section["start_s"] for section in TRUTH["music"]) >= 20


def test_cues_are_read_back_and_stay_in_their_scenes(tmp_path: Path) -> None:
    subtitles.write_srt(tmp_path / "film.srt")
    written, cues = pysubs2.load(str(tmp_path / "film.srt")), subtitles.cues()
    assert [event.plaintext for event in written] == [cue.text for cue in cues]
    assert [event.start for event in written] == [round(cue.start_s * 1000) for cue in cues]
    assert all(before.end_s < after.start_s for before, after in pairwise(cues))
    ends_s = [scene["end_s"] for scene in TRUTH["scenes"]]
    assert not [cue for cue in cues for end_s in ends_s if cue.start_s < end_s < cue.end_s]


def test_scenes_of_the_book_borrow_lines_from_their_chapter_and_invented_ones_from_none() -> None:
    def words(text: str) -> list[str]:
        return ["".join(filter(str.isalpha, word)) for word in text.lower().split()]

    chapters = [words(" ".join(chapter.paragraphs)) for chapter in story.load().chapters]
    triples = [set(zip(w, w[1:], w[2:], strict=False)) for w in chapters]
    for scene in screenplay.SCENES:
        lines = [words(line.split(": ", 1)[1].replace(" / ", " ")) for line in scene.lines]
        told = [set(zip(line, line[1:], line[2:], strict=False)) for line in lines]
        if scene.chapter_no is None:
            assert not set().union(*told) & set().union(*triples), scene.place
        else:
            assert sum(bool(t & triples[scene.chapter_no - 1]) for t in told) >= len(told) / 3, scene.place


@pytest.mark.parametrize("section", TRUTH["music"], ids=lambda s: f"{s['track_no']} {s['key']}")
def test_each_section_of_the_album_is_in_its_key(
    section: maker.MusicTruth, tracks: dict[int, np.ndarray]
) -> None:
    rate_hz = album.RATE_HZ
    heard = tracks[section["track_no"]][
        round(section["start_s"] * rate_hz) : round(section["end_s"] * rate_hz)
    ]
    frames = keystrength.chroma_frames([heard], rate_hz)
    middles_s = np.arange(5, len(heard) / rate_hz - 5, 5)
    chromas = keystrength.chroma_windows(frames, middles_s, 10)
    strength = keystrength.keystrength(chromas, "gomez").mean(axis=0)
    tonic, mode = section["key"].split()
    assert int(strength.argmax()) == album.TONICS.index(tonic) + 12 * (mode == "minor")


def test_the_album_is_tagged_and_lasts_as_long_as_its_sections(
    tmp_path: Path, tracks: dict[int, np.ndarray]
) -> None:
    written = album.write(tmp_path)
    files = sorted(tmp_path.iterdir())
    assert len(files) == len(album.TRACKS) == 8
    for number, path in enumerate(files, start=1):
        info = soundfile.info(path)
        ends_s = [s["end_s"] for s in TRUTH["music"] if s["track_no"] == number]
        assert info.duration == pytest.approx(max(ends_s), abs=0.01)
        assert np.array_equal(written[number], tracks[number])  # made twice, the same
        with soundfile.SoundFile(path) as opened:
            tags = opened.copy_metadata()
        assert (tags["title"], tags["tracknumber"]) == (album.TRACKS[number - 1].title, str(number))


def test_the_film_sound_holds_the_music_at_its_place_under_speech(tracks: dict[int, np.ndarray]) -> None:
    cues = subtitles.cues()
    mixed = sound.mix(cues, tracks, TRUTH["duration_s"])
    assert len(mixed) == round(TRUTH["duration_s"] * album.RATE_HZ)
    assert np.abs(mixed).max() < 1
    for span in TRUTH["heard"]:
        start, end, offset = (
            round(t * album.RATE_HZ) for t in (span["start_s"], span["end_s"], span["offset_s"])
        )
        track = tracks[span["track_no"]]

        def likeness(
            late: int, start: int = start, end: int = end, at: int = offset, x: np.ndarray = track
        ) -> float:
            return float(np.corrcoef(mixed[start:end], x[at + late : at + late + end - start])[0, 1])

        assert likeness(0) > 0.35
        assert max(abs(likeness(late)) for late in (-9000, -320, 320, 9000)) < likeness(0) - 0.1
    spoken = np.zeros(len(mixed), bool)
    for cue in cues:
        spoken[round(cue.start_s * album.RATE_HZ) : round(cue.end_s * album.RATE_HZ)] = True
    for span in TRUTH["heard"]:
        spoken[round(span["start_s"] * album.RATE_HZ) : round(span["end_s"] * album.RATE_HZ)] = True
    assert spoken.mean() < 0.9
    assert np.sqrt((mixed[~spoken] ** 2).mean()) < 0.001  # where nobody speaks and nothing plays: silence


def test_every_view_of_the_screenplay_can_be_shot() -> None:
    for scene in screenplay.SCENES:
        painting = sets.paint(scene.place)
        for shot in scene.shots:
            for share in (0.0, 0.5, 1.0):
                left, top, right, bottom = film.camera(
                    shot, film.standpoint(shot.view, scene, painting), share
                )
                assert 0 <= left < right <= 1280.001
                assert 0 <= top < bottom <= 720.001


def test_the_cuts_of_the_film_are_seen_where_the_truth_has_them(tmp_path: Path) -> None:
    from scenedetect import AdaptiveDetector, detect

    seconds = 40
    silence = np.zeros(seconds * album.RATE_HZ, np.float32)
    pictures = islice(film.frames(subtitles.cues()), seconds * film.FPS)
    film.write_film(tmp_path / "film.mkv", pictures, film.FPS, silence, album.RATE_HZ)
    found_s = [start.seconds for start, _ in detect(str(tmp_path / "film.mkv"), AdaptiveDetector())][1:]
    assert found_s == pytest.approx([cut_s for cut_s in TRUTH["cuts_s"] if cut_s < seconds], abs=0.1)


def test_a_written_film_keeps_picture_and_sound_together_and_is_the_same_each_time(tmp_path: Path) -> None:
    pictures = [np.full((90, 160, 3), 250 if n >= 24 else 10, np.uint8) for n in range(48)]
    tone = (
        np.sin(np.arange(4 * 32_000) * 2 * np.pi * 440 / 32_000) * (np.arange(4 * 32_000) >= 2 * 32_000) * 0.5
    )
    for name in ("a.mkv", "b.mkv"):
        film.write_film(tmp_path / name, pictures, 12, tone.astype(np.float32), 32_000)
    assert (tmp_path / "a.mkv").read_bytes() == (tmp_path / "b.mkv").read_bytes()
    with av.open(str(tmp_path / "a.mkv")) as opened:
        bright_s = [
            frame.time for frame in opened.decode(video=0) if frame.to_ndarray(format="gray").mean() > 128
        ]
    with av.open(str(tmp_path / "a.mkv")) as opened:
        heard = np.concatenate([frame.to_ndarray()[0] for frame in opened.decode(audio=0)])
    assert bright_s[0] == pytest.approx(2.0, abs=0.01)
    assert len(bright_s) == 24
    assert np.flatnonzero(np.abs(heard) > 0.1)[0] / 32_000 == pytest.approx(2.0, abs=0.01)


def test_what_another_maker_made_or_left_half_done_is_made_again(tmp_path: Path) -> None:
    assert not maker.made(tmp_path)
    (tmp_path / maker.TRUTH).write_text(json.dumps(TRUTH | {"made_by": "another"}))
    assert not maker.made(tmp_path)
    (tmp_path / maker.TRUTH).write_text(json.dumps(TRUTH)[:-20])
    assert not maker.made(tmp_path)
    (tmp_path / maker.TRUTH).write_text(json.dumps(TRUTH))
    assert maker.made(tmp_path)


@pytest.fixture
def woven(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    """A warehouse in which everything is as the truth has it."""
    rows = {
        "title": [{"title_id": "t", "name": "T", "book_id": "b", "film_id": "f", "album_id": "a"}],
        "shot": [
            {"film_id": "f", "shot_no": n, "start_s": s["start_s"], "end_s": s["end_s"], "histogram": [1.0]}
            for n, s in enumerate(TRUTH["shots"], start=1)
        ],
        "scene": [
            {"film_id": "f", "scene_no": n, "start_s": s["start_s"], "end_s": s["end_s"]}
            for n, s in enumerate(TRUTH["scenes"], start=1)
        ],
        "chapter_scene": [
            {"title_id": "t", "film_id": "f", "chapter_no": s["chapter_no"], "scene_no": n, "score": 1.0}
            | {"start_s": s["start_s"], "end_s": s["end_s"]}
            for n, s in enumerate(TRUTH["scenes"], start=1)
            if s["chapter_no"]
        ],
        "music_segment": [
            {k: s[k] for k in ("track_no", "start_s", "end_s", "mode")}
            | {"album_id": "a", "music_segment_no": n, "mode_strength": 0.5, "arousal": 0.5, "gain_db": 0.0}
            for n, s in enumerate(TRUTH["music"], start=1)
        ],
        "heard": [
            {"film_id": "f", "album_id": "a", "recogniser": "album", "min_score": 0.1, "score": 1.0} | span
            for span in TRUTH["heard"]
        ],
    }
    with Warehouse(tmp_path) as warehouse:
        for table, content in rows.items():
            warehouse.connection.register("rows", pl.DataFrame(content).to_arrow())
            warehouse.connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM rows")
        yield warehouse.connection


def missed(connection: duckdb.DuckDBPyConnection) -> list[str]:
    return [goal.what for goal in check.goals(check.figures(connection, "T", TRUTH)) if goal.met is False]


def test_the_check_finds_nothing_wrong_with_the_truth(woven: duckdb.DuckDBPyConnection) -> None:
    figures = check.figures(woven, "T", TRUTH)
    assert missed(woven) == []
    assert figures["with_music_right"] == figures["with_music"] > 100
    assert figures["without_music"] > 30
    assert figures["cuts_false"] == figures["boundaries_extra"] == figures["heard_wrong"] == 0
    assert figures["shots_right"] == figures["shots"] > figures["book_shots"] == figures["book_shots_right"]


@pytest.mark.parametrize(
    ("harm", "goal"),
    [
        ("DELETE FROM shot WHERE shot_no = 30", "cuts found"),
        ("UPDATE shot SET start_s = start_s + 0.2 WHERE shot_no = 30", "cuts found"),
        (
            "UPDATE music_segment SET start_s = start_s + 6 WHERE track_no = 8 AND start_s > 0",
            "changes of key",
        ),
        ("UPDATE music_segment SET mode = 'minor' WHERE track_no = 1", "music segments"),
        ("DELETE FROM heard WHERE track_no = 1", "music of the film recognised"),
        ("UPDATE heard SET offset_s = offset_s + 1 WHERE track_no = 8", "music of the film recognised"),
        ("UPDATE heard SET track_no = 5 WHERE track_no = 6", "other music"),
        (
            "INSERT INTO heard (film_id, album_id, recogniser, min_score, start_s, end_s, track_no, offset_s, score) VALUES ('f', 'a', 'album', 0.1, 72, 76, 1, 0, 1)",
            "other music",
        ),
        ("DELETE FROM chapter_scene WHERE chapter_no = 7", "shots in the right chapter"),
        (
            "INSERT INTO chapter_scene BY NAME "
            "SELECT 't' AS title_id, 'f' AS film_id, 1 AS chapter_no, scene_no, 1 AS score, start_s, end_s FROM scene",
            "shots in the right chapter",
        ),
    ],
)
def test_the_check_finds_what_is_wrong(woven: duckdb.DuckDBPyConnection, harm: str, goal: str) -> None:
    woven.execute(harm)
    assert any(goal in what for what in missed(woven))


def test_the_check_needs_the_title(woven: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(LookupError, match="no title 'Other'"):
        check.figures(woven, "Other", TRUTH)
