"""The kinds of problem only a campaign's steps can have, beside those of `problems.Code`."""

from __future__ import annotations

from typing import Final, cast

from nurture.core.words import Word
from nurture.language.problems import Code


class CampaignCode(Word):
    """What kind of problem it is. Stable, as `Code` is, and shown in the same way."""

    NOT_YET = "not-yet", "Something the language knows and this version does not do yet."
    NO_WAY_OUT = "no-way-out", "No lead can ever come to the end of the campaign."
    RESTS_IN_REACTION = "rests-in-reaction", "A reaction holds a step that takes time."
    UNKNOWN_STAGE = "unknown-stage", "A stage is named that does not exist."
    MISSING_LANGUAGE = "missing-language", "A template has no text in a language leads may need."
    POSTAL_ADDRESS = "postal-address", "Emails go out without the postal address the law asks for."
    NEVER_FITS = "never-fits", "More emails are planned than the limits ever let out."


def code(word: CampaignCode) -> Code:
    """The word where a `Code` is wanted: both are texts with a sentence."""
    return cast(Code, word)


NOT_YET: Final = code(CampaignCode.NOT_YET)
NO_WAY_OUT: Final = code(CampaignCode.NO_WAY_OUT)
RESTS_IN_REACTION: Final = code(CampaignCode.RESTS_IN_REACTION)
UNKNOWN_STAGE: Final = code(CampaignCode.UNKNOWN_STAGE)
MISSING_LANGUAGE: Final = code(CampaignCode.MISSING_LANGUAGE)
POSTAL_ADDRESS: Final = code(CampaignCode.POSTAL_ADDRESS)
NEVER_FITS: Final = code(CampaignCode.NEVER_FITS)
