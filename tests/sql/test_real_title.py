"""The main job on real input: a real novel, its film's real cues, real music under real speech.

No complete film with sound may be shipped, so the pictures are painted, and the sound is mixed from the
real tracks at known offsets under the real speech clips.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import duckdb
import numpy as np
import pytest
from click.testing import CliRunner, Result

from bookscore.commands import main as program
from bookscore.engine.warehouse import DATABASE
from bookscore.ingest.film.cues import subtitles as cues
from bookscore.ingest.media import sound
from demo.film import write_film

pytestmark = pytest.mark.long

FPS = 2
RATE_HZ = 16_000
SHORTEST_SHOT_S = 40.0


@dataclass(frozen=True)
class Adaptation:
    """The woven title and what is known of its sound: (start_s, end_s, track title, offset_s)."""

    folder: Path
    mixed: list[tuple[float, float, str, float]]
    result: Result

    def run(self, *arguments: object) -> Result:
        return CliRunner().invoke(
            program.main, ["--warehouse", str(self.folder / "warehouse"), "-q", *map(str, arguments)]
        )


def cuts(lines: list[cues.Cue], duration_s: float) -> list[float]:
    """Shots are cut at pauses in the talk."""
    found = [0.0]
    for before, after in pairwise(lines):
        middle_s = round((before.end_s + after.start_s) / 2 * FPS) / FPS
        if (
            after.start_s - before.end_s > 1
            and middle_s - found[-1] > SHORTEST_SHOT_S
            and duration_s - middle_s > SHORTEST_SHOT_S
        ):
            found.append(middle_s)
    return found


def paint(starts_s: list[float], duration_s: float) -> Iterator[np.ndarray]:
    """Each shot in its own colours, with something that moves."""
    ends_s = [*starts_s[1:], duration_s]
    for number, (start_s, end_s) in enumerate(zip(starts_s, ends_s, strict=True)):
        rng = np.random.default_rng(number)
        sky, ground, thing = rng.integers(20, 236, (3, 3))
        for n in range(round((end_s - start_s) * FPS)):
            picture = np.empty((90, 160, 3), np.uint8)
            picture[:50], picture[50:] = sky, ground
            picture[30:70, 20 + n % 80 : 50 + n % 80] = thing
            yield picture


def mix(
    data_dir: Path, tracks: list[Path], lines: list[cues.Cue], duration_s: float
) -> tuple[np.ndarray, list[tuple[float, float, str, float]]]:
    """Speech wherever a line is said, and at known times music as loud as it or up to 6 dB lower."""
    rng = np.random.default_rng(3)
    talk = np.concatenate(
        [
            np.concatenate(list(sound.stream(clip, RATE_HZ)))
            for clip in sorted((data_dir / "music/librosa").glob("*-0000.ogg"))
        ]
    )
    talk = np.resize(0.08 * talk / talk.std(), round(duration_s * RATE_HZ))
    film = np.zeros_like(talk)
    for line in lines:
        said = slice(round(line.start_s * RATE_HZ), round(line.end_s * RATE_HZ))
        film[said] = talk[said]
    music = {path: np.concatenate(list(sound.stream(path, RATE_HZ))) for path in tracks}
    spans, at_s = [], 20.0
    while at_s < duration_s - 100:
        path = tracks[int(rng.integers(len(tracks)))]
        length_s = min(rng.uniform(25, 70), len(music[path]) / RATE_HZ - 1)
        offset_s = rng.uniform(0, len(music[path]) / RATE_HZ - length_s)
        piece = music[path][round(offset_s * RATE_HZ) :][: round(length_s * RATE_HZ)]
        begin = round(at_s * RATE_HZ)
        film[begin : begin + len(piece)] += 0.08 * 10 ** (-rng.uniform(0, 6) / 20) * piece / piece.std()
        spans.append((at_s, at_s + length_s, path.name, offset_s))
        at_s += length_s + rng.uniform(5, 40)
    return np.clip(film / 2, -1, 1), spans


@pytest.fixture(scope="module")
def woven(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Adaptation:
    folder = tmp_path_factory.mktemp("princess")
    subtitles = data_dir / "subtitles/the-little-princess-1939-en.srt"
    lines = cues.read_file(subtitles).cues
    duration_s = lines[-1].end_s + 5
    (folder / "album").mkdir()
    files = sorted((data_dir / "music").glob("*/*.ogg"))
    tracks = [
        Path(shutil.copy(file, folder / "album")) for file in files if not file.name.endswith("-0000.ogg")
    ]
    film_sound, spans = mix(data_dir, tracks, lines, duration_s)
    write_film(folder / "film.mkv", paint(cuts(lines, duration_s), duration_s), FPS, film_sound, RATE_HZ)
    made = Adaptation(folder, spans, Result(CliRunner(), b"", b"", b"", None, 0, None))
    result = made.run(
        "weave",
        "--book",
        data_dir / "books/a-little-princess.epub",
        "--film",
        folder / "film.mkv",
        "--subtitles",
        subtitles,
        "--album",
        folder / "album",
        "--name",
        "A Little Princess",
    )
    return Adaptation(folder, spans, result)


@pytest.fixture
def connection(woven: Adaptation) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(woven.folder / "warehouse" / DATABASE), read_only=True) as opened:
        yield opened


def test_every_segment_of_all_chapters_has_music(
    woven: Adaptation, connection: duckdb.DuckDBPyConnection
) -> None:
    assert woven.result.exit_code == 0, woven.result.output
    chapters, segments, by_film = connection.execute(
        "SELECT count(DISTINCT chapter_no), count(*), count(*) FILTER (method = 'film') FROM soundtrack"
    ).fetchall()[0]
    assert chapters == 19
    assert connection.execute("SELECT count(*) FROM segment").fetchall() == [(segments,)]
    assert by_film >= 5, woven.result.output


def test_the_music_is_heard_where_it_was_mixed(
    woven: Adaptation, connection: duckdb.DuckDBPyConnection
) -> None:
    heard = connection.execute(
        "SELECT h.start_s, h.end_s, parse_filename(path), h.offset_s FROM heard AS h JOIN track USING (album_id, track_no)"
    ).fetchall()

    def at(time_s: float, runs: list[tuple[float, float, str, float]]) -> tuple[str, float] | None:
        return next(
            (
                (name, offset_s + time_s - start_s)
                for start_s, end_s, name, offset_s in runs
                if start_s <= time_s < end_s
            ),
            None,
        )

    inside = [(start_s + end_s) / 2 for start_s, end_s, *_ in woven.mixed]
    for time_s in inside:
        told, true = at(time_s, heard), at(time_s, woven.mixed)
        assert told and true and told[0] == true[0] and abs(told[1] - true[1]) < 0.1, time_s
    for start_s, end_s, name, _ in heard:
        true = at((start_s + end_s) / 2, woven.mixed)
        assert true and true[0] == name, "music claimed where none is"


def test_the_spoken_lines_lead_to_the_right_passages(connection: duckdb.DuckDBPyConnection) -> None:
    lines = connection.execute(
        "SELECT chapter_no, film_text FROM dialogue_match WHERE beyond_nats > 5"
    ).fetchall()
    known = {"have a heart": 10, "nest": 9, "know you by heart": 1, "left on my hands": 7, "nice dream": 15}
    for words, chapter_no in known.items():
        found = {chapter for chapter, text in lines if words in text.lower()}
        assert not found or chapter_no in found, words
    assert len(lines) >= 6, lines


def test_the_reader_opens_in_a_browser(woven: Adaptation, tmp_path: Path) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no chromium on this machine")
    from playwright.sync_api import sync_playwright

    assert woven.run("export", "reader", "A Little Princess", "-o", tmp_path).exit_code == 0
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto((tmp_path / "index.html").as_uri())
        text = page.inner_text("body")
        page.screenshot(path=str(tmp_path / "reader.png"))
        browser.close()
    assert errors == [] and "Play soundtrack" in text
    assert re.search(r"Once on a dark winter.s day", text)


def test_json_and_playlist_cover_the_book(woven: Adaptation, tmp_path: Path) -> None:
    for form in ("json", "playlist"):
        assert woven.run("export", form, "A Little Princess", "-o", tmp_path / form).exit_code == 0
    made = json.loads((tmp_path / "json").read_text())
    n_segments = sum(len(chapter["segments"]) for chapter in made["chapters"])
    assert len(made["chapters"]) == 19
    assert (tmp_path / "playlist").read_text().count("#EXTINF") == n_segments
