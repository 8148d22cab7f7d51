"""Who wrote a text, by its words alone, and what that does where no header tells."""

from __future__ import annotations

import json
from email.message import EmailMessage
from pathlib import Path

import pytest

from nurture.inbound.classify import classify
from nurture.inbound.intent.lexicon import Lexicon, load_lexicon
from nurture.inbound.verdict import Kind
from nurture.inbound.writer import machine_chance

DATA = Path(__file__).parents[2] / "inbound_data"

NOTES = [
    ("en", "I'm away from my desk until 14 September. For anything urgent please ring the switchboard."),
    ("en", "Thank you for getting in touch. We have received your request and will reply within two working days."),
    ("de", "Ich bin bis einschließlich 21. August nicht im Büro. In dringenden Fällen hilft Ihnen meine Kollegin weiter."),
    ("de", "Unser Betrieb macht vom 3. bis 21. August Ferien. Ab dem 24. sind wir wieder für Sie da."),
    ("fr", "Je suis absente jusqu'au 24 août inclus. En cas d'urgence, merci de contacter l'accueil."),
    ("fr", "Nous avons bien reçu votre demande, elle sera traitée dans les meilleurs délais."),
    ("da", "Jeg holder ferie til og med den 9. august og læser ikke mails imens. Kontakt venligst kontoret."),
    ("da", "Tak for din henvendelse. Vi har modtaget den og vender tilbage inden for tre hverdage."),
    ("ru", "Я в отпуске до 24 августа. По срочным вопросам обращайтесь к коллегам."),
    ("ru", "Ваше обращение зарегистрировано. Мы ответим в течение трёх рабочих дней."),
]  # fmt: skip

ANSWERS = [
    ("en", "Sorry for the late answer, I was on leave. Yes, let's talk, Thursday at ten suits me."),
    ("en", "Received, thanks. I'll read it on the train."),
    ("de", "Ich war zwei Wochen im Urlaub und lese Ihre Mail erst jetzt. Schicken Sie mir bitte ein Angebot."),
    ("de", "Frau Holm ist im Urlaub, ich antworte für sie: ja, gern."),
    ("fr", "Je rentre de vacances et je découvre votre message. Rappelez-moi lundi si vous voulez."),
    ("fr", "Bien reçu, merci. Nous avons déjà un prestataire."),
    ("da", "Undskyld det sene svar, jeg har holdt ferie. Ring til mig på mandag, så finder vi en tid."),
    ("da", "Tak, vi har modtaget tilbuddet, men det er for dyrt for os."),
    ("ru", "Только вернулась из отпуска, увидела ваше письмо. Пришлите, пожалуйста, цены."),
    ("ru", "Получил, спасибо. Нам пока не нужно."),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text"), NOTES)
def test_a_note_for_anybody_is_automatic(language: str, text: str) -> None:
    verdict = classify(mail({"subject": "Re: Our talk", "text": text}))
    assert (verdict.kind, verdict.language) == (Kind.AUTO_REPLY, language), verdict.evidence


@pytest.mark.parametrize(("language", "text"), ANSWERS)
def test_an_answer_to_us_is_a_reply(language: str, text: str) -> None:
    verdict = classify(mail({"subject": "Re: Our talk", "text": text}))
    assert (verdict.kind, verdict.language) == (Kind.REPLY, language), verdict.evidence


@pytest.mark.parametrize("language", ["en", "de", "fr", "da", "ru"])
def test_notes_read_more_like_a_machine_than_answers(language: str) -> None:
    notes = [machine_chance(text, load_lexicon) or 0.0 for one, text in NOTES if one == language]
    answers = [machine_chance(text, load_lexicon) or 0.0 for one, text in ANSWERS if one == language]
    assert 0.0 <= sum(answers) < sum(notes) <= len(notes)


def test_a_language_that_is_none_of_the_five_says_nothing() -> None:
    assert machine_chance("Olen lomalla elokuun loppuun asti.", load_lexicon) is None


def test_only_the_rules_of_the_language_of_a_text_are_asked_for() -> None:
    asked = []

    def lexicon(language: str) -> Lexicon:
        asked.append(language)
        return load_lexicon(language)

    classify(mail({"subject": "Re: Our talk", "text": NOTES[0][1]}), lexicon=lexicon)
    assert set(asked) == {"en"}
    machine_chance("Olen lomalla elokuun loppuun asti.", lexicon)
    assert set(asked) == {"en"}


def mail(note: dict[str, str]) -> bytes:
    """The note as an answer whose headers tell nothing."""
    made = EmailMessage()
    made["From"] = "Otto Kunde <otto@kunde.example>"
    made["To"] = "Anna Berg <anna@berg.example>"
    made["Subject"] = note["subject"]
    made["In-Reply-To"] = "<1@berg.example>"
    made.set_content(note["text"])
    return made.as_bytes()


@pytest.mark.parametrize("language", ["en", "de", "fr", "da", "ru"])
def test_what_was_learnt_is_known(language: str) -> None:
    """Notes and answers that were learnt from: a floor. How unseen ones are read is told in docs/inbound.md."""
    lines = (DATA / f"notes.{language}.jsonl").read_text("utf-8").splitlines()
    notes = [json.loads(line) for line in lines][::4]
    kinds = [(note["writer"], classify(mail(note)).kind) for note in notes]
    machines = [kind is Kind.AUTO_REPLY for writer, kind in kinds if writer == "machine"]
    people = [kind is Kind.AUTO_REPLY for writer, kind in kinds if writer == "person"]
    assert sum(machines) / len(machines) >= 0.85
    assert sum(people) / len(people) <= 0.05
