"""The settings on the command line: listed, given, read from files; what makes no sense is refused."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import numpy as np
import pytest
import soundfile
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from small_models import SmallModels

from bookscore.commands import config
from bookscore.commands import main as program
from bookscore.commands.settings import markdown, with_tables
from bookscore.commands.work import MEDIA, SETTINGS
from bookscore.engine.errors import BookscoreError
from bookscore.engine.warehouse import DATABASE
from bookscore.ingest.book.segmentation import segment_runs
from bookscore.ingest.film.picture.decoding import LONGEST_PX
from bookscore.ingest.film.picture.shots import _detector

pytestmark = pytest.mark.long

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {path.name: path.read_text(encoding="utf-8") for path in sorted(DOCS.glob("*.md"))}


def run(warehouse: Path, *arguments: object) -> Result:
    return CliRunner().invoke(program.main, ["--warehouse", str(warehouse), *map(str, arguments)])


def listed(warehouse: Path, *arguments: object) -> dict[str, dict]:
    result = run(warehouse, *arguments, "settings", "--format", "json")
    assert result.exit_code == 0, result.output
    return {row["name"]: row for row in json.loads(result.output)}


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    return tmp_path / "here" / "warehouse"


@pytest.fixture
def user_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(config, "user_config_path", lambda name: tmp_path / "user" / name)
    return tmp_path / "user" / "bookscore" / "bookscore.toml"


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


# --- The declarations ---


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=list(SETTINGS))
def test_every_setting_takes_its_default_and_says_what_else_it_takes(setting) -> None:
    assert setting.checked(setting.default) == setting.default == setting.read(str(setting.default))
    assert setting.why and (setting.choices or setting.unit or setting.least is not None)
    if not isinstance(setting.default, str) and not setting.choices:
        for wrong in ("nan", "inf", "-1", "much", ""):
            with pytest.raises(BookscoreError, match=rf"^{setting.name} is .*: give a "):
                setting.read(wrong)


def test_stages_name_settings_that_are_declared() -> None:
    for medium in MEDIA.values():
        named = {name for stage in medium.stages for name in stage.settings}
        assert named == {setting.name for setting in medium.settings}


def test_what_a_setting_offers_is_there() -> None:
    for name in SETTINGS["film.detector"].choices:
        if name != "transnetv2":  # wants a package of its own
            assert _detector(name)[0].process_frame
    for name in SETTINGS["book.segmenter"].choices:
        assert segment_runs(np.eye(2), np.array([100, 100]), 100, name) == [(0, 1), (1, 2)]
    assert SETTINGS["film.frame_px"].most == LONGEST_PX


# --- The list ---


def test_the_list_tells_value_default_unit_range_and_reason(warehouse: Path) -> None:
    write(warehouse / "bookscore.toml", "[weave]\nnear_s = 5\n")
    told = run(warehouse, "--set", "weave.rule=paper", "settings").output
    near = SETTINGS["weave.near_s"]
    assert (
        f"weave.near_s = 5.0 s  (0.1 to 86400; default 20.0; set by {warehouse / 'bookscore.toml'})\n    {near.why}\n"
        in told
    )
    assert "weave.rule = paper  (ours, paper; default ours; set by --set weave.rule)\n" in told
    assert "book.segment_words = 900 words  (50 to 1000000)\n" in told
    assert [line.split()[0] for line in told.splitlines() if line[0] != " "] == list(SETTINGS)


def test_the_list_for_programs_has_every_part_of_a_declaration(warehouse: Path) -> None:
    rows = listed(warehouse, "--set", "weave.beam=7")
    assert list(rows) == list(SETTINGS)
    assert rows["weave.beam"] == {
        "name": "weave.beam", "value": 7, "from": "--set weave.beam", "default": 4, "type": "int", "unit": "sequences",
        "least": 1, "most": 100, "choices": None, "why": SETTINGS["weave.beam"].why,
    }  # fmt: skip
    assert rows["weave.rule"]["choices"] == ["ours", "paper"] and rows["weave.rule"]["from"] == "default"


def test_the_list_can_be_of_names_that_begin_so(warehouse: Path) -> None:
    told = run(warehouse, "settings", "film.scene_", "weave.seed").output
    names = [line.split()[0] for line in told.splitlines() if line[0] != " "]
    assert names == [n for n in SETTINGS if n.startswith("film.scene_")] + ["weave.seed"]
    result = run(warehouse, "settings", "wave")
    assert result.exit_code == 2 and "'wave'" in result.output


@pytest.mark.parametrize("name", [name for name, page in PAGES.items() if "<!-- settings:" in page])
def test_the_tables_of_the_documentation_are_up_to_date(name: str) -> None:
    assert PAGES[name] == with_tables(PAGES[name]), "run: python -m bookscore.commands.settings docs"


def test_the_documentation_has_every_setting() -> None:
    told = "\n".join(PAGES.values())
    assert [part for part in ("book", "film", "album", "weave") if markdown([part]) not in told] == []


def test_a_table_that_is_out_of_date_is_made_anew_and_the_rest_is_kept() -> None:
    page = "Before\n<!-- settings: weave.seed -->\nold\n<!-- end -->\nAfter <!-- end -->"
    made = with_tables(page)
    assert made.startswith("Before\n<!-- settings: weave.seed -->\n| setting") and "old" not in made
    assert made.endswith("|\n<!-- end -->\nAfter <!-- end -->") and with_tables(made) == made


# --- What makes no sense ---


@pytest.mark.parametrize(
    "pair",
    [
        "weave.again_segments=0", "weave.place_sigma=0", "weave.film_weight=nan", "weave.candidates=0", "weave.beam=0",
        "weave.near_s=0", "weave.calm_weight=-1", "weave.sure=1.5", "weave.invented_share=0", "weave.invented_share=1",
        "weave.skip_nats=inf", "weave.seed=99999999999999999999999", "weave.recogniser=ears",
        "weave.shazam_fallback=shazam", "weave.rule=", "film.detector=wrong", "film.frame_px=0", "film.scenes=-1",
        "film.scene_gap_s=-1", "film.scene_longest_s=nan", "film.language=e!", "film.transcribe=2",
        "album.hop_s=0", "album.window_s=-1", "album.profile=temperley", "book.segmenter=guess", "book.segment_words=0",
    ],
)  # fmt: skip
def test_a_value_that_makes_no_sense_is_wrong_usage_before_anything_is_made(
    warehouse: Path, pair: str
) -> None:
    result = run(warehouse, "--set", pair, "ingest", "book", "no such book.txt")
    assert result.exit_code == 2 and "Traceback" not in result.output
    name, _, value = pair.partition("=")
    error = result.output.splitlines()[-1]
    assert f"{name} is " in error and value.strip("9") in error and ": give " in error
    assert not warehouse.exists()


def test_an_option_is_held_to_the_range_of_its_setting(warehouse: Path) -> None:
    result = run(warehouse, "ingest", "film", "f.mkv", "--scenes", "10001")
    assert result.exit_code == 2
    assert "'--scenes': film.scenes is 10001: give a whole number, 0 to 10000" in result.output


# --- Files ---


def test_a_value_comes_from_the_nearest_of_default_user_warehouse_and_command_line(
    warehouse: Path, user_file: Path
) -> None:
    assert listed(warehouse)["weave.beam"]["from"] == "default"
    write(user_file, "[weave]\nbeam = 2\ncandidates = 2\nseed = 2\n[film]\nlanguage = 'fra'\n")
    around = write(warehouse.parent / "bookscore.toml", "[weave]\nbeam = 3\ncandidates = 3\n")
    rows = listed(warehouse, "--set", "weave.beam=9")
    assert {n: (r["value"], r["from"]) for n, r in rows.items() if r["from"] != "default"} == {
        "film.language": ("fra", str(user_file)),
        "weave.seed": (2, str(user_file)),
        "weave.candidates": (3, str(around)),
        "weave.beam": (9, "--set weave.beam"),
    }
    inside = write(warehouse / "bookscore.toml", "[weave]\nnear_s = 9\n")
    rows = listed(warehouse)
    assert (rows["weave.near_s"]["value"], rows["weave.near_s"]["from"]) == (9.0, str(inside))
    assert rows["weave.candidates"]["from"] == str(user_file), (
        "of the two beside the warehouse, the inner one alone"
    )


def test_the_file_beside_a_warehouse_is_found_from_where_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user_file: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "bookscore.toml", "[weave]\nbeam = 3\n")
    assert listed(Path("warehouse"))["weave.beam"]["value"] == 3


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[weave]\nbeem = 3", "there is no setting 'weave.beem': did you mean weave.beam?"),
        ("[weave]\nbeam = 0", "weave.beam is 0: give a whole number, 1 to 100 (sequences)"),
        ("[weave]\nbeam = '3'", "weave.beam is '3': give a whole number, 1 to 100 (sequences)"),
        ("[weave]\nbeam = true", "weave.beam is True: give a whole number, 1 to 100 (sequences)"),
        ("[weave]\nfilm_weight = nan", "weave.film_weight is nan: give a number, 0 to 1000"),
        ("[film]\nlanguage = 3", "film.language is 3: give a code of ISO 639, such as eng"),
        ("[weave.beam]\nx = 1", "weave.beam is {'x': 1}: give a whole number, 1 to 100 (sequences)"),
        ("[weeve]\n", "there is no table [weeve] of settings: choose one of [book], [film], [album], [weave]"),
        ("beam = 3", "'beam' is outside any table: write the setting part.name as 'name = value' under [part]"),
        ("[weave\nbeam = 3", "is not valid TOML (Expected ']' at the end of a table declaration (at line 1, column 7))"),
    ],
)  # fmt: skip
def test_a_bad_file_is_one_clear_line_that_names_it(warehouse: Path, text: str, line: str) -> None:
    path = write(warehouse.parent / "bookscore.toml", text)
    book = write(warehouse.parent / "b.txt", "The lamp went out.")
    for command in (
        ["settings"],
        ["ingest", "book", book],
        ["weave", "--name", "T"],
        ["pin", "T", "1.1", "Ebb"],
    ):
        result = run(warehouse, *command)
        assert result.exit_code == 1
        assert result.output == f"bookscore: {path}: {line}\n"
    assert not warehouse.exists(), "nothing was begun"
    assert run(warehouse, "weave", "--help").exit_code == 0


def test_a_file_that_cannot_be_read_is_one_clear_line(warehouse: Path) -> None:
    (warehouse.parent / "bookscore.toml").mkdir(parents=True)
    result = run(warehouse, "settings")
    assert result.exit_code == 1
    assert result.output.startswith(f"bookscore: {warehouse.parent / 'bookscore.toml'}: cannot be read")


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary()
    | st.text().map(str.encode)
    | st.builds(
        lambda name, value: f"[weave]\n{name} = {value}\n".encode(),
        st.sampled_from(["beam", "near_s", "rule", "x"]),
        st.text(max_size=12) | st.integers().map(str) | st.floats().map(str),
    )
)
@example(b"\xef\xbb\xbf[weave]\nbeam = 2\n")
@example(b"[weave]\nbeam = 0x" + b"f" * 5000)
@example(b"[weave]\nbeam = " + b"9" * 5000)
@example(b"[weave]\nbeam = " + b"[" * 5000)
@example(b"weave.beam = 2\n")
def test_any_file_is_read_or_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bookscore.toml"
    path.write_bytes(content)
    try:
        found = config.read(path, SETTINGS)
    except BookscoreError as refused:
        assert str(refused).startswith(f"{path}: ") and len(str(refused).splitlines()) == 1
        return
    assert {name: SETTINGS[name].checked(value) for name, value in found.items()} == found


def test_dotted_names_and_a_mark_of_byte_order_are_read(tmp_path: Path) -> None:
    path = tmp_path / "bookscore.toml"
    path.write_bytes(b"\xef\xbb\xbfweave.beam = 2\r\n[book]\r\nsegment_words = 300\r\n")
    assert config.read(path, SETTINGS) == {"weave.beam": 2, "book.segment_words": 300}


# --- Titles that are woven again ---


@pytest.fixture
def title(warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The arguments that weave a title of a small book and album anew."""
    monkeypatch.setattr(program.Session, "choose_models", lambda _: SmallModels())
    book = write(
        tmp_path / "b.txt", "CHAPTER I\n\nThe lamp went out.\n\nCHAPTER II\n\nThe heron came back.\n"
    )
    times = np.arange(10 * 22050) / 22050
    (tmp_path / "album").mkdir()
    for name, hz in (("Ebb", 262), ("Flow", 330)):
        soundfile.write(tmp_path / "album" / f"{name}.wav", 0.1 * np.sin(2 * np.pi * hz * times), 22050)
    return ["-q", "weave", "--book", book, "--album", tmp_path / "album", "--name", "T"]


