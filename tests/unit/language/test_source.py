"""Reading YAML as text: what data comes out, where it stands, and what is said of what cannot be read."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.language.problems import Problem, Problems
from nurture.language.source import MAX_BYTES, Source, read_source, with_keys


def read(text: str | bytes) -> tuple[Source | None, list[Problem]]:
    problems = Problems("a.yaml")
    source = read_source(text, "a.yaml", problems)
    return source, list(problems)


def read_well(text: str | bytes) -> Source:
    source, problems = read(text)
    assert problems == []
    assert source is not None
    return source


# -- data ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        "NO",
        "on",
        "yes",
        "9:30",
        "12:30:45",
        "007",
        "0049 30",
        "1_000",
        "1e3",
        "0x10",
        "2026-12-20",
        "true",
        ".5",
        "=",
        "Null",
    ],
)
def test_a_scalar_stays_as_it_is_written(written):
    assert read_well(f"a: {written}\n").data == {"a": written}


@pytest.mark.parametrize(
    ("written", "value"), [("", None), ("null", None), ("~", None), ('""', ""), ('"null"', "null")]
)
def test_nothing_and_the_empty_text_differ(written, value):
    assert read_well(f"a: {written}\n").data == {"a": value}


@pytest.mark.parametrize("text", ["", "\n", "# only a remark\n", "---\n"])
def test_an_empty_file_is_no_problem_here(text):
    assert read_well(text).data is None


def test_lists_mappings_and_block_texts():
    text = "a:\n  - b\n  - {c: d, e: [f, g]}\nh: |\n  i\n  j\nk: >\n  l\n  m\n"
    assert read_well(text).data == {"a": ["b", {"c": "d", "e": ["f", "g"]}], "h": "i\nj\n", "k": "l m\n"}


def test_a_key_may_look_like_anything():
    assert read_well("on: a\nNO: b\n5: c\nnull: d\n").data == {"on": "a", "NO": "b", "5": "c", "null": "d"}


def test_a_few_aliases_are_read():
    assert read_well("a: &x {b: c}\nd: *x\n").data == {"a": {"b": "c"}, "d": {"b": "c"}}


def test_a_byte_order_mark_and_a_directive_are_no_problem():
    source = read_well(b"\xef\xbb\xbf%YAML 1.2\n---\na: b\n")
    assert (source.data, source.bom, source.value_place(("a",))[:2]) == ({"a": "b"}, True, (3, 4))


# -- places ----------------------------------------------------------------------------------------------------

TEXT = """\
título: "Übergröße 😀"
steps:
  - email: a
    if: lead.score >= 30
  - {task: x, due: 5 minutes}
