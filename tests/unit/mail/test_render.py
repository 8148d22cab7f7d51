from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nurture.mail.footer import Footer, footer
from nurture.mail.layout import DEFAULT_LAYOUT, Layout, check_page, parse_layout
from nurture.mail.problems import TemplateCode, TemplateFault
from nurture.mail.render import Rendered, render
from nurture.mail.template import Template

Make = Callable[..., Template]
Values = dict[str, Any]
UNDER = footer("en", company="Example", address="1 Road\nTown", unsubscribe="https://mail.example.com/u/abc")


def inner(rendered: Rendered) -> str:
    """What stands in the page between the preview line and the footer."""
    return rendered.html.partition("</div>\n")[2].partition('\n<p style="margin:24px')[0]


def words(rendered: Rendered) -> str:
    """The text part above the footer."""
    return rendered.text.partition("\n" + "-" * 30)[0]


class Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


BODIES = [
    ("Hello {{ lead.first_name }},", "<p>Hello Ada,</p>", "Hello Ada,\n"),
    (
        "a *b* **c** ~~d~~ `e`",
        "<p>a <em>b</em> <strong>c</strong> <s>d</s> <code>e</code></p>",
        "a b c d e\n",
    ),
    ("one\ntwo\\\nthree", "<p>one\ntwo<br>\nthree</p>", "one two\nthree\n"),
    ("# Title\n\nText", "<h1>Title</h1>\n<p>Text</p>", "Title\n\nText\n"),
    ("> said", "<blockquote>\n<p>said</p>\n</blockquote>", "> said\n"),
    ("- a\n- b\n  - c", None, "- a\n- b\n  - c\n"),
    ("3. a\n4. b", None, "3. a\n4. b\n"),
    ("{% for a in entry.articles %}\n- {{ a.title }}\n{% endfor %}", None, "- One\n- Two\n"),
    (
        "{% for a in entry.articles %}\n1. {{ a.title }}\n{% endfor %}\n5. end",
        None,
        "1. One\n2. Two\n3. end\n",
    ),
    (
        "- a\n{% if lead.company %}\n- b\n{% endif %}\n- c",
        "<ul>\n<li>a</li>\n\n<li>c</li>\n</ul>",
        "- a\n- c\n",
    ),
    ("{% if lead.company %}\n- b\n{% endif %}\nText", "\n<p>Text</p>", "Text\n"),
    ("{% if lead.name %}\n    indented\n{% else %}\nno\n{% endif %}", "\n<p>indented</p>\n", "indented\n"),
    ("Hi{% if lead.company %} at {{ lead.company }}{% endif %}!", "<p>Hi!</p>", "Hi!\n"),
    ("a {# note #}b\n{# alone #}\nc", "<p>a b\nc</p>", "a b c\n"),
    ("{% raw %}{{ x }}{% endraw %}", "<p>{{ x }}</p>", "{{ x }}\n"),
    ("\\{{ 1 }} {&#123; 2 }}", "<p>\\1 {{ 2 }}</p>", "\\1 {{ 2 }}\n"),
    ("<b>&amp;</b>", "<p>&lt;b&gt;&amp;&lt;/b&gt;</p>", "<b>&</b>\n"),
    ("| a | b |\n|---|---|\n| 1 | {{ lead.first_name }} |", None, "a | b\n1 | Ada\n"),
    ("Yours\n\n--\nAnna", "<p>Yours</p>\n<p>--\nAnna</p>", "Yours\n\n-- Anna\n"),
]


@pytest.mark.parametrize(("body", "html", "text"), BODIES, ids=[body[:40] for body, _, _ in BODIES])
def test_markdown_gives_both_parts(
    body: str, html: str | None, text: str | None, template: Make, layout: Layout, values: Values
) -> None:
    made = render(template(body), values, layout, footer=UNDER)
    if html is not None:
        assert re.sub(r' style="[^"]*"', "", inner(made)).strip("\n") == html.strip("\n")
    if text is not None:
        assert words(made) == text


