"""Whether a page's text is the article that its feed announced, or a notice that stands in its place."""

import re

_WORD = re.compile(r"[^\W_]+")
_SHORTEST = 4  # letters; numbers and words in capitals may be shorter
_LONG_TEXT, _WHOLE_ARTICLE = 200, 1_000  # characters
# Common in any text, and what notices about cookies, sign-in and scripts are made of.
_TELLING_NOTHING = frozenset({
    "about", "access", "accept", "account", "agree", "after", "also", "allow", "and", "any", "are", "because",
    "been", "before", "being", "browser", "but", "can", "choose", "click", "consent", "content", "continue",
    "cookie", "cookies", "could", "data", "device", "does", "enable", "even", "every", "from", "have", "here",
    "however", "information", "into", "javascript", "just", "learn", "like", "login", "make", "manage", "many",
    "more", "most", "much", "need", "news", "not", "only", "options", "other", "our", "over", "page", "partners",
    "please", "policy", "preferences", "privacy", "read", "reject", "right", "said", "same", "says", "service",
    "services", "settings", "share", "sign", "site", "some", "subscribe", "such", "than", "that", "their", "them",
    "then", "there", "these", "they", "this", "those", "through", "time", "today", "under", "until", "update",
    "upon", "use", "used", "user", "using", "very", "want", "website", "were", "what", "when", "where", "which",
    "while", "will", "with", "without", "would", "year", "your", "you", "the", "for",
})  # fmt: skip
_NO_SPACES = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")


def is_about(text: str, title: str, summary: str) -> bool:
    """Whether a text found in an article's page shares words with its title or summary.

    Where these say too little to tell, a short text is believed.
    """
    announced = _telling(f"{title} {summary}")
    if not announced or (len(announced) < 3 and len(text) < _LONG_TEXT):
        return True
    shared = len(announced & _telling(text))
    return shared >= (1 if len(announced) <= 3 or len(text) >= _WHOLE_ARTICLE else 2)


def _telling(text: str) -> set[str]:
    words = set()
    for word in _WORD.findall(text):
        lowered = word.casefold()
        if _NO_SPACES.search(word):
            words |= {word[at : at + 2] for at in range(max(1, len(word) - 1))}
        elif lowered not in _TELLING_NOTHING and (
            len(word) >= _SHORTEST or word.isdigit() or (word.isupper() and len(word) > 1)
        ):
            words.add(lowered)
    return words
