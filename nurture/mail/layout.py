"""The page around every email: `templates/_layout.html`.

It is HTML with Jinja and sees `content`, `preheader`, `subject`, `footer`, `company`, `lead` and `language`. `{{ content }}`
and `{{ footer }}` must stand in it. Its style sheets are written into the tags (CSS inlining) once per template.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from css_inline import CSSInliner, InlineError
from jinja2 import Template as Compiled

from nurture.mail.allowed import parse
from nurture.mail.html_check import check_html
from nurture.mail.links import mark_targets
from nurture.mail.marks import Lifted, lift, without_stray_braces
from nurture.mail.names import check_uses, uses_in
from nurture.mail.problems import TemplateCode, TemplateFault, TemplateProblem
from nurture.mail.sandbox import HTML, compile_tree
from nurture.mail.template import MAX_SOURCE, Template

KNOWN: Final = dict.fromkeys(
    ("content", "preheader", "subject", "footer", "language"), "text"
) | dict.fromkeys(("company", "lead"), None)
"""What a layout sees."""

DEFAULT_LAYOUT: Final = """\
<!DOCTYPE html>
<html lang="{{ language }}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ subject }}</title>
<style>
body { margin: 0; padding: 24px; font: 16px/24px Arial, sans-serif; color: #1f2937; }
a { color: #1d4ed8; }
a.button { display: inline-block; padding: 12px 20px; background: #1d4ed8; color: #ffffff; text-decoration: none; }
</style>
</head>
<body>
<div style="display:none">{{ preheader }}</div>
{{ content }}
{{ footer }}
</body>
</html>
"""


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """A layout, checked. Compared by identity."""

    source: str
    marks: Lifted


def parse_layout(text: str) -> Layout | list[TemplateProblem]:
    """A layout's file, checked, or all that is wrong with it."""
    if len(text) > MAX_SOURCE:
        message = f"A layout has at most {MAX_SOURCE} characters."
        return [TemplateProblem(1, 1, TemplateCode.TOO_LARGE, message)]
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    tree = parse(text)
    if isinstance(tree, list):
        return tree
    marks = lift(text)
    problems = [*check_uses(uses_in(tree, text), KNOWN), *check_html(marks)]
    for needed in ("content", "footer"):
        if f"{{{{ {needed} }}}}" not in marks.sources:
            message = f"The layout leaves out {{{{ {needed} }}}}."
            problems.append(TemplateProblem(1, 1, TemplateCode.LAYOUT, message))
    return problems or Layout(text, marks)


def check_page(template: Template, layout: Layout) -> list[TemplateProblem]:
    """What is wrong with a template inside its layout (CSS that cannot be read, say)."""
    try:
        page(template, layout)
    except TemplateFault as fault:
        return [TemplateProblem(template.body_line, 1, TemplateCode.LAYOUT, fault.reason, fault.hint)]
    return []


@lru_cache(maxsize=2048)
def page(template: Template, layout: Layout) -> Compiled:
    """The whole HTML of a template in its layout, CSS inlined, compiled. Made once for each pair.

    An `.html` template that is a whole page (has `<html`) stands alone; the footer goes before `</body>` when it does
    not place `{{ footer }}` itself. Raises TemplateFault when the page cannot be made.
    """
    inner = template.marks
    footer = f"<!--{inner.prefix}footer-->"
    if template.suffix == "html" and "<html" in template.html.lower():
        placed = "{{ footer }}" in inner.sources
        sources = inner.wrapped(template.html)
        sources = sources if placed else _before_end(sources, footer)
        outer = Lifted("", inner.prefix, ())
    else:
        outer = lift(layout.source, avoid=template.html + inner.prefix)
        place = next(index for index, source in enumerate(outer.sources) if source == "{{ content }}")
        frame = outer.wrapped(outer.text)
        sources = frame.replace(f"{outer.prefix}e{place}z", inner.wrapped(template.html), 1)
    try:
        inlined = CSSInliner(load_remote_stylesheets=False, keep_style_tags=True).inline(sources)
    except (InlineError, ValueError) as error:
        raise TemplateFault(f"The style sheets cannot be read ({error}).", template=template.file) from None
    if "<tbody" not in sources.lower():
        # The HTML parser puts <tbody> between a {% for %} and its rows.
        inlined = re.sub(r"</?tbody>", "", inlined)
    source = without_stray_braces(mark_targets(inlined)).replace(footer, "{{ footer }}")
    source = inner.lower(outer.lower(source) if outer.sources else source)
    tree = parse(source)
    if isinstance(tree, list):
        raise TemplateFault(tree[0].message, tree[0].hint, template=template.file)
    return compile_tree(tree, HTML)


def _before_end(html: str, mark: str) -> str:
    at = html.lower().rfind("</body>")
    return html[:at] + mark + html[at:] if at >= 0 else html + mark
