"""Plots, where matplotlib is installed: it is no part of what `cryptoviz run` needs."""


def matplotlib_missing() -> str | None:
    """Make matplotlib ready for files; a sentence where it is not installed.

    The same figures give the same file.
    """
    try:
        import matplotlib as mpl
    except ImportError:
        return "There are no plots: matplotlib is not installed (`uv sync --extra research` adds it)."
    mpl.use("agg")
    mpl.rcParams["svg.hashsalt"] = "cryptoviz"
    return None
