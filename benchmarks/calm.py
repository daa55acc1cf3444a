"""Whether arousal tells stirring music from calm: the tracks of the game Wesnoth that its battles and its quiet
places are named after.

Run: python benchmarks/calm.py [FOLDER] [--warehouse FOLDER]; default: Debian's wesnoth-1.16-music.

The two lists were written by the tracks' names and places in the game, before any figure was seen. AUC is the
chance that a stirring track (or segment) ranks above a calm one: .5 is guessing.
"""

from __future__ import annotations

import tempfile
from itertools import product
from pathlib import Path

import click
import polars as pl

from bookscore.commands import main as program
from bookscore.engine.warehouse import Warehouse, fetch
from bookscore.ingest.album.medium import AROUSAL_PARTS

STIRRING = (
    "battle", "battle-epic", "breaking_the_chains", "frantic", "frantic-old", "siege_of_laurelmor",
    "the_dangerous_symphony", "vengeful",
)  # fmt: skip
CALM = (
    "elf-land", "elvish-theme", "love_theme", "nunc_dimittis", "sad", "silvan_sanctuary", "transience", "wanderer",
)  # fmt: skip
COLUMNS = ("arousal", *AROUSAL_PARTS)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option(
    "--warehouse",
    default=str(Path(tempfile.gettempdir()) / "bookscore-albums"),
    help="Kept for the next run.",
)
def main(folder: Path | None, warehouse: str) -> None:
    folder = folder or next(Path("/usr/share/games/wesnoth").glob("*/data/core/music"), None)
    if folder is None:
        raise click.ClickException("this benchmark needs: apt-get install wesnoth-1.16-music")
    program.main(["--warehouse", warehouse, "ingest", "album", str(folder)], standalone_mode=False)
    with Warehouse(Path(warehouse)) as opened:
        segments = fetch(
            opened.connection,
            f"SELECT parse_filename(track.path, true) AS name, end_s - start_s AS length_s, {', '.join(COLUMNS)} "
            "FROM music_segment JOIN track USING (album_id, track_no) JOIN album USING (album_id) "
            "WHERE album.path = ?",
            [str(folder.resolve())],
        )
    of = {name: "stirring" for name in STIRRING} | {name: "calm" for name in CALM}
    segments = segments.with_columns(kind=pl.col("name").replace_strict(of, default=None))
    labelled = segments.drop_nulls("kind")
    weighted = [
        (pl.col(c) * pl.col("length_s")).sum() / pl.col("length_s").filter(pl.col(c).is_not_null()).sum()
        for c in COLUMNS
    ]
    tracks = labelled.group_by("name", "kind").agg(weighted).sort("arousal")
    with pl.Config(
        tbl_rows=-1, float_precision=2, tbl_hide_dataframe_shape=True, tbl_hide_column_data_types=True
    ):
        click.echo(str(tracks))
    click.echo(f"{'AUC':16}{f'{len(tracks)} tracks':>12}{f'{len(labelled)} segments':>15}")
    for column in COLUMNS:
        click.echo(f"{column:16}{auc(tracks, column):12.3f}{auc(labelled, column):15.3f}")


def auc(rows: pl.DataFrame, column: str) -> float:
    """Of all pairs, the share in which the stirring one is greater; ties count half, and null is the least."""
    stirring, calm = (
        rows.filter(kind=kind)[column].fill_null(float("-inf")).to_list() for kind in ("stirring", "calm")
    )
    return sum((a > b) + (a == b) / 2 for a, b in product(stirring, calm)) / (len(stirring) * len(calm))


if __name__ == "__main__":
    main()
