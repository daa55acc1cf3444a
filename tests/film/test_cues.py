"""Subtitles into cues: formats, encodings, and what is speech in them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookscore.engine.errors import BookscoreError
from bookscore.ingest.film.cues.subtitle_marks import clean
from bookscore.ingest.film.cues.subtitles import Cue, check_fit, length_s, read_file

SRT = "1\n00:00:01,000 --> 00:00:02,500\n{}\n\n2\n00:00:03,000 --> 00:00:04,000\n{}\n"
ASS = (
    "[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\n\n[Events]\n"
    "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
    "Dialogue: 0,0:00:01.00,0:00:02.50,Default,Harry,0,0,0,,{{\\i1}}{}{{\\i0}}\n"
    "Comment: 0,0:00:02.60,0:00:02.70,Default,,0,0,0,,not said\n"
    "Dialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,{}\n"
)
VTT = "WEBVTT\n\nNOTE not said\n\n1\n00:01.000 --> 00:02.500 align:start\n{}\n\n00:00:03.000 --> 00:00:04.000\n{}\n"
FIRST, SECOND = "Voilà, a naïve café, isn’t it déjà vu?", "Two, three, four"


def subtitles(folder: Path, name: str, content: str, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(content.encode(encoding))
    return path


@pytest.mark.parametrize(("name", "form"), [("f.srt", SRT), ("f.ass", ASS), ("f.vtt", VTT)])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_every_format_in_every_encoding_gives_the_same_words(
    tmp_path: Path, name: str, form: str, encoding: str
) -> None:
    cues = read_file(subtitles(tmp_path, name, form.format(FIRST, SECOND), encoding)).cues
    assert [(c.start_s, c.end_s, c.text) for c in cues] == [(1.0, 2.5, FIRST), (3.0, 4.0, SECOND)]


def test_latin_1_is_read(tmp_path: Path) -> None:
    path = subtitles(tmp_path, "f.srt", SRT.format("Garçon, où est l'été ?", "Ça va"), "latin-1")
    assert [c.text for c in read_file(path).cues] == ["Garçon, où est l'été ?", "Ça va"]


def test_windows_line_ends_and_disorder_are_put_right(tmp_path: Path) -> None:
    content = (
        "2\r\n00:00:03,000 --> 00:00:04,000\r\nlater\r\n\r\n1\r\n00:00:01,000 --> 00:00:02,000\r\na\r\nb\r\n"
    )
    assert [c.text for c in read_file(subtitles(tmp_path, "f.srt", content)).cues] == ["a b", "later"]


def test_speakers_come_from_the_field_the_voice_or_the_text(tmp_path: Path) -> None:
    ass = read_file(subtitles(tmp_path, "f.ass", ASS.format("One, two", "GINNY: Three"))).cues
    assert [(c.speaker, c.text) for c in ass] == [("Harry", "One, two"), ("GINNY", "Three")]
    vtt = read_file(
        subtitles(
            tmp_path, "f.vtt", VTT.format("<v Harry>One <i>two</i> &amp; a half", "<v.loud Ginny>Three")
        )
    ).cues
    assert [(c.speaker, c.text) for c in vtt] == [("HARRY", "One two & a half"), ("GINNY", "Three")]


@pytest.mark.parametrize(
    ("written", "words", "speaker"),
    [
        ("HARRY: Look out!", "Look out!", "HARRY"),
        ("- HARRY: Look out!\n- Where?", "Look out! Where?", "HARRY"),
        ("HARRY:\nLook out!", "Look out!", "HARRY"),
        ("OLD MAN: Come in.", "Come in.", "OLD MAN"),
        ("OLD MAN 2: Come in.", "Come in.", "OLD MAN 2"),
        ("Dr. Grey: Sit down.", "Sit down.", "Dr. Grey"),
        ("Mrs Darcy: Sit down.", "Sit down.", "Mrs Darcy"),
        ("ÉLOÏSE: Bonjour.", "Bonjour.", "ÉLOÏSE"),
        ("HARRY (whispering): Look out!", "Look out!", "HARRY"),
        (">> HARRY: Look out!", "Look out!", "HARRY"),
        ("Listen: I know", "Listen: I know", None),
        ("Listen to this: nothing.", "Listen to this: nothing.", None),
        ("Lord knows: I tried.", "Lord knows: I tried.", None),
        ("It is 10:30 now.", "It is 10:30 now.", None),
        ("10:30: late", "10:30: late", None),
        ("[door slams] Who's there?", "Who's there?", None),
        ("(SIGHS)\nWell...", "Well...", None),
        ("♪ La la la ♪", "La la la", None),
        ("# Happy days #", "Happy days", None),
        ("We're #1!", "We're #1!", None),
        ("- Yes.\n- No.", "Yes. No.", None),
        ("– Yes —\n— no", "Yes — no", None),
        ("[door slams]", "", None),
        ("♪♪", "", None),
        ("...", "", None),
        ("HARRY: [coughs]", "", None),
        ("Downloaded from\nYTS.MX", "", None),
        ("Subtitles by Somebody", "", None),
        ("Synced & corrected by Somebody", "", None),
        ("Get more at www.example.org", "", None),
        ("Her dress was ripped by a thorn.", "Her dress was ripped by a thorn.", None),
        ("I heard it was downloaded from space.", "I heard it was downloaded from space.", None),
    ],
)  # fmt: skip
def test_only_the_spoken_words_stay(written: str, words: str, speaker: str | None) -> None:
    assert clean(written)[:2] == (words, speaker)


@pytest.mark.parametrize(
    ("written", "is_lyrics"),
    [
        ("♪ La la la ♪", True),
        ("♪ La la la", True),
        ("la la la ♪", True),
        ("# Happy days #", True),
        ("- # Happy days\nare here", True),
        ("¶ Happy days ¶", True),
        ("&#9834; Happy days &#9834;", True),
        ("♪ Happy days\nare here again ♪", True),
        ("♪ Happy days ♪\n♪ are here again ♪", True),
        ("HARRY: ♪ Happy days ♪", True),
        ("[sings] ♪ Happy days ♪", True),
        ("- Stop it!\n- ♪ Happy days ♪", False),
        ("♪ [soft music] ♪\nCome in.", False),
        ("We're #1!", False),
        ("Happy days", False),
        ("♪♪", False),
    ],
)
def test_what_stands_between_notes_is_sung(written: str, is_lyrics: bool) -> None:
    assert clean(written).is_lyrics == is_lyrics


@given(st.text() | st.text(alphabet="AbC:-–[](){}♪ \n&;ampDr.>_1"))
def test_clean_takes_any_text_and_leaves_its_own_output_alone(text: str) -> None:
    words, speaker, is_lyrics = clean(text)
    assert len(words.splitlines()) <= 1
    assert words == " ".join(words.split())
    assert clean(words)[0] == words
    assert words or not (speaker or is_lyrics)


@pytest.mark.parametrize(
    "content", [b"", b"once upon a time\n" * 30, bytes(range(256)) * 20, SRT.format("[hum]", "♪").encode()]
)
def test_what_holds_no_speech_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "not.srt"
    path.write_bytes(content)
    with pytest.raises(BookscoreError, match=r"not\.srt") as refusal:
        read_file(path)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("f.sup", b"PG" + bytes(11)),
        ("f.sub", b"\0\0\1\xba" + bytes(2044)),
        ("f.idx", b"# VobSub index file, v7 (do not modify this line!)\n"),
    ],
)
def test_pictures_of_text_are_refused_with_advice(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BookscoreError, match=rf"{name}: contains images of text .*--transcribe"):
        read_file(tmp_path / name)


def test_what_is_not_spoken_is_counted_and_layers_are_read_once(tmp_path: Path) -> None:
    line = "Dialogue: {},0:00:0{}.00,0:00:0{}.50,{},,0,0,0,,{}\n"
    lines = [(0, 1, 2, "Default", "One"), (1, 1, 2, "Default", "One"), (0, 3, 4, "Default", "[hum]")]
    lines += [(0, 5, 6, "Song", "La la"), (0, 7, 8, "Default", "{\\p1}m 0 0 l 9 9 0 9{\\p0}")]
    header = ASS[: ASS.index("Dialogue")]
    read = read_file(subtitles(tmp_path, "f.ass", header + "".join(line.format(*fields) for fields in lines)))
    assert [(c.text, c.is_lyrics) for c in read.cues] == [("One", False), ("La la", True)]
    assert (read.origin, read.format, read.n_left_out) == ("file", "ass", 1)


def test_an_absent_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BookscoreError, match=r"absent\.srt"):
        read_file(tmp_path / "absent.srt")


@pytest.mark.parametrize(
    ("late_s", "fits"), [([99], True), ([130], True), ([161], True), ([7e5], True), ([161, 170], False)]
)
def test_late_cues_are_forgiven_for_a_minute_and_one_for_ever(late_s: list[float], fits: bool) -> None:
    starts_s = [*range(0, 90, 3), *late_s]
    cues = [Cue(float(t), t + 1.0, "x", None) for t in starts_s]
    if fits:
        check_fit(cues, Path("s.srt"), 100.0, Path("v.mkv"))
    else:
        with pytest.raises(BookscoreError, match=r"s\.srt: does not fit v\.mkv: 2 of 32"):
            check_fit(cues, Path("s.srt"), 100.0, Path("v.mkv"))


@pytest.mark.parametrize(
    ("starts_s", "fits", "end_s"), [([1, 2, 3, 7e5], True, 4), ([1, 7e5], False, 7e5 + 1)]
)
def test_a_stray_among_few_cues_is_forgiven_but_not_one_of_two(
    starts_s: list[float], fits: bool, end_s: float
) -> None:
    cues = [Cue(float(t), t + 1.0, "x", None) for t in starts_s]
    assert length_s(cues) == end_s
    if fits:
        check_fit(cues, Path("s.srt"), 100.0, Path("v.mkv"))
    else:
        with pytest.raises(BookscoreError, match="does not fit"):
            check_fit(cues, Path("s.srt"), 100.0, Path("v.mkv"))


def test_cues_mostly_after_the_end_do_not_fit() -> None:
    cues = [Cue(float(t), t + 1.0, "x", None) for t in range(0, 150, 3)]
    with pytest.raises(BookscoreError, match="does not fit"):
        check_fit(cues, Path("s.srt"), 100.0, Path("v.mkv"))


def test_real_subtitles_lose_their_adverts_only(data_dir: Path) -> None:
    film = read_file(data_dir / "subtitles" / "the-little-princess-1939-en.srt").cues
    assert (film[0].start_s, film[0].text) == (170.056, "Why are they sending so many soldiers daddy,")
    assert film[14].text.startswith("Not a very cheeful looking")
    assert not [c for c in film if "YTS" in c.text or "YIFY" in c.text]
    short = read_file(data_dir / "subtitles" / "elephants-dream.en.vtt").cues
    assert (short[0].start_s, short[0].text) == (15.0, "At the left we can see...")
    assert short[3].text == "Everything is safe. Perfectly safe."
    assert (len(film), len(short)) == (1181, 82)  # of 954 and 78 in the files: two speakers are two
    for name, cues in (("the-little-princess-1939-en.srt", film), ("elephants-dream.en.vtt", short)):
        lines = (data_dir / "subtitles" / name).read_text("utf-8-sig").splitlines()
        written = [line for line in lines if "-->" not in line and not line.strip().isdigit()]
        n_words = len(re.findall(r"[a-z]+", " ".join(written).lower()))
        assert n_words - 25 <= len(re.findall(r"[a-z]+", " ".join(c.text for c in cues).lower())) <= n_words
