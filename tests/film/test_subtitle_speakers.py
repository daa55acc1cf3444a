"""Who speaks in subtitles, and which cues are the distributor's."""

from __future__ import annotations

from pathlib import Path

import pytest

from bookscore.ingest.film.cues.subtitle_marks import is_advert, speeches
from bookscore.ingest.film.cues.subtitles import Subtitles, read_file


def said(text: str) -> list[tuple[str | None, str]]:
    return [(words.speaker, words.text) for words in speeches(text)]


def read(folder: Path, *texts: str) -> Subtitles:
    path = folder / "f.srt"
    path.write_text(
        "".join(f"{n}\n00:00:{n:02},000 --> 00:00:{n:02},900\n{text}\n\n" for n, text in enumerate(texts, 1))
    )
    return read_file(path)


@pytest.mark.parametrize(
    "name",
    [
        "HARRY", "McGONAGALL", "MCGONAGALL", "MacDONALD", "O'BRIEN", "d'ARTAGNAN", "VINCENT van GOGH", "MAN #1", "MAN 2",
        "MR. & MRS. SMITH", "JOHN AND MARY", "THE OLD WOMAN IN BLACK", "MAN ON TV", "R2-D2", "3PO", "ÉLODIE", "WILL",
        "HARRY'S MOTHER", "Professor McGonagall", "Professor X", "Aunt Petunia", "Aunt May", "Uncle Vernon", "Mme Dupont",
        "Mr. Smith", "Mrs. O'Hara", "Man", "Man #1", "Woman on TV", "Narrator", "Mother", "Old Man",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "form",
    ["{}: Come in.", "- {}: Come in.", "{} (whispering): Come in.", "{}:\nCome in.", ">> {}: Come in."],
)
def test_a_name_before_a_colon_is_a_speaker(name: str, form: str) -> None:
    assert said(form.format(name)) == [(name, "Come in.")]


@pytest.mark.parametrize(
    "text",
    [
        "He said one thing: run", "Time: 12:30", "TIME: 12:30", "KICK-OFF: 12:30", "Listen: I know", "Remember: never again",
        "Lord knows: I tried.", "HE SAID ONE THING: RUN", "WARNING: DO NOT ENTER", "P.S.: I love you", "It is 10:30 now.",
        "Rule one: no women.", "Dear Sir: I write", "Harry: I said so.", "30 YEARS LATER: the end",
        "ONE TWO THREE FOUR FIVE SIX: seven",
    ],
)  # fmt: skip
def test_other_words_before_a_colon_are_words(text: str) -> None:
    assert said(text) == [(None, text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- JOHN: Where is it?\n- MARY: Over there.", [("JOHN", "Where is it?"), ("MARY", "Over there.")]),
        ("JOHN: Where is it?\nMARY: Over\nthere.", [("JOHN", "Where is it?"), ("MARY", "Over there.")]),
        ("JOHN: Where? MARY: There.", [("JOHN", "Where?"), ("MARY", "There.")]),
        ("- Yes,\nI do.\n- No.", [(None, "Yes, I do."), (None, "No.")]),
        ("Where?\n-There.", [(None, "Where?"), (None, "There.")]),
        ("- Yes. - No.", [(None, "Yes."), (None, "No.")]),
        (">> HELLO. >> HI.", [(None, "HELLO."), (None, "HI.")]),
        ("— Oui.\n— Non.", [(None, "Oui."), (None, "Non.")]),
        ("- HARRY: [coughs]\n- Who?", [(None, "Who?")]),
        ("HARRY:\n- Look out!\n- Where?", [("HARRY", "Look out!"), (None, "Where?")]),
        ("I thought--\n--you knew", [(None, "I thought-- you knew")]),
        ("He was—\n—dead", [(None, "He was— dead")]),
        ("- Only one,\nof two lines", [(None, "Only one, of two lines")]),
        ("[Man] Hello.", [("Man", "Hello.")]),
        ("[Professor X] Hello.", [("Professor X", "Hello.")]),
        ("[Door Slams] Hello.", [(None, "Hello.")]),
        ("(Laughing)\nHello.", [(None, "Hello.")]),
    ],
)
def test_two_speakers_are_told_apart(text: str, expected: list[tuple[str | None, str]]) -> None:
    assert said(text) == expected


def test_two_speakers_share_the_time_of_their_cue_by_words(tmp_path: Path) -> None:
    path = tmp_path / "f.srt"
    path.write_text("1\n00:00:04,000 --> 00:00:06,000\n- One two three.\n- ♪ Four ♪\n")
    assert [(c.start_s, c.end_s, c.text, c.is_lyrics) for c in read_file(path).cues] == [
        (4.0, 5.5, "One two three.", False),
        (5.5, 6.0, "Four", True),
    ]


def test_a_name_in_brackets_is_a_speaker_where_the_file_knows_it(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "[Harry] I know.",
        "[RON]\nMe too.",
        "RON: Really?",
        "Where are you, Harry?",
        "[Hermione] Here.",
        "Hermione, come along!",
        "[Laughter] Stop it.",
        "[Harry laughs] Never.",
        "Wait, listen.",
        "[Listen] I hear it.",
        "[Draco]",
    )
    assert [
        (c.speaker, c.text) for c in found.cues if not c.text.startswith(("Where", "Hermione", "Wait"))
    ] == [
        ("Harry", "I know."),
        ("RON", "Me too."),
        ("RON", "Really?"),
        ("Hermione", "Here."),
        (None, "Stop it."),
        (None, "Never."),
        (None, "I hear it."),
    ]


def test_a_plain_name_before_a_colon_is_a_speaker_where_the_file_bears_it_out(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "Harry: I know.",
        "Come here, Harry.",
        "Listen: I know.",
        "Listen, I know.",
        "Nearly Headless Nick: Good day.",
        "Dobby: One.",
        "Dobby: Two.",
        "Dobby: Three.",
        "Remember: one.",
        "Remember: two.",
        "Remember: three.",
        "Paris: it rains.",
    )
    assert [c.speaker for c in found.cues] == (
        ["Harry", None, None, None, "Nearly Headless Nick", "Dobby", "Dobby", "Dobby", None, None, None, None]
    )


def test_the_cases_speakers_are_all_told(data_dir: Path) -> None:
    found = read_file(data_dir.parent / "cases" / "86-speakers" / "l-speakers.srt")
    assert [c.speaker for c in found.cues] == [
        "McGONAGALL", "JOHN", "MARY", "DR. O'BRIEN", "MAN #1", "HARRY", "JOHN", "Harry", "Professor McGonagall",
        "MR. & MRS. SMITH", "MAN ON TV", "THE OLD WOMAN IN BLACK", "JOHN", "JOHN", "REPORTER", "NARRATOR", "RON",
        "ÉLODIE", "Mme Dupont", "JOHN", "Aunt Petunia", "MCGONAGALL", "JOHN AND MARY", "MAN 2", "3PO", "R2-D2", "DOBBY",
        None, "CHORUS",
    ]  # fmt: skip
    assert found.cues[-2].text == "JOHN – I am here."
    assert (found.cues[1].end_s, found.cues[2].start_s) == (4.9, 4.9)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("Subtitles by Somebody", True),
        ("English subtitles by Somebody", True),
        ("Translated by the Team", True),
        ("Subtitled by my aunt, who loved him.", True),
        ("== sync, corrected by elderman ==", True),
        ("Captioning made possible by CBS", True),
        ("Please rate this subtitle at subs.ly/x\nHelp other users", True),
        ("Support us and become VIP member", True),
        ("-= addic7ed.com =-", True),
        ("moviefans.net", True),
        ("I was corrected by him.", False),
        ("Translation: we're lost.", False),
        ("My translation, by the way, is good.", False),
        ("Go to Amazon.com now.", False),
        ("The subtitles are bad.", False),
        ("Her dress was ripped by a thorn.", False),
    ],
)
def test_lines_of_the_distributor(text: str, is_one: bool) -> None:
    assert is_advert(text) == is_one
    assert (speeches(text) == []) == is_one


