"""Feeds as they really come: in any encoding, with bytes that are wrong, with others' words among their own."""

import pytest

from adapters.rss.decoding import decoded
from adapters.rss.parse import MOST_ENTRIES, parse_feed
from application.ports.news_feed import FeedAnswer, FeedEntry

URL = "https://news.example/feed.xml"
NAMESPACES = (
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:play="http://www.google.com/schemas/play-podcasts/1.0"'
)


def rss(items: str, prolog: str = "") -> str:
    return f'{prolog}<rss version="2.0" {NAMESPACES}><channel><title>t</title>{items}</channel></rss>'


def item(inside: str) -> FeedEntry:
    return read(rss(f'<item><guid isPermaLink="false">g</guid>{inside}</item>')).entries[0]


def read(document: str | bytes, content_type: str | None = None) -> FeedAnswer:
    return parse_feed(document.encode() if isinstance(document, str) else document, URL, content_type)


def title(document: str | bytes, content_type: str | None = None) -> str:
    return read(document, content_type).entries[0].title


def titled(text: str, prolog: str = "") -> str:
    return rss(f"<item><guid>g</guid><title>{text}</title></item>", prolog)


def declared(encoding: str) -> str:
    return f'<?xml version="1.0" encoding="{encoding}"?>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "iso-8859-15", "cp1250"])
@pytest.mark.parametrize("content_type", [None, "text/xml", "text/xml; charset=iso-8859-1", "application/json"])
def test_the_document_says_its_encoding(encoding: str, content_type: str | None) -> None:
    assert title(titled("Zürich – Öl", declared(encoding)).encode(encoding, "replace"), content_type).startswith(
        "Zürich"
    )


@pytest.mark.parametrize(
    ("content_type", "encoding"),
    [("text/xml; charset=windows-1251", "cp1251"), ("text/xml; charset=latin-1", "utf-8"), (None, "utf-8")],
)
def test_where_it_says_none_the_header_is_a_hint(content_type: str | None, encoding: str) -> None:
    assert title(titled("Цена").encode(encoding), content_type) == "Цена"


def test_a_bad_byte_costs_its_own_character_only() -> None:
    whole = titled("Prix élevé — « zone » €", declared("utf-8")).encode()
    for cut in (b"\xff", b"\xe2\x82", b"\xc3", b"\x80"):
        assert title(whole.replace(b"zone", b"zo" + cut + b"ne")) == "Prix élevé — « zo\ufffdne » €"
    assert title(titled("Price +", declared("utf-8")).encode().replace(b"+", b"\xe2\x80")) == "Price \ufffd"


def test_a_whole_document_in_windows_1252_is_not_utf_8_with_bad_bytes() -> None:
    text = "Börse Zürich: Öl für 5 €"
    assert title(titled(text, declared("utf-8")).encode("cp1252")) == text
    assert title(titled(text, declared("iso-8859-1")).encode("cp1252")) == text


def test_a_declaration_behind_junk_is_read_too() -> None:
    assert title(b"\nNotice: x\n" + titled("Łódź", declared("iso-8859-2")).encode("iso-8859-2")) == "Łódź"


def test_an_encoding_that_is_none_is_left_aside() -> None:
    for name in ("hex", "punycode", "no-such", "rot13", "utf-16"):
        assert decoded(f"{declared(name)}<a>é</a>".encode()).endswith("<a>é</a>")


DTDS = (
    "",
    '<!DOCTYPE rss SYSTEM "http://news.example/rss.dtd">',
    '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/rss-0.91.dtd">',
    '<!DOCTYPE rss [<!ENTITY nbsp "&#160;"><!ENTITY eacute "&#233;">]>',
    '<!DOCTYPE rss [<!ENTITY % HTMLlat1 PUBLIC "-//W3C//ENTITIES Latin 1 for XHTML//EN" "http://x.example/lat1.ent"> %HTMLlat1;]>',
)


@pytest.mark.parametrize("dtd", DTDS)
def test_entities_of_html_are_known_with_any_document_type(dtd: str) -> None:
    text = "Caf&eacute; &ndash; &euro;5&nbsp;&hellip; &amp;&lt;&#8217; &unknown; R&D"
    expected = "Café – €5 … &<’ &unknown; R&D"
    assert title(titled(text, declared("utf-8") + dtd)) == expected
    broken = titled(text, dtd).removesuffix("</channel></rss>") + "<item>"
    assert title(broken) == expected, "and in a document that breaks off"


