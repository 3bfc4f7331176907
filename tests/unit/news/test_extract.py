import pytest

from adapters.web.extract import extract, extract_json

STORY = "<p>" + "Bitcoin rose as traders returned to the market after a quiet week of trading. " * 6 + "</p>"
PAGE = f"""<html><head><title>t</title><script>var x = "no";</script></head><body><nav><p>Home Markets Sign in</p></nav>
<article><h1>Head</h1>{STORY}<p>The end of the story, &lt;b&gt;plain&lt;/b&gt; as it is.</p></article>
<footer><p>Cookies</p></footer></body></html>"""


def test_trafilatura_finds_the_article() -> None:
    found = extract(PAGE.encode())
    assert found is not None and found.extracted_by == "trafilatura"
    assert "Bitcoin rose" in found.text and "Cookies" not in found.text and "<b>" not in found.text


def test_where_it_finds_none_the_articles_paragraphs_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.web.extract.trafilatura.extract", lambda *_, **__: None)
    found = extract(PAGE.encode())
    assert found is not None and found.extracted_by == "beautifulsoup"
    assert found.text.startswith("Bitcoin rose") and "Home" not in found.text and "Cookies" not in found.text


def test_a_parser_that_sinks_too_deep_leaves_it_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    def sink(*_: object, **__: object) -> None:
        raise RecursionError

    monkeypatch.setattr("adapters.web.extract.trafilatura.extract", sink)
    found = extract(PAGE.encode())
    assert found is not None and found.extracted_by == "beautifulsoup"


@pytest.mark.parametrize(
    "page", [b"", b"\x00\xff\xfe", b"{}", b"<html></html>", b"<" * 1000, b"<p>" * 3000, b"<div>" * 20_000]
)
def test_a_page_without_an_article_has_none(page: bytes) -> None:
    found = extract(page)
    assert found is None or len(found.text) < 2000


def test_the_charset_comes_from_http_or_from_the_page() -> None:
    text = "<p>" + "Preise für Äpfel und Öl steigen, sagt die Börse in Zürich am Montag früh. " * 8 + "</p>"
    http = extract(f"<html><body><article>{text}</article></body></html>".encode("iso-8859-1"), "iso-8859-1")
    meta = extract(
        f'<html><head><meta charset="iso-8859-1"></head><body><article>{text}</article></body></html>'.encode(
            "iso-8859-1"
        )
    )
    assert http and meta and "Äpfel" in http.text and "Äpfel" in meta.text
    assert extract(text.encode(), "no-such-charset")


def test_long_articles_are_cut() -> None:
    found = extract(
        (
            "<article>"
            + "".join(f"<p>Sentence number {n} of a long story about bitcoin.</p>" for n in range(5000))
            + "</article>"
        ).encode()
    )
    assert found is not None and len(found.text) <= 100_000


def test_as_json_for_the_isolated_process() -> None:
    assert extract_json(b"") == b"null"
    assert b'"extracted_by":"trafilatura"' in extract_json(PAGE.encode())
