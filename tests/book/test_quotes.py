"""Sentences and direct speech."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookscore.ingest.book.people.quotes import quote_spans, quote_style
from bookscore.ingest.book.prose import clean, count_words, sentence_spans


@pytest.mark.parametrize(
    "sentences",
    [
        ["Mr. Smith met Mrs. Hale.", "They left."],
        ["“Who is Dr. Jones?” he said.", "“I am Mr. Hale.”", "She fell."],
        ["“No!” cried Sara.", "“Go.”", "He went."],
        ["‘Oh dear!’ (she was late).", "Capt. Crewe wrote, ‘Dear Sir.’ ”", "It rained."],
        ["She came at 5 P.M.", "She left at 9 a.m. sharp.", "“It was I.”", "The U.S. Navy came."],
        ["“I didn’t.", "I couldn’t.”", "It was the captain’s.", "J. R. Crewe went."],
        ["She said “wait!”—and ran.", "Lieut. Osborne came at 3 p.m. with No. 5."],
    ],
)
def test_sentences(sentences: list[str]) -> None:
    text = " ".join(sentences)
    assert [text[a:b] for a, b in sentence_spans(text)] == sentences


@pytest.mark.parametrize(
    ("paragraphs", "quotes"),
    [
        (["“Yes,” he said, “it is.”", "He left."], [["Yes,", "it is."], []]),
        (['"Come--" she began.', 'He said:"No," and--"never."'], [["Come--"], ["No,", "never."]]),
        (
            ["‘I’m one of the girls’ friends,’ said Tom.", "The boys’ room."],
            [["I’m one of the girls’ friends,"], []],
        ),
        (["'Tis late,' said Tom. 'Don't go.'", "'Why?'"], [["Tis late,", "Don't go."], ["Why?"]]),
        (["‘He said “no” to me,’ said Ann."], [["He said “no” to me,"]]),
        (["« Où ? » dit-il. « Là. »"], [[" Où ? ", " Là. "]]),
        (["„Gut“, sagte er. „Geh!“"], [["Gut", "Geh!"]]),
        (["—Hola —dijo él—. Adiós.", "Se fue."], [["Hola", "Adiós."], []]),
        (["“One.", "“Two.”", "He left."], [["One."], ["Two."], []]),
        (["“He sang:", "Tra la", "and left.” So they say."], [["He sang:"], ["Tra la"], ["and left."]]),
        (
            ["“He sang:", "Tra la\nla la,", "“and left.” He did."],
            [["He sang:"], ["Tra la\nla la,"], ["and left."]],
        ),
        (["“Tyger tyger\n“burning bright”", "“Oh!”"], [["Tyger tyger\n", "burning bright"], ["Oh!"]]),
        (
            ["“She says:", "“‘Dear Tom,", "“‘Come.’ And that is all.” He sighed.", "“Oh.”"],
            [["She says:"], ["‘Dear Tom,"], ["‘Come.’ And that is all."], ["Oh."]],
        ),
        (["‘One.", "‘Two,’ he said.", "He left."], [["One."], ["Two,"], []]),
        (["'I can't,' he said, 'it's the Joneses' house.'"], [["I can't,", "it's the Joneses' house."]]),
        (["‘’Tis the boys’ own,’ said Tom. ‘Tell ’em!’"], [["’Tis the boys’ own,", "Tell ’em!"]]),
        (
            ["—Yes.", "—I was ... a man -said he.", "He left—at once."],
            [["Yes."], ["I was ... a man -said he."], []],
        ),
        (["“I was—” he began, “a—”"], [["I was—", "a—"]]),
        (["“Never closed.", "He left.", "“Yes.”"], [["Never closed."], [], ["Yes."]]),
        (["`What use is it,' said Ann, `without them?'"], [["What use is it,", "without them?"]]),
        (["``Stop!'' he cried. ``It's the boys' room.''"], [["Stop!", "It's the boys' room."]]),
        (["``One.", "``Two.'' He left."], [["One."], ["Two."]]),
        (["`No,' he said. `No.'", "``Stop!'' he said.", "`Do.'"], [["No,", "No."], ["Stop!"], ["Do."]]),
        (["`Yes,´ he said, `no.´"], [["Yes,", "no."]]),
        (["‚Gut‘, sagte er. ‚Das ist’s.‘"], [["Gut", "Das ist’s."]]),
        (["‚Goed,’ zei hij.", "‚Ga!", "‚Nu!’"], [["Goed,"], ["Ga!"], ["Nu!"]]),
        (["„Erst", "und dann“, sagte er."], [["Erst"], ["und dann"]]),
        ([",,Gut\", sagte er. ,,Geh!''"], [["Gut", "Geh!"]]),
        (["›Gut‹, sagte er."], [["Gut"]]),
        (["「行こう」と彼は言った。", "彼は去った。"], [["行こう"], []]),
    ],
)
def test_quotes(paragraphs: list[str], quotes: list[list[str]]) -> None:
    spans = quote_spans(paragraphs, quote_style(paragraphs))
    assert [[p[a:b] for a, b in found] for p, found in zip(paragraphs, spans, strict=True)] == quotes


def test_clean_drops_what_cannot_be_seen() -> None:
    assert clean(" so\u00adon \u00a0 a\u0301\u2060—\u200bb ") == "soon á—b"


def test_words_have_a_letter_or_digit() -> None:
    assert count_words("It’s 5 — no, * * * well-worn…") == 4


@settings(max_examples=200)
@given(
    st.lists(st.text(st.sampled_from("aB .?!“”‘’'`´„‚,\"«»—-(\n"), max_size=40).map(str.strip), max_size=5)
)
def test_any_text_gives_spans_in_order_inside_it(paragraphs: list[str]) -> None:
    found = quote_spans(paragraphs, quote_style(paragraphs)) + [sentence_spans(text) for text in paragraphs]
    for text, spans in zip(paragraphs * 2, found, strict=True):
        ends = [0, *(place for span in spans for place in span), len(text)]
        assert ends == sorted(ends)
