"""Vector similarity: DuckDB holds the vectors, FAISS finds the neighbours, SQL does the rest.

A FAISS index is a cache of one item's vectors of one model. Beside it lies a sidecar with the count
and a checksum of the vectors it was made from; where they do not match, the index is made anew.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from bookscore.engine.errors import BookscoreError
from bookscore.engine.warehouse import Warehouse, fetch


def load(
    warehouse: Warehouse, table: str, id_column: str, item_id: str, model_id: str, keys: Sequence[str]
) -> tuple[pl.DataFrame, np.ndarray]:
    """Keys and vectors of an item in `table`, in key order.

    Parameters
    ----------
    warehouse : Warehouse
    table, id_column : str
        Table of vectors, and its column that holds `item_id`.
    item_id : str
    model_id : str
        The model that made the vectors.
    keys : sequence of str
        Names of the columns that identify a vector of the item.

    Returns
    -------
    polars.DataFrame, numpy.ndarray
        The `keys` columns, and float32 of shape (n, dim).

    Raises
    ------
    BookscoreError
        There are vectors of the item, but by other models: spaces are never mixed.
    """
    rows = fetch(
        warehouse.connection,
        f"SELECT {', '.join(keys)}, vector FROM {table} WHERE {id_column} = ? AND model_id = ? ORDER BY {', '.join(keys)}",
        [item_id, model_id],
    )
    if rows.is_empty():
        others = warehouse.connection.execute(
            f"SELECT DISTINCT model_id FROM {table} WHERE {id_column} = ? ORDER BY ALL", [item_id]
        ).fetchall()
        if others:
            raise BookscoreError(
                f"{item_id} has vectors by {', '.join(o for (o,) in others)} but none by {model_id}: "
                "vectors of different models cannot be compared; ingest it again with the same --models"
            )
    vectors = np.array(rows["vector"].to_list(), dtype=np.float32).reshape(len(rows), -1 if len(rows) else 0)
    return rows.drop("vector"), vectors


def index(folder: Path, name: str, model_id: str, vectors: np.ndarray) -> Any:
    """The inner-product index over `vectors`, read from `folder` or made and kept there.

    Parameters
    ----------
    folder : Path
        The warehouse's folder.
    name : str
        File name without ending.
    model_id : str
        Model of the vectors; kept in the sidecar.
    vectors : numpy.ndarray
        Float32 of shape (n, dim).

    Returns
    -------
    faiss.Index
    """
    import faiss

    path, sidecar = folder / f"{name}.faiss", folder / f"{name}.json"
    described = {
        "model_id": model_id,
        "count": len(vectors),
        "dim": vectors.shape[1],
        "sha256": hashlib.sha256(np.ascontiguousarray(vectors).tobytes()).hexdigest(),
    }
    try:
        if json.loads(sidecar.read_text()) == {**described, "index_sha256": _sha256(path)}:
            return faiss.read_index(str(path))
    except (FileNotFoundError, json.JSONDecodeError):
        pass  # absent or cut off: a cache, made anew below
    built = faiss.IndexFlatIP(vectors.shape[1])
    built.add(vectors)
    _replace(path, faiss.serialize_index(built).tobytes())
    _replace(sidecar, json.dumps({**described, "index_sha256": _sha256(path)}).encode())
    return built


def nearest(queries: np.ndarray, vectors: np.ndarray, built: Any, k: int) -> pl.DataFrame:
    """The `k` nearest items of each query, set against the query's own background.

    Both sides are centred first: a picture that is a little like every sentence is evidence for none.

    Parameters
    ----------
    queries, vectors : numpy.ndarray
        Float32 of shapes (m, dim) and (n, dim), both centred (see `centre`).
    built : faiss.Index
        Over `vectors`.
    k : int

    Returns
    -------
    polars.DataFrame
        query_no and item_no (rows of the inputs, from 0), similarity (cosine), z: similarity in standard
        deviations above the query's mean over all items (exact: from the items' mean and covariance).
    """
    k = min(k, len(vectors))
    similarity, item_no = built.search(queries, k)
    mean = queries @ vectors.mean(axis=0)
    variance = np.einsum("ij,jk,ik->i", queries, np.cov(vectors, rowvar=False, bias=True), queries)
    z = (similarity - mean[:, None]) / np.sqrt(np.maximum(variance, 1e-12))[:, None]
    return pl.DataFrame(
        {
            "query_no": np.repeat(np.arange(len(queries)), k),
            "item_no": item_no.ravel(),
            "similarity": similarity.ravel().astype(np.float64),
            "z": z.ravel().astype(np.float64),
        }
    )


def centre(vectors: np.ndarray) -> np.ndarray:
    """`vectors` less their mean, at unit length again; a vector equal to the mean becomes zero."""
    centred = vectors - vectors.mean(axis=0)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    return (centred / np.maximum(length, 1e-9)).astype(np.float32)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _replace(path: Path, content: bytes) -> None:
    """Write under a temporary name, then rename: a kill leaves the old file or the new one."""
    temporary = path.with_name(path.name + ".tmp")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
