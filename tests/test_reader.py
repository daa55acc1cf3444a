"""The reader in a real browser: what is heard is measured at the page's output."""

from __future__ import annotations

import functools
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
import woven_fixture as woven_title

from queries import reader

ATTIC, SECOND, EBB = 440, 554, 880  # Hz: the pitches of the pieces 1.1, 1.2 and 2.1

# Listens to whatever a page sends to its output. It is not part of the reader.
LISTEN = """
window.contexts = [];
const Native = window.AudioContext;
window.AudioContext = class extends Native { constructor(...a) { super(...a); contexts.push(this); } };
const connect = AudioNode.prototype.connect;
AudioNode.prototype.connect = function (target, ...rest) {
  if (target instanceof AudioDestinationNode && !window.ear) {
    window.ear = new AnalyserNode(this.context, { fftSize: 4096, smoothingTimeConstant: 0 });
    connect.call(this, ear);
  }
  return connect.call(this, target, ...rest);
};
window.rms = () => {
  if (!window.ear) return 0;
  const wave = new Float32Array(2048);
  ear.getFloatTimeDomainData(wave);
  return Math.sqrt(wave.reduce((sum, x) => sum + x * x, 0) / wave.length);
};
window.level = (hz) => {
  const spectrum = new Float32Array(ear.frequencyBinCount);
  ear.getFloatFrequencyData(spectrum);
  const bin = Math.round((hz * ear.fftSize) / ear.context.sampleRate);
  return Math.max(...spectrum.slice(bin - 2, bin + 3));
};
window.record = () => {
  window.heard = [];
  window.recording = setInterval(() => heard.push(rms()), 40);
};
"""


@pytest.fixture(scope="module")
def browser() -> Iterator:
    sync_api = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium")
    if chromium is None:
        missing = "no chromium on the PATH"
        (pytest.fail if os.environ.get("BOOKSCORE_REQUIRE_DATA") else pytest.skip)(missing)
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reader's folder, to be read only; its fades are shorter than a reader's, to save time."""
    place = tmp_path_factory.mktemp("reader")
    asset = reader._asset
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "_asset", lambda name: asset(name).replace("FADE_S = 4;", "FADE_S = 1.5;"))
        reader.write(woven_title.make(place), woven_title.NAME, place / "reader")
    return place / "reader"


@pytest.fixture
def open_page(browser) -> Iterator[Callable]:
    """Opens pages in a browser without memory; a page must throw no error and break no rule of its policy."""
    errors: list[str] = []
    contexts = []

    def open_at(url: str, **options):
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.add_init_script(LISTEN)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: message.type == "error" and errors.append(message.text))
        page.goto(url)
        page.errors = errors
        return page

    yield open_at
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def page(open_page, folder):
    return open_page((folder / "index.html").as_uri())


def _read(page, segment: str) -> None:
    """Bring the segment's first lines to the reading line."""
    page.evaluate(
        "(id) => { const s = document.getElementById(id); s.scrollIntoView({ behavior: 'instant' });"
        "scrollBy({ top: s.getBoundingClientRect().top - 0.3 * innerHeight, behavior: 'instant' }); }",
        segment,
    )


def _until(page, condition: str, timeout_s: float = 9.0) -> None:
    """Wait until a JavaScript condition holds (the page's policy forbids Playwright's own way to wait)."""
    end = time.monotonic() + timeout_s
    while not page.evaluate(condition):
        assert time.monotonic() < end, f"never came true: {condition}"
        page.wait_for_timeout(30)


def _hear(page, hz: int, timeout_s: float = 9.0) -> None:
    """Wait until `hz` is heard, and the other pitches are not (40 dB below)."""
    others = [pitch for pitch in (ATTIC, SECOND, EBB) if pitch != hz]
    _until(
        page,
        f"window.ear && rms() > 0.01 && {others}.every((other) => level(other) < level({hz}) - 40)",
        timeout_s,
    )


def _place(page, text: str) -> None:
    _until(page, f"document.getElementById('now-place').textContent === '{text}'")


def test_nothing_sounds_or_is_loaded_before_the_first_gesture(page):
    _read(page, "s1-3")
    page.wait_for_timeout(1500)
    assert page.evaluate("contexts.length") == 0
    assert page.evaluate("performance.getEntriesByType('resource').length") == 0
    assert page.locator("#now-title").inner_text() == "Ebb"


def test_the_music_follows_the_reader(page):
    page.get_by_role("button", name="Play soundtrack").click()
    _hear(page, ATTIC)
    assert page.locator("#now").inner_text().split("\n")[:2] == ["Träume, No. 1 <b>", "1.1"]

    # The next segment has the same piece: it runs on, longer than the piece is, without a gap in its loop.
    page.wait_for_timeout(700)
    page.evaluate("record()")
    _read(page, "s1-2")
    page.wait_for_timeout(5500)
    heard = page.evaluate("clearInterval(recording), heard")
    assert len(heard) > 100
    assert min(heard) > 0.7 * max(heard) > 0.01
    assert page.locator("#now-place").inner_text() == "1.2"

    # Another piece: both sound while they cross, then the first is gone.
    _read(page, "s1-3")
    _until(page, f"level({EBB}) > -60 && level({ATTIC}) > -60")
    page.evaluate("record()")
    _hear(page, EBB)
    assert min(page.evaluate("clearInterval(recording), heard")) > 0.01
    assert page.locator("#now-title").inner_text() == "Ebb"


