"""The page's own files without what only their readers need: comments, indentation, spaces between signs, most lines' ends.

Names are left alone: what a browser reports is found in the file by them.
"""

import re

# A string, a comment, the start of a template, a brace, a word, white space, or any other character.
_CODE = re.compile(
    r"""(?P<comment>[ \t]*//[^\n]*|[ \t]*/\*.*?\*/[ \t]*)
    |(?P<string>'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")
    |(?P<template>`)
    |(?P<brace>[{}])
    |(?P<word>[\w$]+)
    |(?P<newline>[ \t]*\n[ \t]*)
    |(?P<space>[ \t]+)
    |(?P<other>.)""",
    re.DOTALL | re.VERBOSE,
)
_TEMPLATE = re.compile(r"(?P<text>(?:[^`\\$]|\\.|\$(?!\{))*)(?P<end>`|\$\{)", re.DOTALL)
_REGEX = re.compile(r"/(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*")
_INDENT = re.compile(r"\n[ \t]+")
# A character that is written by its number so that readers see it, such as a no-break space; not half of a pair.
_ESCAPE = re.compile(r"(?<!\\)\\u(00[a-f][0-9a-f]|20[0-9a-f]{2}|22[0-9a-f]{2})")
# A slash after one of these divides nothing: it begins a regular expression.
_BEFORE_REGEX = {*"(,=:[!&|?{;+-*%~^<>", "", "return", "typeof", "case", "of", "in", "yield", "await"}
_ENDED = (*";{,([", "")
# Between two of these a space tells apart what would be one sign: `a + +b`, `1 .toFixed()`, `a / /b/`.
_APART = re.compile(r"[\w$] [\w$.]|\+ \+|- -|. /|/ .|< !")


def slim_script(text: str) -> str:
    """JavaScript of 2023 or before; templates lose their indentation alone. Raises ValueError where one has no end."""
    slim: list[str] = []
    inside: list[bool] = []  # for each open brace, whether a template goes on after it
    before, at = "", 0
    while at < len(text):
        if text[at] == "/" and before in _BEFORE_REGEX and (regex := _regex(text, at)):
            slim.append(regex)
            before, at = "/", at + len(regex)
            continue
        token = _CODE.match(text, at)
        assert token  # `other` is any character
        kind, part, at = token.lastgroup, token[0], token.end()
        if kind in ("comment", "newline", "space"):
            slim += _gap(part, slim, before[-1:], text[at : at + 1])
        elif kind == "template" or (kind == "brace" and part == "}" and inside and inside.pop()):
            rest, end, at = _template(text, at)
            slim += part, rest, end
            before = end[-1]
            if end == "${":
                inside.append(True)
        else:
            if part == "{":
                inside.append(False)
            if part == "}" and slim[-1:] == [";"]:
                slim.pop()  # a statement ends with its block; an empty one there would be a syntax error, not another meaning
            slim.append(part)
            before = part
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), "".join(slim))


def _gap(part: str, slim: list[str], before: str, after: str) -> list[str]:
    """What is left of white space and comments: a line's end where it may end a statement, a space where two would be one."""
    if slim[-1:] == ["\n"]:
        return []
    if "\n" in part:
        return [] if before in _ENDED else ["\n"]
    return [" "] if _APART.match(f"{before} {after}") else []


def _regex(text: str, at: int) -> str | None:
    found = None if text.startswith(("//", "/*"), at) else _REGEX.match(text, at)
    return found and found[0]


def _template(text: str, at: int) -> tuple[str, str, int]:
    """Its text up to the next substitution or its end, which of them, and where that stops."""
    found = _TEMPLATE.match(text, at)
    if found is None:
        raise ValueError(f"line {text.count(chr(10), 0, at) + 1}: a template has no end")
    return _INDENT.sub("\n", found["text"]), found["end"], found.end()


def slim_page(text: str) -> str:
    """HTML without indentation. It must have no text in which that counts."""
    return _INDENT.sub("\n", text)


def slim_style(text: str) -> str:
    """CSS on one line. A string in it must have no two spaces together, and no space beside a brace, comma or semicolon."""
    flat = re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL))
    signs = re.sub(r" ?([{};,]) ?", r"\1", flat)
    return re.sub(r"([\w-]): ", r"\1:", signs).replace(";}", "}").strip()
