"""How many of a film's shots are put in the right chapter, beside the paper's own rule.

Run: python benchmarks/alignment.py [FIRST_SEED LAST_SEED [LEVEL ...]]; default: seeds 10 to 39, all levels.
Seeds 0 to 9 and 40 to 64 are for trying things out. The films are made (see made_adaptations) of the novels of
the shared data; real films' cues are judged by anchors: runs of words that a novel and its film share, no human
truth.
Whether a film and a book match at all is tried on pairs of real films and novels that do not. `confidence` compares
the posterior probabilities of the states on the path with the share of them that is right; `large` times 1,000 scenes
and 150 chapters.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click
import polars as pl
from made_adaptations import LEVELS, Film, Novel, make
from paper_rule import chapters_of_scenes

from bookscore.engine import sql_runner
from bookscore.engine.settings import defaults
from bookscore.engine.warehouse import Warehouse
from bookscore.ingest.book import medium as book
from bookscore.ingest.book.formats import book_file
from bookscore.ingest.book.people import cast as people
from bookscore.ingest.film.cues import subtitles as cues
from bookscore.ingest.film.medium import MEDIUM
from bookscore.ingest.film.scenes import cue_scenes
from bookscore.queries import evaluate
from bookscore.sql import title as weave
from bookscore.sql.settings import SETTINGS, parameters

DATA = Path(__file__).parents[2] / "shared" / "data"
NOVELS = ("a-farewell-to-arms", "a-little-princess", "vanity-fair", "frankenstein", "alice")
REAL = {
    "a-farewell-to-arms-1932-en": "a-farewell-to-arms",
    "the-little-princess-1939-en": "a-little-princess",
}
STRANGERS = ("the-third-man-1949-en",)  # films of no novel here
PARAMETERS = parameters(defaults(SETTINGS))


def novel(name: str) -> Novel:
    path = DATA / f"books/{name}.epub"
    tables = book.tables(name, path, book_file.read(path))
    tables |= people.people(tables["paragraph"], tables["quote"], "en")
    return Novel(**{field.name: tables[field.name] for field in fields(Novel)})


def real_film(name: str) -> Film:
    """The cues of a real film, in scenes as the program finds them without a picture."""
    found = cues.read_file(DATA / f"subtitles/{name}.srt").cues
    rows = [(name, no, c.start_s, c.end_s, c.text, c.speaker, c.is_lyrics) for no, c in enumerate(found, 1)]
    columns = ["film_id", "cue_no", "start_s", "end_s", "text", "speaker", "is_lyrics"]
    cue = pl.DataFrame(rows, schema=columns, orient="row", infer_schema_length=None)
    default = defaults(MEDIUM.settings)
    setting = {n: float(default[f"film.scene_{n}"]) for n in ("gap_s", "shortest_s", "longest_s")}
    end_s = found[-1].end_s
    starts_s = cue_scenes.scenes_of_cues(cue["start_s"].to_numpy(), cue["end_s"].to_numpy(), end_s, **setting)
    scene = pl.DataFrame(
        {
            "film_id": name,
            "scene_no": range(1, len(starts_s) + 1),
            "start_s": starts_s,
            "end_s": [*starts_s[1:], end_s],
        }
    )
    return Film(scene, pl.DataFrame(), cue, {})


class Bench:
    """A warehouse with the novels; films come and go."""

    def __init__(self, warehouse: Warehouse, novels: dict[str, Novel]) -> None:
        self.warehouse, self.novels = warehouse, novels
        for name, of in novels.items():
            for field in fields(Novel):
                rows = getattr(of, field.name).with_columns(book_id=pl.lit(name))
                warehouse.insert(field.name, rows)
            warehouse.connection.execute(
                "INSERT INTO segment SELECT book_id, chapter_no, 1, 1, max(paragraph_no), sum(n_words), 'neutral' "
                "FROM paragraph WHERE book_id = ? GROUP BY ALL", [name],
            )  # fmt: skip

    def align(self, book_id: str, film: Film) -> float:
        """Align by sql/align; returns the seconds that took."""
        connection = self.warehouse.connection
        for table in (*weave.PER_FILM, "title", "title_film", "scene", "shot", "cue"):
            connection.execute(f"DELETE FROM {table}")
        for table in ("scene", "shot", "cue"):
            if len(rows := getattr(film, table)):
                self.warehouse.insert(table, rows.with_columns(film_id=pl.lit("film")))
        connection.execute(
            "INSERT INTO title VALUES ('title', 'title', ?, 'film', 'album', 'embedded')", [book_id]
        )
        connection.execute("INSERT INTO title_film VALUES ('title', 1, 'film', 'album', 0.1)")
        ids = {"title_id": "title", "film_id": "film", "book_id": book_id, "album_id": "album"}
        started = time.perf_counter()
        with self.warehouse.transaction():
            sql_runner.derive(self.warehouse, "align", {**PARAMETERS, **ids})
        return time.perf_counter() - started

    def align_as_the_paper(self, book_id: str, film: Film) -> None:
        """Put the paper's path in place of ours."""
        of = self.novels[book_id]
        told = chapters_of_scenes(of.chapter, of.quote, of.person, of.mention, film.scene, film.cue)
        rows = pl.DataFrame({"chapter_no": told, "scene_no": film.scene["scene_no"]})
        named = {"title_id": pl.lit("title"), "film_id": pl.lit("film"), "score": pl.lit(1.0)}
        self.warehouse.connection.execute("DELETE FROM chapter_scene")
        self.warehouse.insert("chapter_scene", rows.with_columns(**named))

    def right(self, film: Film) -> dict[str, float]:
        """Shares of shots right: of all, and of those that the book has."""
        rows = evaluate.shares(self.warehouse.connection, "title", [film.truth])
        counted = {c: (n, r) for c, n, r, _ in rows.iter_rows()}
        (n, r), (n_own, r_own) = counted["all"], counted.get("not in the book", (0, 0))
        invented = r_own / n_own if n_own else 1.0
        in_book = sum(x[1] for c, x in counted.items() if c.isdigit()) / max(
            1, sum(x[0] for c, x in counted.items() if c.isdigit())
        )
        return {"all": r / n, "in_book": in_book, "invented": invented}

    def sure(self, film: Film) -> list[tuple[float, bool]]:
        """Confidence of each scene that the path puts in a chapter, and whether that is right."""
        shown = {
            scene_no: {no for no, spans in film.truth.items() if any(a <= start_s < b for a, b in spans)}
            for scene_no, start_s in film.scene.select("scene_no", "start_s").iter_rows()
        }
        path = self.warehouse.connection.execute("SELECT scene_no, chapter_no, confidence FROM chapter_scene")
        return [(confidence, chapter_no in shown[no]) for no, chapter_no, confidence in path.fetchall()]

    def accepted(self) -> tuple[bool | None, int, float]:
        rows = self.warehouse.connection.execute("SELECT accepted, n_lines, nats FROM film_match").fetchall()
        return rows[0]


