"""Signals that all processes take in the same way."""

import signal
from types import FrameType


def end_at_hangup() -> None:
    """Take SIGHUP as SIGTERM: a closed terminal ends the process in order. `nohup`, which ignores it, is heeded."""

    def end(_number: int, _frame: FrameType | None) -> None:
        signal.raise_signal(signal.SIGTERM)

    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, end)