LINKS = [
    ("[here](https://a.example/b)", "https://a.example/b", "here <https://a.example/b>"),
    ("see https://a.example/b?c=1&d=2.", "https://a.example/b?c=1&d=2", "see https://a.example/b?c=1&d=2."),
    ("<https://a.example>", "https://a.example", "https://a.example"),
    ("mail <me@a.example>", "mailto:me@a.example", "mail me@a.example"),
    ("[call](tel:+4512)", "tel:+4512", "call <tel:+4512>"),
    ("[x](https://a.example/{{ lead.name }})", "https://a.example/Ada%20Lovelace", None),
    ("[x]({{ entry.articles[0].url }})", "https://example.com/1", "x <https://example.com/1>"),
    ("**[Go](https://a.example)**", "https://a.example", "Go <https://a.example>"),
]


@pytest.mark.parametrize(("body", "target", "text"), LINKS, ids=[body for body, _, _ in LINKS])
def test_links_in_both_parts(
    body: str, target: str, text: str | None, template: Make, layout: Layout, values: Values
) -> None:
    made = render(template(body), values, layout, footer=Footer())
    assert [attrs["href"] for tag, attrs in Tags(made.html).tags if tag == "a"] == [target]
    assert made.links == (target,)
    if text:
        assert made.text == text + "\n"


def test_a_bold_link_alone_is_a_button(template: Make, layout: Layout, values: Values) -> None:
    made = render(
        template("**[Go](https://a.example)**\n\nNot **[this](https://b.example)** one"),
        values,
        layout,
        footer=UNDER,
    )
    classes = [attrs.get("class") for tag, attrs in Tags(made.html).tags if tag == "a"]
    assert classes == ["button", None, None]


def test_clicks_are_counted_but_not_on_our_own_pages(template: Make, layout: Layout, values: Values) -> None:
    asked: list[str] = []

    def track(url: str) -> str:
        asked.append(url)
        return f"https://mail.example.com/c/{len(asked)}"

    body = (
        "[a](https://a.example) [again](https://a.example) [b]({{ survey.farewell }}?reason=budget) "
        "[c]({{ unsubscribe }}) [d]({{ confirm }}) [e](mailto:x@a.example) [f]({{ form.webinar }})"
    )
    made = render(template(body), values, layout, footer=UNDER, track=track)
    assert asked == ["https://a.example", "https://mail.example.com/f/webinar"]
    assert "https://a.example" not in made.html + made.text
    assert (
        made.html.count("https://mail.example.com/c/1")
        == made.text.count("https://mail.example.com/c/1")
        == 2
    )
    for kept in ("/s/abc?reason=budget", "/u/abc", "/v/abc"):
        assert kept in made.html
        assert kept in made.text


EVIL = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " java\tscript:alert(1)",
    "\x01javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "//evil.example",
    "evil",
    '" onmouseover="alert(1)',
    "file:///etc/passwd",
    "&#106;avascript:alert(1)",
]


@pytest.mark.parametrize("url", EVIL)
@pytest.mark.parametrize("suffix", ["md", "html"])
def test_a_links_value_cannot_leave_the_allowed_schemes(
    url: str, suffix: str, template: Make, layout: Layout, values: Values
) -> None:
    body = "[site]({{ lead.website }})" if suffix == "md" else '<a href="{{ lead.website }}">site</a>'
    values["lead"]["website"] = url
    made = render(template(body, suffix=suffix), values, layout, footer=Footer())
    (link,) = [attrs for tag, attrs in Tags(made.html).tags if tag == "a"]
    assert link["href"] == "#"
    assert "onmouseover" not in link
    if suffix == "md":
        assert made.text == "site\n"