def test_a_segment_scrolled_past_changes_nothing(page):
    page.get_by_role("button", name="Play soundtrack").click()
    _hear(page, ATTIC)
    _read(page, "s1-3")
    page.wait_for_timeout(700)
    assert page.locator("#now-place").inner_text() == "1.1"
    _read(page, "s1-1")
    page.wait_for_timeout(2000)
    assert page.locator("#now-place").inner_text() == "1.1"
    _hear(page, ATTIC, 0.2)


def test_a_reader_who_turns_back_during_a_fade_hears_one_piece_again(page):
    page.get_by_role("button", name="Play soundtrack").click()
    _hear(page, ATTIC)
    for _ in range(2):
        _read(page, "s1-3")
        _until(page, f"level({EBB}) > -60")
        _read(page, "s1-1")
        page.wait_for_timeout(1500)
    _hear(page, ATTIC)
    _until(page, "music.loops.size === 1")


def test_only_the_pieces_near_the_reader_are_kept_decoded(page):
    page.get_by_role("button", name="Play soundtrack").click()
    _hear(page, ATTIC)
    assert page.evaluate("[...music.decoded.keys()]") == ["01-01"]
    _read(page, "s1-3")
    _until(page, "[...music.decoded.keys()].sort().join() === '01-01,01-02,02-01'")
    _read(page, "s2-2")
    _until(page, "[...music.decoded.keys()].sort().join() === '01-01,01-02'")


def test_pause_silences_and_play_goes_on(page):
    page.get_by_role("button", name="Play soundtrack").click()
    _hear(page, ATTIC)
    page.get_by_role("button", name="Pause").click()
    _until(page, "contexts[0].state === 'suspended'")
    _read(page, "s1-3")
    page.wait_for_timeout(1500)
    assert page.evaluate("contexts[0].state") == "suspended"
    page.get_by_role("button", name="Play soundtrack").click()
    _hear(page, EBB, 3)


def test_keys_work_the_player_but_not_while_a_control_has_the_focus(page):
    page.keyboard.press("k")
    _hear(page, ATTIC)
    loud = page.evaluate("rms()")
    page.keyboard.press("m")
    _until(page, "rms() < 0.0005")
    page.keyboard.press("m")
    page.keyboard.press("-")
    page.keyboard.press("-")
    _until(page, f"rms() > 0.5 * {loud} && rms() < 0.85 * {loud}")
    assert page.locator("#volume").input_value() == "50"
    page.get_by_role("button", name="Contents").focus()
    page.keyboard.press("Space")  # opens the contents
    assert page.locator("nav").is_visible()
    assert page.get_by_role("button", name="Pause").is_visible()
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Space")
    _until(page, "contexts[0].state === 'suspended'")
    page.get_by_role("button", name="Appearance").click()
    page.get_by_role("checkbox").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("k")
    page.wait_for_timeout(300)
    assert page.evaluate("contexts[0].state") == "suspended"


def test_music_that_fails_leaves_the_text_and_the_other_music(open_page, folder, tmp_path):
    shutil.copytree(folder, tmp_path / "reader")
    next((tmp_path / "reader" / "audio").glob("01-01-*.js")).unlink()
    next((tmp_path / "reader" / "audio").glob("01-02-*.js")).write_text('bookscoreAudio("01-02","AAAA");')
    page = open_page((tmp_path / "reader" / "index.html").as_uri())
    page.get_by_role("button", name="Play soundtrack").click()
    _place(page, "its music cannot be played")
    assert page.evaluate("rms()") == 0
    _read(page, "s1-3")
    _hear(page, EBB)
    _read(page, "s2-1")
    _place(page, "its music cannot be played")
    _until(page, "rms() < 0.0005")
    assert page.locator("#s2-1 p").first.is_visible()
    assert page.errors and all("ERR_FILE_NOT_FOUND" in error for error in page.errors)
    page.errors.clear()


def test_it_plays_from_a_server_too(open_page, folder):
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page = open_page(f"http://127.0.0.1:{server.server_port}/")
        page.get_by_role("button", name="Play soundtrack").click()
        _hear(page, ATTIC)
        server.shutdown()


def test_loop_points_that_fit_make_a_seam_that_cannot_be_heard(page):
    _read(page, "s1-3")
    page.get_by_role("button", name="Play soundtrack").click()
    _hear(page, EBB)
    page.wait_for_timeout(600)
    page.evaluate("record()")
    page.wait_for_timeout(5000)  # two passes of the loop
    heard = np.array(page.evaluate("clearInterval(recording); heard"))
    assert len(heard) > 60 and 20 * np.log10(heard.max() / heard.min()) < 1


