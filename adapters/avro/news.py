"""News events and their records."""

from collections.abc import Callable

from adapters.avro.mapping import PLAIN, TIME, Mapping, Record, enveloped, optional
from adapters.avro.values import micros, origin_of, time_of
from domain.errors import InvalidValue
from domain.news.article import ArticleCompleted, ArticlePublished, ArticleRevised
from domain.news.source import NewsSourceFailed, NewsSourcePolled, NewsSourceRecovered


def _article_record(article: ArticlePublished) -> Record:
    return {
        "event_id": article.event_id,
        "recorded_at": micros(article.recorded_at),
        "origin": article.origin,
        "occurred_at": micros(article.occurred_at),
        "title": article.title,
        "url": article.url,
        "source": article.source,
        "summary": article.summary,
        "content": article.content,
        "published_at": None if article.published_at is None else micros(article.published_at),
        "scraped_at": micros(article.scraped_at),
        "tags": article.tags,
        "guid": article.guid,
        "authors": article.authors,
        "extracted_by": article.extracted_by,
        "event": article.name,
        "revision": 1,
        "first_recorded_at": None,
    }


def _version_record(article: ArticleRevised) -> Record:
    later = {"revision": article.revision, "first_recorded_at": micros(article.first_recorded_at)}
    return _article_record(article) | later


def _article(record: Record) -> ArticlePublished:
    return ArticlePublished(**_article_fields(record))


def _version_of(event: type[ArticleRevised]) -> Callable[[Record], ArticleRevised]:
    def read(record: Record) -> ArticleRevised:
        first_recorded_at = record["first_recorded_at"]
        if first_recorded_at is None:
            raise InvalidValue(
                "first_recorded_at", "first_recorded_at is null: expected when the first version was recorded"
            )
        return event(
            **_article_fields(record), revision=record["revision"], first_recorded_at=time_of(first_recorded_at)
        )

    return read


def _article_fields(record: Record) -> Record:
    published_at = record["published_at"]
    return {
        "source": record["source"],
        "guid": record["guid"],
        "url": record["url"],
        "title": record["title"],
        "summary": record["summary"],
        "content": record["content"],
        "authors": tuple(record["authors"]),
        "tags": tuple(record["tags"]),
        "published_at": None if published_at is None else time_of(published_at),
        "scraped_at": time_of(record["scraped_at"]),
        "extracted_by": record["extracted_by"],
        "occurred_at": time_of(record["occurred_at"]),
        "recorded_at": time_of(record["recorded_at"]),
        "origin": origin_of(record["origin"]),
    }


MAPPINGS = (
    Mapping(ArticlePublished, _article_record, _article),
    *(Mapping(event, _version_record, _version_of(event)) for event in (ArticleRevised, ArticleCompleted)),
    enveloped(NewsSourcePolled, source=PLAIN, entries=PLAIN, new=PLAIN, left_out=PLAIN),
    enveloped(NewsSourceFailed, source=PLAIN, reason=PLAIN, next_try_at=optional(TIME)),
    enveloped(NewsSourceRecovered, source=PLAIN),
)
