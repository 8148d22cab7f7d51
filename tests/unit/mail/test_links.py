from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.mail.links import Rewriter, clean_url, mark_targets


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://a.example/b?c=d#e", "https://a.example/b?c=d#e"),
        ("HTTPS://A.example", "HTTPS://A.example"),
        (" https://a.example ", "https://a.example"),
        ('https://a.example/ä b"<>', "https://a.example/%C3%A4%20b%22%3C%3E"),
        ("https://a.example/%20", "https://a.example/%20"),
        ("mailto:a@b.example?subject=x y", "mailto:a@b.example?subject=x%20y"),
        ("tel:+45 12", "tel:+45%2012"),
        ("javascript:alert(1)", None),
        ("java\nscript:alert(1)", None),
        ("\u200bjavascript:x", None),
        ("h\nttps://a.example", None),
        ("data:text/html,x", None),
        ("cid:x", None),
        ("www.example.com", None),
        ("//example.com", None),
        ("", None),
        ("#top", None),
    ],
)
def test_where_a_link_may_lead(url: str, clean: str | None) -> None:
    assert clean_url(url) == clean


@given(st.text(max_size=100))
def test_a_clean_url_is_safe_anywhere(text: str) -> None:
    for url in (text, f"https://a.example/{text}", f"mailto:{text}"):
        clean = clean_url(url)
        if clean is not None:
            assert clean.isascii()
            assert not set(clean) & set('"<> \\\r\n\t')
            assert clean.lower().startswith(("http:", "https:", "mailto:", "tel:"))
            assert clean_url(clean) == clean


def test_a_page_without_links_stays_as_it_is() -> None:
    page = '<p title="href=x">href="https://a.example"</p>'
    assert Rewriter(lambda url: "never").html(mark_targets(page)) == page


def test_pictures_are_cleaned_but_never_tracked() -> None:
    page = '<img alt="a" src="https://a.example/1.png"><img src="javascript:x">'
    written = Rewriter(lambda url: "tracked").html(mark_targets(page))
    assert written == '<img alt="a" src="https://a.example/1.png"><img src="">'
