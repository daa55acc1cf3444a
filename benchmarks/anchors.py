"""How many lines that a novel and its film share fall in the chapter that the alignment gives their scene.

Run: python benchmarks/anchors.py [BOOK FILM_CUES]; default: A Farewell to Arms and the cues of its film.
The anchors are runs of words that occur once in either: sparse, some by chance, no human truth.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from pathlib import Path

import click
import duckdb

import bookscore
from engine.warehouse import DATABASE

DATA = Path(__file__).parents[2] / "shared" / "data"


def main(book: str = "a-farewell-to-arms", film: str = "a-farewell-to-arms-1932-en") -> None:
    with tempfile.TemporaryDirectory() as folder:
        weave = ["weave", "--book", DATA / f"books/{book}.epub", "--film", DATA / f"subtitles/{film}.srt",
                 "--album", DATA / "music/tears_of_steel_ost", "--name", book]  # fmt: skip
        bookscore.main(["--warehouse", folder, *map(str, weave)], standalone_mode=False)
        with duckdb.connect(str(Path(folder) / DATABASE), read_only=True) as connection:
            path = connection.execute(
                "SELECT start_s, end_s, chapter_no FROM chapter_scene JOIN scene USING (scene_no)"
            ).fetchall()
    anchors = json.loads((DATA / "subtitles/anchors.json").read_text())[film]
    told = [[no for start_s, end_s, no in path if start_s <= a["t"] < end_s] for a in anchors]
    true = [int(re.sub(r"\D", "", a["chapter_file"])) for a in anchors]
    right = sum(no in chapters for no, chapters in zip(true, told, strict=True))
    click.echo(f"{right} of {len(anchors)} anchors of {film} lie in the chapter of their scene")


if __name__ == "__main__":
    main(*sys.argv[1:])
