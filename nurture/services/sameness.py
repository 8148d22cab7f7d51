"""Whether two addresses are one person's or one company's, by what is written on them. In doubt they are not."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, Final

_WORD: Final = re.compile(r"[^\W\d_]+")
_BRACKETS: Final = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_SPELLINGS: Final = (("ae", "a"), ("oe", "o"), ("ue", "u"), ("æ", "a"), ("ø", "o"), ("ё", "е"))
"""Two ways to write one letter: `Müller`, `Mueller`."""

_TITLES_WRITTEN = (
    "dr prof professor mr mrs ms miss sir herr frau hr fr fru mme mlle monsieur madame ing dipl mag msc bsc phd mba"
    " господин госпожа"
)
_TITLES: Final = frozenset(_TITLES_WRITTEN.split())
"""Words before or after a name that are no part of it."""

_SHARED_WRITTEN = (
    "info office mail post kontakt contact hello hallo bonjour sales support service sekretariat secretary zentrale"
    " accueil direction administration admin buero bureau kontor team billing buchhaltung compta einkauf vertrieb help"
    " jobs marketing newsletter noreply postmaster webmaster reception empfang firma company all everyone"
)
_SHARED: Final = frozenset(_SHARED_WRITTEN.split())
"""Local parts that belong to a desk and not to a person."""

_FREE_WRITTEN = (
    "gmail googlemail gmx web freenet t-online outlook hotmail live msn yahoo ymail aol icloud me mac mail yandex rambler"
    " bk list inbox ya proton protonmail pm tutanota posteo mailbox orange wanadoo free laposte sfr bbox bluewin hispeed"
    " sunrise jubii ofir stofanet fastmail zoho hey comcast verizon att sbcglobal btinternet talktalk sky virginmedia"
    " ntlworld 163 126 qq libero tiscali arcor vodafone online rocketmail aim hushmail duck"
    " kabelmail unitybox netcologne ewetel osnanet 1und1 mailfence runbox tuta disroot riseup seznam centrum wp onet interia"
    " o2 abv ukr bigmir tut naver daum hanmail rediffmail sina sohu 139 foxmail yeah skynet telenet proximus"
    " scarlet ziggo kpnmail xs4all hetnet telia tdcadsl youmail yousee webspeed passagen"
    " bredband comhem spray virgilio alice tin fastwebnet numericable club-internet neuf aliceadsl sapo uol bol"
    " telefonica ig btopenworld blueyonder tesco cox charter earthlink juno optonline bellsouth shaw rogers telus"
    " sympatico bigpond optusnet iinet xtra"
)
_FREE: Final = frozenset(_FREE_WRITTEN.split())
"""Names of mail providers where everybody may have an address."""


def same_organisation(one: str, other: str) -> bool:
    """Whether both addresses are at one company: the same domain or one below the other, and no mail provider's."""
    first, second = (address.rpartition("@")[2].lower().rstrip(".") for address in (one, other))
    if not first or not second or _is_free(first) or _is_free(second):
        return False
    return first == second or first.endswith(f".{second}") or second.endswith(f".{first}")


def organisation_domains(address: str) -> tuple[str, ...]:
    """The domain of a company's address and those above it; none for a mail provider's."""
    domain = address.rpartition("@")[2].lower().rstrip(".")
    labels = domain.split(".")
    if len(labels) < 2 or not all(labels) or _is_free(domain):
        return ()
    return tuple(".".join(labels[at:]) for at in range(min(len(labels) - 1, 5)))


def _is_free(domain: str) -> bool:
    """`mail` in `mail.example.org` is a machine's name: only the label before the last one or two counts."""
    labels = domain.split(".")
    name = labels[-3] if len(labels) > 2 and len(labels[-2]) <= 3 else labels[-2] if len(labels) > 1 else ""
    return name in _FREE


def is_shared(address: str) -> bool:
    """Whether an address is a desk's: `info@`, `sales.uk@`."""
    local = address.rpartition("@")[0].lower()
    return bool({local, *re.split(r"[._+-]", local)} & _SHARED)


def same_person(address: str, display_name: str, known: Iterable[str], lead: Mapping[str, Any]) -> bool:
    """Whether an address we do not know clearly is the lead's.

    Their full name stands on it and nothing else ("Eva for Ada Lovelace" is Eva), or is its local part, or the local
    part is that of an address in `known`. One word (`anna@`) or an initial (`a.becker@`) says too little.
    """
    names = {frozenset(name) for name in _names(lead)}
    shown = frozenset(_words(_BRACKETS.sub(" ", display_name))) - _TITLES
    if shown in names:
        return True
    if is_shared(address):
        return False
    local = _local(address)
    if frozenset(local) in names:
        return True
    if len(local) == 1:
        joined = {"".join(order) for name in _names(lead) for order in (name, name[::-1])}
        return local[0] in joined
    return len(local) > 1 and min(map(len, local)) > 1 and any(_local(one) == local for one in known)


def _names(lead: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """The lead's full names, each of two words or more."""
    parts = [str(lead[part]) for part in ("first_name", "last_name") if lead.get(part)]
    found = [_words(str(lead.get("name") or "")), _words(" ".join(parts))]
    whole = [tuple(word for word in name if word not in _TITLES) for name in found]
    return [name for name in whole if len(name) >= 2 and min(map(len, name)) > 1]


def _local(address: str) -> tuple[str, ...]:
    return _words(address.rpartition("@")[0].partition("+")[0].replace("_", "."))


def _words(text: str) -> tuple[str, ...]:
    """The words without case, accents and spellings."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    for long, short in _SPELLINGS:
        plain = plain.replace(long, short)
    return tuple(_WORD.findall(plain))