def made(bench: Bench, seeds: range, levels: list[str]) -> Iterator[dict[str, object]]:
    for level in levels:
        for seed in seeds:
            book_id = NOVELS[seed % len(NOVELS)]
            others = [of for name, of in bench.novels.items() if name != book_id]
            film = make(bench.novels[book_id], others, LEVELS[level], seed)
            seconds = bench.align(book_id, film)
            ours, (accepted, _, nats), states = bench.right(film), bench.accepted(), bench.sure(film)
            bench.align_as_the_paper(book_id, film)
            paper = bench.right(film)
            row = {"level": level, "seed": seed, "book": book_id, "n_scenes": len(film.scene)}
            row |= {f"ours_{k}": v for k, v in ours.items()} | {
                "paper_all": paper["all"],
                "paper_in_book": paper["in_book"],
            }
            yield row | {"matches": accepted, "nats": nats, "seconds": seconds, "states": states}


CONFIDENCES = (0.0, 0.5, 0.7, 0.9, 0.99)


def confidence(rows: pl.DataFrame) -> pl.DataFrame:
    """For each level and range of confidence: states on the path, their mean confidence, and the share that is right."""
    states = pl.DataFrame(
        [
            (row["level"], max(c for c in CONFIDENCES if c <= p), p, right)
            for row in rows.iter_rows(named=True)
            for p, right in row["states"]
        ],
        schema=["level", "from", "confidence", "right"],
        orient="row",
    )
    return (
        states.group_by("level", "from")
        .agg(states=pl.len(), confidence=pl.col("confidence").mean(), right=pl.col("right").mean())
        .sort(pl.col("level").replace_strict({level: i for i, level in enumerate(LEVELS)}), "from")
    )


