"""The reference page names every code once, with a sentence."""

from __future__ import annotations

from nurture.language.reference import problem_codes, problems_page


def test_every_code_has_a_sentence_and_stands_once() -> None:
    codes = problem_codes()
    assert len({str(code) for code in codes}) == len(codes)
    assert all(code.sentence.endswith(".") for code in codes)


def test_the_page_names_them_all() -> None:
    page = problems_page()
    assert all(page.count(f"| `{code}` |") == 1 for code in problem_codes())
