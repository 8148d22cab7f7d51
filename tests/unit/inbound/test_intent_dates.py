"""Dates as people name them, in five languages, counted from Tuesday 10 March 2026."""

from __future__ import annotations

from datetime import date

import pytest

from nurture.core.movable import easter
from nurture.inbound.intent.dates import mentions
from nurture.inbound.intent.feasts import feast_day, is_rule
from nurture.inbound.intent.lexicon import load_lexicon
from nurture.inbound.intent.moments import MOMENTS
from nurture.inbound.intent.words import split_words

WRITTEN = date(2026, 3, 10)


def dates_in(text: str, language: str, written: date | None = WRITTEN) -> list[date]:
    lexicon = load_lexicon(language)
    return [
        one.day for one in mentions(lexicon.dates, split_words(text, lexicon.spelling), written) if one.known
    ]


NAMED = [
    ("en", "in June", "2026-06-01"),
    ("en", "at the end of May", "2026-05-25"),
    ("en", "mid-April", "2026-04-15"),
    ("en", "early next month", "2026-04-01"),
    ("en", "on 3 September", "2026-09-03"),
    ("en", "September 3rd", "2026-09-03"),
    ("en", "after 15 May", "2026-05-16"),
    ("en", "until the end of July", "2026-08-01"),
    ("en", "after July", "2026-08-01"),
    ("en", "in two weeks", "2026-03-24"),
    ("en", "in a couple of months", "2026-05-10"),
    ("en", "six months from now", "2026-09-10"),
    ("en", "next quarter", "2026-04-01"),
    ("en", "in Q3", "2026-07-01"),
    ("en", "in the third quarter", "2026-07-01"),
    ("en", "the second half of the year", "2026-07-01"),
    ("en", "next year", "2027-01-07"),
    ("en", "in 2027", "2027-01-07"),
    ("en", "at the end of the year", "2026-12-10"),
    ("en", "in the autumn", "2026-09-01"),
    ("en", "after the summer", "2026-09-01"),
    ("en", "after Easter", "2026-04-07"),
    ("en", "next week", "2026-03-16"),
    ("en", "tomorrow", "2026-03-11"),
    ("en", "on 2026-07-01", "2026-07-01"),
    ("en", "not before October", "2026-10-01"),
    ("en", "March would suit us", "2026-03-17"),
    ("de", "im Juni", "2026-06-01"),
    ("de", "Anfang September", "2026-09-01"),
    ("de", "Mitte April", "2026-04-15"),
    ("de", "Ende Mai", "2026-05-25"),
    ("de", "am 3. September", "2026-09-03"),
    ("de", "ab dem 15.05.", "2026-05-15"),
    ("de", "bis Ende Juli", "2026-08-01"),
    ("de", "in zwei Wochen", "2026-03-24"),
    ("de", "in 14 Tagen", "2026-03-24"),
    ("de", "in einem halben Jahr", "2026-09-10"),
    ("de", "nächstes Quartal", "2026-04-01"),
    ("de", "im 3. Quartal", "2026-07-01"),
    ("de", "in der zweiten Jahreshälfte", "2026-07-01"),
    ("de", "KW 20", "2026-05-11"),
    ("de", "nächstes Jahr", "2027-01-07"),
    ("de", "nach dem Jahreswechsel", "2027-01-07"),
    ("de", "zum Jahresende", "2026-12-10"),
    ("de", "im Herbst", "2026-09-01"),
    ("de", "nach den Sommerferien", "2026-09-01"),
    ("de", "nach Ostern", "2026-04-07"),
    ("de", "nach Pfingsten", "2026-05-26"),
    ("de", "uebernaechste Woche", "2026-03-23"),
    ("fr", "en juin", "2026-06-01"),
    ("fr", "début septembre", "2026-09-01"),
    ("fr", "mi-avril", "2026-04-15"),
    ("fr", "fin mai", "2026-05-25"),
    ("fr", "le 3 septembre", "2026-09-03"),
    ("fr", "jusqu'à fin juillet", "2026-08-01"),
    ("fr", "dans quinze jours", "2026-03-24"),
    ("fr", "dans six mois", "2026-09-10"),
    ("fr", "d'ici deux mois", "2026-05-10"),
    ("fr", "le mois prochain", "2026-04-01"),
    ("fr", "au prochain trimestre", "2026-04-01"),
    ("fr", "au T3", "2026-07-01"),
    ("fr", "au second semestre", "2026-07-01"),
    ("fr", "l'année prochaine", "2027-01-07"),
    ("fr", "à la rentrée", "2026-09-01"),
    ("fr", "après les fêtes", "2027-01-07"),
    ("fr", "après l'été", "2026-09-01"),
    ("fr", "à l'automne", "2026-09-01"),
    ("fr", "semaine 20", "2026-05-11"),
    ("fr", "après Pâques", "2026-04-07"),
    ("da", "i juni", "2026-06-01"),
    ("da", "primo september", "2026-09-01"),
    ("da", "medio april", "2026-04-15"),
    ("da", "ultimo maj", "2026-05-25"),
    ("da", "den 3. september", "2026-09-03"),
    ("da", "om 14 dage", "2026-03-24"),
    ("da", "om et halvt år", "2026-09-10"),
    ("da", "om et par måneder", "2026-05-10"),
    ("ru", "после отпуска, в августе", "2026-08-01"),
    ("de", "nach der Messe im Mai", "2026-05-01"),
    ("da", "næste kvartal", "2026-04-01"),
    ("da", "i 3. kvartal", "2026-07-01"),
    ("da", "uge 20", "2026-05-11"),
    ("da", "næste år", "2027-01-07"),
    ("da", "efter nytår", "2027-01-07"),
    ("da", "efter jul", "2027-01-07"),
    ("da", "til efteråret", "2026-09-01"),
    ("da", "efter sommerferien", "2026-08-15"),
    ("da", "efter paaske", "2026-04-07"),
    ("da", "i næste uge", "2026-03-16"),
    ("ru", "в июне", "2026-06-01"),
    ("ru", "в начале сентября", "2026-09-01"),
    ("ru", "в середине апреля", "2026-04-15"),
    ("ru", "в конце мая", "2026-05-25"),
    ("ru", "3 сентября", "2026-09-03"),
    ("ru", "до конца июля", "2026-08-01"),
    ("ru", "через две недели", "2026-03-24"),
    ("ru", "недели через две", "2026-03-24"),
    ("ru", "через месяц", "2026-04-10"),
    ("ru", "через полгода", "2026-09-10"),
    ("ru", "в следующем квартале", "2026-04-01"),
    ("ru", "в третьем квартале", "2026-07-01"),
    ("ru", "в следующем году", "2027-01-07"),
    ("ru", "после Нового года", "2027-01-07"),
    ("ru", "осенью", "2026-09-01"),
    ("ru", "после лета", "2026-09-01"),
    ("ru", "после майских праздников", "2026-05-12"),
    ("ru", "ближе к концу года", "2026-12-10"),
    ("ru", "на следующей неделе", "2026-03-16"),
]


