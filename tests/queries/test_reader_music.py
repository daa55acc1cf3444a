"""The reader's music in a real browser: what is heard is measured at the page's output."""

from __future__ import annotations

import shutil
from itertools import groupby

import numpy as np
import pytest
import woven_fixture as woven_title
from listening import (
    ATTIC,
    EBB,
    FADE_S,
    SECOND,
    at_place,
    hear,
    levels_db,
    pitch_levels_db,
    play,
    read,
    recorded,
    steady,
    until,
)

from bookscore.queries import reader

pytestmark = pytest.mark.long

pytest_plugins = ["reader_pages"]

WINDOW_S = 0.05


@pytest.fixture
def heard_page(open_page, folder):
    """A page that can be recorded, which its policy would forbid."""
    return open_page((folder / "index.html").as_uri(), bypass_csp=True)


def _sounding(page) -> dict[int, np.ndarray]:
    """In which windows of the recording each pitch is heard."""
    sound, rate_hz = recorded(page)
    return {hz: pitch_levels_db(sound, rate_hz, hz, WINDOW_S) > -60 for hz in (ATTIC, SECOND, EBB)}


def _longest_s(true: np.ndarray) -> float:
    return max((len(list(run)) for value, run in groupby(true) if value), default=0) * WINDOW_S


def test_nothing_sounds_or_is_loaded_before_the_first_gesture(page):
    read(page, "s1-3")
    at_place(page, "1.3")
    assert page.evaluate("contexts.length") == 0
    assert page.evaluate("performance.getEntriesByType('resource').length") == 0
    assert page.locator("#now-title").inner_text() == "Ebb"


BACK = (("s2-1", SECOND), ("s1-3", EBB), ("s1-2", ATTIC))


@pytest.mark.parametrize("opened, n_back", [("from a folder", 3), ("from a server", 1)])
def test_the_music_follows_the_reader_through_the_book(open_page, folder, site, opened, n_back):
    page = open_page((folder / "index.html").as_uri() if opened == "from a folder" else site)
    play(page)
    assert page.locator("#now").inner_text().split("\n")[:2] == ["Träume, No. 1 <b>", "1.1"]
    while page.evaluate("scrollY + innerHeight < document.documentElement.scrollHeight - 1"):
        page.mouse.wheel(0, 700)
        page.wait_for_timeout(30)
    at_place(page, "2.2")
    hear(page, ATTIC)  # 2.2 has the piece of 1.1 again
    for segment, hz in BACK[:n_back]:
        read(page, segment)
        hear(page, hz)


@pytest.mark.parametrize("segment, hz, seconds", [("s1-1", ATTIC, 4.5), ("s1-3", EBB, 4.0)])
def test_a_loop_has_no_gap_and_no_step(heard_page, segment, hz, seconds):
    """Raw ends cross over at 3 s of a pass, loop points every 2 s."""
    read(heard_page, segment)
    at_place(heard_page, segment[1:].replace("-", "."))
    play(heard_page, hz)
    steady(heard_page)
    heard_page.evaluate("record()")
    heard_page.wait_for_timeout(1000 * seconds)
    sound, rate_hz = recorded(heard_page)
    assert len(sound) > (seconds - 0.5) * rate_hz
    assert np.ptp(levels_db(sound, rate_hz, WINDOW_S)) < 1
    assert levels_db(sound, rate_hz, 0.005).min() > levels_db(sound, rate_hz, 1).max() - 3  # no gap of 10 ms
    steepest = 2 * np.pi * hz / rate_hz * np.abs(sound).max()
    assert np.abs(np.diff(sound)).max() < 1.1 * steepest  # no click


def test_the_same_music_runs_on_into_the_next_segment(heard_page):
    play(heard_page)
    steady(heard_page)
    heard_page.evaluate("record()")
    read(heard_page, "s1-2")
    at_place(heard_page, "1.2")
    heard_page.wait_for_timeout(500)
    sound, rate_hz = recorded(heard_page)
    assert levels_db(sound, rate_hz, 0.005).min() > levels_db(sound, rate_hz, 1).max() - 3


def test_a_change_cross_fades_at_equal_power_for_as_long_as_is_set(heard_page):
    play(heard_page)
    steady(heard_page)
    heard_page.evaluate("record()")
    read(heard_page, "s1-3")
    at_place(heard_page, "1.3")
    heard_page.wait_for_timeout(1000 * FADE_S + 300)
    sound, rate_hz = recorded(heard_page)
    attic, ebb = (pitch_levels_db(sound, rate_hz, hz, WINDOW_S) for hz in (ATTIC, EBB))
    both = np.flatnonzero((attic > -60) & (ebb > -60))
    assert (both[-1] - both[0] + 1) * WINDOW_S == pytest.approx(FADE_S, abs=0.15)
    power_db = 10 * np.log10(10 ** (attic / 10) + 10 ** (ebb / 10))
    assert np.ptp(power_db) < 1
    assert attic[0] > attic[-1] + 40 and ebb[-1] > ebb[0] + 40


