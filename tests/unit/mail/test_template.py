from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from nurture.mail.problems import TemplateCode
from nurture.mail.template import (
    FileName,
    Template,
    TemplateSet,
    check_names,
    parse_template,
    read_file_name,
    variables,
)

Read = Callable[[str], tuple[Any, Any]]
Make = Callable[..., Template]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("follow_up.md", FileName("follow_up", None, "md")),
        ("follow_up.de.md", FileName("follow_up", "de", "md")),
        ("follow_up.de-AT.html", FileName("follow_up", "de-AT", "html")),
        ("digest/2027-01.ru.md", FileName("digest/2027-01", "ru", "md")),
        ("_layout.html", None),
        ("digest/_part.md", None),
        (".hidden.md", None),
        ("notes.txt", None),
        ("../secret.md", None),
        ("/etc/mail.md", None),
        ("a b.md", None),
        ("mail.de.fr.md", None),
        ("mail.DE!.md", None),
    ],
)
def test_file_names_say_name_and_language(path: str, name: FileName | None) -> None:
    assert read_file_name(path) == name


WRONG = [
    ("no front matter", 1, TemplateCode.FRONT_MATTER),
    ("---\nsubject: a\nno end", 1, TemplateCode.FRONT_MATTER),
    ("---\npreheader: a\n---\nText", 1, TemplateCode.MISSING_SUBJECT),
    ("---\nsubject: a\nsubject: b\n---\nText", 3, TemplateCode.FRONT_MATTER),
    ("---\nsubject: Trial: 14 days\n---\nText", 2, TemplateCode.FRONT_MATTER),
    ("---\nsubject: a\nsubjekt: b\n---\nText", 3, TemplateCode.UNKNOWN_KEY),
    ("---\nsubject: [a, b]\n---\nText", 2, TemplateCode.WRONG_TYPE),
    ("---\nsubject: {A!: a}\n---\nText", 2, TemplateCode.WRONG_TYPE),
    ('---\npreheader: x\nsubject: "{{ lead. }}"\n---\nText', 3, TemplateCode.SYNTAX),
    ('---\nsubject: "{{ x() }}"\n---\nText', 2, TemplateCode.UNKNOWN_FUNCTION),
    ("---\nsubject: a\nattach: ../secret.pdf\n---\nText", 3, TemplateCode.NOT_ALLOWED),
    ("---\nsubject: a\nattach: /etc/passwd\n---\nText", 3, TemplateCode.NOT_ALLOWED),
    ("---\nsubject: a\nattach: 'a\\b.pdf'\n---\nText", 3, TemplateCode.NOT_ALLOWED),
    ("---\nsubject: a\ninvite: tomorrow\n---\nText", 3, TemplateCode.WRONG_TYPE),
    ("---\nsubject: a\ninvite: {title: Talk}\n---\nText", 3, TemplateCode.FRONT_MATTER),
    (
        "---\nsubject: a\ninvite:\n  title: Talk\n  start: x\n  starts: y\n---\nText",
        5,
        TemplateCode.UNKNOWN_KEY,
    ),
    ("---\nsubject: a\n---\n \n", 4, TemplateCode.EMPTY_BODY),
    ("---\nsubject: a\n---\nText\n\n{{ lead.name | uper }}", 6, TemplateCode.UNKNOWN_FILTER),
    ("---\nsubject: a\n---\nText\n\n{% if lead.name %}", 6, TemplateCode.SYNTAX),
    ("---\nsubject: a\n---\nText\n\n[here](javascript:alert(1))", 6, TemplateCode.LINK),
    ("---\nsubject: a\n---\nText\n\n[here](www.example.com)", 6, TemplateCode.LINK),
    ("---\nsubject: a\n---\n[here]()", 4, TemplateCode.LINK),
    ("---\nsubject: a\n---\n[here](https://)", 4, TemplateCode.LINK),
    ("---\nsubject: a\n---\n![x](data:image/png;base64,AAAA)", 4, TemplateCode.LINK),
    (
        "---\nsubject: a\n---\n| a |\n|---|\n{% for x in entry.l %}\n| {{ x }} |\n{% endfor %}",
        7,
        TemplateCode.NOT_ALLOWED,
    ),
    ("---\nsubject: a\n---\n" + "x" * 200_001, 1, TemplateCode.TOO_LARGE),
]


@pytest.mark.parametrize(("text", "line", "code"), WRONG, ids=[repr(text[4:60]) for text, _, _ in WRONG])
def test_what_is_wrong_with_a_template_is_said_with_its_line(
    text: str, line: int, code: TemplateCode, read: Read
) -> None:
    problems = parse_template("mail", None, "md", text, read)
    assert isinstance(problems, list)
    assert (line, code) in [(problem.line, problem.code) for problem in problems]


HTML_WRONG = [
    ("<script>alert(1)</script>", TemplateCode.UNSAFE_HTML),
    ("<p onclick='x()'>a</p>", TemplateCode.UNSAFE_HTML),
    ("<a href={{ lead.website }}>a</a>", TemplateCode.UNSAFE_HTML),
    ("<p {{ lead.name }}>a</p>", TemplateCode.UNSAFE_HTML),
    ("<{{ lead.name }}>a</p>", TemplateCode.UNSAFE_HTML),
    ('<p style="color: {{ lead.name }}">a</p>', TemplateCode.UNSAFE_HTML),
    ("<style>p { color: {{ lead.name }} }</style>", TemplateCode.UNSAFE_HTML),
    ('<iframe src="https://x.example"></iframe>', TemplateCode.UNSAFE_HTML),
    ('<a href="javascript:x()">a</a>', TemplateCode.LINK),
    ('<a href="&#106;avascript:x()">a</a>', TemplateCode.LINK),
    ('<img src="data:image/png;base64,AA">', TemplateCode.LINK),
]


