"""The feed's tree before feedparser reads it: what an entry says itself goes before what is said about its pictures."""

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

_TITLES = frozenset({"title", "subtitle"})
_TEXTS = frozenset({"description", "summary", "subtitle", "abstract", "text", "info"})
_CONTENT = frozenset({"encoded", "content"})
_ENTRIES = frozenset({"item", "entry"})
_XHTML = "http://www.w3.org/1999/xhtml"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A well-formed document in UTF-8. In Atom, a text construct says whether it is text or markup."""

    document: bytes
    is_atom: bool


def prepared(text: str) -> Prepared | None:
    """Parse what `wellformed` has made of a feed, as far as it can be parsed; None when it holds no element.

    feedparser lets elements of all namespaces overwrite each other by their local names (`media:description`,
    `itunes:summary`, an empty `dc:description`): of those, only what the entry lacks is left in.
    """
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError:
        return None
    if root is None:
        return None
    for entry in list(root.iter()):
        if isinstance(entry.tag, str) and _local(entry) in _ENTRIES:
            for element in _others_words(entry):
                _remove(element)
    return Prepared(etree.tostring(root, encoding="utf-8"), _local(root) == "feed")


def _others_words(entry: etree._Element) -> Iterator[etree._Element]:
    own_namespace = _namespace(entry)
    own = {_local(child) for child in entry if _namespace(child) == own_namespace and _has_text(child)}
    own |= {_local(child) for child in entry if _local(child) in _CONTENT and _has_text(child)}
    has_title, has_text = "title" in own, bool(own & (_TEXTS | _CONTENT))
    for element in entry.iterdescendants(etree.Element):
        namespace, local = _namespace(element), _local(element)
        if namespace in {own_namespace, _XHTML} or any(
            _namespace(above) == _XHTML for above in element.iterancestors()
        ):
            continue
        is_words = local in _TITLES | _TEXTS | {"creator", "date"}
        if (is_words and not _has_text(element)) or (has_title and local in _TITLES) or (has_text and local in _TEXTS):
            yield element


def _has_text(element: etree._Element) -> bool:
    return any(text.strip() for text in element.itertext())


def _namespace(element: etree._Element) -> str:
    """The namespace, or a prefix that was never declared."""
    if not isinstance(element.tag, str):
        return ""
    namespace, _, local = element.tag.rpartition("}")
    return namespace.removeprefix("{") or local.rpartition(":")[0]


def _local(element: etree._Element) -> str:
    if not isinstance(element.tag, str):
        return ""
    return element.tag.rpartition("}")[2].rpartition(":")[2].lower()


def _remove(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        element.tail = None
        parent.remove(element)
