"""Plots where matplotlib is not installed."""

import sys

import pytest

from entrypoints.plots import matplotlib_missing


def test_without_matplotlib_a_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert matplotlib_missing() == (
        "There are no plots: matplotlib is not installed (`uv sync --extra research` adds it)."
    )