"""


@pytest.mark.parametrize(
    ("path", "key", "value"),
    [
        ((), (1, 1), (1, 1)),
        (("título",), (1, 1), (1, 9)),
        (("steps",), (2, 1), (3, 3)),
        (("steps", 0), (3, 5), (3, 5)),
        (("steps", 0, "if"), (4, 5), (4, 9)),
        (("steps", 1, "due"), (5, 15), (5, 20)),
        (("steps", 1, "missing", "deeper"), (5, 5), (5, 5)),
        (("nowhere",), (1, 1), (1, 1)),
    ],
)
def test_places_of_keys_and_values(path, key, value):
    source = read_well(TEXT)
    assert source.key_place(path)[:2] == key
    assert source.value_place(path)[:2] == value


@pytest.mark.parametrize(
    ("text", "offset", "place"),
    [
        ("a: xyz\n", 2, (1, 6)),
        ('a: "xyz"\n', 2, (1, 7)),
        ("a: 'it''s'\n", 3, (1, 9)),
        ("a: 'it''s x'\n", 5, (1, 11)),
        ("a: |\n  xyz\n  uvw\n", 5, (3, 4)),
        ("a: >\n  xyz\n  uvw\n", 4, (3, 3)),
        ("a: xyz\n  uvw\n", 4, (2, 3)),
        ("a: xyz\n", 99, (1, 7)),
        ("a: äö😀z\n", 3, (1, 7)),
    ],
)
def test_places_inside_a_text(text, offset, place):
    assert read_well(text).text_place(("a",), offset)[:2] == place


# -- problems --------------------------------------------------------------------------------------------------

BROKEN = [
    # text, line, column, code, part of the hint
    ("title: Trial: 14 days\n", 1, 13, "unquoted", 'title: "Trial: 14 days"'),
    ("title: Über: 😀: x\n", 1, 12, "unquoted", 'title: "Über: 😀: x"'),
    ("subject: 'It's here'\n", 1, 14, "unquoted", '"It\'s here"'),
    ("a: @you\n", 1, 4, "unquoted", 'a: "@you"'),
    ("a: *hot*\n", 1, 4, "unquoted", 'a: "*hot*"'),
    ("a: *hot\n", 1, 4, "unquoted", '"*hot"'),
    ("a: %x\n", 1, 4, "unquoted", 'a: "%x"'),
    ("a: `x`\n", 1, 4, "unquoted", "\"`x`\""),
    ("a: ? x\n", 1, 4, "unquoted", '"? x"'),
    ("a: {{ lead.name }}\n", 1, 4, "unquoted", '"{{ lead.name }}"'),
    ("a: {{ lead.name }} hello\n", 1, 4, "unquoted", '"{{ lead.name }} hello"'),
    ("- [b, {{x}}]\n", 1, 7, "unquoted", '"{{x}}"'),
    ('if: "a" == b\n', 1, 9, "unquoted", "'\"a\" == b'"),
    ("a: [x] y\n", 1, 8, "unquoted", '"[x] y"'),
    ('a: {if: x in ["DE"], then: b}\n', 1, 14, "unquoted", "block"),
    ('a: {if: f("x", 2) >= 1, then: b}\n', 1, 9, "unquoted", "block"),
    ('- {if: lead.country in ("DE", "AT"), then: b}\n', 1, 35, "unquoted", "block"),
    ("if: !known(phone)\n", 1, 5, "tag", "not known(phone)"),
    ("a: !x\n", 1, 4, "tag", '"!x"'),
    ("a: !!python/object:os.system x\n", 1, 4, "tag", "delete"),
    ("a:\n\tb: 1\n", 2, 1, "tab", "spaces"),
    ("\ta: 1\n", 1, 1, "tab", "spaces"),
    ("a: 1\n\tb: 2\n", 2, 1, "tab", "spaces"),
    ('a: "abc\nb: 1\n', 1, 4, "unclosed", 'add a "'),
    ('a: "abc\nb: "x"\n', 1, 4, "unclosed", "close it"),
    ("a: [1, 2\nb: 3\n", 1, 4, "unclosed", "]"),
    ("a: {b: 1\n", 1, 4, "unclosed", "}"),
    ("a: 1\n  b: 2\n", 2, 3, "syntax", "column"),
    ("a:\n  b: 1\n c: 2\n", 3, 2, "syntax", "column"),
    ("- a\nb: 1\n", 2, 1, "syntax", "column"),
    ("a: 1\n- b\n", 2, 1, "syntax", "column"),
    ("a: - b\n", 1, 4, "syntax", "[a, b]"),
    ("a:1\nb: 2\n", 1, 1, "syntax", "write a: 1"),
    ("a: 1\nb:2\nc: 3\n", 2, 1, "syntax", "write b: 2"),
    ("a: 1\nb\nc: 3\n", 2, 1, "syntax", "write b: …"),
    ("a: |foo\n  x\n", 1, 4, "syntax", "next line"),
    ('a: "\\q"\n', 1, 5, "unquoted", "single quotes"),
    ("a: 1\nb: 2\na: 3\n", 3, 1, "duplicate-key", "line 1 or line 3"),
    ("a: {b: 1, b: 2}\n", 1, 11, "duplicate-key", "line 1"),
    ("a: &x {b: c}\nd:\n  <<: *x\n", 3, 3, "merge-key", "write the keys out"),
    ("? [a]\n: 1\n", 1, 3, "not-text-key", ""),
    ("a: 1\n---\nb: 2\n", 2, 1, "several-documents", "two files"),
    ("a: x\x07\n", 1, 5, "control-character", "delete"),
    ("a: b\u2028c\n", 1, 5, "control-character", "delete"),
    ("a: \x00\n", 1, 4, "control-character", "delete"),
    (b"a: b\nc: \xff\n", 2, 4, "encoding", "UTF-8"),
    ("a: b\n".encode("utf-16"), 1, 1, "encoding", "UTF-8"),
    (b"a: " + b"x" * MAX_BYTES, 1, 1, "too-large", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "column", "code", "hint"), BROKEN)
def test_what_cannot_be_read_is_placed_and_explained(text, line, column, code, hint):
    _, problems = read(text)
    assert [(problem.line, problem.column, problem.code, problem.severity) for problem in problems] == [
        (line, column, code, "error")
    ]
    assert hint in (problems[0].hint or "")


@pytest.mark.parametrize(("text", "line", "column", "code", "hint"), BROKEN)
def test_no_word_of_the_parser_reaches_the_author(text, line, column, code, hint):
    _, problems = read(text)
    said = f"{problems[0].message} {problems[0].hint}"
    for foreign in (
        "token",
        "scalar",
        "block mapping",
        "block collection",
        "flow",
        "context",
        "indicator",
        "anchor",
    ):
        assert foreign not in said


def test_all_duplicate_keys_are_told_and_the_first_value_stays():
    source, problems = read("a: 1\na: 2\nb: {c: 1, c: 2}\na: 3\n")
    assert [(problem.line, problem.column) for problem in problems] == [(2, 1), (3, 11), (4, 1)]
    assert source is not None
    assert source.data == {"a": "1", "b": {"c": "1"}}


@pytest.mark.parametrize(
    ("text", "column", "hint"),
    [
        ("subject: 50% off! #1\n", 10, '"50% off! #1"'),
        ("colour: #fff\n", 8, '"#fff"'),
        ("- call us #now\n", 3, '"call us #now"'),
    ],
)
def test_a_text_cut_by_a_comment_is_a_warning(text, column, hint):
    source, problems = read(text)
    assert source is not None
    assert [(problem.code, problem.severity, problem.column) for problem in problems] == [
        ("cut-by-comment", "warning", column)
    ]
    assert hint in str(problems[0].hint)


@pytest.mark.parametrize(
    "text", ["a: b # a remark\n", "a: b#1\n", 'a: "b #1"\n', "a:  # remark\n  b: c\n", "a: b #-----\n"]
)
def test_ordinary_comments_are_no_problem(text):
    read_well(text)


# -- hostile files ---------------------------------------------------------------------------------------------

BOMBS = {
    "nested lists": ("- " * 30_000, "too-deep"),
    "nested brackets": ("[" * 400_000, "too-deep"),
    "nested braces": ("{a: " * 200_000, "too-deep"),
    "nested question marks": ("? " * 300_000, "too-deep"),
    "too many values": ("- a\n" * 240_000, "too-many-values"),
    "billion laughs": (
        "a: &a [x,x,x,x,x,x,x,x,x]\n"
        + "".join(f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(9)),
        "alias",
    ),
    "wide aliases": ("a: &a [" + "x," * 60_000 + "x]\nb: [*a,*a,*a,*a,*a,*a]\n", "too-many-values"),
    "an alias inside itself": ("a: &a [*a]\n", "unquoted"),
    "open quote": ('a: "' + "x\n " * 300_000, "unclosed"),
    "colons": ("a: " + ": " * 400_000, "unquoted"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_at_once(name):
    text, code = BOMBS[name]
    begin = time.process_time()
    _, problems = read(text)
    assert [problem.code for problem in problems] == [code]
    assert time.process_time() - begin < 10


def test_aliases_cannot_nest_beyond_the_depth():
    deep = "a: &a " + "[" * 40 + "x" + "]" * 40 + "\nb: " + "[" * 40 + "*a" + "]" * 40 + "\n"
    _, problems = read(deep)
    assert [problem.code for problem in problems] == ["too-deep"]


YAMLISH = st.text(alphabet="ab: -\n\t\"'[]{},#&*!|>%@?\\<~é\r0", max_size=60)


@given(st.one_of(YAMLISH, st.text(max_size=60)))
@settings(max_examples=600, deadline=None)
def test_any_text_is_read_or_explained(text):
    source, problems = read(text)
    assert source is not None or any(problem.severity == "error" for problem in problems)
    for problem in problems:
        assert problem.line >= 1
        assert problem.column >= 1
        assert problem.message


@given(st.binary(max_size=80))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_read_or_explained(content):
    source, problems = read(content)
    assert source is not None or problems


KEYS = st.sampled_from(["a", "b", "title", "on", "NO"])
LEAVES = st.sampled_from(["x", "9:30", "it's", 'say "x"', "a: b", "#1", "", " ", "é😀"])
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(KEYS, TREES, min_size=1, max_size=4))
@settings(max_examples=200, deadline=None)
def test_what_is_written_comes_back_and_every_place_is_the_value_s_own(tree):
    import json

    text = json.dumps(tree, ensure_ascii=False, indent=1)
    source = read_well(text)
    assert source.data == tree
    lines = text.split("\n")
    for path, mark in source.marks.items():
        value = source.get(path)
        begins = lines[mark.value.line - 1][mark.value.column - 1]
        assert begins == ('"' if isinstance(value, str) else "{" if isinstance(value, dict) else "[")
        assert text[mark.value.offset] == begins


# -- editing ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "path", "after"),
    [
        (
            "steps:\n  - email: a # x\n    at: b\n",
            ("steps", 0),
            "steps:\n  - id: i\n    email: a # x\n    at: b\n",
        ),
        ("steps:\n- email: a\n", ("steps", 0), "steps:\n- id: i\n  email: a\n"),
        ("steps: [ { email: a } ]\n", ("steps", 0), "steps: [ {id: i,  email: a } ]\n"),
        ("a: {}\n", ("a",), "a: {id: i}\n"),
        ("a:\r\n  b: c\r\n", ("a",), "a:\r\n  id: i\r\n  b: c\r\n"),
        ("\ufeffa:\n  b: ü\n", ("a",), "\ufeffa:\n  id: i\n  b: ü\n"),
        ("a: text\n", ("a",), "a: text\n"),
        ("a: b\n", ("nowhere",), "a: b\n"),
    ],
)
def test_a_key_is_put_in_and_all_else_stays(before, path, after):
    assert with_keys(read_well(before), [(path, "id", "i")]) == after


def test_several_keys_are_put_in_at_once():
    source = read_well("steps:\n  - a: b\n  - c: d\n")
    changed = with_keys(source, [(("steps", 0), "id", "x"), (("steps", 1), "id", "y")])
    assert read_well(changed).data == {"steps": [{"id": "x", "a": "b"}, {"id": "y", "c": "d"}]}
