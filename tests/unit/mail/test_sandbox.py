from __future__ import annotations

import contextlib
import time
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.mail.allowed import parse
from nurture.mail.problems import TemplateCode, TemplateFault
from nurture.mail.sandbox import HTML, TEXT, Voice, compile_tree, run


def write(source: str, *, html: bool = False, voice: Voice | None = None, **values: Any) -> str:
    tree = parse(source)
    assert not isinstance(tree, list), tree
    sandbox = HTML if html else TEXT
    return run(compile_tree(tree, sandbox), values, voice or Voice(), "mail.md")


REFUSED = [
    ("{{ ''.__class__ }}", TemplateCode.NOT_ALLOWED),
    ("{{ lead['x'].__class__.__mro__ }}", TemplateCode.NOT_ALLOWED),
    ("{{ _budget }}", TemplateCode.NOT_ALLOWED),
    ("{{ lead.items() }}", TemplateCode.UNKNOWN_FUNCTION),
    ("{{ 'a'.ljust(300000000) }}", TemplateCode.UNKNOWN_FUNCTION),
    ("{{ '{0.x}'.format(lead) }}", TemplateCode.UNKNOWN_FUNCTION),
    ("{{ '%0999999999d' | format(3) }}", TemplateCode.UNKNOWN_FILTER),
    ("{{ 'a' | center(999999999) }}", TemplateCode.UNKNOWN_FILTER),
    ("{{ lead.name | attr('x') }}", TemplateCode.UNKNOWN_FILTER),
    ("{{ lead.name | safe }}", TemplateCode.UNKNOWN_FILTER),
    ("{{ lead.name | map('upper') }}", TemplateCode.UNKNOWN_FILTER),
    ("{{ lipsum(n=100000) }}", TemplateCode.UNKNOWN_FUNCTION),
    ("{{ cycler('a') }}", TemplateCode.UNKNOWN_FUNCTION),
    ("{{ namespace() }}", TemplateCode.UNKNOWN_FUNCTION),
    ("{{ dict(a=1) }}", TemplateCode.UNKNOWN_FUNCTION),
    ("{{ range(*[1]) }}", TemplateCode.NOT_ALLOWED),
    ("{{ 2 ** 99 }}", TemplateCode.NOT_ALLOWED),
    ("{{ x is callable }}", TemplateCode.UNKNOWN_TEST),
    ("{% macro m() %}{% endmacro %}", TemplateCode.NOT_ALLOWED),
    ("{% include 'x' %}", TemplateCode.NOT_ALLOWED),
    ("{% import 'x' as y %}", TemplateCode.NOT_ALLOWED),
    ("{% extends 'x' %}", TemplateCode.NOT_ALLOWED),
    ("{% block b %}{% endblock %}", TemplateCode.NOT_ALLOWED),
    ("{% set x %}{{ x }}{{ x }}{% endset %}", TemplateCode.NOT_ALLOWED),
    ("{% set a = [a, a] %}", TemplateCode.NOT_ALLOWED),
    ("{% filter upper %}x{% endfilter %}", TemplateCode.NOT_ALLOWED),
    ("{% autoescape false %}x{% endautoescape %}", TemplateCode.NOT_ALLOWED),
    ("{% for a in x recursive %}{{ loop(a) }}{% endfor %}", TemplateCode.NOT_ALLOWED),
    (
        "{% for a in x %}{% for b in x %}{% for c in x %}{% endfor %}{% endfor %}{% endfor %}",
        TemplateCode.NOT_ALLOWED,
    ),
    ("{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}", TemplateCode.SYNTAX),
    ("{{ " + " + ".join(["1"] * 200) + " }}", TemplateCode.TOO_LARGE),
    ("{% if lead.name", TemplateCode.SYNTAX),
    ("{% if lead.name %}", TemplateCode.SYNTAX),
    ("{% endif %}", TemplateCode.SYNTAX),
    ("{{ lead..name }}", TemplateCode.SYNTAX),
]


