"""A tiny woven warehouse with real, short tracks: two chapters, five text segments, two tracks."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path

import duckdb
import numpy as np
import soundfile as sf

from bookscore.engine import ledger

SCHEMA = Path(__file__).parents[1] / "sql" / "schema"
RATE_HZ = 44_100
NAME = "The Lamp & the Sea"
HOSTILE = '<script>document.title = "run"</script> & <img src=x onerror="ran()"> </script> said the sign.'
VERSE = "The lamp goes round,\nthe sea goes down,\nand no one is awake."
TRACK_1 = "01 Träume #1.flac"
TRACK_2 = "02 Ebb.wav"

# (track, music segment): start, end, pitch. Every piece has a pitch of its own, so that it can be told by ear.
LOOP = (1.0004, 3.0004)  # of piece (2, 1): a whole number of its waves, unlike what lies before it
PIECES = {(1, 1): (0.0, 4.0, 440.0), (1, 2): (4.0, 8.0, 554.0), (2, 1): (0.5, 3.25, 880.0)}
# (chapter, segment): piece, method. The first two share their piece.
WOVEN = {
    (1, 1): ((1, 1), "film"),
    (1, 2): ((1, 1), "film"),
    (1, 3): ((2, 1), "emotion"),
    (2, 1): ((1, 2), "emotion"),
    (2, 2): ((1, 1), "film"),
}
SPOKEN = {
    "film_s": 3723.4,
    "method": "dialogue",
    "score": 0.81234567,
    "book_text": "Keep the lamp burning",
    "film_text": "Keep that lamp burning!",
}
SEEN = {
    "film_s": 61.0,
    "method": "image",
    "score": 0.5,
    "book_text": "A grey wave </script> stood up",
    "film_text": None,
}
EVIDENCE = {
    (1, 1): {
        "moments": [SPOKEN],
        "heard": {"track_no": 1, "film_s": 3720.0, "score": 0.4},
        "emotion": "positive",
        "mode": "major",
    },
    (1, 2): {"moments": [SEEN]},
    (1, 3): {"emotion": "negative", "mode": "minor", "arousal": 0.2, "reason": "no film scene matches"},
    (2, 1): {},
    (2, 2): {"moments": []},
}
PARAGRAPHS = 8  # of a segment


def make(folder: Path, *, film: bool = True) -> duckdb.DuckDBPyConnection:
    """An in-memory warehouse whose album lies in ``folder/album``."""
    connection = duckdb.connect()
    for file in sorted(SCHEMA.glob("*.sql")):
        connection.execute(file.read_text(encoding="utf-8"))
    _album(connection, folder / "album")
    _book(connection)
    if film:
        _film(connection)
    connection.execute(
        "INSERT INTO title VALUES ('t', ?, 'b', ?, 'a', 'embedded')", [NAME, "f" if film else None]
    )
    for (chapter, segment), (piece, method) in WOVEN.items():
        method = method if film else "emotion"
        evidence = json.dumps(EVIDENCE[chapter, segment] if film else {})
        connection.execute(
            "INSERT INTO soundtrack VALUES ('t', ?, ?, ?, ?, ?, 0.75, ?)",
            [chapter, segment, *piece, method, evidence],
        )
    connection.execute(
        "INSERT INTO candidate VALUES ('t', 1, 1, 1, 1, 1, ?, 3.35, 2.25, 0.9, -0.2, -0.1, 0.5)",
        [WOVEN[1, 1][1] if film else "emotion"],
    )
    connection.execute("INSERT INTO decision VALUES ('t', 1, 'ban', NULL, NULL, NULL, 2, 'Ebb', NULL, NULL)")
    connection.execute(
        "INSERT INTO lineage VALUES ('t', 0, 'title.weave', ?, 0, 'weave', ?)",
        [ledger.PROGRAM, ledger.statements_hash("weave")],
    )
    connection.execute("INSERT INTO weave_setting VALUES ('t', 'neighbourhood_s', '60.0', 'as far as that')")
    return connection


def _album(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    connection.execute("INSERT INTO album VALUES ('a', 'Music for Lamps', 'Edda Moor', ?)", [str(folder)])
    for track_no, (file, title) in enumerate([(TRACK_1, "Träume, No. 1 <b>"), (TRACK_2, "Ebb")], start=1):
        pieces = {n: piece for (t, n), piece in PIECES.items() if t == track_no}
        sound = np.zeros(round(max(end for _, end, _ in pieces.values()) * RATE_HZ), np.float32)
        for start_s, end_s, pitch_hz in pieces.values():
            n = np.arange(round(start_s * RATE_HZ), round(end_s * RATE_HZ))
            sound[n] = 0.3 * np.sin(2 * np.pi * pitch_hz * n / RATE_HZ)
        sf.write(folder / file, sound, RATE_HZ)
        artist = "Edda Moor" if track_no == 1 else None
        connection.execute(
            "INSERT INTO track (album_id, track_no, title, artist, path, duration_s, lufs) VALUES ('a', ?, ?, ?, ?, ?, -20.0)",
            [track_no, title, artist, str(folder / file), len(sound) / RATE_HZ],
        )
        for number, (start_s, end_s, _) in pieces.items():
            mode = "minor" if track_no == 2 else "major"
            connection.execute(
                "INSERT INTO music_segment (album_id, track_no, music_segment_no, start_s, end_s, mode, mode_strength, arousal, gain_db) VALUES ('a', ?, ?, ?, ?, ?, 0.1, 0.2, -6.0)",
                [track_no, number, start_s, end_s, mode],
            )
    connection.execute(
        "UPDATE music_segment SET loop_start_s = ?, loop_end_s = ? WHERE track_no = 2", [*LOOP]
    )


def _book(connection: duckdb.DuckDBPyConnection) -> None:
    emotions = {(1, 3): "negative", (2, 1): "neutral"}
    n_words: dict[int, int] = {}
    for chapter, segment in WOVEN:
        first = (segment - 1) * PARAGRAPHS + 1
        texts = [_paragraph(chapter, first + i) for i in range(PARAGRAPHS)]
        words = sum(len(text.split()) for text in texts)
        n_words[chapter] = n_words.get(chapter, 0) + words
        emotion = emotions.get((chapter, segment), "positive")
        connection.execute(
            "INSERT INTO segment VALUES ('b', ?, ?, ?, ?, ?, ?)",
            [chapter, segment, first, first + PARAGRAPHS - 1, words, emotion],
        )
        connection.executemany(
            "INSERT INTO paragraph VALUES ('b', ?, ?, ?, ?, ?, 0.7, 0.2, 0.1, ?)",
            [
                [chapter, first + i, text, len(text.split()), emotion, _markup(text)]
                for i, text in enumerate(texts)
            ],
        )
    for chapter, title in ((1, "The Keeper"), (2, "Low Water")):
        connection.execute("INSERT INTO chapter VALUES ('b', ?, ?, ?)", [chapter, title, n_words[chapter]])
    connection.execute("INSERT INTO person VALUES ('b', 1, 'the keeper', ['keeper'], NULL, 1)")
    connection.execute("INSERT INTO mention VALUES ('b', 1, 1, 1, 1, 'keeper', 37)")
    connection.execute(
        "INSERT INTO book VALUES ('b', 'The Lamp & the Sea', 'Ines Hallow', 'en', '/books/lamp.epub', ?)",
        [sum(n_words.values())],
    )


def _paragraph(chapter: int, number: int) -> str:
    if (chapter, number) == (1, 2):
        return HOSTILE
    if (chapter, number) == (1, 4):
        return VERSE
    sentence = f"On the {number}th evening of part {chapter} the keeper climbed the stair and trimmed the wick again. "
    return (sentence * 5).strip()


def _markup(text: str) -> str:
    """As `ingest` makes it, with a word set in italics."""
    return escape(text, quote=False).replace("\n", "<br/>").replace("the wick", "the <em>wick</em>")


def _film(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "INSERT INTO film VALUES ('f', 'The Lamp', '/films/lamp.mkv', 5400.5, 25, 640, 480, true, true)"
    )
    connection.execute("INSERT INTO title_film VALUES ('t', 1, 'f', 'album', 0.1)")
    connection.execute("INSERT INTO scene VALUES ('f', 12, 40, 41, 3700, 3800)")
    connection.execute("INSERT INTO scene VALUES ('f', 13, 42, 42, 3800, 3810)")
    for shot_no, start_s, end_s in ((40, 3700, 3740), (41, 3740, 3800), (42, 3800, 3810)):
        connection.execute(
            "INSERT INTO shot BY NAME SELECT 'f' AS film_id, $1 AS shot_no, $2 AS start_s, $3 AS end_s, [1.0] AS histogram, "
            "'cut' AS opening",
            [shot_no, start_s, end_s],
        )
    connection.execute(
        "INSERT INTO heard (film_id, album_id, recogniser, min_score, start_s, end_s, track_no, offset_s, score) VALUES ('f', 'a', 'album', 0.1, 3720, 3790, 1, 0.0, 0.4)"
    )
    _insert(
        connection,
        "chapter_scene",
        {
            "title_id": "t",
            "film_id": "f",
            "chapter_no": 1,
            "told_chapter_no": 1,
            "scene_no": 12,
            "start_s": 3700,
            "end_s": 3800,
            "score": 0.9,
            "confidence": 0.8,
        },
    )
    place = {
        "title_id": "t",
        "film_id": "f",
        "chapter_no": 1,
        "paragraph_no": 1,
        "scene_no": 12,
        "cue_no": 88,
    }
    line = {key: SPOKEN[key] for key in ("film_s", "book_text", "film_text")}
    match = {"n_words": 4, "score": 19.5, "beyond_nats": 9.25}
    _insert(connection, "dialogue_match", place | line | match)
    for (chapter, segment), evidence in EVIDENCE.items():
        for moment in evidence.get("moments", []):
            _insert(
                connection,
                "moment",
                {"title_id": "t", "film_id": "f", "chapter_no": chapter, "segment_no": segment} | moment,
            )
    connection.execute(
        "INSERT INTO job VALUES ('book', 'b', 0, 'book.read', 'x', 'y', NULL, 'done', '2026-01-01 10:00:00', "
        "'2026-01-01 10:00:02.5', 16, NULL)"
    )


def _insert(connection: duckdb.DuckDBPyConnection, table: str, row: dict[str, object]) -> None:
    columns = ", ".join(row)
    connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({', '.join('$' + c for c in row)})", row)
