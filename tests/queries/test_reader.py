"""The reader's page in a real browser: text, place, appearance, and what the controls do."""

from __future__ import annotations

import pytest
import woven_fixture as woven_title
from axe_playwright_python.sync_playwright import Axe
from listening import ATTIC, EBB, SECOND, at_place, hear, play, read, steady, until

from bookscore.queries import reader

pytestmark = pytest.mark.long

pytest_plugins = ["reader_pages"]

CONTROLS = [
    "Play soundtrack", "why", "Other music", "Calmer music", "Mute", "Volume", "Contents", "Appearance, music and keys",
]  # fmt: skip


def _music(page) -> str:
    return page.locator("#now-title").inner_text()


def _news(page) -> str:
    return page.locator("#news").text_content()


# --- Text ---


def test_the_whole_text_is_there_and_none_of_it_runs(page):
    paragraphs = page.locator("main p[id]")
    assert paragraphs.count() == len(woven_title.WOVEN) * woven_title.PARAGRAPHS
    assert page.locator("#p1-2").text_content() == woven_title.HOSTILE
    assert page.locator("main img, main script").count() == 0
    assert page.title() == woven_title.NAME
    assert page.locator("#p1-4 span").all_inner_texts() == woven_title.VERSE.split("\n")
    assert page.locator("#p1-1 em").first.text_content() == "wick"
    assert page.locator("main h2").all_text_contents() == ["The Keeper", "Low Water"]


def test_markup_that_came_into_the_warehouse_by_another_way_does_not_run_either(open_page, tmp_path):
    hostile = (
        "<script>window.ran = 1</script><img src=x onerror='window.ran = 2'><svg onload='window.ran = 3'></svg>"
        "<em onclick='window.ran = 4' style='position: fixed'>wick</em><a href='javascript:window.ran = 5'>link</a>"
        "<br/></span></p></div></main><style>main { display: none }</style><iframe srcdoc='<script></script>'></iframe>end"
    )
    connection = woven_title.make(tmp_path)
    connection.execute("UPDATE paragraph SET markup = ? WHERE chapter_no = 1 AND paragraph_no = 1", [hostile])
    reader.write(connection, woven_title.NAME, tmp_path / "reader")
    page = open_page((tmp_path / "reader" / "index.html").as_uri())
    assert page.locator("#p1-1").inner_html() == "<span><em>wick</em>link</span><span>end</span>"
    page.locator("#p1-1 em").click()
    assert page.evaluate("window.ran") is None
    assert page.locator("main #p2-16").is_visible()


def test_the_policy_stops_scripts_that_are_not_the_readers(open_page, folder, tmp_path):
    foreign = '<script>window.ran = 1</script><script src="foreign.js"></script><img src=x onerror="window.ran = 3">'
    text = (folder / "index.html").read_text(encoding="utf-8")
    (tmp_path / "index.html").write_text(text.replace("</main>", f"{foreign}</main>"), encoding="utf-8")
    (tmp_path / "foreign.js").write_text("window.ran = 2")
    page = open_page((tmp_path / "index.html").as_uri())
    assert page.evaluate("window.ran") is None
    violations = [error for error in page.errors if "Content Security Policy" in error]
    assert len(violations) >= 3
    page.errors.clear()


# --- Choosing music ---


def test_other_music_is_the_next_best_in_turn_for_as_long_as_the_piece_suits(page):
    play(page)
    page.get_by_role("button", name="Other music").click()
    hear(page, EBB)
    assert _news(page) == "Other music: Ebb"
    page.keyboard.press("n")
    hear(page, SECOND)
    page.keyboard.press("n")
    hear(page, ATTIC)
    page.keyboard.press("n")
    read(page, "s1-2")  # which may have Ebb, too: it runs on
    at_place(page, "1.2")
    assert _music(page) == "Ebb"
    hear(page, EBB)
    page.reload()
    read(page, "s1-2")
    at_place(page, "1.2")
    assert _music(page) == "Ebb", "remembered"
    read(page, "s2-2")  # which may not
    at_place(page, "2.2")
    assert _music(page).startswith("Träume")


def test_a_passage_with_one_piece_says_that_there_is_no_other(page):
    read(page, "s2-1")
    at_place(page, "2.1")
    assert page.get_by_role("button", name="Other music").get_attribute("aria-disabled") == "true"
    page.keyboard.press("n")
    assert _news(page) == "There is no other music for this passage"


def test_calmer_music_is_the_calmest_that_suits_and_quieter(page):
    button = page.get_by_role("button", name="Calmer music")
    play(page)
    page.keyboard.press("c")
    hear(page, EBB)
    assert button.get_attribute("aria-pressed") == "true"
    assert _news(page) == "Calmer music: Ebb"
    assert "You asked for calmer music here." in page.locator("#why-text").text_content()
    page.reload()
    at_place(page, "1.1")
    assert button.get_attribute("aria-pressed") == "true"
    assert _music(page) == "Ebb"
    play(page, EBB)
    page.wait_for_timeout(800)
    quiet = page.evaluate("rms()")
    read(page, "s1-3")
    at_place(page, "1.3")
    button.click()
    assert _music(page) == "Ebb", "it is this passage's own"
    until(page, f"Math.abs(20 * Math.log10(rms() / {quiet}) - 4) < 0.5")
    read(page, "s2-2")  # its other piece is hardly calmer
    at_place(page, "2.2")
    page.keyboard.press("c")
    hear(page, ATTIC)


