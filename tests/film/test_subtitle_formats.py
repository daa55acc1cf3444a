"""Subtitle files as they are met: what each format holds, and odd cues, which cost no other its words."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from bookscore.engine.errors import BookscoreError
from bookscore.ingest.film.cues.formats.times import seconds, timing
from bookscore.ingest.film.cues.subtitles import Subtitles, read_file

ONE, THREE = "1\n00:00:01,000 --> 00:00:02,000\nOne.\n\n", "3\n00:00:09,000 --> 00:00:10,000\nThree.\n\n"
FOUR = "4\n00:00:11,000 --> 00:00:12,000\nFour.\n"
UNREADABLE = "times that cannot be read"


@pytest.fixture
def cases(data_dir: Path) -> Path:
    return data_dir.parent / "cases"


def read(folder: Path, name: str, content: str | bytes, fps: float | None = None) -> Subtitles:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_file(path, fps)


def told(read: Subtitles) -> list[tuple[float, float, str]]:
    return [(cue.start_s, cue.end_s, cue.text) for cue in read.cues]


@pytest.mark.parametrize(
    ("written", "expected_s"),
    [
        ("00:00:01,500", 1.5), ("00:00:01.5", 1.5), ("0:0:1,05", 1.05), ("00:00:01", 1.0), ("01:02,500", 62.5),
        ("01:02", 62.0), ("5,25", 5.25), ("00;00;05;000", 5.0), ("00.01.02", 62.0), ("00.00.05,000", 5.0),
        ("00: 10: 13,000", 613.0), ("90:00,000", 5400.0), ("100:00:07.000", 360_007.0), ("-00:00:01,000", -1.0),
        ("00:00:61,000", None), ("01:75:00,000", None), ("12", None),
    ],
)  # fmt: skip
def test_times_are_read_as_they_are_meant(written: str, expected_s: float | None) -> None:
    assert seconds(written) == expected_s


def test_only_a_line_of_times_is_one() -> None:
    assert timing("The tape ran 00:01:00,000 to 00:02:00,000 exactly.") is None
    assert timing("12:30:00: The log says nothing.") is None
    assert timing("He went --> there.") is None
    assert timing("12 00:00:01,000 -> 00:00:02,000 X1:4 said at once") == (1.0, 2.0, 12, "said at once")


@pytest.mark.parametrize(
    "times",
    [
        "2\n00:00:05 --> 00:00:06", "2\n00:05,000 --> 00:06,000", "2\n00;00;05,000 --> 00;00;06,000",
        "2\n00:00:05.000 --> 00:00:06.000", "2\n00:00:05;000 --> 00:00:06;000", "2\n00:00:05:000 --> 00:00:06:000",
        "2\n00 : 00 : 05 , 000 --> 00: 00: 06, 000", "2\n0:0:5,0 --> 0:0:6,0", "2\n00.00.05,000 --> 00.00.06,000",
        "2\n00:00:05,000-->00:00:06,000", "2\n00:00:05,000 -> 00:00:06,000", "2\n00:00:05,000 --&gt; 00:00:06,000",
        "2\n00:00:05,000 00:00:06,000", "2\n00:00:05,000 --> 00:00:06,000  X1:40 X2:600 Y1:20 Y2:50",
        "200:00:05,000 --> 00:00:06,000", "2 00:00:05,000 --> 00:00:06,000", "00:00:05,000 --> 00:00:06,000",
        "\ufeff2\n00:00:05,000 --> 00:00:06,000", "2\n\n00:00:05,000 --> 00:00:06,000",
    ],
)  # fmt: skip
def test_a_cue_of_odd_times_is_read_and_leaves_its_neighbours_alone(tmp_path: Path, times: str) -> None:
    found = read(tmp_path, "f.srt", f"{ONE}{times}\nTwo.\n\n{THREE}{FOUR}")
    assert told(found) == [(1, 2, "One."), (5, 6, "Two."), (9, 10, "Three."), (11, 12, "Four.")]
    assert found.n_left_out == 0


@pytest.mark.parametrize(
    ("cue", "reason"),
    [
        ("2\n00:00:05,000 --> \nTwo.", UNREADABLE),
        ("2\nxx:00:05,000 --> 00:00:06,000\nTwo.", UNREADABLE),
        ("2\n00:00:99,000 --> 00:00:06,000\nTwo.", UNREADABLE),
        ("2\n00:00:05\nTwo.", UNREADABLE),
        ("2\n00:00:06,000 --> 00:00:05,000\nTwo.", "end before the beginning"),
    ],
)
def test_a_cue_of_impossible_times_is_left_out_and_no_other(tmp_path: Path, cue: str, reason: str) -> None:
    found = read(tmp_path, "f.srt", f"{ONE}{cue}\n\n{THREE}{FOUR}")
    assert [text for _, _, text in told(found)] == ["One.", "Three.", "Four."]
    assert [(out.text.splitlines()[-1], out.reason) for out in found.left_out] == [("Two.", reason)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("12:30:00: The log says nothing.", "12:30:00: The log says nothing."),
        (
            "The tape ran 00:01:00,000 to 00:02:00,000 exactly.",
            "The tape ran 00:01:00,000 to 00:02:00,000 exactly.",
        ),
        ("See --> there", "See --> there"),
        ("1984", "1984"),
        ("Two.\n\nAfter a gap.", "Two. After a gap."),
        ("First<br>second<br/>third", "First second third"),
        ("One|two", "One two"),
        ("A\\Nb\\hc", "A b c"),
        ("{\\an8}Top {\\i1}wo{\\i0}rds", "Top words"),
        ("{y:i}Micro", "Micro"),
        ("<font color=#fff>I</font> <3 you, 5 < 6 and 7 > 3", "I <3 you, 5 < 6 and 7 > 3"),
        ("Tom &amp; J\0erry\x1b[31m red\x1b]8;;x\x07", "Tom & Jerry red"),
    ],
)
def test_the_words_of_a_cue_are_kept_and_its_tags_are_not(tmp_path: Path, text: str, words: str) -> None:
    found = read(tmp_path, "f.srt", f"{ONE}2\n00:00:05,000 --> 00:00:06,000\n{text}\n\n{THREE}{FOUR}")
    assert [text for _, _, text in told(found)] == ["One.", words, "Three.", "Four."]


def test_a_number_glued_to_the_text_before_is_none_of_its_words(tmp_path: Path) -> None:
    two = "2\n00:00:05,000 --> 00:00:06,000\nIt was in 1932.3\n00:00:09,000 --> 00:00:10,000\nThree.\n\n"
    assert [text for _, _, text in told(read(tmp_path, "f.srt", ONE + two + FOUR))][1:3] == [
        "It was in 1932.",
        "Three.",
    ]


def test_an_empty_line_after_every_line_changes_nothing(tmp_path: Path) -> None:
    content = (ONE + "7\n00:00:05,000 --> 00:00:06,000\n1984\nor 5\n\n" + THREE + FOUR).replace(
        "\n", "\r\r\n"
    )
    expected = ["One.", "1984 or 5", "Three.", "Four."]
    assert [text for _, _, text in told(read(tmp_path, "f.srt", content))] == expected
    assert [
        text for _, _, text in told(read(tmp_path, "g.srt", content.replace("\r\r\n", "\n\n")))
    ] == expected


def test_without_numbers_a_figure_is_a_word(tmp_path: Path) -> None:
    lines = "0:00:01.000,0:00:02.500\nHello\n1984\n\n0:00:03.000,0:00:04.000\nBye\n"
    assert told(read(tmp_path, "f.sbv", lines)) == [(1, 2.5, "Hello 1984"), (3, 4, "Bye")]


@pytest.mark.parametrize(
    ("end", "ends_s"), [("00:00:05,000", 5.0 + 1.0), ("99:59:59,000", 5.0 + 1.0), ("00:00:08,000", 8.0)]
)
def test_an_end_that_cannot_be_is_when_the_words_are_read(tmp_path: Path, end: str, ends_s: float) -> None:
    found = read(tmp_path, "f.srt", f"{ONE}2\n00:00:05,000 --> {end}\nTwo.\n\n{THREE}")
    assert told(found)[1] == (5.0, ends_s, "Two.")


def test_cues_that_overlap_are_all_kept(tmp_path: Path) -> None:
    content = ONE + "2\n00:00:01,500 --> 00:00:11,500\nLong.\n\n" + THREE
    assert told(read(tmp_path, "f.srt", content)) == [(1, 2, "One."), (1.5, 11.5, "Long."), (9, 10, "Three.")]


def test_one_bad_byte_is_counted_and_spoils_nothing(tmp_path: Path) -> None:
    good = "".join(
        f"{n}\n00:00:{n:02},000 --> 00:00:{n:02},900\nCafé “{n}”.\n\n" for n in range(1, 40)
    ).encode()
    found = read(tmp_path, "f.srt", good.replace("“20”".encode(), b"\x9320\x94"))
    assert [text for _, _, text in told(found)] == [f"Café “{n}”." for n in range(1, 40)]
    assert found.n_odd == 2
    assert len(told(read(tmp_path, "g.srt", good.decode().encode("utf-16-le")))) == 39


VTT = """WEBVTT - a title
X-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0