@pytest.mark.parametrize(("body", "code"), HTML_WRONG, ids=[body for body, _ in HTML_WRONG])
def test_html_that_could_do_harm_is_refused(body: str, code: TemplateCode, read: Read) -> None:
    problems = parse_template("mail", None, "html", f"---\nsubject: a\n---\n<p>ok</p>\n{body}", read)
    assert isinstance(problems, list)
    assert (5, code) in [(problem.line, problem.code) for problem in problems]


def test_all_problems_are_told_at_once(read: Read) -> None:
    text = '---\nsubject: "{{ a() }}"\nsubjekt: x\n---\n{{ lead.name | uper }}\n\n{{ b() }}'
    problems = parse_template("mail", None, "md", text, read)
    assert isinstance(problems, list)
    assert [problem.line for problem in problems] == [2, 3, 5, 7]
    assert [problem.hint for problem in problems][2] == "Did you mean upper?"


def test_the_names_a_template_uses_have_places(template: Make) -> None:
    made = template(
        'Hello {{ lead.first_name | default("you") }},\n\n{% for a in entry.articles %}\n- {{ a.title }}\n{% endfor %}\n\n'
        '{% set who = owner["name"] %}{{ who }} {{ lead.first_name }}',
        front='subject: "{{ entry.report }}"',
    )
    found = variables(made)
    assert set(found) == {"lead.first_name", "entry.articles", "owner.name", "entry.report"}
    assert [(use.line, use.column) for use in found["lead.first_name"]] == [(4, 10), (10, 43)]
    assert found["entry.report"][0].line == 2


KNOWN = {
    "lead": {"name": "text", "first_name": "text", "created_at": "datetime"},
    "owner": {"name": "text"},
    "entry": None,
    "now": "datetime",
    "survey": {"farewell": "text"},
    "unsubscribe": "text",
}


@pytest.mark.parametrize(
    ("body", "code", "hint"),
    [
        ("{{ lead.frist_name }}", TemplateCode.UNKNOWN_FIELD, "Did you mean first_name?"),
        ("{{ laed.name }}", TemplateCode.UNKNOWN_NAME, "Did you mean lead?"),
        ("{{ survey.goodbye }}", TemplateCode.UNKNOWN_FIELD, None),
        ("{{ lead.name.first }}", TemplateCode.UNKNOWN_FIELD, None),
        ("{% if lead.vip %}x{% endif %}", TemplateCode.UNKNOWN_FIELD, None),
        ("[x]({{ survey.farwell }})", TemplateCode.UNKNOWN_FIELD, "Did you mean farewell?"),
        (
            "{{ kaboom }}",
            TemplateCode.UNKNOWN_NAME,
            "Templates see entry, lead, now, owner, survey, unsubscribe.",
        ),
    ],
)
def test_a_name_nobody_declared_is_a_problem(
    body: str, code: TemplateCode, hint: str | None, template: Make
) -> None:
    (problem,) = check_names(template(f"Text\n\n{body}"), KNOWN)
    assert (problem.line, problem.code, problem.hint) == (6, code, hint)


def test_declared_names_are_no_problem(template: Make) -> None:
    made = template(
        "{{ lead.name }} {{ lead.created_at.year }} {{ entry.anything.below }} {{ now | date }} {{ unsubscribe }}"
    )
    assert check_names(made, KNOWN) == []


def test_the_readers_language_picks_the_file(template: Make) -> None:
    plain, german, french = template("a"), template("b", locale="de"), template("c", locale="fr-CA")
    found = TemplateSet([plain, german, french])
    assert found.pick("mail", "de-AT") is german
    assert found.pick("mail", "de") is german
    assert found.pick("mail", "DE_at") is german
    assert found.pick("mail", "fr-CA") is french
    assert found.pick("mail", "fr") is plain
    assert found.pick("mail", "ru", default="de") is german
    assert found.pick("mail", None, default="de-CH") is german
    assert found.pick("mail", None) is plain
    assert found.pick("other", "de") is None
    assert TemplateSet([german]).pick("mail", "ru") is german
    assert found.locales("mail") == (None, "de", "fr-ca")
    assert len(found) == 3
    assert set(found) == {plain, german, french}


def test_a_pattern_means_the_templates_in_a_folder(read: Read) -> None:
    made = [
        parse_template(name, None, "md", "---\nsubject: a\n---\nb", read)
        for name in ("digest/b", "digest/a", "other")
    ]
    found = TemplateSet(one for one in made if isinstance(one, Template))
    assert found.matching("digest/*") == ("digest/a", "digest/b")
    assert found.matching("other") == ("other",)
    assert found.matching("none/*") == ()


def test_windows_line_ends_and_a_byte_order_mark_are_read(read: Read) -> None:
    made = parse_template("mail", None, "md", "\ufeff---\r\nsubject: a\r\n---\r\nText\r\n", read)
    assert isinstance(made, Template)
    assert made.body == "Text\n"


def test_the_front_matter_says_who_what_and_when(template: Make) -> None:
    made = template(
        "Text",
        front=(
            "subject: a\nfrom: owner\nattach: [reports/pumps.pdf, price list.pdf]\n"
            'invite:\n  title: Talk\n  starts: "{{ entry.starts_at }}"\n  duration: 45 minutes'
        ),
    )
    assert made.front.sender == "owner"
    assert made.front.attach == ("reports/pumps.pdf", "price list.pdf")
    assert made.front.invite is not None
    assert made.front.invite["starts"]({"entry": {"starts_at": 5}}) == 5
    assert [(use.dotted, use.line) for use in made.uses] == [("entry.starts_at", 7)]