@pytest.mark.parametrize(("language", "text", "day"), NAMED)
def test_the_date_named(language: str, text: str, day: str) -> None:
    assert dates_in(text, language) == [date.fromisoformat(day)]


CONSTRUCTIONS = [
    # a weekday beside a date says nothing more; a weekday with a number is a day
    ("en", "we reopen Monday 13 April", "2026-04-13"),
    ("fr", "le lundi 23", "2026-03-23"),
    ("da", "mandag den 6. juli", "2026-07-06"),
    ("en", "Friday week", "2026-03-20"),
    # a day of the month alone
    ("fr", "revenez le 15", "2026-03-15"),
    ("ru", "с десятого числа пишите", "2026-04-10"),
    ("en", "the 15th of next month", "2026-04-15"),
    # years in two digits, and of a month named with "next year"
    ("de", "im April 27", "2027-04-01"),
    ("de", "Anfang 27", "2027-01-01"),
    ("de", "im Mai nächsten Jahres", "2027-05-01"),
    ("en", "on 30 September next year", "2027-09-30"),
    ("da", "i 2. kvartal 27", "2027-04-01"),
    # short months without a capital
    ("en", "jan is fine", "2027-01-01"),
    # counted from another date
    ("en", "My leave ends on 14 May. From the 15th I am back.", "2026-05-15"),
    ("en", "On leave until 14 August. The Monday after is fine.", "2026-08-17"),
    ("da", "Møde i slutningen af september. Ring ugen efter.", "2026-10-05"),
    ("de", "Bis 9. Oktober Messe. In der Woche drauf gern.", "2026-10-12"),
    ("ru", "Договор до 30 ноября. За месяц до этого пишите.", "2026-10-30"),
    ("de", "Abgabefrist ist der 31. Juli. Danach gern.", "2026-08-01"),
    # counted from a feast or date named beside it
    ("en", "Tuesday after Easter Monday", "2026-04-07"),
    ("en", "the day after Easter Monday", "2026-04-07"),
    ("en", "two weeks after Easter", "2026-04-21"),
    ("de", "am Dienstag nach dem 3. Mai", "2026-05-05"),
    ("de", "in der Woche nach Himmelfahrt", "2026-05-18"),
    ("fr", "deux semaines après Pâques", "2026-04-21"),
    ("fr", "le lendemain du 14 juillet", "2026-07-15"),
    ("da", "dagen efter 2. påskedag", "2026-04-07"),
    ("ru", "через две недели после 1 июня", "2026-06-16"),
    # the unit that follows a date named before
    ("en", "The board meets on 30 November. The day after works.", "2026-12-01"),
    ("en", "The fair ends on 14 August. The following week is fine.", "2026-08-17"),
    ("en", "We go live on 1 April. Three months of chaos after that.", "2026-07-02"),
    ("en", "She starts on 1 October, please allow her two weeks.", "2026-10-16"),
    ("de", "Der Vorstand tagt am 30. November. Am Tag danach gern.", "2026-12-01"),
    ("de", "Messe bis 9. Oktober. In der folgenden Woche gern.", "2026-10-12"),
    ("fr", "Le conseil est le 30 novembre, le lendemain je suis libre.", "2026-12-01"),
    ("fr", "Le salon finit le 9 octobre, la semaine suivante oui.", "2026-10-12"),
    ("da", "Bestyrelsen samles 30. november. Dagen efter kan jeg svare.", "2026-12-01"),
    ("da", "Kampagnen slutter i uge 44. Ugen efter er vi vågne igen.", "2026-11-02"),
    ("ru", "Совет 30 ноября. На следующий день отвечу.", "2026-12-01"),
    # the year that turns, its last quarter, and a quarter with its year
    ("en", "when the calendar turns", "2027-01-07"),
    ("de", "wenn das Jahr wechselt", "2027-01-07"),
    ("fr", "quand l'année bascule", "2027-01-07"),
    ("da", "når året skifter", "2027-01-07"),
    ("ru", "когда сменится год", "2027-01-07"),
    ("en", "pencil us in for the last quarter", "2026-10-01"),
    ("de", "fürs letzte Quartal", "2026-10-01"),
    ("de", "Q2/27", "2027-04-01"),
    ("en", "The following round runs from 1 July 2027.", "2027-07-01"),
    # what has to be over first
    ("en", "once June has passed", "2026-07-01"),
    ("en", "let us get May out of the way", "2026-06-01"),
    ("de", "sobald der Mai vorbei ist", "2026-06-01"),
    ("fr", "quand juin sera passé", "2026-07-01"),
    ("da", "lad os få maj overstået", "2026-06-01"),
    ("ru", "дайте пережить октябрь", "2026-11-01"),
    # "next" and the other of two alone
    ("fr", "Ce mois-ci non. Le suivant, oui.", "2026-04-01"),
    ("ru", "На этой неделе ревизия. Через две отзовитесь.", "2026-03-24"),
    ("ru", "В этом году мимо. В следующем вполне.", "2027-01-07"),
    ("fr", "Pas ce trimestre. Le prochain.", "2026-04-01"),
    ("ru", "В этом году мимо. Теперь до следующего лета!", "2026-06-01"),
    # feasts
    ("en", "after Labor Day", "2026-09-08"),
    ("en", "after Diwali", "2026-11-10"),
    ("de", "nach Himmelfahrt", "2026-05-15"),
    ("fr", "après la Saint-Jean", "2026-06-25"),
    ("fr", "entre Noël et Nouvel An", "2026-12-27"),
    ("da", "efter sankthans", "2026-06-24"),
    ("ru", "после Курбан-байрама", "2026-05-28"),
    # calendar weeks
    ("de", "in der 42. KW", "2026-10-12"),
    ("ru", "на 42-й неделе", "2026-10-12"),
    ("de", "Montag KW 32", "2026-08-03"),
    ("da", "mandag i uge 32", "2026-08-03"),
    ("fr", "revenez sem. 45", "2026-11-02"),
    ("en", "Tuesday next week", "2026-03-17"),
    ("da", "Lukket uge 29-31. Derefter gerne.", "2026-08-03"),
    ("ru", "на 34-ю неделю", "2026-08-17"),
    ("ru", "к 38 неделе", "2026-09-14"),
    # halves of a month and of a year to come
    ("en", "second half of '27", "2027-07-01"),
    ("en", "the back half of April", "2026-04-16"),
    ("de", "in der zweiten Hälfte 2027", "2027-07-07"),
    ("ru", "вторая половина октября", "2026-10-16"),
    ("da", "anden halvdel af maj", "2026-05-16"),
    # a month on, the end of a quarter, the rest of the year
    ("en", "next month but one", "2026-05-01"),
    ("de", "des übernächsten Monats", "2026-05-01"),
    ("fr", "celui d'après", "2026-05-01"),
    ("de", "nach dem Quartalsende", "2026-04-01"),
    ("ru", "как закроем квартал", "2026-04-01"),
    ("da", "væk resten af året", "2027-01-07"),
    # the weekday tells which number is the month; a day goes on from the one said before
    ("en", "Mon 7/9", "2026-09-07"),
    ("en", "Home on 15 November. Find me on the 16th.", "2026-11-16"),
    ("fr", "Fermé jusqu'au 23 août. Le 24 on rallume.", "2026-08-24"),
    ("da", "mandag om otte dage", "2026-03-23"),
    ("ru", "Одиннадцатого спущусь.", "2026-03-11"),
    ("ru", "пишите двадцать четвёртого", "2026-03-24"),
    # what has to be over, said of a date before
    ("en", "There is a freeze through October.", "2026-11-01"),
    ("en", "The vote is on 30 September. When that is done, yes.", "2026-10-01"),
    # the clocks
    ("en", "when the clocks go back", "2026-10-25"),
    ("de", "wenn die Uhr umgestellt wird", "2026-03-29"),
    ("fr", "au changement d'heure", "2026-03-29"),
    # of two months in a row, and of a span of weeks, the first
    ("en", "in June or July", "2026-06-01"),
    ("da", "om 3-4 uger", "2026-03-31"),
    # a week of a month, a day of this month, a week by its ordinal
    ("en", "the second week of June", "2026-06-08"),
    ("de", "in der dritten Woche im September", "2026-09-15"),
    ("en", "the 25th of this month", "2026-03-25"),
    ("ru", "45-ая неделя лучше всего", "2026-11-02"),
    ("ru", "Шестого апреля, в понедельник", "2026-04-06"),
    # a weekday of a month
    ("en", "the first Monday in August", "2026-08-03"),
    ("fr", "le premier lundi de mai", "2026-05-04"),
    ("da", "sidste fredag i maj", "2026-05-29"),
    ("de", "am letzten Freitag im April", "2026-04-24"),
    ("ru", "в последний вторник мая", "2026-05-26"),
    # and a half
    ("en", "in a year and a half", "2027-09-10"),
    ("en", "in two and a half months", "2026-05-25"),
    ("fr", "dans un mois et demi", "2026-04-25"),
    ("ru", "через месяц с половиной", "2026-04-25"),
    # a month in figures
    ("de", "wieder ab 03.2027", "2027-03-01"),
    # a season of a year
    ("de", "im Herbst nächsten Jahres", "2027-09-01"),
]