@pytest.mark.parametrize(("source", "code"), REFUSED, ids=[source[:50] for source, _ in REFUSED])
def test_what_templates_may_not_do_is_refused_when_they_are_read(source: str, code: TemplateCode) -> None:
    problems = parse(source)
    assert isinstance(problems, list)
    assert code in [problem.code for problem in problems]


@pytest.mark.parametrize(
    "source",
    [
        "{{ 'x' * 1000000000 }}",
        "{% set n = 1000000000 %}{{ 'x' * n }}",
        "{{ [1] * 1000000000 }}",
        "{{ '%999999999d' % 3 }}",
        "{% for a in range(1000) %}{% for b in range(1000) %}x{% endfor %}{% endfor %}",
        "{% for a in range(1000000000) %}x{% endfor %}",
        "{% set a = 'xxxxxxxxxxxxxxxx' %}" + "{% set a = a ~ a %}" * 60 + "{{ a }}",
        "{% set a = 'xxxxxxxxxxxxxxxx' %}" + "{% set a = a + a %}" * 60 + "{{ a }}",
        "{% set a = 99999999999 %}" + "{% set a = a * a %}" * 60 + "{{ a }}",
        "{% set a = 'x' | replace('x', 'xxxxxxxx') %}" + "{% set a = a | replace('x', a) %}" * 30 + "{{ a }}",
        "{% for a in range(90) %}{% for b in range(90) %}{{ many | sort | join | length }}{% endfor %}{% endfor %}",
        "{% for a in range(90) %}{% for b in range(90) %}"
        + "{% if many == same %}{% endif %}" * 300
        + "{% endfor %}{% endfor %}",
        "{% set t = long ~ long %}{% for a in range(900) %}{{ t }}{% endfor %}",
        "{% set a = range(1000) | join(long) %}{{ a }}",
        "{{ 5 | round(-1000000000) }}{{ 1 / 0 }}",
        "{{ '1e999999999' | int }}",
    ],
)
def test_a_template_without_end_fails_cleanly_and_soon(source: str) -> None:
    begin = time.process_time()
    with pytest.raises(TemplateFault):
        write(source, long="y" * 20_000, many=list(range(10_000)), same=list(range(10_000)))
    assert time.process_time() - begin < 5


@pytest.mark.parametrize(
    "source",
    [
        "{{ lead.keys }}",
        "{{ lead.nobody.name }}",
        "{{ nobody }}",
        "{{ lead.company }}",
        "{{ lead }}",
        "{{ lead.tags }}",
        "{{ thing }}",
        "{{ thing.secret }}",
        "{{ true }}",
        "{{ lead.name + 1 }}",
        "{{ lead.name | date }}",
        "{{ now | date('fancy') }}",
        "{{ lead.name | money }}",
        "{% for a in lead.name %}{% endfor %}",
        "{{ thing() }}",
    ],
)
def test_a_value_that_does_not_fit_is_a_fault_with_its_line(source: str) -> None:
    class Thing:
        secret = "s3cret"

        def __call__(self) -> str:
            return "called"

    values = {"lead": {"name": "Ada", "company": None, "tags": ["a"]}, "thing": Thing(), "now": 5}
    if source == "{{ thing() }}":
        assert isinstance(parse(source), list)
        return
    with pytest.raises(TemplateFault) as caught:
        write(f"one\ntwo\n{source}", **values)
    assert caught.value.line == 3
    assert "mail.md, line 3" in str(caught.value)


