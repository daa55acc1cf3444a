"""What readers decide about a title's music: kept in the warehouse, followed by every weave after it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

from bookscore.engine import sql_runner
from bookscore.engine.errors import BookscoreError
from bookscore.engine.warehouse import Warehouse, fetch
from bookscore.sql.title import Title

PLACE = re.compile(r"(\d+)\.(\d+)")
TIME = re.compile(r"(?:(?:(\d+):)?([0-5]?\d):)?(\d+(?:\.\d+)?)")


@dataclass(frozen=True)
class Music:
    """A track of the title's album, or the piece of it at a time."""

    track_no: int
    title: str
    at_s: float | None


class Decisions:
    """The decisions about one title.

    Parameters
    ----------
    warehouse : Warehouse
    title : Title
        Woven before.
    """

    def __init__(self, warehouse: Warehouse, title: Title) -> None:
        self.warehouse, self.title = warehouse, title
        self.key = {"title_id": title.title_id, "book_id": title.book_id, "album_id": title.album_id}

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Take the decisions and weave inside: where that fails, the decisions are again as they were."""
        with self.warehouse.reading() as connection:
            before = fetch(connection, "FROM decision WHERE title_id = ?", [self.title.title_id])
        try:
            yield
        except BaseException:
            with self.warehouse.transaction() as connection:
                connection.execute("DELETE FROM decision WHERE title_id = ?", [self.title.title_id])
                self.warehouse.insert("decision", before)
            raise

    def pin(self, place: str, music: str) -> str:
        """Give a segment a track, or the piece of it at a time; returns the segment's number.

        Parameters
        ----------
        place : str
            CHAPTER.SEGMENT, e.g. 3.2.
        music : str
            TRACK or TRACK@TIME: title or number of a track, and M:SS in it.

        Raises
        ------
        BookscoreError
            There is no such segment, track or time.
        """
        with self.warehouse.transaction():
            self._add("pin", place, self.music(music), replaces=("pin",))
        return place

    def ban(self, music: str, place: str | None = None) -> None:
        """Keep a track, or the piece of it at a time, out of a segment, or out of the whole book.

        Parameters
        ----------
        music : str
            TRACK or TRACK@TIME: title or number of a track, and M:SS in it.
        place : str or None
            CHAPTER.SEGMENT; None: the whole book.

        Raises
        ------
        BookscoreError
            There is no such segment, track or time, or no music would be left.
        """
        with self.warehouse.transaction():
            self._add("ban", place, self.music(music))
            self._check_left()

    def stir(self, verb: str, place: str) -> str:
        """Have music that is calmer or louder, i.e. more stirring, than what the segment has now.

        Parameters
        ----------
        verb : str
            calmer or louder.
        place : str
            CHAPTER.SEGMENT, e.g. 3.2.

        Raises
        ------
        BookscoreError
            There is no such segment, its music is pinned, or there is none that suits it better.
        """
        with self.warehouse.transaction() as connection:
            if self._about(place, "pin"):
                raise BookscoreError(f"the music of {place} is pinned: use 'bookscore unpin' first")
            now, emotion = self._arousal(place)
            beyond = "<" if verb == "calmer" else ">"
            found = connection.execute(
                f"""
                SELECT count(*) FROM music_segment WHERE album_id = $album_id AND arousal {beyond} $now
                AND ($emotion = 'neutral' OR ($emotion = 'positive') = (mode = 'major'))
                """,
                {"album_id": self.title.album_id, "now": now, "emotion": emotion},
            ).fetchone()
            if found == (0,):
                raise BookscoreError(
                    f"{place} has the {'calmest' if verb == 'calmer' else 'most stirring'} fitting music already"
                )
            self._add(verb, place, None, arousal=now, replaces=("calmer", "louder"))
        return place

    def undo(self, what: str | None) -> int:
        """Take back what was decided about a segment or a track, or all there is; returns how much that was.

        Raises
        ------
        BookscoreError
            There is no such segment or track, or nothing was decided about it.
        """
        with self.warehouse.transaction() as connection:
            where, values = "title_id = $title_id", dict[str, object](title_id=self.title.title_id)
            if what and PLACE.fullmatch(what):
                where += " AND list_contains($about, decision_no)"
                values["about"] = self._about(what)
            elif what:
                where += " AND track_title = $track AND verb = 'ban' AND chapter_no IS NULL"
                values["track"] = self.music(what).title
            gone = connection.execute(f"DELETE FROM decision WHERE {where} RETURNING verb", values).fetchall()
            if not gone:
                raise BookscoreError(f"there is no decision about {what or self.title.name}")
        return len(gone)

    def music(self, text: str) -> Music:
        """The track, by number, title or a part of it that no other has, and the time after an @.

        Times are shown as whole seconds: a piece that begins within that second is meant, not the one before it.

        Raises
        ------
        BookscoreError
            There is none, or more than one; or it ends before that time.
        """
        name, at, time = text.rpartition("@")
        at_s = seconds(time) if at else None
        if at_s is None:
            name = text
        with self.warehouse.reading() as connection:
            return self._music(connection, name, at_s, time)

    def _music(
        self, connection: duckdb.DuckDBPyConnection, name: str, at_s: float | None, time: str
    ) -> Music:
        tracks = connection.execute(
            "SELECT track_no, title, coalesce(duration_s, 0) FROM track WHERE album_id = ? ORDER BY track_no",
            [self.title.album_id],
        ).fetchall()
        name = name.strip()
        found = (
            [t for t in tracks if t[1].casefold() == name.casefold()]
            or [t for t in tracks if name == str(t[0])]
            or [t for t in tracks if name and name.casefold() in t[1].casefold()]
        )
        if len(found) != 1:
            known = ", ".join(f"{no} {title}" for no, title, _ in found or tracks)
            raise BookscoreError(
                f"{name!r} matches several tracks ({known}): give the number or the whole title"
                if found
                else f"{name!r} is not a track of the album, which has {known}"
            )
        [(track_no, title, duration_s)] = found
        if at_s is not None and at_s >= duration_s:
            raise BookscoreError(f"“{title}” ends after {duration_s:.0f} s: give an earlier time than {time}")
        begins = connection.execute(
            "SELECT min(start_s) FROM music_segment "
            "WHERE album_id = ? AND track_no = ? AND floor(start_s) = ? AND start_s > ?",
            [self.title.album_id, track_no, at_s, at_s],
        ).fetchall()
        return Music(track_no, title, at_s if begins == [(None,)] else begins[0][0])

    def not_followed(self) -> list[str]:
        """A line for each decision that the last weave could not follow."""
        with self.warehouse.reading() as connection:
            rows = self._resolved(
                connection,
                "d.verb, coalesce(d.chapter_no || '.' || d.segment_no || ' ', ''), coalesce(track_title, '')",
                "NOT applies",
            )
        return [
            f"not followed: {verb} {place}{track}: the words or the track no longer exist; decide again, or use 'bookscore unpin'"
            for verb, place, track in rows
        ]

    def _about(self, place: str, *verbs: str) -> list[int]:
        """Numbers of the decisions about the segment that has that number today; of all verbs, or some."""
        self._opening(place)
        chapter_no, segment_no = _numbers(place)
        rows = self._resolved(
            self.warehouse.connection,
            "decision_no, d.verb",
            f"(decided.chapter_no, decided.segment_no) = ({chapter_no}, {segment_no})",
        )
        return [int(str(decision_no)) for decision_no, verb in rows if not verbs or verb in verbs]

    def _resolved(
        self, connection: duckdb.DuckDBPyConnection, columns: str, condition: str
    ) -> list[tuple[object, ...]]:
        """The decisions, each joined with what ``sql/weave`` finds it to be about today."""
        return self._asked(
            connection,
            f"SELECT {columns} FROM decision AS d JOIN decided USING (decision_no) "
            f"WHERE title_id = $title_id AND {condition} ORDER BY decision_no",
        )

    def _asked(self, connection: duckdb.DuckDBPyConnection, statement: str) -> list[tuple[object, ...]]:
        """Rows of a SELECT on the table `decided`, as the weave would make it now."""
        file = next(f for f in sql_runner.sql_files("weave") if f.table == "decided")
        asked = f"WITH decided AS ({file.text}) {statement}"
        names = duckdb.extract_statements(asked)[0].named_parameters
        return connection.execute(asked, {name: self.key[name] for name in names}).fetchall()

    def _add(
        self,
        verb: str,
        place: str | None,
        music: Music | None,
        *,
        arousal: float | None = None,
        replaces: Sequence[str] = (),
    ) -> None:
        opening = self._opening(place) if place else None
        chapter_no, segment_no = _numbers(place) if place else (None, None)
        title_id = self.title.title_id
        connection = self.warehouse.connection
        if place and replaces:
            connection.execute(
                "DELETE FROM decision WHERE title_id = ? AND list_contains(?, decision_no)",
                [title_id, self._about(place, *replaces)],
            )
        connection.execute(
            "INSERT INTO decision SELECT ?, coalesce(max(decision_no), 0) + 1, ?, ?, ?, ?, ?, ?, ?, ? FROM decision WHERE title_id = ?",
            [
                title_id, verb, chapter_no, segment_no, opening, music and music.track_no, music and music.title,
                music and music.at_s, arousal, title_id,
            ],
        )  # fmt: skip

    def _opening(self, place: str) -> str:
        row = self.warehouse.connection.execute(
            "SELECT opening FROM segment_opening WHERE book_id = ? AND chapter_no = ? AND segment_no = ?",
            [self.title.book_id, *_numbers(place)],
        ).fetchone()
        if row is None:
            raise BookscoreError(
                f"{self.title.name} has no segment {place}: 'bookscore query segments' lists them"
            )
        return str(row[0])

    def _arousal(self, place: str) -> tuple[float, str]:
        """Of the segment's music now; and its text's emotion."""
        row = self.warehouse.connection.execute(
            "SELECT m.arousal, s.emotion FROM soundtrack AS t JOIN music_segment AS m USING (track_no, music_segment_no) "
            "JOIN segment AS s ON s.book_id = $book_id AND (s.chapter_no, s.segment_no) = (t.chapter_no, t.segment_no) "
            "WHERE t.title_id = $title_id AND m.album_id = $album_id AND t.chapter_no = $chapter_no AND t.segment_no = $segment_no",
            self.key | dict(zip(("chapter_no", "segment_no"), _numbers(place), strict=True)),
        ).fetchone()
        if row is None:
            raise BookscoreError(f"{self.title.name} has no music yet: weave it first")
        return float(row[0]), str(row[1])

    def _check_left(self) -> None:
        """Refuse bans that leave a segment without any music."""
        left = self._asked(
            self.warehouse.connection,
            """
            SELECT s.chapter_no || '.' || s.segment_no
            FROM segment AS s
            WHERE book_id = $book_id
                AND NOT EXISTS (
                    FROM decided AS d
                    WHERE applies AND verb = 'pin' AND (d.chapter_no, d.segment_no) = (s.chapter_no, s.segment_no))
                AND NOT EXISTS (
                    FROM music_segment AS m
                    WHERE album_id = $album_id AND NOT EXISTS (
                        FROM decided AS d
                        WHERE applies AND verb = 'ban' AND d.track_no = m.track_no
                            AND (d.chapter_no IS NULL OR (d.chapter_no, d.segment_no) = (s.chapter_no, s.segment_no))
                            AND coalesce(at_s >= m.start_s AND at_s < m.end_s, true)))
            ORDER BY s.chapter_no, s.segment_no LIMIT 1
            """,
        )
        if left:
            raise BookscoreError(f"that would leave no music for {left[0][0]}: nothing was changed")


def seconds(text: str) -> float | None:
    """Seconds of ``95``, ``1:35`` or ``0:01:35.5``; None where it is no time."""
    found = TIME.fullmatch(text.strip())
    if not found:
        return None
    hours, minutes, second = (float(part or 0) for part in found.groups())
    return 3600 * hours + 60 * minutes + second


def _numbers(place: str) -> tuple[int, int]:
    found = PLACE.fullmatch(place)
    if not found:
        raise BookscoreError(f"{place!r} is not a segment: give chapter and segment, such as 3.2")
    return int(found[1]), int(found[2])