def test_what_was_chosen_gives_way_when_calmer_music_is_asked_for(page):
    page.keyboard.press("n")
    page.keyboard.press("n")
    assert page.evaluate("choiceOf(0).piece") == "01-02"
    page.keyboard.press("c")
    assert page.evaluate("choiceOf(0).piece") == "02-01"
    page.keyboard.press("c")
    assert page.evaluate("choiceOf(0).piece") == "01-01"


def test_the_system_is_told_what_plays_and_may_ask_for_other_music(page):
    play(page)
    told = "(({ title, artist, album }) => [title, artist, album])(navigator.mediaSession.metadata)"
    assert page.evaluate(told) == ["The Keeper", "Träume, No. 1 <b> · Edda Moor", "Music for Lamps"]
    page.evaluate("actions.nexttrack()")
    hear(page, EBB)
    assert page.evaluate(told)[1] == "Ebb"
    page.evaluate("actions.pause()")
    assert page.evaluate("navigator.mediaSession.playbackState") == "paused"
    page.evaluate("actions.play()")
    hear(page, EBB)


def test_why_this_music_shows_the_matched_lines_beside_the_films_frame(page):
    page.get_by_role("button", name="why this music?").click()
    figure = page.locator("#why figure")
    assert figure.count() == 1
    lines = figure.locator("blockquote")
    assert lines.all_inner_texts() == ["Keep the lamp burning", "Keep that lamp burning!"]
    book, film = (lines.nth(n).bounding_box() for n in (0, 1))
    assert abs(book["y"] - film["y"]) < 3 and book["x"] + book["width"] < film["x"]
    assert figure.locator("h3").all_inner_texts() == ["Book", "Film · 1:02:03"]
    image = figure.get_by_role("img", name="The film at 1:02:03")
    until(page, "document.querySelector('#why img').naturalWidth === 64")
    colour = image.evaluate(
        "(image) => { const canvas = document.createElement('canvas').getContext('2d'); canvas.drawImage(image, 0, 0);"
        "try { return [...canvas.getImageData(5, 5, 1, 1).data] } catch { return null } }"
    )
    assert colour is None or colour[:3] == pytest.approx([255, 165, 0], abs=6), (
        "the frame nearest to the moment"
    )
    assert "is heard in the film The Lamp from 1:02:00." in page.locator("#why-text").inner_text()
    page.keyboard.press("Escape")
    assert not page.locator("#why").is_visible()
    read(page, "s1-2")
    at_place(page, "1.2")
    page.keyboard.press("w")
    assert "shows something like this" in page.locator("#why figure").inner_text()
    page.keyboard.press("w")
    read(page, "s1-3")
    at_place(page, "1.3")
    page.keyboard.press("w")
    assert page.locator("#why figure").count() == 0
    assert page.locator("#why-text").inner_text().startswith("No film scene matches.")


# --- Keys and listeners ---


def test_keys_work_the_player_but_not_while_a_control_has_the_focus(page):
    page.keyboard.press("k")
    hear(page, ATTIC)
    steady(page)
    loud = page.evaluate("rms()")
    page.keyboard.press("m")
    until(page, "rms() < 0.0005")
    page.keyboard.press("m")
    page.keyboard.press("-")
    page.keyboard.press("-")
    until(page, f"rms() > 0.5 * {loud} && rms() < 0.85 * {loud}")
    assert page.locator("#volume").input_value() == "50"
    page.get_by_role("button", name="Contents").focus()
    page.keyboard.press("Space")  # opens the contents
    assert page.locator("nav").is_visible()
    assert page.get_by_role("button", name="Pause").is_visible()
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Space")
    until(page, "contexts[0].state === 'suspended'")
    page.get_by_role("button", name="Appearance").click()
    page.get_by_role("checkbox", name="Single keys").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("k")
    page.wait_for_timeout(300)
    assert page.evaluate("contexts[0].state") == "suspended"


def test_a_listener_is_told_of_changes_only_when_asked_for(page):
    play(page)
    read(page, "s1-3")
    hear(page, EBB)
    assert _news(page) == ""
    page.get_by_role("button", name="Appearance").click()
    page.get_by_role("checkbox", name="Tell screen readers").check()
    page.keyboard.press("Escape")
    read(page, "s2-1")
    hear(page, SECOND)
    assert _news(page) == "Music: Träume, No. 1 <b>"
    assert page.get_by_role("status").count() == 1


# --- Place and appearance ---


