"""The day somebody is back, as notes name it."""

from __future__ import annotations

from datetime import date

import pytest

from nurture.inbound.return_date import return_date

MONDAY = date(2026, 8, 3)

SAID = {
    "back on 17 August": "2026-08-17",
    "I will be back on August 17th.": "2026-08-17",
    "out of the office until 2026-08-14": "2026-08-14",
    "away from 3 to 14 August": "2026-08-14",
    "away 3.8.-14.8.": "2026-08-14",
    "from 3 August until 14 August, returning 17 August": "2026-08-17",
    "returning on Thursday": "2026-08-06",
    "back on Thursday, 20 August": "2026-08-20",
    "back tomorrow": "2026-08-04",
    "until the 14th": "2026-08-14",
    "until January 4": "2027-01-04",
    "bis einschließlich 14.08.2026": "2026-08-14",
    "vom 3. bis 14. August abwesend, ab 17. August wieder da": "2026-08-17",
    "ab dem 17.8. bin ich wieder erreichbar": "2026-08-17",
    "du 3 au 14 août, de retour le lundi 17": "2026-08-17",
    "jusqu'au 14 août inclus": "2026-08-14",
    "tilbage den 17. august": "2026-08-17",
    "til og med d. 14. august": "2026-08-14",
    "с 3 по 14 августа": "2026-08-14",
    "вернусь 17 августа": "2026-08-17",
    "de vuelta el 17 de agosto de 2026": "2026-08-17",
    "op 17 augustus weer aanwezig": "2026-08-17",
    "tillbaka den 17 augusti": "2026-08-17",
    "wracam 17 sierpnia": "2026-08-17",
    "work through the backlog from Monday, August 10th. Students: see Dr Remy in room 3.12.": "2026-08-10",
    "bis 14. August. Raum 3.12": "2026-08-14",
    "de retour le 17 août, bureau 4.11": "2026-08-17",
    "буду 17.08, кабинет 4.11": "2026-08-17",
    "closed 3.5 hours a day": None,
    "looked at once a day, Monday to Friday": None,
    "open Monday to Friday": None,
    "dienstags von Montag bis Freitag besetzt": None,
    "away Monday to Friday": "2026-08-07",
    "opened on 03-08-2026 09:08": None,
    "отгрузки возобновятся 1.09": "2026-09-01",
    "back on 31 June": None,
    "I have been here since 1 May 2020": None,
    "call +49 30 12.34.56": None,
    "no date at all": None,
    "back on the nineteenth of October": "2026-10-19",
    "away until the twenty-first": "2026-08-21",
    "returning October the first": "2026-10-01",
    "on the tenth floor": None,
    "wieder da am ersten September": "2026-09-01",
    "de retour le premier septembre": "2026-09-01",
    "tilbage den enogtyvende september": "2026-09-21",
    "вернусь двадцать первого сентября": "2026-09-21",
    "back in the shop on Tuesday 22nd": "2026-09-22",
    "comes to life again Monday 2nd November at 7.45": "2026-11-02",
    "Приём документов начнётся с понедельника 05.10.": "2026-10-05",
}


@pytest.mark.parametrize(("text", "wanted"), SAID.items())
def test_dates_of_return(text: str, wanted: str | None) -> None:
    assert return_date(text, MONDAY) == (date.fromisoformat(wanted) if wanted else None)


def test_the_order_of_day_and_month() -> None:
    assert return_date("until 08/09/2026", MONDAY) == date(2026, 9, 8)
    assert return_date("until 08/09/2026", MONDAY, month_first=True) == date(2026, 8, 9)
    assert return_date("until 08/21/2026", MONDAY) == date(2026, 8, 21)


def test_without_a_day_of_writing_only_full_dates_count() -> None:
    assert return_date("until 14 August 2026", None) == date(2026, 8, 14)
    assert return_date("until 14 August", None) is None
    assert return_date("back on Monday", None) is None
