from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.address import without_secrets


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://example.org/rss", "https://example.org/rss"),
        ("https://example.org:8443/rss?", "https://example.org:8443/rss"),
        ("https://ann:word@example.org/rss?key=1&page=2", "https://example.org/rss?key=…&page=…"),
        ("https://example.org/rss?1234", "https://example.org/rss?…"),
        ("https://example.org/rss?key=a=b#1234", "https://example.org/rss?key=…"),
        ("https://ann:wo/rd@example.org/rss", "https://…"),
        ("https://[bad/rss?key=1", "https://…"),
        ("no address", "no address"),
        ("", ""),
    ],
)
def test_an_address_is_shown_without_what_may_be_secret(url: str, shown: str) -> None:
    assert without_secrets(url) == shown


@given(secret=st.text(min_size=1).map(lambda text: f"SECRET{quote(text, safe='')}"))
def test_no_secret_is_shown_wherever_it_stands(secret: str) -> None:
    for url in (
        f"https://ann:{secret}@example.org/rss",
        f"https://{secret}@example.org/rss",
        f"https://example.org/rss?key={secret}",
        f"https://example.org/rss?{secret}",
        f"https://example.org/rss?a=1&{secret}&b=2",
        f"https://example.org/rss#{secret}",
    ):
        assert "SECRET" not in without_secrets(url)