def test_contents_lead_to_a_chapter_and_its_music(page):
    page.get_by_role("button", name="Contents").click()
    page.get_by_role("link", name="Low Water").click()
    assert not page.locator("nav").is_visible()
    at_place(page, "2.1")
    words = "(h) => { const words = new Range(); words.selectNodeContents(h); return words.getBoundingClientRect().top }"
    assert 0 < page.locator("#c2").evaluate(words) < 0.4 * page.viewport_size["height"]
    assert page.locator("nav [aria-current]").text_content() == "Low Water"


@pytest.mark.parametrize("opened", ["from a folder", "from a server"])
def test_place_volume_and_appearance_are_remembered(open_page, folder, site, opened):
    page = open_page((folder / "index.html").as_uri() if opened == "from a folder" else site)
    page.locator("#volume").fill("25")
    page.get_by_role("button", name="Appearance").click()
    page.get_by_text("Sepia").click()
    page.get_by_text("Plain").click()
    page.get_by_label("Text size").fill("130")
    page.get_by_label("Line length").fill("23")
    page.get_by_label("Cross-fade of the music").fill("7.5")
    page.keyboard.press("Escape")
    read(page, "s2-2")
    until(page, "!brought && JSON.parse(localStorage.getItem(memoryKey)).place?.id === 'p2-9'")
    page.reload()
    until(page, "!brought && placeRead()")
    assert page.evaluate("placeRead()") == {"id": "p2-9", "share": pytest.approx(0.2, abs=0.02)}
    assert page.locator("#volume").input_value() == "25"
    assert page.evaluate("document.documentElement.dataset.theme") == "sepia"
    assert "system-ui" in page.evaluate("getComputedStyle(document.querySelector('main')).fontFamily")
    em, line = page.evaluate(
        "[parseFloat(getComputedStyle(document.querySelector('main')).fontSize), document.getElementById('p1-1').clientWidth]"
    )
    assert line / em == pytest.approx(23, abs=0.1)
    assert page.evaluate("music.fadeSeconds") == 7.5
    assert page.locator("#fade-told").text_content() == "7.5 s"
    at_place(page, "2.2")


def test_the_place_stays_when_the_text_grows(page):
    read(page, "s2-2")
    before = page.evaluate("placeRead().id")
    page.get_by_role("button", name="Appearance").click()
    page.get_by_label("Text size").fill("160")
    assert page.evaluate("placeRead().id") == before


def test_a_browser_that_stores_nothing_still_reads_and_plays(open_page, folder):
    refuse = "Object.defineProperty(window, 'localStorage', { get() { throw new Error('refused'); } })"
    page = open_page((folder / "index.html").as_uri(), before=refuse)
    play(page)


@pytest.mark.parametrize("width", [320, 390, 1440])
def test_the_page_fits_and_every_control_can_be_reached_and_named(open_page, folder, width):
    page = open_page((folder / "index.html").as_uri(), viewport={"width": width, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    names = []
    for _ in range(1 + len(CONTROLS)):
        page.keyboard.press("Tab")
        focused = page.evaluate_handle("document.activeElement")
        names.append(focused.evaluate("(e) => (e.ariaLabel ?? e.innerText).trim()"))
        box = focused.evaluate("(e) => e.getBoundingClientRect().toJSON()")
        assert box["left"] >= 0 and box["right"] <= width and box["bottom"] <= 700
        assert focused.evaluate("(e) => getComputedStyle(e).outlineStyle") != "none"
    assert names[0] == "Skip to the text"
    assert all(expected in name for expected, name in zip(CONTROLS, names[1:], strict=True))
    for panel in ("#why", "#contents", "#look"):
        page.locator(panel).evaluate("(panel) => panel.showPopover()")
        box = page.locator(panel).bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= width and box["y"] >= 0
        assert page.locator(panel).evaluate("(panel) => panel.scrollWidth <= panel.clientWidth")


def test_a_reader_who_wants_less_motion_gets_none(open_page, folder):
    page = open_page((folder / "index.html").as_uri(), reduced_motion="reduce")
    page.get_by_role("button", name="Appearance").click()
    moving = "[...document.querySelectorAll('*')].map((e) => getComputedStyle(e)).filter((s) => s.transitionDuration !== '0s' || s.animationName !== 'none').length"
    assert page.evaluate(moving) == 0


@pytest.mark.parametrize("theme, width", [("light", 360), ("sepia", 1280), ("dark", 360)])
def test_axe_finds_no_violation(open_page, folder, width, theme):
    axe = Axe()
    page = open_page(
        (folder / "index.html").as_uri(), viewport={"width": width, "height": 800}, reduced_motion="reduce"
    )
    page.evaluate(f"setAppearance({{ theme: '{theme}' }})")
    read(page, "s1-1")
    page.keyboard.press("c")
    for panel in (None, "#why", "#contents", "#look"):
        if panel:
            page.locator(panel).evaluate("(panel) => panel.showPopover()")
        violations = axe.run(page).response["violations"]
        assert [(v["id"], [node["html"] for node in v["nodes"]]) for v in violations] == []
