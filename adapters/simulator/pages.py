"""Simulated news as it is served: RSS 2.0 feeds, and article pages with the furniture that real pages have."""

from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from html import escape

from adapters.simulator.news import SOURCES, Story


def http_date(unix_s: int) -> str:
    """A moment as HTTP and RSS write it."""
    return format_datetime(datetime.fromtimestamp(unix_s, UTC), usegmt=True)


def etag(stories: Sequence[Story]) -> str:
    """The entity tag of a feed: it changes when, and only when, a story is added."""
    return f'"{stories[0].slug}-{stories[0].story_id}"'


def not_modified(stories: Sequence[Story], if_none_match: str | None, if_modified_since: str | None) -> bool:
    """Whether a conditional request is answered with 304 (RFC 9110, 13.1: the tag goes before the date)."""
    if if_none_match is not None:
        tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
        return "*" in tags or etag(stories) in tags
    if if_modified_since is None:
        return False
    try:
        since = parsedate_to_datetime(if_modified_since)
    except ValueError:
        return False  # RFC 9110, 13.1.3: a date that is none is ignored
    return stories[0].published_s <= since.replace(tzinfo=since.tzinfo or UTC).timestamp()


def link(base_url: str, story: Story) -> str:
    """The address of a story's page."""
    return f"{base_url}/news/{story.slug}/{story.story_id}.html"


def rss(base_url: str, slug: str, stories: Sequence[Story]) -> str:
    """The feed of a source, newest story first."""
    items = "\n".join(_item(base_url, story) for story in stories)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom">
<channel>
<title>{escape(SOURCES[slug])}</title>
<link>{base_url}/news/</link>
<description>Simulated crypto news</description>
<language>en</language>
<lastBuildDate>{http_date(stories[0].published_s)}</lastBuildDate>
<atom:link href="{base_url}/news/{slug}.xml" rel="self" type="application/rss+xml"/>
{items}
</channel>
</rss>
"""


def _item(base_url: str, story: Story) -> str:
    address = escape(link(base_url, story))
    guid = f"simulated:{story.slug}:{story.story_id}"  # not the address: that changes with the port, the story does not
    categories = "".join(f"<category>{escape(tag)}</category>" for tag in story.tags)
    return (
        f"<item><title>{escape(story.title)}</title><link>{address}</link>"
        f'<guid isPermaLink="false">{guid}</guid><dc:creator>{escape(story.author)}</dc:creator>'
        f"<pubDate>{http_date(story.published_s)}</pubDate>{categories}"
        f"<description>{escape(story.summary)}</description></item>"
    )


def page(base_url: str, story: Story) -> str:
    """A story's page: navigation, article, related links, footer."""
    source = escape(SOURCES[story.slug])
    title = escape(story.title)
    published = datetime.fromtimestamp(story.published_s, UTC)
    body = "\n".join(f"<p>{escape(paragraph)}</p>" for paragraph in story.paragraphs)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title} | {source}</title>
<meta name="description" content="{escape(story.summary)}">
<meta name="author" content="{escape(story.author)}">
<meta property="og:type" content="article">
<meta property="og:title" content="{title}">
<meta property="og:site_name" content="{source}">
<meta property="article:published_time" content="{published:%Y-%m-%dT%H:%M:%SZ}">
<link rel="canonical" href="{escape(link(base_url, story))}">
</head>
<body>
<header><nav><ul><li><a href="/">Home</a></li><li><a href="/">Markets</a></li><li><a href="/">Policy</a></li>
<li><a href="/">Sign in</a></li><li><a href="/">Subscribe</a></li></ul></nav></header>
<main>
<article>
<h1>{title}</h1>
<p class="byline">By <span class="author">{escape(story.author)}</span>
<time datetime="{published:%Y-%m-%dT%H:%M:%SZ}">{published:%d %B %Y, %H:%M} UTC</time></p>
{body}
</article>
<aside><h2>Most read</h2><ul><li><a href="/">Five charts to watch</a></li><li><a href="/">The week ahead</a></li></ul></aside>
</main>
<footer><p>About · Contact · Terms · Privacy · Cookie settings</p>
<p>{source} is a simulation. Nothing here is news or advice.</p></footer>
</body>
</html>
"""
