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
        ("&amp;lt;img src=x&amp;gt;done", "&lt;img src=x&gt;done"),
        ("one<br>two<br/>three", "one\ntwo\nthree"),
        ("a\x00b\x1b[31mc\u202ed\ud800e", "ab[31mcde"),
        ("<!-- no -->yes <![CDATA[<b>and</b> no]]>", "yes and no"),
        ("<p>cut <strong>off", "cut off"),
        ("<div>cut off", "cut off"),
        ("one<p>two<p>three", "one\ntwo\nthree"),
        ("<o:p>Word</o:p> <x-card data-id=1>card</x-card>", "Word card"),
        ("", ""),
    ],
)
def test_plain_text(source: str, text: str) -> None:
    assert plain_text(source, 1000) == text


@pytest.mark.parametrize(
    "text",
    [
        "if x<p and y>z", "while i<q, j>0", "Buy <LINK> now, sell <BASE>", "Map<String, List<int>>", "1 < 2 > 0 <3",
        "The <canvas> element", "a</b>c", "<you@example.org> <https://example.org>", "<i", "x<u", "a<s>b", "<%= t %>",
    ],
)  # fmt: skip
def test_what_is_no_markup_survives(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for source in (text, escaped):
        assert plain_text(source, 1000, is_prose=False) == text
        assert plain_text(source, 1000) == text


def test_references_are_resolved_once() -> None:
    assert plain_text("A &amp;amp; B &amp;#8217; C", 1000) == "A &amp; B &#8217; C"
    assert plain_text("&lt;b&gt;A&lt;/b&gt;", 1000) == "A", "escaped once too often"
    assert plain_text("&lt;b&gt;A&lt;/b&gt;", 1000, is_escaped=False) == "<b>A</b>"


def test_text_is_cut_and_says_so() -> None:
    assert plain_text("word " * 100, 12) == "word word w…"


@pytest.mark.parametrize(
    "bomb",
    [
        "<div>" * 200_000, "<b><p>" * 100_000, "<" * 500_000, "&lt;" * 200_000, "<!--" * 200_000, "<![CDATA[" * 100_000,
        '<a x="' * 150_000, '<a x="y" ' * 100_000, "<a" + " " * 900_000,
    ],
)  # fmt: skip
def test_pathological_markup_ends(bomb: str) -> None:
    assert len(plain_text(bomb + "text", 100_000)) <= 100_000


@given(
    st.text()
    | st.lists(st.sampled_from(["<", ">", "&lt;", "&amp;", "script", "<p>", "/", "a", " ", "\n", "<!--"])).map("".join)
)
def test_text_is_tidy_whatever_comes(source: str) -> None:
    for text in (plain_text(source, 200), plain_text(source, 200, is_prose=False), tidy(source, 200)):
        assert len(text) <= 200
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text)
        text.encode()
        assert tidy(text, 200) == text


@given(st.lists(st.sampled_from(["a", " ", "<", ">", "&", "b", "then", "=", "5", "$", "\u00e9"])).map("".join))
def test_escaped_text_comes_back(text: str) -> None:
    """Of words and signs that make no whole element."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert plain_text(escaped, 1000, is_prose=False, is_escaped=False) == tidy(text, 1000)
