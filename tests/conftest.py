"""Fixtures shared by the tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("suite", deadline=None)  # machines that do other work besides are no failure
settings.load_profile("suite")

if (
    "PYTEST_XDIST_WORKER" in os.environ
):  # several processes share the processor; before numpy and torch are loaded
    os.environ.setdefault("OMP_NUM_THREADS", "1")

DATA = Path(__file__).parents[2] / "shared" / "data"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files of few but long tests first, so that no process is left with them at the end."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(autouse=True, scope="session")
def no_configuration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The settings of whoever runs the tests are not theirs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("configuration")))
        yield


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The real data beside the project; tests that need it are skipped where it is absent."""
    if not DATA.is_dir():
        if os.environ.get("BOOKSCORE_REQUIRE_DATA"):
            pytest.fail(f"{DATA} is required here (BOOKSCORE_REQUIRE_DATA is set) but absent")
        pytest.skip(f"real data not found at {DATA}")
    return DATA
