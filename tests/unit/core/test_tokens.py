from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.core.tokens import Purpose, WeakKey, plus_address, plus_token, sign, verify

KEY = b"0123456789abcdef0123456789abcdef"
OTHER = b"another key of thirty-two bytes!"
UUID = "0198f2c4-7c1e-7b3a-9f00-2f4e5d6c7b8a"

identities = st.one_of(
    st.integers(0, 2**63).map(str),
    st.uuids().map(str),
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=16),
)


@given(identities, st.sampled_from(Purpose))
def test_a_token_gives_back_what_it_was_made_for(identity: str, purpose: Purpose) -> None:
    assert verify(purpose, sign(purpose, identity, KEY), KEY) == identity


@given(identities)
def test_mail_systems_may_change_the_case(identity: str) -> None:
    token = sign(Purpose.REPLY, identity, KEY)
    assert verify(Purpose.REPLY, token.upper(), KEY) == identity
    assert re.fullmatch("[a-z2-7]+", token)


@given(identities, st.data())
def test_no_changed_token_is_valid(identity: str, data: st.DataObject) -> None:
    token = sign(Purpose.CLICK, identity, KEY)
    place = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(
        st.sampled_from("abcdefghijklmnopqrstuvwxyz234567").filter(lambda c: c != token[place])
    )
    assert verify(Purpose.CLICK, token[:place] + letter + token[place + 1 :], KEY) is None


@given(st.text(max_size=300))
def test_anything_may_come_as_a_token(text: str) -> None:
    assert verify(Purpose.UNSUBSCRIBE, text, KEY) is None


@pytest.mark.parametrize("purpose", [p for p in Purpose if p is not Purpose.REPLY])
def test_a_token_is_good_for_one_purpose_only(purpose: Purpose) -> None:
    assert verify(purpose, sign(Purpose.REPLY, "7", KEY), KEY) is None


def test_another_key_does_not_count_unless_it_is_named_as_an_older_one() -> None:
    token = sign(Purpose.SURVEY, "7", OTHER)
    assert verify(Purpose.SURVEY, token, KEY) is None
    assert verify(Purpose.SURVEY, token, KEY, OTHER) == "7"


@pytest.mark.parametrize(("identity", "length"), [("7", 20), (str(2**32), 26), (UUID, 44)])
def test_tokens_are_short_enough_for_a_local_part(identity: str, length: int) -> None:
    token = sign(Purpose.REPLY, identity, KEY)
    assert len(token) == length
    address = plus_address("reply@example.com", token)
    assert len(address.partition("@")[0]) <= 64
    assert plus_token(address) == token


@pytest.mark.parametrize("identity", ["", "x" * 65])
def test_an_identity_has_a_size(identity: str) -> None:
    with pytest.raises(ValueError, match="1 to 64 bytes"):
        sign(Purpose.REPLY, identity, KEY)


def test_a_short_key_is_refused() -> None:
    with pytest.raises(WeakKey):
        sign(Purpose.REPLY, "7", b"short")


@pytest.mark.parametrize("address", ["reply@example.com", "nobody", "", "reply+@example.com", "a+b"])
def test_an_address_without_token(address: str) -> None:
    assert plus_token(address) is None


def test_an_address_that_would_become_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot carry"):
        plus_address("a" * 30 + "@example.com", "b" * 40)