@pytest.mark.parametrize(("language", "text", "day"), CONSTRUCTIONS)
def test_dates_put_together(language: str, text: str, day: str) -> None:
    assert dates_in(text, language) == [date.fromisoformat(day)]


MEANT = [
    ("en", "Our stocktaking is in June so nobody has ears for this. Ring in July.", "2026-07-01"),
    ("en", "Circle back in the fall, budget season is October.", "2026-10-01"),
    ("en", "In April I can't. In May, yes.", "2026-05-01"),
    ("de", "Unser Vertrag läuft bis Ende Juni. Im Mai können Sie mal durchklingeln.", "2026-05-01"),
    ("de", "Der Gemeinderat tagt im Dezember, melden Sie sich im Januar.", "2027-01-01"),
    ("fr", "Le bail expire en juin. Rappelez-nous en avril.", "2026-04-01"),
    ("fr", "Pas cet été, non. Octobre oui.", "2026-10-01"),
    ("da", "Kontrakten udløber i december. Ring i september.", "2026-09-01"),
    ("da", "Efter sommerferien - lad os sige uge 33.", "2026-08-10"),
    ("en", "The first half is too busy. The second, gladly.", "2026-07-01"),
    ("de", "Erstes Halbjahr ist dicht. Zweites: gern.", "2026-07-01"),
    ("ru", "Первый квартал у нас кошмар. Второй — пожалуйста.", "2026-04-01"),
    ("de", "Juni nein, September ja.", "2026-09-01"),
    ("en", "The warranty has us until December 12. Poke me in November.", "2026-11-01"),
    ("en", "Not before May, not a day sooner. Nothing in April.", "2026-05-01"),
    (
        "da",
        "Julehandlen æder os, i januar tæller vi lager. Februar er en død måned, den er din.",
        "2027-02-01",
    ),
    ("da", "I august er der høst, og derefter er det såning. Oktober passer.", "2026-10-01"),
    ("ru", "В июле сдача дома, звоните в августе.", "2026-08-01"),
    ("en", "We plant until April. May?", "2026-05-01"),
    ("en", "I was about to say no, but my wife wants it in June. So, August.", "2026-08-01"),
    ("da", "Ansøgningsfristen er 1. juni og vi hører i løbet af juli. Så august.", "2026-08-01"),
    ("de", "Von Mai bis Ende Dezember in Elternzeit.", "2027-01-01"),
    ("ru", "С 27 июля по 23 августа отпуск.", "2026-08-24"),
    ("ru", "Бюджетный комитет 30 ноября, жду от вас весточку в декабре.", "2026-12-01"),
    ("en", "I'm on leave until 17 April. My first day back is the 20th, try me then.", "2026-04-20"),
    ("en", "Our new financial year starts on 1 April. Ping me when we get there.", "2026-04-01"),
]