STYLE
::cue { color: red }

NOTE one
more

REGION
id:fred

intro
00:01.000 --> 00:03.000 line:0 align:start
<v.loud Mary Ann>Hello <i>you</i></v> <v John>Hi &amp; bye</v>

2 - second
00:00:04.000 --> 00:00:05.000
<c.yellow.bg>Yel</c>low &lt;3 <00:00:04.500><b>late</b>

00:00:06,000 --> 00:00:07,000
NOTE this is spoken
<ruby>kan<rt>reading</rt></ruby>ji

bad --> 00:00:09.000
lost

NOTE 00:00:10.000 --> 00:00:11.000

no times
at all

100:00:07.000 --> 100:00:08.000
Hundred hours.
"""


def test_webvtt_is_read_by_its_own_rules(tmp_path: Path) -> None:
    found = read(tmp_path, "f.vtt", VTT)
    assert [(c.start_s, c.end_s, c.text, c.speaker) for c in found.cues] == [
        (1.0, 2.0, "Hello you", "MARY ANN"),
        (2.0, 3.0, "Hi & bye", "JOHN"),
        (4.0, 5.0, "Yellow <3 late", None),
        (6.0, 7.0, "NOTE this is spoken kanji", None),
        (360_007.0, 360_008.0, "Hundred hours.", None),
    ]
    assert [(out.text, out.reason) for out in found.left_out] == [
        ("lost", UNREADABLE),
        ("no times\nat all", UNREADABLE),
    ]


def test_webvtt_without_its_head_or_empty_lines_is_read(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "f.vtt",
        "00:01.000 --> 00:02.000\na\n \nid\n00:03.000 --> 00:04.000\nb\n00:05.000 --> 00:06.000\nc",
    )
    assert told(found) == [(1, 2, "a"), (3, 4, "b"), (5, 6, "c")]


def test_rolling_captions_are_told_once(tmp_path: Path, cases: Path) -> None:
    youtube = read_file(cases / "80-vtt-timestamp-tags" / "m-youtube.vtt")
    assert told(youtube) == [
        (0.0, 2.01, "once upon a time"),
        (2.01, 4.01, "there lived a king"),
        (4.01, 6.0, "who was old"),
    ]
    said = ["so it goes", "and it goes", "and goes", "no more", "until now"]
    three = "".join(
        f"{n + 1}\n00:00:0{n},000 --> 00:00:0{n + 1},000\n" + "\n".join(said[max(0, n - 2) : n + 1]) + "\n\n"
        for n in range(5)
    )
    assert [text for _, _, text in told(read(tmp_path, "f.srt", three))] == said
    words = ["we", "are", "what", "we", "are", "today"]
    grown = "".join(
        f"{n + 1}\n00:00:0{n},000 --> 00:00:0{n + 1},000\n{' '.join(words[: n + 1])}\n\n" for n in range(6)
    )
    assert " ".join(text for _, _, text in told(read(tmp_path, "g.srt", grown))) == " ".join(words)


def test_what_is_said_twice_is_told_twice(tmp_path: Path) -> None:
    lines = ["No!", "No!", "I said no!", "Why?", "No!\nNever!", "Why not?"]
    content = "".join(
        f"{n + 1}\n00:00:0{n},000 --> 00:00:0{n + 1},000\n{line}\n\n" for n, line in enumerate(lines)
    )
    assert [t for _, _, t in told(read(tmp_path, "f.srt", content))] == [" ".join(x.split()) for x in lines]


TTML = """<?xml version="1.0" encoding="utf-16"?>
<tt xmlns="{ns}" xmlns:ttp="{ns}#parameter" xmlns:ttm="{ns}#metadata" xmlns:tts="{ns}#styling" {rates}>
<head><metadata><ttm:title>Not said</ttm:title><ttm:agent xml:id="h"><ttm:name>Harry</ttm:name></ttm:agent></metadata>
</head><body begin="10s"><div>{paragraphs}</div></body></tt>"""


def ttml(paragraphs: str, rates: str = "", ns: str = "http://www.w3.org/ns/ttml") -> str:
    return TTML.format(paragraphs=paragraphs, rates=rates, ns=ns)


@pytest.mark.parametrize(
    ("rates", "begin", "start_s"),
    [
        ("", "00:00:01.500", 11.5), ("", "00:00:01,500", 11.5), ("", "1.5s", 11.5), ("", "1500ms", 11.5),
        ("", "0.5m", 40.0), ("", "00:00:01:15", 11.5), ('ttp:frameRate="25"', "00:00:01:05", 11.2),
        ('ttp:frameRate="25"', "50f", 12.0), ('ttp:tickRate="10000000"', "15000000t", 11.5),
        ('ttp:frameRate="24" ttp:frameRateMultiplier="1000 1001"', "24f", 11.001),
        ('ttp:frameRate="25" ttp:subFrameRate="4"', "150t", 11.5),
    ],
)  # fmt: skip
@pytest.mark.parametrize("ns", ["http://www.w3.org/ns/ttml", "http://www.w3.org/2006/10/ttaf1"])
def test_times_of_ttml_are_in_every_unit(
    tmp_path: Path, rates: str, begin: str, start_s: float, ns: str
) -> None:
    found = read(tmp_path, "f.xml", ttml(f'<p begin="{begin}" dur="2s">Hello<br/>there</p>', rates, ns))
    assert told(found) == [(pytest.approx(start_s), pytest.approx(start_s + 2), "Hello there")]
    assert found.format == "ttml"


def test_ttml_nests_its_times_and_its_spans(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "f.dfxp",
        ttml(
            '<p begin="0s" end="1s" ttm:agent="h">One <span>and <span tts:color="red">two</span></span> three</p>'
            '<p begin="2s" end="9s"><span begin="0s" end="1s">first</span> <span begin="1s" dur="2s">sec<br/>ond</span></p>'
            '<div begin="20s"><p begin="1s" end="2s" region="top">Tom &nbsp;& &lt;Jerry&gt;</p></div>'
            '<div begin="30s" timeContainer="seq"><p dur="1s">a</p><p dur="1s"><metadata>no</metadata>b</p></div>'
            '<p begin="x" end="1s">bad</p><p begin="50s" end="40s">back</p><p begin="60s">open</p>'
        ),
    )
    assert [(c.start_s, c.end_s, c.text, c.speaker) for c in found.cues] == [
        (10, 11, "One and two three", "Harry"),
        (12, 13, "first", None),
        (13, 15, "sec ond", None),
        (31, 32, "Tom & <Jerry>", None),
        (40, 41, "a", None),
        (41, 42, "b", None),
        (70, 71, "open", None),
    ]
    assert [(out.text, out.reason) for out in found.left_out] == [
        ("bad", UNREADABLE),
        ("back", "end before the beginning"),
    ]


def test_ttml_that_is_cut_or_a_bomb_is_refused(tmp_path: Path) -> None:
    whole = ttml('<p begin="0s" end="1s">One</p>' * 9)
    with pytest.raises(
        BookscoreError, match=r"f\.ttml: cannot be read as subtitles \(its XML is cut short\)"
    ):
        read(tmp_path, "f.ttml", whole[:-30])
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE tt [<!ENTITY e0 "aaaaaaaaaa">{entities}]>' + whole.split("?>")[1].replace(
        "One", "&e11;"
    )
    with pytest.raises(BookscoreError, match="no spoken line"):
        read(tmp_path, "g.ttml", bomb)


def test_ass_is_read_in_the_order_that_its_format_tells(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "f.ass",
        "[Script Info]\n[V4+ Styles]\nFormat: Name, Alignment, PrimaryColour\nStyle: S1,2,&H0000ffff\n\n[Events]\n"
        "Format: Start, Text, Actor, End\n"
        "Dialogue: 0:00:01.00,Well, {\\c&H00ff00&}yes\\Nno,Harry,0:00:02.50\nDialogue: x,Lost,,0:00:04.00\nDialogue: odd\n"
        "Dialogue: 0:00:05.00,Never shown,,0:00:05.00\n",
    )
    assert [(c.start_s, c.end_s, c.text, c.speaker) for c in found.cues] == [
        (1.0, 2.5, "Well, yes no", "Harry")
    ]
    assert [out.text for out in found.left_out] == ["Lost", "odd"]


def test_ass_of_the_cases(cases: Path) -> None:
    assert told(read_file(cases / "92-ass-format-order" / "ass_different_format3.ass")) == [
        (0.0, 10.0, "The quick brown fox jumps over a lazy dog.")
    ]
    found = read_file(cases / "94-ssa-v4plus" / "example-out-v4plus.ssa")
    assert [(c.start_s, c.text) for c in found.cues][:2] == [
        (124.08, "How did we end up here?"),
        (132.16, "This place is horrible."),
    ]
    assert (found.cues[0].speaker, found.n_left_out) == ("MAN", 2)


@pytest.mark.parametrize(
    ("name", "content", "fps"),
    [
        ("f.sub", "{1}{1}25\n{25}{50}Hello|there\n{100}{125}{y:i}Bye\n", None),
        ("f.sub", "{25}{50}Hello|there\n{100}{125}Bye\n", 25.0),
        ("f.txt", "[10][20]Hello|/there\n[40][50]Bye\n", None),
        ("f.txt", "00:00:01:Hello|there\n00:00:04:Bye\n", None),
        (
            "f.smi",
            "<SAMI><BODY><SYNC Start=1000><P>Hello<br>there<SYNC Start=4000><P>Bye</BODY></SAMI>",
            None,
        ),
    ],
)
def test_older_formats_are_read(tmp_path: Path, name: str, content: str, fps: float | None) -> None:
    assert [(s, text) for s, _, text in told(read(tmp_path, name, content, fps))] == [
        (1.0, "Hello there"),
        (4.0, "Bye"),
    ]


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("f.csv", '00:00:01:00,00:00:02:00,"Oh!\n\n"\n00:00:02:00,00:00:03:00,"If"\n', "table (CSV)"),
        ("f.csv", "Start,End,Text\n00:00:01.000,00:00:02.000,Hello\n", "table (CSV)"),
        ("f.txt", '00:00:01:00,00:00:02:00,"Oh!"\n', "table (CSV)"),
        ("f.stl", "00:02:17:10 , 00:02:20:10 , Senator, we're | on our way.\n", r"Spruce subtitle file \(STL\)"),
        ("f.txt", "$FontName = Arial\n00:02:17:10,00:02:20:10,Senator\n", r"Spruce subtitle file \(STL\)"),
        ("f.stl", b"850STL25.01" + bytes(1013), r"EBU subtitle file \(STL\)"),
        ("f.srt", "{\\rtf1\\ansi\n1\\par\n00:00:01,000 --> 00:00:02,000\\par\nword\\par\n}", r"Rich Text document \(RTF\)"),
        ("f.scc", "Scenarist_SCC V1.0\n\n00:00:00:00\t9420 9420\n", "SCC"),
        ("f.lrc", "[00:01.00]la\n[00:02.00]lo\n", "LRC"),
        ("f.xml", "<?xml version='1.0'?><rss/>", "XML of another kind than TTML"),
        ("f.srt", "<!DOCTYPE html><html><body>404</body></html>", "web page"),
        ("f.srt", b"PK\x03\x04" + bytes(99), "ZIP"),
    ],
)  # fmt: skip
def test_a_format_that_is_not_read_is_named(
    tmp_path: Path, name: str, content: str | bytes, kind: str
) -> None:
    with pytest.raises(BookscoreError, match=kind.replace("(CSV)", r"\(CSV\)")) as refusal:
        read(tmp_path, name, content)
    assert str(refusal.value).startswith(f"{tmp_path / name}: is ") and "turn it into srt" in str(
        refusal.value
    )
    assert "\n" not in str(refusal.value)


def test_the_suffix_decides_for_no_format_that_most_lines_speak_against(tmp_path: Path) -> None:
    assert read(tmp_path, "f.srt", "WEBVTT\n\n00:01.000 --> 00:02.000\nHi\n").format == "vtt"
    assert read(tmp_path, "f.vtt", ONE + THREE).cues[1].text == "Three."
    assert read(tmp_path, "f.txt", ONE + "12:30:00: it says\n\n" + THREE).format == "srt"


def test_files_of_the_cases_keep_every_good_cue(cases: Path) -> None:
    for name, added in (
        ("clocktext", "12:30:00: The log says nothing."),
        ("ellipsis", "The tape ran 00:01:00,000 to 00:02:00,000 exactly."),
        ("nomillis", "No millis."),
        ("spaces", "Spaces in time."),
    ):
        said = [c.text for c in read_file(cases / "84-srt-one-odd-time" / f"e2-{name}.srt").cues]
        good = [f"This is a good line number {n}." for n in range(1, 61)]
        assert [text for text in said if text.startswith("This is a good line")] == [
            text for text in good if text in said
        ]
        assert added in said and "After it." in said and len(said) in (61, 62)
        assert not [text for text in said if text.startswith("This") and text not in good]
    assert [c.text for c in read_file(cases / "87-bom-inside" / "f-bom-inside.srt").cues] == [
        "Part one.",
        "Part two.",
    ]
    assert len(read_file(cases / "88-utf16-no-bom" / "h-utf16le-nobom.srt").cues) == 19
    assert [c.end_s for c in read_file(cases / "89-zero-duration" / "r-zero-dur.srt").cues] == [2, 3, 4, 5, 6]
    assert read_file(cases / "91-nul" / "x-nul.srt").cues[0].text == "Hello there."
    for name in ("k2-92-mid", "k2-e9-mid"):
        found = read_file(cases / "83-srt-one-bad-byte" / f"{name}.srt")
        assert (len(found.cues), found.n_odd) == (59, 1)


@pytest.mark.parametrize("seed", range(4))
def test_damaged_files_are_read_or_refused_in_one_line(tmp_path: Path, seed: int) -> None:
    rng = Random(seed)
    ass = "[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,Default,Bob,0,0,0,,{\\i1}Hi\\Nthere\n"
    whole = {".srt": ONE + THREE, ".vtt": VTT, ".ass": ass, ".ttml": ttml('<p begin="0s" end="1s">One</p>')}
    pieces = [
        b"-->",
        b"<v ",
        b"{",
        b"\n\n",
        b"\0",
        b"\xff",
        b"&amp;",
        b"</p>",
        b"- ",
        b"9" * 30,
        b"[",
        b"\xe2\x99\xaa",
    ]
    n_read = 0
    for suffix, content in list(whole.items()) * 60:
        data = bytearray(content.encode())
        for _ in range(rng.randint(1, 8)):
            at = rng.randrange(len(data) + 1)
            if rng.random() < 0.5:
                data[at:at] = rng.choice(pieces) * rng.choice([1, 1, 40])
            else:
                del data[at : at + rng.randint(1, 40)]
        try:
            cues = read(tmp_path, f"f{suffix}", bytes(data)).cues
        except BookscoreError as refusal:
            assert "\n" not in str(refusal)
        else:
            n_read += 1
            assert all(0 <= c.start_s <= c.end_s and c.text == " ".join(c.text.split()) for c in cues)
    assert n_read > 60
