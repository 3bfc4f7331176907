import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.rss.parse import MOST_ENTRIES, NotAFeed, parse_feed, parse_feed_json
from adapters.rss.refusal import defines_entities
from application.ports.news_feed import FeedAnswer, FeedEntry
from tests import real_data

URL = "https://news.example/feed.xml"
NAMESPACES = 'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"'


def rss(*items: str) -> bytes:
    return f'<rss version="2.0" {NAMESPACES}><channel><title>t</title>{"".join(items)}</channel></rss>'.encode()


def one(item: str) -> FeedEntry:
    feed = parse_feed(rss(f"<item>{item}</item>"), URL)
    assert not feed.refused
    return feed.entries[0]


def refused(item: str) -> str:
    feed = parse_feed(rss(f"<item>{item}</item>"), URL)
    assert not feed.entries and feed.refused[0].raw
    return feed.refused[0].reason


def test_an_item_with_everything() -> None:
    entry = one("""<title>A &amp;amp; B</title><link>https://news.example/a?x=1&amp;copy=2</link>
    <guid isPermaLink="false">a0b4</guid><pubDate>Fri, 25 Sep 2026 14:41:53 +0200</pubDate>
    <dc:creator>Ann</dc:creator><dc:creator>Bob &lt;b&gt;</dc:creator>
    <description><![CDATA[<p>One</p><p>two<script>x()</script></p>]]></description>
    <content:encoded><![CDATA[<p>Long</p> text]]></content:encoded>""")
    assert entry == FeedEntry(
        guid="a0b4", url="https://news.example/a?x=1&copy=2", title="A & B", summary="One\ntwo", content="Long\ntext",
        authors=("Ann", "Bob"), published_at=datetime(2026, 9, 25, 12, 41, 53, tzinfo=UTC),
    )  # fmt: skip


@pytest.mark.parametrize(
    "empty", ["<dc:description/>", "<dc:description></dc:description>", "<dc:description> </dc:description >"]
)
def test_an_empty_namesake_does_not_overwrite_the_description(empty: str) -> None:
    assert one(f"<title>t</title><guid>g</guid><description>kept</description>{empty}").summary == "kept"


def test_the_link_stands_in_for_a_guid_and_the_text_for_a_title() -> None:
    entry = one("<link>/a/b</link><description>" + "word " * 100 + "</description>")
    assert entry.guid == entry.url == "https://news.example/a/b"
    assert entry.title.startswith("word word") and len(entry.title) <= 120
    assert one("<link>https://x.example/a</link>").title == "https://x.example/a"


def test_a_guid_stays_as_it_is() -> None:
    entry = one("<title>t</title><guid>12345</guid><link>/a</link>")
    assert (entry.guid, entry.url) == ("12345", "https://news.example/a")
    entry = one("<title>t</title><guid>12345</guid>")
    assert (entry.guid, entry.url) == ("12345", "")


def test_a_link_within_the_feed_does_not_tell_the_feeds_key() -> None:
    item = '<item><title>t</title><guid isPermaLink="false">g</guid><link>#x</link></item>'
    [entry] = parse_feed(rss(item), "https://news.example/rss?key=secret").entries
    assert entry.url == "https://news.example/rss#x"


def test_without_guid_and_link_or_any_text_there_is_no_article() -> None:
    assert "neither a guid nor a link" in refused("<title>t</title>")
    assert "neither title nor text" in refused('<guid isPermaLink="false">g</guid>')
    assert "longer than" in refused(f'<title>t</title><guid isPermaLink="false">{"g" * 3000}</guid>')


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "http://", "http://[x/", "x" * 3000]
)
def test_only_web_addresses_become_links(link: str) -> None:
    assert one(f'<title>t</title><guid isPermaLink="false">g</guid><link>{link}</link>').url == ""


@pytest.mark.parametrize("date", ["", "soon", "Fri, 99 Sep 2026 14:41:53 +0000", "Thu, 01 Jan 1970 00:00:00 GMT"])
def test_a_date_that_cannot_be_is_none(date: str) -> None:
    assert one(f"<title>t</title><guid>g</guid><pubDate>{date}</pubDate>").published_at is None


def test_the_date_of_an_address_is_not_believed() -> None:
    assert one("<title>t</title><link>https://x.example/2020/01/02/a</link>").published_at is None


