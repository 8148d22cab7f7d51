"""HTML as the text a person would read."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.inbound.html_text import html_to_text
from nurture.inbound.message import strip_marks

READ = {
    "<p>One</p><p>Two</p>": "One\n\nTwo",
    "One<br>Two<br/><br>Three": "One\nTwo\n\nThree",
    "<div>One</div><div>Two</div>": "One\nTwo",
    "  a \n  b\t c ": "a b c",
    "a&nbsp;b &lt;x&gt; &#8364;": "a b <x> €",
    "<ul><li>One</li><li>Two</li></ul>": "- One\n- Two",
    "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>": "a b\nc",
    "<blockquote>q<blockquote>r</blockquote></blockquote>s": "> q\n> > r\ns",
    "<pre>a\n  b</pre>": "a\n  b",
    "<style>x</style><script>y</script>z": "z",
    "a<!-- b -->c": "ac",
    "a<hr>b": "a\n________________________________\nb",
    "a < b": "a < b",
    "<p>unclosed <b>bold": "unclosed bold",
    "": "",
}


@pytest.mark.parametrize(("html", "wanted"), READ.items())
def test_reading(html: str, wanted: str) -> None:
    assert html_to_text(html) == wanted


@pytest.mark.parametrize(
    "piece",
    [
        "<div>",
        "<blockquote>a",
        "<",
        "<!--",
        "<a b=",
        "&amp;",
        "<td>",
        "<br>",
        "</div>",
        '<div class="gmail_signature">',
    ],
)
def test_hostile_html_takes_no_time(piece: str) -> None:
    start = time.process_time()
    html_to_text(piece * 60_000)
    assert time.process_time() - start < 1.5


@given(st.text(alphabet="<>/&;abdiv br=\"'!- \n", max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_html_is_read(html: str) -> None:
    assert isinstance(strip_marks(html_to_text(html)), str)