NAMES = [
    "<script>alert(1)</script>",
    "**bold** _em_ [x](https://evil.example)",
    "# heading\n- list\n1. item",
    "{{ 7*7 }}{% if x %}",
    "a & b \"c\" 'd' `e`",
    "\u202eright to left\u202c",
    "E\u0301 e\u0301 👩\u200d🚀 \u200b",
    "jmke0z jmks0z",
    "Ada\r\nBcc: x@y.example",
    "https://evil.example",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("suffix", ["md", "html"])
def test_a_name_is_never_markup(
    name: str, suffix: str, template: Make, layout: Layout, values: Values
) -> None:
    body = "Hello {{ lead.name }}!" if suffix == "md" else "<p>Hello {{ lead.name }}!</p>"
    values["lead"]["name"] = "Ada"
    calm = render(template(body, suffix=suffix), values, layout, footer=UNDER)
    values["lead"]["name"] = name
    made = render(template(body, suffix=suffix), values, layout, footer=UNDER)
    assert Tags(made.html).tags == Tags(calm.html).tags
    assert f"Hello {name}!".split() == " ".join(Tags(inner(made)).words).split()
    if suffix == "md":
        assert f"Hello {name}!".replace("\r", "") in made.text.replace("\r", "")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(name=st.text(max_size=60))
def test_no_name_changes_the_structure(name: str, template: Make, layout: Layout, values: Values) -> None:
    made = render(
        template("Hello {{ lead.name }}!\n\n[x](https://a.example/?q={{ lead.name }})"),
        {**values, "lead": {"name": name}},
        layout,
        footer=UNDER,
    )
    tags = Tags(made.html).tags
    assert [tag for tag, _ in tags if tag in ("p", "a", "script", "img")] == ["p", "p", "a", "p", "a"]
    made.html.encode("utf-8")
    made.text.encode("utf-8")


@pytest.mark.parametrize(
    ("front", "arm", "subject"),
    [
        ('subject: "{{ lead.first_name }}, your report"', None, "Ada, your report"),
        ("subject: {a: One, b: Two}", "a", "One"),
        ("subject: {a: One, b: Two}", "b", "Two"),
        ("subject: {a: One, b: Two}", None, "One"),
        ("subject: {a: One, b: Two}", "gone", "One"),
        ('subject: "  {{ entry.report }}   x "', None, "Pumps x"),
    ],
)
def test_subjects(
    front: str, arm: str | None, subject: str, template: Make, layout: Layout, values: Values
) -> None:
    assert render(template("x", front=front), values, layout, footer=UNDER, arm=arm).subject == subject


def test_a_subject_stays_one_line(template: Make, layout: Layout, values: Values) -> None:
    values["lead"]["name"] = "Ada\r\nBcc: eve@example.org\x85\u2028x"
    made = render(template("x", front='subject: "Hi {{ lead.name }}"'), values, layout, footer=UNDER)
    assert made.subject == "Hi Ada Bcc: eve@example.org x"


def test_the_preview_line_is_hidden_in_html_and_not_in_text(
    template: Make, layout: Layout, values: Values
) -> None:
    made = render(
        template("x", front="subject: s\npreheader: About {{ entry.report }}"), values, layout, footer=UNDER
    )
    assert made.preheader == "About Pumps"
    assert '<div style="display:none">About Pumps</div>' in made.html
    assert "About" not in made.text


def test_the_footer_is_in_every_part(template: Make, layout: Layout, values: Values) -> None:
    for made in (
        template("x"),
        template("<p>x</p>", suffix="html"),
        template("<html><body>x</body></html>", suffix="html"),
    ):
        rendered = render(made, values, layout, footer=UNDER)
        for part in (rendered.html, rendered.text):
            assert part.count("https://mail.example.com/u/abc") == 1
            assert "1 Road, Town" in part


def test_dates_follow_template_language_and_the_leads_zone(
    template: Make, layout: Layout, values: Values
) -> None:
    body = '{{ entry.starts_at | datetime("full") }} ({{ entry.starts_at | zone }})'
    german = render(template(body, locale="de"), values, layout, footer=Footer())
    assert german.text == "Dienstag, 3. März 2026, 10:00 Uhr (CET)\n"
    assert '<html lang="de">' in german.html
    told = render(template(body), values, layout, footer=Footer(), language="ru", zone="Asia/Tokyo")
    assert told.text == "вторник, 3 марта 2026\xa0г., 18:00 (JST)\n"


@pytest.mark.parametrize(
    ("body", "line", "shown"),
    [
        ("Hello\n\n{{ lead.company }}", 6, "{{ lead.company }}"),
        ("{# a\nb #}\n\n- x\n- {{ entry.nothing }}", 8, "{{ entry.nothing }}"),
        ("{% if lead.name %}\n{{ entry.a.b }}\n{% endif %}", 5, "{{ entry.a.b }}"),
        ("{{ lead.name | date }}", 4, "{{ lead.name | date }}"),
    ],
)
def test_a_value_that_is_missing_parks_the_mail_with_the_place(
    body: str, line: int, shown: str, template: Make, layout: Layout, values: Values
) -> None:
    with pytest.raises(TemplateFault) as caught:
        render(template(body), values, layout, footer=UNDER)
    assert caught.value.line == line
    assert caught.value.template == "mail.md"
    assert shown in str(caught.value)


def test_an_empty_subject_is_a_fault(template: Make, layout: Layout, values: Values) -> None:
    with pytest.raises(TemplateFault, match="subject"):
        render(template("x", front="subject: \"{{ event.x | default('') }}\""), values, layout, footer=UNDER)


def test_an_html_template_with_rows_from_a_loop(template: Make, layout: Layout, values: Values) -> None:
    body = (
        '<table class="list">{% for a in entry.articles %}<tr><td><a href="{{ a.url }}">{{ a.title }}</a></td></tr>'
        '{% endfor %}</table><p {% if lead.company %}class="x"{% endif %}>End</p>'
    )
    made = render(template(body, suffix="html"), values, layout, footer=UNDER)
    assert [tag for tag, _ in Tags(inner(made)).tags] == ["table", "tr", "td", "a", "tr", "td", "a", "p"]
    assert words(made) == "One <https://example.com/1>\nTwo <https://example.com/2>\n\nEnd\n"


def test_a_layouts_styles_are_written_into_the_tags(template: Make, values: Values) -> None:
    layout = parse_layout(
        DEFAULT_LAYOUT.replace("</style>", "p { margin: 7px } @media (x) { p { margin: 0 } }</style>")
    )
    assert isinstance(layout, Layout)
    made = render(template("x"), values, layout, footer=UNDER)
    assert '<p style="margin: 7px;">x</p>' in made.html
    assert "@media" in made.html


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("{{ footer }}", ""), TemplateCode.LAYOUT),
        (("{{ content }}", ""), TemplateCode.LAYOUT),
        (("{{ content }}", "{{ content }}{{ entry.report }}"), TemplateCode.UNKNOWN_NAME),
        (("{{ content }}", "{{ content }}<script></script>"), TemplateCode.UNSAFE_HTML),
        (("{{ content }}", "{{ content"), TemplateCode.SYNTAX),
    ],
)
def test_a_layout_leaves_nothing_out(change: tuple[str, str], code: TemplateCode) -> None:
    problems = parse_layout(DEFAULT_LAYOUT.replace(*change))
    assert isinstance(problems, list)
    assert code in [problem.code for problem in problems]


def test_a_good_page_has_no_problems(template: Make, layout: Layout) -> None:
    assert check_page(template("x"), layout) == []


def test_the_same_input_gives_the_same_email(template: Make, layout: Layout, values: Values) -> None:
    made = template("Hello {{ lead.name }}")
    assert render(made, values, layout, footer=UNDER) == render(made, values, layout, footer=UNDER)
