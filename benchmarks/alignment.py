"""How many of a film's shots are put in the right chapter, beside the paper's own rule.

Run: python benchmarks/alignment.py [FIRST_SEED LAST_SEED [LEVEL ...]] [--only made|real|strangers|large]
[--without PART]; default: seeds 10 to 39, all levels, everything. Seeds 0 to 9 and 40 to 64 are for trying things
out. The films are made (see made_adaptations) of the novels of the shared data; real films' cues are judged by
anchors: runs of words that a novel and its film share, no human truth.
Whether a film and a book match at all is tried on pairs of real films and novels that do not. `confidence` compares
the posterior probabilities of the states on the path with the share of them that is right; `large` times 1,000 scenes
and 150 chapters. `--without` runs the statements without one part of the model, to show what it brings.
"""

from __future__ import annotations

import json
import re
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
WORDS_A_SEGMENT = 800
NEAR_S = 60.0  # a moment this near to where the segment's words are spoken counts as right
WITHOUT: dict[str, list[tuple[str, str, str]]] = {
    "borrowed": [("align/52_state.sql", "CASE WHEN others > 0 THEN", "CASE WHEN false THEN")],
    "learning": [("align/57_rate.sql", "-- again: 3 times", "-- again: 0 times")],
    "parts": [("align/32_scene_part.sql", "WHERE chapter_no <> before_chapter_no", "WHERE false")],
    "overlap": [("align/28_local_alignment.sql", "0.5 AS max_overlap", "0 AS max_overlap")],
    "between": [("align/70_moment.sql", "gap_s BETWEEN 0 AND max_gap_s", "false")],
}
"""For each part of the model, the files and the text in them that is replaced to run without it."""


def leave_out(part: str) -> None:
    """Run all later alignments without this part of the model."""
    whole = sql_runner.sql_files

    def changed(folder: str) -> list[sql_runner.SqlFile]:
        files = {file.name: file.text for file in whole(folder)}
        for name, text, other in WITHOUT[part] if folder == "align" else []:
            if text not in files[name]:
                raise LookupError(f"{name} has no {text!r}")
            files[name] = files[name].replace(text, other)
        return [sql_runner.SqlFile(name, text) for name, text in files.items()]

    sql_runner.sql_files = changed


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
    return Film(scene, pl.DataFrame(), cue, {}, {})