def woven_with(warehouse: Path) -> dict[str, str]:
    with duckdb.connect(warehouse / DATABASE) as connection:
        return dict(connection.execute("SELECT name, value FROM weave_setting").fetchall())


def test_a_title_keeps_what_it_was_woven_with_but_for_what_is_given(
    warehouse: Path, title: list[object]
) -> None:
    path = write(warehouse / "bookscore.toml", "[weave]\nfilm_weight = 2\n")
    assert run(warehouse, "--set", "weave.seed=5", *title).exit_code == 0
    path.write_text("[weave]\nfilm_weight = 4\nbeam = 6\n")
    again = run(warehouse, "--set", "weave.near_s=7", "-q", "weave", "--name", "T")
    assert again.exit_code == 0, again.output
    found = woven_with(warehouse)
    assert [found[n] for n in ("film_weight", "seed", "beam", "near_s")] == ["2.0", "5", "4", "7.0"]
    assert run(warehouse, *title).exit_code == 0
    found = woven_with(warehouse)
    assert [found[n] for n in ("film_weight", "seed", "beam", "near_s")] == ["4.0", "1", "6", "20.0"]


def test_a_title_woven_with_what_is_refused_now_says_so_and_can_be_given_another_value(
    warehouse: Path, title: list[object]
) -> None:
    assert run(warehouse, *title).exit_code == 0
    with duckdb.connect(warehouse / DATABASE) as connection:
        connection.execute("UPDATE weave_setting SET value = '0' WHERE name = 'again_segments'")
    refused = run(warehouse, "-q", "weave", "--name", "T")
    assert refused.exit_code == 1
    assert refused.output == (
        "bookscore: T was woven with a value that is no longer valid: weave.again_segments is 0: give a whole number, "
        "1 to 10000 (segments) with --set\n"
    )
    assert run(warehouse, "--set", "weave.again_segments=2", "-q", "weave", "--name", "T").exit_code == 0
    assert woven_with(warehouse)["again_segments"] == "2"