def large(bench: Bench, n_scenes: int = 1000, n_chapters: int = 150) -> tuple[int, int, float]:
    """Scenes, chapters and seconds: films of several novels, one after another, and the novels as one book."""
    of, name = list(bench.novels.items()), "all"
    first = 0
    for _, one in of:
        for field in fields(Novel):
            rows = getattr(one, field.name)
            if "chapter_no" in rows.columns:
                rows = rows.with_columns(pl.col("chapter_no") + first).filter(
                    pl.col("chapter_no") <= n_chapters
                )
            if "person_no" in rows.columns:
                rows = rows.with_columns(pl.col("person_no") + 1000 * first)
            bench.warehouse.insert(field.name, rows.with_columns(book_id=pl.lit(name)))
        first += len(one.chapter)
    parts: dict[str, list[pl.DataFrame]] = {"scene": [], "cue": []}
    start_s, n, n_cues = 0.0, 0, 0
    while n < n_scenes:
        book_id, one = of[len(parts["scene"]) * len(of) // 12 % len(of)]
        film = make(one, [o for name, o in of if name != book_id], LEVELS["middle"], len(parts["scene"]))
        later = pl.col("start_s", "end_s") + start_s
        parts["scene"].append(film.scene.with_columns(later, pl.col("scene_no") + n))
        parts["cue"].append(film.cue.with_columns(later, pl.col("cue_no") + n_cues))
        n, n_cues, start_s = n + len(film.scene), n_cues + len(film.cue), start_s + film.scene["end_s"][-1]
    scene = pl.concat(parts["scene"])[:n_scenes]
    film = Film(scene, pl.DataFrame(), pl.concat(parts["cue"], how="vertical_relaxed"), {})
    return n_scenes, min(first, n_chapters), bench.align(name, film)


def anchors_right(bench: Bench, film_name: str) -> str:
    """How many anchors (told to the whole second) lie in a scene of their chapter: of all, of long ones."""
    path = bench.warehouse.connection.execute(
        "SELECT start_s, end_s, chapter_no FROM chapter_scene JOIN scene USING (film_id, scene_no)"
    ).fetchall()
    told = []
    for anchor in json.loads((DATA / "subtitles/anchors.json").read_text())[film_name]:
        chapters = {no for start_s, end_s, no in path if start_s < anchor["t"] + 1 <= end_s}
        told.append((int(re.sub(r"\D", "", anchor["chapter_file"])) in chapters, anchor["words"] >= 7))
    long = [right for right, is_long in told if is_long]
    return f"{sum(right for right, _ in told)} of {len(told)}, of long ones {sum(long)} of {len(long)}"


def main(first: str = "10", last: str = "39", *levels: str) -> None:
    with tempfile.TemporaryDirectory() as folder, Warehouse(Path(folder)) as warehouse:
        bench = Bench(warehouse, {name: novel(name) for name in NOVELS})
        rows = pl.DataFrame(list(made(bench, range(int(first), int(last) + 1), list(levels) or list(LEVELS))))
        with pl.Config(
            tbl_rows=-1, tbl_cols=-1, tbl_width_chars=200, float_precision=3, tbl_hide_dataframe_shape=True
        ):
            shown = rows.drop("states")
            click.echo(shown)
            numbers = [c for c, kind in shown.schema.items() if kind.is_float()]
            by_level = shown.group_by("level", maintain_order=True)
            means = [pl.col(c).mean() for c in numbers]
            click.echo(by_level.agg(pl.len().alias("films"), *means, pl.col("matches").sum()))
            click.echo(confidence(rows))
        for film_name, book_id in REAL.items():
            film = real_film(film_name)
            seconds = bench.align(book_id, film)
            ours = anchors_right(bench, film_name)
            bench.align_as_the_paper(book_id, film)
            theirs = anchors_right(bench, film_name)
            click.echo(
                f"{film_name}: anchors in their chapter {ours}, by the paper's rule {theirs}; {seconds:.1f} s"
            )
        for film_name in (*REAL, *STRANGERS, "becky-sharp-1935-en"):
            film = real_film(film_name)
            for book_id in NOVELS:
                bench.align(book_id, film)
                matches, n_lines, nats = bench.accepted()
                click.echo(f"{film_name} and {book_id}: {n_lines} lines, {nats:.0f} nats, match: {matches}")
        n_scenes, n_chapters, seconds = large(bench)
        click.echo(f"{n_scenes} scenes and {n_chapters} chapters: {seconds:.1f} s")


if __name__ == "__main__":
    main(*sys.argv[1:])