def test_segments_scrolled_past_change_nothing(heard_page):
    play(heard_page)
    heard_page.evaluate("record()")
    for segment in ("s1-3", "s2-1", "s1-2", "s1-3", "s2-2") * 3:
        read(heard_page, segment)
        heard_page.wait_for_timeout(100)
    read(heard_page, "s1-1")
    heard_page.wait_for_timeout(1400)  # longer than a reader must stay for a change
    sounding = _sounding(heard_page)
    assert sounding[ATTIC].all() and not sounding[EBB].any() and not sounding[SECOND].any()


def test_turning_to_and_fro_never_lets_two_pieces_sound_longer_than_a_fade(heard_page):
    play(heard_page)
    heard_page.evaluate("(fade) => { music.fadeSeconds = fade }", 2.5)
    heard_page.wait_for_timeout(1000 * FADE_S)
    heard_page.evaluate("record()")
    for segment in ("s1-3", "s2-1", "s1-3", "s2-2"):
        read(heard_page, segment)
        at_place(
            heard_page, segment[1:].replace("-", ".")
        )  # its music comes now, 1.2 s after the page stood still
    hear(heard_page, ATTIC)
    sounding = np.array(list(_sounding(heard_page).values()))
    assert sounding.any(axis=1).all(), "all three pieces came in turn"
    assert sounding.any(axis=0).all(), "it was never silent"
    assert _longest_s(sounding.sum(axis=0) > 1) < 2.5 + 0.5 + 0.2
    assert _longest_s(sounding.sum(axis=0) > 2) < 0.5 + 0.2
    until(heard_page, "music.loops.size === 1")


def test_memory_stays_bounded_over_200_changes(open_page, tmp_path):
    connection = woven_title.make(tmp_path)
    connection.execute(
        """INSERT INTO music_segment BY NAME
        SELECT 'a' AS album_id, 1 AS track_no, 2 + n AS music_segment_no, n / 10 AS start_s, n / 10 + 0.8 AS end_s, 'major' AS mode,
            0.1 AS mode_strength, 0.5 AS arousal, -6.0 AS gain_db FROM range(1, 61) AS _(n)"""
    )
    connection.execute(
        "INSERT INTO chapter VALUES ('b', 3, 'Many Changes', 600);"
        "INSERT INTO paragraph SELECT 'b', 3, n, 'All at once it changed.', 5, 'neutral', 0.1, 0.8, 0.1, 'All at once it changed.' FROM range(1, 61) AS _(n);"
        "INSERT INTO segment SELECT 'b', 3, n, n, n, 5, 'neutral' FROM range(1, 61) AS _(n);"
        "INSERT INTO soundtrack SELECT 't', 3, n, 1, 2 + n, 'emotion', 0.5, '{}' FROM range(1, 61) AS _(n)"
    )
    reader.write(connection, woven_title.NAME, tmp_path / "reader")
    page = open_page((tmp_path / "reader" / "index.html").as_uri())
    play(page)
    most = page.evaluate(
        """async () => {
            const most = { decoded: 0, sounding: 0 };
            const first = segments.findIndex(({ id }) => id === "s3-1");
            for (let change = 0; change < 200; change += 1) {
                enter(first + ((change * 7) % 60));
                await music.decoded.get(music.wanted);
                await new Promise((resolve) => setTimeout(resolve, 15));
                most.decoded = Math.max(most.decoded, music.decoded.size);
                most.sounding = Math.max(most.sounding, music.loops.size);
            }
            return most;
        }"""
    )
    assert page.evaluate("buffers.length") >= 200
    assert most["decoded"] <= 3
    until(page, "music.loops.size === 1")
    page.context.new_cdp_session(page).send("HeapProfiler.collectGarbage")
    assert page.evaluate("buffers.filter((buffer) => buffer.deref()).length") <= 6
    assert most["sounding"] <= 8


def test_only_the_pieces_near_the_reader_are_kept_decoded(page):
    play(page)
    assert page.evaluate("[...music.decoded.keys()]") == ["01-01"]
    read(page, "s1-3")
    until(page, "[...music.decoded.keys()].sort().join() === '01-01,01-02,02-01'")
    read(page, "s2-2")
    until(page, "[...music.decoded.keys()].sort().join() === '01-01,01-02'")


def test_pause_silences_and_play_goes_on(page):
    play(page)
    page.get_by_role("button", name="Pause").click()
    until(page, "contexts[0].state === 'suspended'")
    read(page, "s1-3")
    at_place(page, "1.3")
    assert page.evaluate("contexts[0].state") == "suspended"
    play(page, EBB)


def test_music_that_fails_leaves_the_text_and_the_other_music(open_page, folder, tmp_path):
    shutil.copytree(folder, tmp_path / "reader")
    next((tmp_path / "reader" / "audio").glob("01-01-*.js")).unlink()
    next((tmp_path / "reader" / "audio").glob("01-02-*.js")).write_text('bookscoreAudio("01-02","AAAA");')
    page = open_page((tmp_path / "reader" / "index.html").as_uri())
    page.get_by_role("button", name="Play soundtrack").click()
    at_place(page, "its music cannot be played")
    assert page.evaluate("rms()") == 0
    read(page, "s1-3")
    hear(page, EBB)
    read(page, "s2-1")
    at_place(page, "its music cannot be played")
    until(page, "rms() < 0.0005")
    assert page.locator("#s2-1 p").first.is_visible()
    assert page.errors and all("ERR_FILE_NOT_FOUND" in error for error in page.errors)
    page.errors.clear()