class Bench:
    """A warehouse with the novels; films come and go."""

    def __init__(self, warehouse: Warehouse, novels: dict[str, Novel]) -> None:
        self.warehouse, self.novels = warehouse, novels
        for name, of in novels.items():
            for field in fields(Novel):
                rows = getattr(of, field.name).with_columns(book_id=pl.lit(name))
                warehouse.insert(field.name, rows)
            warehouse.connection.execute(
                "INSERT INTO segment SELECT book_id, chapter_no, row_number() OVER (PARTITION BY chapter_no ORDER BY min(paragraph_no)), "
                "min(paragraph_no), max(paragraph_no), sum(n_words), 'neutral' FROM (SELECT *, sum(n_words) OVER (PARTITION BY "
                "chapter_no ORDER BY paragraph_no) // ? AS n FROM paragraph WHERE book_id = ?) GROUP BY book_id, chapter_no, n",
                [WORDS_A_SEGMENT, name],
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
        rows = film.scene.select("scene_no", "start_s", "end_s").with_columns(
            chapter_no=pl.Series(told), told_chapter_no=pl.Series(told)
        )
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

    def sure(self, film: Film) -> list[tuple[float, float]]:
        """Confidence of each stretch that the path puts in a chapter, and the share of its shots that is right."""
        middles_s = ((film.shot["start_s"] + film.shot["end_s"]) / 2).to_list()
        path = self.warehouse.connection.execute(
            "SELECT start_s, end_s, chapter_no, confidence FROM chapter_scene"
        )
        found = []
        for start_s, end_s, chapter_no, confidence in path.fetchall():
            shots_s = [t for t in middles_s if start_s <= t < end_s]
            spans = film.truth.get(chapter_no, [])
            right = [any(a <= t < b for a, b in spans) for t in shots_s]
            if right:
                found.append((confidence, sum(right) / len(right)))
        return found

    def moments(self, film: Film) -> dict[str, float]:
        """Of spoken lines: share of the moments that are right, share of the film's lines that are found. Of segments: with
        a moment; and of those whose words are spoken somewhere, share whose best moment is near that, by its method."""
        place = dict(zip(film.cue["start_s"].round(6), film.cue["cue_no"], strict=True))
        rows = self.warehouse.connection.execute(
            "SELECT method, film_s, chapter_no, segment_no FROM moment ORDER BY chapter_no, segment_no, method = 'dialogue' DESC, score DESC"
        ).fetchall()
        spoken = [
            (film.told.get(place[round(film_s, 6)], (0, 0))[0] == chapter_no, place[round(film_s, 6)])
            for method, film_s, chapter_no, _ in rows
            if method == "dialogue"
        ]
        start_s = dict(zip(film.cue["cue_no"], film.cue["start_s"], strict=True))
        segment_of = self.warehouse.connection.execute(
            "SELECT chapter_no, segment_no, first_paragraph_no, last_paragraph_no FROM segment JOIN title USING (book_id)"
        ).fetchall()
        true_s: dict[tuple[int, int], list[float]] = {}
        for cue_no, (chapter_no, paragraph_no) in film.told.items():
            [found] = [(c, n) for c, n, a, b in segment_of if c == chapter_no and a <= paragraph_no <= b]
            true_s.setdefault(found, []).append(start_s[cue_no])
        best: dict[tuple[int, int], tuple[str, float]] = {}
        for method, film_s, chapter_no, segment_no in rows:
            best.setdefault((chapter_no, segment_no), (method, film_s))
        near = [
            (best[key][0], min(abs(t - best[key][1]) for t in times_s) <= NEAR_S)
            for key, times_s in true_s.items()
            if key in best
        ]
        by_line, between = (
            [right for method, right in near if (method == "between") == is_between]
            for is_between in (False, True)
        )
        return {
            "lines_right": _mean([right for right, _ in spoken]),
            "lines_found": len({no for right, no in spoken if right}) / max(1, len(film.told)),
            "segments": len(best) / len(segment_of),
            "near": _mean(by_line),
            "between_near": _mean(between),
        }

    def accepted(self) -> tuple[bool | None, int, float]:
        rows = self.warehouse.connection.execute("SELECT accepted, n_lines, nats FROM film_match").fetchall()
        return rows[0]


def _mean(rights: list[bool]) -> float | None:
    return sum(rights) / len(rights) if rights else None


def made(bench: Bench, seeds: range, levels: list[str]) -> Iterator[dict[str, object]]:
    for level in levels:
        for seed in seeds:
            book_id = NOVELS[seed % len(NOVELS)]
            others = [of for name, of in bench.novels.items() if name != book_id]
            film = make(bench.novels[book_id], others, LEVELS[level], seed)
            seconds = bench.align(book_id, film)
            ours, (accepted, _, nats), states = bench.right(film), bench.accepted(), bench.sure(film)
            moments = bench.moments(film)
            bench.align_as_the_paper(book_id, film)
            paper = bench.right(film)
            row = {"level": level, "seed": seed, "book": book_id, "n_scenes": len(film.scene)}
            row |= {f"ours_{k}": v for k, v in ours.items()}
            row |= {"paper_all": paper["all"], "paper_in_book": paper["in_book"], **moments}
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
    film = Film(scene, pl.DataFrame(), pl.concat(parts["cue"], how="vertical_relaxed"), {}, {})
    return n_scenes, min(first, n_chapters), bench.align(name, film)


def anchors_right(bench: Bench, film_name: str) -> str:
    """How many anchors (told to the whole second) lie in a scene of their chapter: of all, of long ones."""
    path = bench.warehouse.connection.execute(
        "SELECT start_s, end_s, told_chapter_no FROM chapter_scene"
    ).fetchall()
    told = []
    for anchor in json.loads((DATA / "subtitles/anchors.json").read_text())[film_name]:
        chapters = {no for start_s, end_s, no in path if start_s < anchor["t"] + 1 <= end_s}
        told.append((int(re.sub(r"\D", "", anchor["chapter_file"])) in chapters, anchor["words"] >= 7))
    long = [right for right, is_long in told if is_long]
    return f"{sum(right for right, _ in told)} of {len(told)}, of long ones {sum(long)} of {len(long)}"


def show_made(bench: Bench, seeds: range, levels: list[str]) -> None:
    rows = pl.DataFrame(list(made(bench, seeds, levels)), infer_schema_length=None)
    with pl.Config(
        tbl_rows=-1, tbl_cols=-1, tbl_width_chars=250, float_precision=3, tbl_hide_dataframe_shape=True
    ):
        shown = rows.drop("states")
        click.echo(shown)
        numbers = [c for c, kind in shown.schema.items() if kind.is_float()]
        by_level = shown.group_by("level", maintain_order=True)
        means = [pl.col(c).mean() for c in numbers]
        click.echo(by_level.agg(pl.len().alias("films"), *means, pl.col("matches").sum()))
        click.echo(confidence(rows))


def show_real(bench: Bench) -> None:
    for film_name, book_id in REAL.items():
        film = real_film(film_name)
        seconds = bench.align(book_id, film)
        ours = anchors_right(bench, film_name)
        bench.align_as_the_paper(book_id, film)
        theirs = anchors_right(bench, film_name)
        click.echo(
            f"{film_name}: anchors in their chapter {ours}, by the paper's rule {theirs}; {seconds:.1f} s"
        )


def show_strangers(bench: Bench) -> None:
    for film_name in (*REAL, *STRANGERS, "becky-sharp-1935-en"):
        film = real_film(film_name)
        for book_id in NOVELS:
            bench.align(book_id, film)
            matches, n_lines, nats = bench.accepted()
            click.echo(f"{film_name} and {book_id}: {n_lines} lines, {nats:.0f} nats, match: {matches}")


PARTS = ("made", "real", "strangers", "large")


@click.command()
@click.argument("first", type=int, default=10)
@click.argument("last", type=int, default=39)
@click.argument("levels", nargs=-1, type=click.Choice(list(LEVELS)))
@click.option("--only", multiple=True, type=click.Choice(PARTS), default=PARTS)
@click.option("--without", multiple=True, type=click.Choice(list(WITHOUT)))
def main(
    first: int, last: int, levels: tuple[str, ...], only: tuple[str, ...], without: tuple[str, ...]
) -> None:
    for part in without:
        leave_out(part)
    with tempfile.TemporaryDirectory() as folder, Warehouse(Path(folder)) as warehouse:
        bench = Bench(warehouse, {name: novel(name) for name in NOVELS})
        if "made" in only:
            show_made(bench, range(first, last + 1), list(levels or LEVELS))
        if "real" in only:
            show_real(bench)
        if "strangers" in only:
            show_strangers(bench)
        if "large" in only:
            n_scenes, n_chapters, seconds = large(bench)
            click.echo(f"{n_scenes} scenes and {n_chapters} chapters: {seconds:.1f} s")


if __name__ == "__main__":
    main()