@pytest.mark.parametrize("junk", ["\n \n", "\ufeff", "<!-- cached -->\n", "Warning: x in y.php on line 3\n", "\x00"])
def test_what_stands_before_the_document_does_not_matter(junk: str) -> None:
    assert title(junk + titled("5 < 6 & 7 > 6", declared("utf-8"))) == "5 < 6 & 7 > 6"


@pytest.mark.parametrize(
    "others",
    [
        "<media:title>m</media:title><media:description>m</media:description>",
        "<media:group><media:content><media:title>m</media:title><media:description>m</media:description></media:content></media:group>",
        "<itunes:title>m</itunes:title><itunes:summary>m</itunes:summary><itunes:subtitle>m</itunes:subtitle>",
        "<dc:title>m</dc:title><dc:description>m</dc:description>",
        "<dc:title/><dc:description> </dc:description>",
        "<play:description>m</play:description>",
    ],
)
def test_an_entrys_own_words_win(others: str) -> None:
    own = "<title>own</title><description>own text</description>"
    for inside in (own + others, others + own):
        entry = item(inside)
        assert (entry.title, entry.summary) == ("own", "own text")
    entry = item(f"{others}<title>own</title><content:encoded>whole</content:encoded>")
    assert (entry.title, entry.content) == ("own", "whole") and entry.summary != "m"


def test_a_caption_stands_in_where_there_is_nothing_else() -> None:
    entry = item("<media:group><media:title>m</media:title><media:description>text</media:description></media:group>")
    assert (entry.title, entry.summary) == ("m", "text")


ATOM = '<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><entry><id>u</id>{}</entry></feed>'


@pytest.mark.parametrize(
    ("construct", "text"),
    [
        ("<{0}>A &amp;lt;b&amp;gt; &amp;amp; &lt;i&gt;c&lt;/i&gt;</{0}>", "A &lt;b&gt; &amp; <i>c</i>"),
        ('<{0} type="text">A &lt;i&gt;b&lt;/i&gt;</{0}>', "A <i>b</i>"),
        ('<{0} type="html">A &lt;i&gt;b&lt;/i&gt; &amp;lt;i&amp;gt; &amp;amp;</{0}>', "A b <i> &"),
        ('<{0} type="html"><![CDATA[A <i>b</i> &lt;b&gt;c&lt;/b&gt;]]></{0}>', "A b <b>c</b>"),
        (
            '<{0} type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">A <i>b</i> &lt;i&gt; &amp;amp;</div></{0}>',
            "A b <i> &amp;",
        ),
    ],
)
def test_atoms_text_constructs(construct: str, text: str) -> None:
    for name, field in (("title", "title"), ("summary", "summary"), ("content", "content")):
        inside = construct.format(name) + ("" if name == "title" else "<title>t</title>")
        assert getattr(read(ATOM.format(inside)).entries[0], field) == text
    assert read(ATOM.format(construct.format("content"))).entries[0].summary == text


def dated(number: int) -> str:
    return f"<item><guid>{number}</guid><title>{number}</title><pubDate>{date(number)}</pubDate></item>"


def date(number: int) -> str:
    return f"{1 + number // 1440:02} Mar 2026 {number // 60 % 24:02}:{number % 60:02} GMT"


@pytest.mark.parametrize("order", ["oldest first", "newest first", "mixed"])
def test_of_too_many_entries_the_newest_are_read(order: str) -> None:
    numbers = list(range(MOST_ENTRIES * 2))
    if order == "newest first":
        numbers.reverse()
    elif order == "mixed":
        numbers = numbers[1::2] + numbers[::2]
    answer = read(rss("".join(map(dated, numbers))))
    assert answer.left_out == MOST_ENTRIES
    assert {int(entry.guid) for entry in answer.entries} == set(range(MOST_ENTRIES, MOST_ENTRIES * 2))


def test_entries_without_a_date_are_as_old_as_their_neighbours() -> None:
    entries = [
        dated(n) if n % 3 else f"<item><guid>{n}</guid><title>{n}</title></item>" for n in range(MOST_ENTRIES + 300)
    ]
    guids = {int(entry.guid) for entry in read(rss("".join(entries))).entries}
    assert min(guids) >= 298 and len(guids) == MOST_ENTRIES