@pytest.mark.parametrize(
    ("source", "written"),
    [
        ("{{ name }}", "Ada"),
        ("{{ missing | default('you') }}", "you"),
        ("{{ empty | default('you') }}", "you"),
        ("{{ none | upper | default('you') }}", "you"),
        ("{{ zero | default(7) }}", "0"),
        ("{{ 3.0 }} {{ 2.5 }} {{ dec }}", "3 2.5 1.50"),
        ("{{ name ~ ' ' ~ 5 }}", "Ada 5"),
        ("{% if lead.company %}yes{% else %}no{% endif %}", "no"),
        ("{% if lead.nothing == none %}none{% endif %}", "none"),
        ("{% if lead.company is none %}none{% endif %}", "none"),
        ("{% if lead.score > 3 or lead.score < 3 or 'a' in lead.tags %}yes{% else %}no{% endif %}", "no"),
        ("{% if lead.nothing is defined %}yes{% else %}no{% endif %}", "no"),
        ("{% for a in lead.nothing %}x{% else %}none{% endfor %}", "none"),
        ("{% for t in tags %}{{ loop.index }}{{ t }}{% if not loop.last %},{% endif %}{% endfor %}", "1a,2b"),
        ("{{ tags | join(' + ') }}", "a + b"),
        ("{{ rows | join(', ', 't') }}", "x, y"),
        ("{% for r in rows | sort('t', reverse=true) %}{{ r.t }}{% endfor %}", "yx"),
        ("{{ tags | first }}{{ tags | last }}{{ tags | length }}", "ab2"),
        ("{{ 'ada lovelace' | title }} {{ name | upper | lower | capitalize }}", "Ada Lovelace Ada"),
        ("{{ 'one two three' | truncate(8) }}", "one two…"),
        ("{{ 'a b&c' | urlencode }}", "a%20b%26c"),
        ("{{ name[:1] }}", "A"),
        ("{{ lead['name'] }}", "Eve"),
        ("{{ 'a' if zero else 'b' }}", "b"),
        ("{{ at.year }}", "2026"),
        ("{{ [3, 1] | sum }} {{ [3, 1] | max }} {{ 2.567 | round(1) }}", "4 3 2.6"),
        ("{{ range(3) | join('') }}", "012"),
    ],
)
def test_what_templates_write(source: str, written: str) -> None:
    values = {
        "name": "Ada",
        "empty": "",
        "none": None,
        "zero": 0,
        "dec": Decimal("1.50"),
        "lead": {"company": None, "name": "Eve"},
        "tags": ["a", "b"],
        "rows": [{"t": "x"}, {"t": "y"}],
        "at": datetime(2026, 3, 3, tzinfo=UTC),
    }
    assert write(source, **values) == written


def test_user_data_is_never_a_template() -> None:
    assert write("{{ name }}", name="{{ 7*7 }}{% raw %}") == "{{ 7*7 }}{% raw %}"


def test_html_escapes_values_and_text_does_not() -> None:
    assert write("<b>{{ n }}</b>", html=True, n="<i>&\"'") == "<b>&lt;i&gt;&amp;&#34;&#39;</b>"
    assert write("{{ n }}", n="<i>") == "<i>"


def test_dates_are_written_for_the_reader() -> None:
    from zoneinfo import ZoneInfo

    voice = Voice("de", ZoneInfo("Europe/Berlin"))
    at = datetime(2026, 3, 3, 23, 30, tzinfo=UTC)
    assert write("{{ at }} {{ day }}", voice=voice, at=at, day=date(2026, 1, 1)) == (
        "4. März 2026, 00:30 Uhr 1. Januar 2026"
    )


@given(st.text())
def test_any_text_can_be_written_and_keeps_its_visible_characters(text: str) -> None:
    written = write("{{ t }}", t=text)
    assert [c for c in written if c.isprintable()] == [c for c in text if c.isprintable()]
    assert not set(written) & {chr(n) for n in [*range(9), *range(14, 32), 127]}
    written.encode("utf-8")


@given(st.text(max_size=60))
def test_no_source_makes_the_reader_crash(source: str) -> None:
    for wrapped in (source, "{{" + source + "}}", "{%" + source + "%}"):
        tree = parse(wrapped)
        if not isinstance(tree, list):
            with contextlib.suppress(TemplateFault):
                run(compile_tree(tree, TEXT), {}, Voice())


@given(
    st.lists(
        st.sampled_from(["{{", "}}", "{%", "%}", "if", "for", "in", "x", "endif", "endfor", " ", "|", "("])
    )
)
def test_no_mixture_of_marks_makes_the_reader_crash(words: list[str]) -> None:
    tree = parse(" ".join(words))
    if isinstance(tree, list):
        assert tree
        assert all(problem.line >= 1 and problem.column >= 1 for problem in tree)
    else:
        compile_tree(tree, HTML)
