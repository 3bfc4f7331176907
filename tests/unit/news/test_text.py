import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.web.text import plain_text, tidy


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>AT&amp;T  up</p><p>5&nbsp;%</p>", "AT&T up\n5 %"),
        ("a<script>alert(1)</script>b<style>p{}</style>c", "abc"),
        ("x < y & z > w", "x < y & z > w"),
        ("<b onclick=x()>bold</b> <img src=x onerror=alert(1)>move", "bold move"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;done", "done"),
        ("&amp;lt;img src=x&amp;gt;done", "done"),
        ("one<br>two<br/>three", "one\ntwo\nthree"),
        ("a\x00b\x1b[31mc\u202ed\ud800e", "ab[31mcde"),
        ("<!-- no -->yes<![CDATA[maybe]]>", "yes"),
        ("", ""),
    ],
)
def test_plain_text(source: str, text: str) -> None:
    assert plain_text(source, 1000) == text


def test_text_is_cut_and_says_so() -> None:
    assert plain_text("word " * 100, 12) == "word word w…"


@pytest.mark.parametrize(
    "bomb", ["<div>" * 200_000, "<b><p>" * 100_000, "<" * 500_000, "&lt;" * 200_000, "<!--" * 200_000]
)
def test_pathological_markup_ends(bomb: str) -> None:
    assert len(plain_text(bomb + "text", 100_000)) <= 100_000


@given(
    st.text()
    | st.lists(st.sampled_from(["<", ">", "&lt;", "&amp;", "script", "<p>", "/", "a", " ", "\n", "<!--"])).map("".join)
)
def test_no_markup_is_left_whatever_comes(source: str) -> None:
    for text in (plain_text(source, 200), tidy(source, 200)):
        assert len(text) <= 200
        assert not re.search(r"<[a-zA-Z/!?]|[\x00-\x08\x0b-\x1f\x7f]", text)
        text.encode()
        assert tidy(text, 200) == text
