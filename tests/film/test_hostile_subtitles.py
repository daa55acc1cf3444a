"""Subtitles made to take memory or time without end."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from bookscore.engine.errors import BookscoreError
from bookscore.engine.printable import printable
from bookscore.ingest.film.cues.formats import detect
from bookscore.ingest.film.cues.subtitles import read_file

MOST_S = 5.0  # of the processor; quadratic time would take minutes


def srt(*texts: str) -> str:
    return "\n".join(
        f"{n}\n00:00:{n:02},000 --> 00:00:{n:02},900\n{text}\n" for n, text in enumerate(texts, 1)
    )


def ass(text: str, before: str = "") -> str:
    return f"[Events]\n{before}Dialogue: 0,0:00:01.00,0:00:02.00,D,,0,0,0,,{text}\n"


FILES = {
    "tag.srt": srt("Hello <" + " " * 200_000 + "x"),
    "tag.ass": ass("Hello <" + " " * 9_000 + "x") + ass("x <" + " " * 200_000 + "x"),
    "over.ass": ass("Hello") + ass("x" + "{\\\\b1}" * 50_000),
    "brace.ass": ass("Hello") + ass("x" + "{" * 200_000),
    "reference.ttml": "<tt><body><p begin='1s' end='2s'>Hello&#xD800;<x></p></body></tt>",
    "over.sub": "{1}{1}25\n{1}{50}Hello\n{60}{90}" + "{y:i}" * 60_000 + "x\n",
    "late.ass": ass("Hello") + f"Dialogue: 0,{'9' * 400}:00:01.00,0:00:02.00,D,,0,0,0,,never\n",
    "late.smi": f"<SAMI><BODY><SYNC Start=1000><P>Hello<SYNC Start={'9' * 400}><P>never<SYNC Start=3000><P>x</BODY></SAMI>",
    "voice.vtt": f"WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n\n00:03.000 --> 00:04.000\na <v{' ' * 200_000}x\n",
    "lines.srt": srt("Hello" + "\n" * 200_000 + "there"),
    "head.ass": ass("Hello", "\n" * 200_000),
    "command.srt": srt("Hello" + "\x9d" * 200_000 + "x"),
    "same.srt": srt("Hello", "a b\n" * 50_000, "a b\n" * 50_000),
    "long.srt": srt("Hello", "a b, " * 1_000_000),
    "end.ttml": "<tt><body><p begin='1s' end='2s'>Hello</p></body></tt>" + "<!-- a -->" * 50_000,
}


@pytest.mark.parametrize("name", FILES)
def test_a_text_is_read_in_a_time_that_its_length_tells(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(FILES[name], encoding="utf-8")
    began_s = time.process_time()
    found = read_file(tmp_path / name)
    assert time.process_time() - began_s < MOST_S
    assert found.cues[0].text.startswith("Hello")


REFUSED = {
    "cut.ttml": ("<tt><body><p begin='1s'>a</p></body></tt>" + "<!---->" * 200 + "x", "its XML is cut short"),
    "attributes.ttml": (
        "<tt><body><p " + " ".join(f"a{n}='1'" for n in range(50_000)) + "/></body></tt>",
        "a tag without end",
    ),
    "tags.ttml": ("<tt><body>" + "<p/>" * 500_000 + "</body></tt>", "over 500,000 tags"),
    "lines.srt": ("a\n" * 500_002, "over 500,000 lines"),
    "deep.json": ("[" * 100_000, "cannot be read as subtitles"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_film_has_is_refused_in_one_line(tmp_path: Path, name: str) -> None:
    text, says = REFUSED[name]
    (tmp_path / name).write_text(text)
    with pytest.raises(BookscoreError, match=says) as raised:
        read_file(tmp_path / name)
    assert "\n" not in str(raised.value)


def test_more_cues_than_a_film_has_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.srt").write_text(srt("One", "Two", "Three"))
    assert len(read_file(tmp_path / "a.srt").cues) == 3
    monkeypatch.setattr(detect, "_MOST_CUES", 2)
    with pytest.raises(BookscoreError, match=r"a\.srt: .*over 2 cues"):
        read_file(tmp_path / "a.srt")


def test_sequences_that_never_end_go_one_by_one() -> None:
    assert printable("a\x9db\x9dc\x9c d\x9b31m e") == "ab d e"
    assert printable("\x9d0;title\x9cHello") == "Hello"
    assert len(printable("\x9d" * 300_000)) == 0