def test_the_whole_text_is_there_and_none_of_it_runs(page):
    paragraphs = page.locator("main p[id]")
    assert paragraphs.count() == len(woven_title.WOVEN) * woven_title.PARAGRAPHS
    assert page.locator("#p1-2").text_content() == woven_title.HOSTILE
    assert page.locator("img, main script").count() == 0
    assert page.title() == woven_title.NAME
    assert page.locator("#p1-4 span").all_inner_texts() == woven_title.VERSE.split("\n")
    assert page.locator("#p1-1 em").first.text_content() == "wick"
    assert page.locator("main h2").all_text_contents() == ["The Keeper", "Low Water"]


def test_the_policy_stops_scripts_that_are_not_the_readers(open_page, folder, tmp_path):
    foreign = '<script>window.ran = 1</script><script src="foreign.js"></script><img src=x onerror="window.ran = 3">'
    text = (folder / "index.html").read_text(encoding="utf-8")
    (tmp_path / "index.html").write_text(text.replace("</main>", f"{foreign}</main>"), encoding="utf-8")
    (tmp_path / "foreign.js").write_text("window.ran = 2")
    page = open_page((tmp_path / "index.html").as_uri())
    assert page.evaluate("window.ran") is None
    assert len(page.errors) >= 3 and all("Content Security Policy" in error for error in page.errors)
    page.errors.clear()


def test_why_this_music_is_told_for_the_segment_being_read(page):
    page.get_by_role("button", name="why this music?").click()
    assert "Keep the lamp burning" in page.locator("#why").inner_text()
    page.keyboard.press("Escape")
    assert not page.locator("#why").is_visible()
    _read(page, "s1-3")
    _place(page, "1.3")
    page.locator("#now").click()
    assert page.locator("#why").inner_text().split("\n")[2:3] == ["No film scene matches."]


def test_contents_lead_to_a_chapter_and_its_music(page):
    page.get_by_role("button", name="Contents").click()
    page.get_by_role("link", name="Low Water").click()
    assert not page.locator("nav").is_visible()
    _place(page, "2.1")
    assert page.locator("nav [aria-current]").text_content() == "Low Water"


def test_place_volume_and_appearance_are_remembered(page):
    page.locator("#volume").fill("25")
    page.get_by_role("button", name="Appearance").click()
    page.get_by_text("Sepia").click()
    page.locator("#size").fill("130")
    page.keyboard.press("Escape")
    _read(page, "s2-2")
    page.wait_for_timeout(600)
    place = page.evaluate("placeRead()")
    page.reload()
    page.wait_for_timeout(300)
    assert page.evaluate("placeRead()") == place
    assert page.locator("#volume").input_value() == "25"
    assert page.evaluate("document.documentElement.dataset.theme") == "sepia"
    assert page.locator("#now-place").inner_text() == "2.2"


def test_the_place_stays_when_the_text_grows(page):
    _read(page, "s2-2")
    before = page.evaluate("placeRead().id")
    page.get_by_role("button", name="Appearance").click()
    page.locator("#size").fill("160")
    assert page.evaluate("placeRead().id") == before


def test_a_browser_that_stores_nothing_still_reads_and_plays(open_page, folder):
    page = open_page("about:blank")
    refuse = "Object.defineProperty(window, 'localStorage', { get() { throw new Error('refused'); } })"
    page.add_init_script(refuse)
    page.goto((folder / "index.html").as_uri())
    page.get_by_role("button", name="Play soundtrack").click()
    _hear(page, ATTIC)


@pytest.mark.parametrize("width", [320, 390, 1440])
def test_the_page_fits_and_every_control_can_be_reached_and_named(open_page, folder, width):
    page = open_page((folder / "index.html").as_uri(), viewport={"width": width, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    names = []
    for _ in range(7):
        page.keyboard.press("Tab")
        focused = page.evaluate_handle("document.activeElement")
        names.append(focused.evaluate("(e) => (e.ariaLabel ?? e.innerText).trim()"))
        box = focused.evaluate("(e) => e.getBoundingClientRect().toJSON()")
        assert box["left"] >= 0 and box["right"] <= width and box["bottom"] <= 700
        assert focused.evaluate("(e) => getComputedStyle(e).outlineStyle") != "none"
    assert names[0] == "Skip to the text"
    assert names[1] == "Play soundtrack"
    assert names[3:] == ["Mute", "Volume", "Contents", "Appearance and shortcuts"]


def test_a_reader_who_wants_less_motion_gets_none(open_page, folder):
    page = open_page((folder / "index.html").as_uri(), reduced_motion="reduce")
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    assert page.evaluate("getComputedStyle(document.querySelector('.bar')).transitionDuration") == "0s"