@pytest.mark.parametrize(("language", "text", "day"), MEANT)
def test_of_two_dates_the_one_to_come_back_on(language: str, text: str, day: str) -> None:
    assert dates_in(text, language) == [date.fromisoformat(day)]


@pytest.mark.parametrize(
    ("rule", "day"),
    [
        ("06-24", date(2026, 6, 24)),
        ("easter+39", date(2026, 5, 14)),
        ("orthodox+0", date(2026, 4, 12)),
        ("09 weekday 1 number 1", date(2026, 9, 7)),
        ("05 weekday 1 number 5", date(2026, 5, 25)),
        ("islamic 10-01", date(2026, 3, 20)),
        ("new moon 10-16", date(2026, 11, 9)),
        ("02-29", date(2027, 2, 28)),
        ("02-22 or 06-01", date(2026, 6, 1)),
    ],
)
def test_feasts_by_their_rules(rule: str, day: date) -> None:
    assert is_rule(rule)
    assert feast_day(rule, WRITTEN) == day


def test_a_feast_by_no_rule_is_told() -> None:
    with pytest.raises(ValueError, match="no rule"):
        feast_day("midsummer", WRITTEN)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "last year"),
        ("en", "two years ago"),
        ("en", "may I ask something"),
        ("en", "since January"),
        ("de", "letzten Monat"),
        ("de", "seit Januar"),
        ("de", "vor zwei Wochen"),
        ("fr", "l'an dernier"),
        ("fr", "nous avons été contents"),
        ("da", "sidste år"),
        ("da", "det var godt"),
        ("ru", "в прошлом году"),
        ("ru", "неделю назад"),
    ],
)
def test_what_is_past_or_no_date_at_all(language: str, text: str) -> None:
    assert dates_in(text, language) == []


def test_without_the_day_it_was_written_only_a_named_year_is_a_date() -> None:
    assert dates_in("in two weeks, or in March", "en", None) == []
    assert dates_in("on 1 March 2027", "en", None) == [date(2027, 3, 1)]


def test_american_and_european_order_of_day_and_month() -> None:
    assert dates_in("on 5/20", "en") == [date(2026, 5, 20)]
    assert dates_in("am 20.5.", "de") == [date(2026, 5, 20)]


@pytest.mark.parametrize(
    ("year", "day"), [(2024, date(2024, 3, 31)), (2026, date(2026, 4, 5)), (2038, date(2038, 4, 25))]
)
def test_easter(year: int, day: date) -> None:
    assert easter(year) == day


@pytest.mark.parametrize("name", sorted(MOMENTS))
def test_a_moment_is_never_past(name: str) -> None:
    for day in (date(2026, 1, 1), date(2026, 2, 28), date(2026, 12, 31), date(2028, 2, 29)):
        assert day <= MOMENTS[name](day) <= date(day.year + 2, 12, 31)


def test_a_half_that_no_year_has_is_no_date() -> None:
    assert dates_in("not the second half, the third please", "en") == [date(2026, 7, 1)]
