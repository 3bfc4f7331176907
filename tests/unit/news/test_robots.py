import pytest

from adapters.web.robots import allows, rules_for_us

ROBOTS = """
# everybody
User-agent: *
Disallow: /private/
Allow: /private/open$
Disallow: /*?print=

User-Agent: OtherBot
User-agent: cryptoviz
Disallow: /not-you
Disallow:
"""


def test_the_group_that_names_us_goes_before_the_one_for_everybody() -> None:
    rules = rules_for_us(ROBOTS)
    assert not allows(rules, "https://x.example/not-you/at-all")
    assert allows(rules, "https://x.example/private/")


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://x.example/", True),
        ("https://x.example", True),
        ("https://x.example/private/a", False),
        ("https://x.example/%70rivate/a", False),
        ("https://x.example/private/open", True),
        ("https://x.example/private/opened", False),
        ("https://x.example/a/b?print=1", False),
        ("https://x.example/a/b?page=1", True),
    ],
)
def test_the_longest_match_decides(url: str, allowed: bool) -> None:
    assert allows(rules_for_us(ROBOTS.replace("cryptoviz", "another")), url) is allowed


def test_nonsense_allows_everything() -> None:
    for text in ("", "<html>not found</html>", "Disallow: /", "User-agent:\nDisallow", "\0\0:::"):
        assert allows(rules_for_us(text), "https://x.example/a")


def test_asterisks_take_no_time() -> None:
    rules = rules_for_us("User-agent: *\nDisallow: /" + "a*" * 5000 + "b$")
    assert allows(rules, "https://x.example/" + "a" * 5000)
