"""What all tests share."""

import os
import signal
from collections import Counter
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.servers.stack"]

# A shell that starts the tests in the background has them ignore Ctrl-C, and so would the programs that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)

# The Java of tests lives for seconds to minutes: what the second compiler and a collector of many threads gain it does
# not live to see.
os.environ.setdefault("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")

# How long an example takes says more about the machine than about the code.
settings.register_profile("cryptoviz", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("cryptoviz")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests come first: begun last, one of them keeps a worker busy while the others have nothing to do.

    Those in a browser come together, so that its server, which simulates a market all the while, ends with the last of them.

    Raises pytest.UsageError where two tests have one id: several workers would run just one of them.
    """
    twice = [name for name, count in Counter(item.nodeid for item in items).items() if count > 1]
    if twice:
        raise pytest.UsageError(f"several tests have one id, so only one of them would run: {', '.join(twice[:5])}")
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (item.path not in slow, item.get_closest_marker("browser") is None))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A skip names what is missing. Where nothing may be missing (CRYPTOVIZ_REQUIRE_SERVICES=1, as in CI) it fails."""
    report = yield
    if report.skipped and os.environ.get("CRYPTOVIZ_REQUIRE_SERVICES") == "1":
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and CRYPTOVIZ_REQUIRE_SERVICES=1 allows no skips: {reason}"
    return report