def test_the_cases_adverts_are_left_out_and_counted(data_dir: Path, tmp_path: Path) -> None:
    ads = (data_dir.parent / "cases" / "90-ads" / "z-ads.srt").read_text()
    path = tmp_path / "f.srt"
    path.write_text(ads + "\n\n9\n00:00:20,000 --> 00:00:21,000\nGood day.\n")
    found = read_file(path)
    assert [c.text for c in found.cues] == ["Good day."]
    assert [out.reason for out in found.left_out] == ["line of the distributor"] * 8


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[Harry] Come in.", [("Harry", "Come in.")]),
        ("(Old Tom)\nCome in,\nplease.", [("Old Tom", "Come in, please.")]),
        ("- [Harry] Come in.\n- [Ron] No.", [("Harry", "Come in."), ("Ron", "No.")]),
        ("[Laughter] Come in.", [("Laughter", "Come in.")]),  # the book has no such person
        ("[door slams] Come in.", [(None, "Come in.")]),
        ("Come in, [Laughter]\n[Sighs] please.", [(None, "Come in, please.")]),
        ("[Sighs] HARRY: Come in.", [(None, "Come in.")]),
    ],
)
def test_a_name_in_brackets_is_kept_for_the_book_to_tell(
    tmp_path: Path, text: str, expected: list[tuple[str | None, str]]
) -> None:
    assert [(cue.bracketed, cue.text) for cue in read(tmp_path, text).cues] == expected