def test_atom() -> None:
    feed = parse_feed(
        b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><entry><id>urn:1</id><title type="html">A &lt;i&gt;b&lt;/i&gt;</title>
        <link href="/x"/><updated>2026-09-25T14:41:53.999Z</updated><author><name>Ann</name></author>
        <summary>s</summary><content type="html">&lt;p&gt;c&lt;/p&gt;</content></entry></feed>""",
        URL,
    )
    assert feed.entries == (
        FeedEntry(
            guid="urn:1", url="https://news.example/x", title="A b", summary="s", content="c", authors=("Ann",),
            published_at=datetime(2026, 9, 25, 14, 41, 53, tzinfo=UTC),
        ),
    )  # fmt: skip


def test_texts_and_entries_are_limited() -> None:
    entry = one(
        f"<guid>g</guid><title>{'t' * 2000}</title><description>{'s' * 9000}</description><content:encoded>{'c' * 200_000}</content:encoded>"
    )
    assert (len(entry.title), len(entry.summary), len(entry.content)) == (1_000, 5_000, 100_000)
    feed = parse_feed(rss(*(f"<item><title>t</title><guid>{n}</guid></item>" for n in range(MOST_ENTRIES + 7))), URL)
    assert (len(feed.entries), feed.left_out) == (MOST_ENTRIES, 7)


BOMB = '<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;">]>'
FEED = "<rss version='2.0'><channel><item><title>&lol2;</title><guid>g</guid></item></channel></rss>"


@pytest.mark.parametrize(
    "document",
    [
        (BOMB + FEED).encode(),
        ('\ufeff<?xml version="1.0"?>\n<!-- <rss> -->\n<?pi?>' + BOMB + FEED).encode(),
        (BOMB.lower().replace("doctype", "DOCTYPE") + FEED).encode(),
        ('<?xml version="1.0" encoding="utf-16"?>' + BOMB + FEED).encode("utf-16"),
        ('<?xml version="1.0"?>' + BOMB + FEED).encode("utf-16-be"),
        ('<?xml version="1.0"?>' + BOMB + FEED).encode("utf-32"),
        ('<?xml version="1.0" encoding="cp037"?>' + BOMB + FEED).encode("cp037"),
        b'<?xml version="1.0" encoding="utf-7"?>' + (BOMB + FEED).encode("utf-7"),
        ('<!DOCTYPE rss SYSTEM "http://x/" [ <!ENTITY % p SYSTEM "file:///etc/passwd"> %p; ]>' + FEED).encode(),
    ],
)
def test_entity_bombs_are_refused(document: bytes) -> None:
    with pytest.raises(NotAFeed, match="entities"):
        parse_feed(document, URL)
    assert b"not_a_feed" in parse_feed_json(document, URL)


def test_a_plain_document_type_and_talk_of_entities_are_not() -> None:
    assert not defines_entities('<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "x.dtd"><rss/>')
    assert not defines_entities(
        rss("<item><title><![CDATA[<!DOCTYPE x [<!ENTITY a 'b'>]>]]></title><guid>g</guid></item>").decode()
    )


@pytest.mark.parametrize(
    "document", [b"", b"<html><body>blocked</body></html>", b"https://news.example/feed", b"{}", b"\x00\xff"]
)
def test_what_is_no_feed_is_said_to_be_none(document: bytes) -> None:
    with pytest.raises(NotAFeed, match="not a feed"):
        parse_feed(document, URL)


def test_an_ill_formed_feed_is_read_as_far_as_it_goes() -> None:
    feed = parse_feed(
        rss("<item><title>a</title><guid>1</guid></item><item><title>b & c</title><guid>2</guid>")[:-16], URL
    )
    assert [entry.title for entry in feed.entries] == ["a", "b & c"]


@given(
    st.binary(max_size=300)
    | st.lists(
        st.sampled_from(["<item>", "</item>", "<title>", "<guid>", "x", "&", "<![CDATA[", "]]>", "<!DOCTYPE", "<link>"])
    ).map(lambda parts: rss("".join(parts)))
)
def test_no_document_makes_it_raise_anything_else(document: bytes) -> None:
    with contextlib.suppress(NotAFeed):
        assert isinstance(parse_feed(document, URL), FeedAnswer)


@real_data.real_data("news/feeds/zotochev_coindesk.xml")
def test_coindesk_as_it_is_today() -> None:
    feed = parse_feed(
        real_data.path("news/feeds/zotochev_coindesk.xml").read_bytes(),
        "https://www.coindesk.com/arc/outboundfeeds/rss/",
    )
    assert len(feed.entries) == 3 and not feed.refused
    first = feed.entries[0]
    assert first.guid == "a0b4a6ba-5569-4fef-940c-e402f9698d89"
    assert first.summary.startswith("The stablecoin issuer blacklisted a wallet")
    assert first.authors == ("Oliver Knight",)
    assert first.published_at == datetime(2026, 9, 25, 14, 41, 53, tzinfo=UTC)
    assert all(entry.summary for entry in feed.entries)


@real_data.real_data("news/feeds")
def test_recorded_feeds_lose_no_entry() -> None:
    for path in real_data.path("news/feeds").glob("*.xml"):
        document = path.read_bytes()
        feed = parse_feed(document, URL)
        assert len(feed.entries) == document.count(b"<item>") and not feed.refused
        assert all(entry.published_at and entry.title for entry in feed.entries)


@real_data.real_data("news/feeds_hostile")
def test_hostile_documents_are_entries_or_refusals() -> None:
    outcomes = {True: 0, False: 0}
    for path in real_data.path("news/feeds_hostile").rglob("*.xml"):
        try:
            outcomes[isinstance(parse_feed(path.read_bytes(), URL), FeedAnswer)] += 1
        except NotAFeed:
            outcomes[False] += 1
    assert sum(outcomes.values()) > 90
