from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.mail.allowed import parse
from nurture.mail.marks import lift, without_stray_braces
from nurture.mail.sandbox import TEXT, Voice, compile_tree, run

PIECES = [
    "{{ a }}",
    '{{ "}}" }}',
    "{{- a -}}",
    "{% if a %}",
    "{%- if a -%}",
    "{% endif %}",
    "{%+ endif %}",
    "{# note }} #}",
    "{{ a\n }}",
    "word",
    " ",
    "\n",
    "\n\n",
    "jmke0z",
    "{",
    "}",
    "%}",
]


def written(source: str) -> str | None:
    tree = parse(source)
    return None if isinstance(tree, list) else run(compile_tree(tree, TEXT), {"a": "A"}, Voice())


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_what_is_put_back_writes_the_same_words(source: str) -> None:
    before = written(source)
    if before is None:
        return
    lifted = lift(source)
    again = lifted.lower(without_stray_braces(lifted.text))
    after = written(again)
    assert after is not None
    assert "".join(after.split()) == "".join(before.split())


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("a {{ b }} c", "a jmke0z c"),
        ("jmk {{ b }}", "jmk jmkqe0z"),
        ("{% if b %}\nx\n{% endif %}", "jmks0z\nx\njmks1z"),
        ("{%- if b -%}\n\nx\n\n{%- endif -%}", "jmks0z\n\nx\n\njmks1z"),
        ("a {# b #}c", "a c"),
        ("a\n{# b\nc #}\nd", "a\nd"),
        ("{% raw %}{{ x }}{% endraw %}!", "jmke0z x jmke1z!"),
    ],
)
def test_marks_stand_for_what_was_there(source: str, text: str) -> None:
    assert lift(source).text == text


def test_statements_outside_tags_become_comments() -> None:
    lifted = lift(
        '<table {% if a %}class="x"{% endif %}>{% for b in c %}<tr>{% endfor %}<!-- {% if d %}{% endif %} -->'
    )
    wrapped = lifted.wrapped(lifted.text)
    assert wrapped == '<table jmks0zclass="x"jmks1z><!--jmks2z--><tr><!--jmks3z--><!-- jmks4zjmks5z -->'
    assert "{% for b in c %}<tr>{% endfor %}" in lifted.lower(wrapped)