@pytest.mark.parametrize(
    ("before", "after", "option", "medium"),
    [
        ([], ["weave", "--name", "T", "--scenes", "3"], "--scenes", "film"),
        ([], ["weave", "--name", "T", "--transcribe"], "--transcribe", "film"),
        (["--set", "film.scenes=3"], ["weave", "--name", "T"], "--set film.scenes", "film"),
        (["--set", "book.segment_words=300"], ["weave", "--name", "T"], "--set book.segment_words", "book"),
        (["--set", "album.hop_s=2"], ["pin", "T", "1.1", "Flow"], "--set album.hop_s", "album"),
    ],
)
def test_a_setting_of_a_medium_that_is_not_read_is_wrong_usage(
    warehouse: Path, title: list[object], before: list[str], after: list[str], option: str, medium: str
) -> None:
    made = run(warehouse, *title)
    assert made.exit_code == 0, made.output
    result = run(warehouse, *before, *after)
    assert result.exit_code == 2
    error = result.output.splitlines()[-1]
    assert error.startswith(f"Error: {option} changes how the {medium} is read")
    assert "--book, --album and --film" in error
    with duckdb.connect(warehouse / DATABASE) as connection:
        assert connection.execute("SELECT count(*) FROM decision").fetchall() == [(0,)]


def test_a_setting_of_the_film_is_wrong_usage_where_a_title_has_none(
    warehouse: Path, title: list[object]
) -> None:
    result = run(warehouse, *title, "--scenes", "3")
    assert result.exit_code == 2 and "--scenes changes how the film is read" in result.output
    assert not warehouse.exists()


def test_settings_of_files_are_for_all_commands(warehouse: Path, title: list[object]) -> None:
    write(warehouse.parent / "bookscore.toml", "[film]\nscenes = 3\n")
    assert run(warehouse, *title).exit_code == 0
    assert run(warehouse, "-q", "weave", "--name", "T").exit_code == 0
