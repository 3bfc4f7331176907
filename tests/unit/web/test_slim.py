import re
from pathlib import Path

import pytest

from entrypoints.web.slim import slim_script, slim_style

STATIC = Path(__file__).parents[3] / "entrypoints" / "web" / "static"


def _own(suffix: str) -> list[Path]:
    return [
        path
        for path in sorted(STATIC.rglob(f"*{suffix}"))
        if "vendor" not in path.relative_to(STATIC).parts and not path.name.endswith(".d.ts")
    ]


@pytest.mark.parametrize(
    ("script", "slim"),
    [
        ("let a = 1; // one\n", "let a=1;"),
        ("/** What it is. */\nexport const a = 'b  c';\n", "export const a='b  c';"),
        ("a /* of\ntwo lines */ = 2", "a\n=2"),
        ("return/* */a", "return a"),
        ("const url = 'https://x/';", "const url='https://x/';"),
        ("  if (a) {\n    b();\n  }\n", "if(a){b()}\n"),
        ("a = b / c; // d / e", "a=b / c;"),
        ("a = /\\/\\*[/'\"]  x/.test(b)", "a= /\\/\\*[/'\"]  x/.test(b)"),
        ("typeof x in y, a + +b, a - -b, 1 .toFixed()", "typeof x in y,a+ +b,a- -b,1 .toFixed()"),
        ("html`<a>\n    ${ b ? html`it's // ${ '`' }  {` : c }\n  </a>` // d", "html`<a>\n${b?html`it's // ${'`'}  {`:c}\n</a>`"),
        ("`a\\`b  ${ { c: `d` }.c } $ {`", "`a\\`b  ${{c:`d`}.c} $ {`"),
        ("class A { static #b = 1; async #c() {} }", "class A{static#b=1;async#c(){}}"),
    ],
)  # fmt: skip
def test_only_what_readers_need_is_left_out_of_a_script(script: str, slim: str) -> None:
    assert slim_script(script) == slim


def test_a_template_without_end_is_named_by_its_line() -> None:
    with pytest.raises(ValueError, match="line 2"):
        slim_script("a;\nhtml`b ${c}")


@pytest.mark.parametrize("path", _own(".js"), ids=lambda path: path.relative_to(STATIC).as_posix())
def test_nothing_more_can_be_taken_from_our_scripts(path: Path) -> None:
    slim = slim_script(path.read_text(encoding="utf-8"))
    assert slim_script(slim) == slim


@pytest.mark.parametrize(
    ("style", "slim"),
    [
        ("a > b:hover {\n  color: red;\n  margin: 0 4px;\n}\n", "a > b:hover{color:red;margin:0 4px}"),
        ("/* one */ a :focus { width: calc(100% - 32px); }", "a :focus{width:calc(100% - 32px)}"),
        ("@media (max-width: 639px) {\n  a,\n  b { top: 0 }\n}", "@media (max-width:639px){a,b{top:0}}"),
        ("a::before { content: ''; }", "a::before{content:''}"),
    ],
)
def test_only_what_readers_need_is_left_out_of_a_style(style: str, slim: str) -> None:
    assert slim_style(style) == slim


@pytest.mark.parametrize("path", _own(".css"), ids=lambda path: path.name)
def test_our_styles_have_no_string_that_would_be_changed(path: Path) -> None:
    style = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    strings = [part for number, part in enumerate(style.replace('"', "'").split("'")) if number % 2]
    assert all(part == slim_style(part) or not part.strip() for part in strings)
    assert slim_style(slim_style(style)) == slim_style(style)
