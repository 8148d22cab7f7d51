"""Machines that answer for people, told from people who write about being away."""

from __future__ import annotations

from datetime import date

import pytest

from nurture.inbound.classify import classify
from nurture.inbound.verdict import Kind

DATE = "Date: Mon, 3 Aug 2026 09:00:00 +0200\n"


def mail(subject: str, text: str, headers: str = "") -> bytes:
    return (
        f"From: Otto Kunde <otto@kunde.example>\nTo: anna@berg.example\n{DATE}Subject: {subject}\n{headers}"
        f"MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n{text}\n"
    ).encode()


NOTES = [
    ("en", "2026-08-17", "Automatic reply: Our talk", "I am out of the office until 14 August and will be back on Monday, 17 August. In urgent cases please contact Eva (eva@kunde.example)."),
    ("en", "2026-08-17", "Out of Office: Our talk", "Thank you for your email. I'm currently on annual leave with limited access to email. I will return on August 17th, 2026."),
    ("en", "2026-08-10", "Otto Kunde is out of the office", "I will be out of the office starting  08/03/2026 and will not return until 08/10/2026. I will respond to your message when I return."),
    ("en", "2026-08-14", "Automatic reply: Our talk", "I am away from 3 to 14 August. For urgent matters call +49 30 123456."),
    ("en", "2026-08-10", "Auto: Our talk", "I'm on vacation this week, back next Monday."),
    ("en", "2026-08-31", "OOO Re: Our talk", "I'm out on parental leave through August 31. Please reach out to my colleague Eva in the meantime."),
    ("en", None, "Automatic reply: Our talk", "I am currently travelling and have only sporadic access to my mail. I will reply as soon as I can."),
    ("de", "2026-08-17", "Automatische Antwort: Gespräch", "Ich bin bis einschließlich 14.08.2026 nicht im Haus. Ab dem 17.08.2026 bin ich wieder erreichbar."),
    ("de", "2026-08-17", "Abwesenheitsnotiz", "Sehr geehrte Damen und Herren,\n\nvielen Dank für Ihre Nachricht. Ich bin im Urlaub und ab Montag, den 17. August wieder für Sie da. In dringenden Fällen wenden Sie sich bitte an meine Kollegin Eva Muster (eva@kunde.example)."),
    ("de", "2026-08-21", "Abwesend: Gespräch", "Ich befinde mich vom 3. bis 21. August im Urlaub. Ihre E-Mail wird nicht weitergeleitet."),
    ("de", "2026-08-17", "Otto Kunde ist außer Haus", "Ich werde ab  03.08.2026 nicht im Büro sein. Ich kehre zurück am 17.08.2026. Ich werde Ihre Nachricht nach meiner Rückkehr beantworten."),
    ("de", "2026-08-15", "Automatische Antwort", "Unser Büro ist wegen Betriebsferien bis zum 15. August geschlossen."),
    ("de", "2026-08-06", "Abwesenheitsnotiz: Gespräch", "Guten Tag, ich bin heute und morgen auf Dienstreise und ab Donnerstag wieder im Büro."),
    ("fr", "2026-08-24", "Réponse automatique : Notre entretien", "Bonjour, je suis absent du bureau jusqu'au 21 août inclus. Je serai de retour le lundi 24 août. En cas d'urgence, merci de contacter Eva (eva@kunde.example)."),
    ("fr", "2026-08-21", "Absence du bureau", "Je suis en congés du 3 au 21 août. Je prendrai connaissance de votre message à mon retour."),
    ("fr", "2026-09-01", "Message d'absence", "Actuellement en déplacement, je reviendrai vers vous à partir du 1er septembre."),
    ("da", "2026-08-17", "Automatisk svar: Vores samtale", "Jeg er på ferie og er tilbage mandag den 17. august. Haster det, så kontakt venligst min kollega Eva på eva@kunde.example."),
    ("da", "2026-08-14", "Autosvar", "Tak for din mail. Jeg holder ferie til og med d. 14. august og læser ikke mails i perioden."),
    ("da", "2026-08-10", "Ikke på kontoret", "Jeg er ikke på kontoret fra d. 3. til d. 10. august."),
    ("ru", "2026-08-17", "Автоматический ответ: Наш разговор", "Здравствуйте! Я в отпуске до 16 августа. Вернусь 17 августа. По срочным вопросам обращайтесь к Еве: eva@kunde.example."),
    ("ru", "2026-08-14", "Автоответ", "Меня нет на рабочем месте с 3 по 14 августа 2026 г. Отвечу по возвращении."),
    ("ru", "2026-08-10", "Нет на месте", "Нахожусь в командировке, буду на месте 10.08.2026."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("language", "until", "subject", "text"), NOTES, ids=[note[2] + str(at) for at, note in enumerate(NOTES)]
)
@pytest.mark.parametrize("headers", ["", "Auto-Submitted: auto-replied\n"], ids=["bare", "RFC 3834"])
def test_absence_notes_and_their_return_dates(
    language: str, until: str | None, subject: str, text: str, headers: str
) -> None:
    verdict = classify(mail(subject, text, headers))
    assert verdict.kind is Kind.AUTO_REPLY
    assert verdict.until == (date.fromisoformat(until) if until else None)
    assert verdict.language == language
    assert verdict.intent is None
    assert verdict.evidence


PLAIN_SUBJECT = [note for note in NOTES if note[3].count(".") >= 1 and len(note[3]) > 130]


@pytest.mark.parametrize("note", PLAIN_SUBJECT, ids=[note[2] for note in PLAIN_SUBJECT])
def test_an_answer_with_our_subject_needs_the_null_sender(note: tuple[str, str, str, str]) -> None:
    assert classify(mail("Re: Our talk", note[3], "Return-Path: <>\n")).kind is Kind.AUTO_REPLY


HEADERS = [
    "Auto-Submitted: auto-replied (vacation)",
    "X-Autoreply: yes",
    "X-Autorespond: away",
    "X-Auto-Reply: 1",
    "Precedence: auto_reply",
    "X-Vacation: yes",
    "X-Apple-Action: VACATION",
    "X-Autogenerated: Reply",
    "X-Mail-Autoreply: on",
    "X-POST-MessageClass: 9; Autoresponder",
    "X-FC-MachineGenerated: true",
    "Auto-Submitted: auto-generated\nX-MS-Exchange-Inbox-Rules-Loop: otto@kunde.example",
]


@pytest.mark.parametrize("header", HEADERS)
def test_headers_settle_it(header: str) -> None:
    assert classify(mail("Re: Our talk", "I'm only sleeping.", f"{header}\n")).kind is Kind.AUTO_REPLY


MACHINES = [
    ("[Ticket#2026080312345] Our talk", "Thank you for contacting us. Your request has been received and is being reviewed by our support staff. Please do not reply to this email."),
    ("Request received: Our talk", "##- Please type your reply above this line -##\n\nYour request (#48213) has been received and is being reviewed by our team. This is an automated message."),
    ("Ihre Anfrage [#48213]", "Vielen Dank für Ihre Anfrage. Ihre Nachricht ist bei uns eingegangen und wird schnellstmöglich bearbeitet. Dies ist eine automatisch generierte E-Mail."),
    ("Accusé de réception", "Nous avons bien reçu votre demande et vous répondrons dans les meilleurs délais. Ceci est un message automatique."),
    ("Kvittering for modtagelse", "Vi har modtaget din henvendelse og vender tilbage hurtigst muligt. Dette er en automatisk besked."),
    ("Обращение №48213 зарегистрировано", "Ваше обращение принято и зарегистрировано. Мы свяжемся с вами в ближайшее время. Это письмо сформировано автоматически, пожалуйста, не отвечайте на него."),
    ("Re: Our talk [confirm]", "Your message to otto@kunde.example is being held until you confirm that you are a human. Please click the link below to have your message delivered: https://challenge.example/1"),
]  # fmt: skip


@pytest.mark.parametrize(("subject", "text"), MACHINES, ids=[one[0] for one in MACHINES])
def test_tickets_and_challenges_are_no_replies(subject: str, text: str) -> None:
    assert classify(mail(subject, text)).kind is Kind.AUTO_REPLY


LEFT = [
    (
        "Automatic reply: Our talk",
        "I no longer work for Kunde Ltd. Please contact my successor Eva Muster at eva@kunde.example.",
    ),
    (
        "Automatische Antwort",
        "Herr Kunde ist nicht mehr für unser Unternehmen tätig. Bitte wenden Sie sich an eva@kunde.example.",
    ),
    (
        "Réponse automatique",
        "M. Kunde ne fait plus partie de la société. Merci de contacter eva@kunde.example.",
    ),
    ("Automatisk svar", "Otto Kunde er ikke længere ansat hos os. Kontakt venligst eva@kunde.example."),
    (
        "Автоматический ответ",
        "Отто Кунде больше не работает в нашей компании. Обращайтесь, пожалуйста, по адресу eva@kunde.example.",
    ),
]


@pytest.mark.parametrize(("subject", "text"), LEFT)
def test_who_left_names_a_successor(subject: str, text: str) -> None:
    verdict = classify(mail(subject, text))
    assert (verdict.kind, verdict.left, verdict.other_address) == (Kind.AUTO_REPLY, True, "eva@kunde.example")
    assert verdict.until is None


PEOPLE = [
    ("Re: Our talk", "I'm out of the office until Monday, can we talk on Tuesday?"),
    ("Re: Our talk", "Thanks for your email. I am on vacation until the 14th. Let's talk when I'm back."),
    ("Re: Out of office", "No problem, enjoy your holiday! Call me when you are back."),
    ("Re: Automatic reply: Our talk", "Thanks, I will wait until Otto is back on the 17th."),
    ("Re: Our talk", "Otto no longer works here. Please write to eva@kunde.example, she would like to see your offer."),
    ("AW: Gespräch", "Ich bin bis zum 14.8. im Urlaub, danach können wir gerne telefonieren. Passt Ihnen der 17.?"),
    ("AW: Gespräch", "Vielen Dank für Ihre Nachricht. Wir haben kein Interesse, bitte melden Sie sich im nächsten Jahr wieder."),
    ("AW: Gespräch", "Vielen Dank für Ihre Nachricht. Rufen Sie mich bitte nächste Woche an, ab Mittwoch bin ich wieder im Büro."),
    ("RE: Notre entretien", "Merci pour votre message. Je suis en congés jusqu'au 21 août, pouvez-vous me rappeler ensuite ?"),
    ("SV: Vores samtale", "Tak for din mail. Jeg er på ferie til den 14., kan du ringe til mig bagefter?"),
    ("Re: Наш разговор", "Спасибо за письмо. Я в отпуске до 14 августа, давайте созвонимся после."),
    ("Our talk", "Please contact me when you have a new price list. I'd like to order in autumn."),
    ("Re: Our talk", "We received your proposal and will get back to you within two weeks, once the board has met. Could you send the references?"),
    ("Vacation plans", "Hi Anna, are you in the office next week?"),
]  # fmt: skip


@pytest.mark.parametrize(("subject", "text"), PEOPLE, ids=[str(at) for at in range(len(PEOPLE))])
@pytest.mark.parametrize(
    "quote", ["", "\n\nOn 3 Aug 2026, Anna wrote:\n> Do you have time?"], ids=["bare", "quoting"]
)
def test_people_who_write_about_being_away_are_people(subject: str, text: str, quote: str) -> None:
    headers = (
        "In-Reply-To: <1@berg.example>\nReturn-Path: <otto@kunde.example>\n" if subject != "Our talk" else ""
    )
    assert classify(mail(subject, text + quote, headers)).kind is Kind.REPLY


def test_a_note_without_headers_is_still_a_note() -> None:
    text = "Thank you for your message. I am out of the office with no access to email and will return on 17 August. In urgent cases contact eva@kunde.example."
    assert classify(text.encode()).kind is Kind.AUTO_REPLY
    assert classify(b"I'm out of the office until Monday, let's talk then.").kind is Kind.REPLY


FOR_ANYBODY = [
    ("This address is retired", "The mailbox sales@kunde.example is no longer monitored. Please use orders@kunde.example from now on."),
    ("Postfach stillgelegt", "Dieses Postfach wird nicht mehr überwacht. Bitte schicken Sie Ihr Anliegen an neu@kunde.example."),
    ("Boîte fermée", "Cette boîte n'est plus surveillée. Merci de renvoyer votre message à nouveau@kunde.example."),
    ("Postkassen er lukket", "Denne indbakke læses ikke længere. Send venligst din mail til ny@kunde.example."),
    ("Адрес не работает", "Этот адрес больше не проверяется. Отправьте, пожалуйста, письмо на new@kunde.example."),
    ("Re: Our talk", "I check this inbox on Tuesdays only. I'll get back to you then."),
    ("Re: Our talk", "E-mails to the parish office are read twice a week. You will hear from us."),
    ("Ihre Mail an den Verein", "Das Büro ist mittwochs von 16 bis 18 Uhr besetzt. Ihre Mail wird dann gelesen."),
    ("Votre message à l'association", "Le bureau est ouvert le mardi matin. Votre message sera lu à ce moment-là."),
    ("Din mail til foreningen", "Tak for din mail. Posten bliver læst hver torsdag."),
    ("Ваше письмо в школу", "Почта проверяется по средам. Спасибо за терпение."),
    ("Season is over", "Thank you for writing. The lido is closed for the season and opens its doors again on 2 May 2027."),
    ("Saisonende", "Danke für Ihre Mail! Unser Biergarten ist bis zur nächsten Saison geschlossen."),
    ("Fin de saison", "Merci pour votre message. Le camping est fermé jusqu'à la saison prochaine."),
    ("Sæsonen er forbi", "Tak for din mail. Havnekiosken er lukket for sæsonen."),
    ("Сезон закрыт", "Спасибо за письмо! База отдыха закрыта до следующего сезона."),
    ("We have moved", "Thank you for your e-mail. You now find us at 4 Mill Lane. Answers may take a day or two longer."),
    ("Wir sind umgezogen", "Vielen Dank für Ihre Nachricht. Unsere neue Anschrift lautet Hafenstraße 4. Die Bearbeitung dauert derzeit länger."),
    ("Nous avons déménagé", "Merci pour votre message. Nos nouveaux bureaux se trouvent au 4, rue du Port."),
    ("Vi er flyttet", "Tak for din mail. Du finder os nu på Havnevej 4."),
    ("Мы переехали", "Спасибо за письмо. Наш новый адрес: Портовая, 4."),
    ("Re: Our talk", "Otto Kunde is on leave this week and will answer when he is back."),
    ("Re: Unser Gespräch", "Herr Kunde ist bis Ende August in Elternzeit."),
    ("Re: Our talk", "I left Kunde Ltd on 3 July. My work is in the hands of Eva Muster now: eva@firma.example."),
    ("Re: Our talk", "To everybody who writes to us: the kiln is cold until spring."),
    ("Re: Unser Gespräch", "Liebe Absender, dieses Postfach macht Pause."),
    ("Re: Notre entretien", "À tous ceux qui nous écrivent : l'atelier dort, chacun reçoit ce mot."),
    ("Sv: Vores samtale", "Til alle, der skriver: vi er på ferie."),
    ("Ihre Anfrage über kunde.example", "Ihre Zeilen sind da. Diese Bestätigung verschickt der Server."),
    ("Merci, inscription reçue", "Votre formulaire a bien été transmis. Rappel de votre saisie : « Bonjour »."),
    ("Re: Our talk", "This address is closed. Mail goes to studio@neu.example now."),
]  # fmt: skip


@pytest.mark.parametrize(("subject", "text"), FOR_ANYBODY, ids=[one[1][:40] for one in FOR_ANYBODY])
def test_what_is_written_for_anybody_is_automatic(subject: str, text: str) -> None:
    headers = "In-Reply-To: <1@berg.example>\n" if subject.startswith("Re:") else ""
    verdict = classify(mail(subject, text, headers))
    assert verdict.kind is Kind.AUTO_REPLY, verdict.evidence


FOR_US = [
    ("Out of office", "Hello Anna, that is the name of our café, you asked for it. Would you like the address?"),
    ("Abwesenheit", "Tut mir leid wegen meiner Abwesenheit gestern, der Zug kam nicht. Sollen wir es morgen noch einmal versuchen?"),
    ("Absence", "Je vous prie d'excuser mon absence de mardi. Pouvons-nous fixer une autre date ?"),
    ("Ikke på kontoret", "Undskyld mit fravær i går, jeg var syg. Kan vi tale sammen i morgen?"),
    ("Нет на месте", "Извините, вчера меня не было на месте. Давайте созвонимся завтра?"),
    ("Re: Our talk", "Is this an automatic message or is somebody there? In any case: no thanks."),
    ("Re: Unser Gespräch", "Ist das eine automatische E-Mail? Falls nicht: wir haben keinen Bedarf."),
    ("Re: Our talk", "I read my mail on Fridays only, hence the delay. We are not interested, thank you."),
    ("Re: Our talk", "Thank you, we have received your offer and will decide after the board meeting."),
    ("Re: Our talk", "Our office is closed on Friday, but Thursday is fine, same place as last time."),
    ("Accusé de réception", "J'accuse réception de votre courriel. Nous n'entendons pas y donner suite, mon associé et moi."),
    ("Re: Our talk", "Your automatic reply says you are on leave, so this can wait until you return."),
    ("Absence de réponse", "Sans nouvelles de votre part, je me permets de vous relancer."),
]  # fmt: skip


@pytest.mark.parametrize(("subject", "text"), FOR_US, ids=[one[1][:40] for one in FOR_US])
def test_what_is_written_for_us_is_a_persons(subject: str, text: str) -> None:
    headers = "In-Reply-To: <1@berg.example>\n" if subject.startswith("Re:") else ""
    verdict = classify(mail(subject, text, headers))
    assert verdict.kind in (Kind.REPLY, Kind.UNSUBSCRIBE), verdict.evidence


def test_a_mail_that_says_it_is_not_automatic_is_a_persons() -> None:
    text = "Thank you for your message. The shop is closed on Wednesday, any other morning suits."
    headers = "In-Reply-To: <1@berg.example>\nAuto-Submitted: no\n"
    assert classify(mail("Re: Our talk", text, headers)).kind is Kind.REPLY


@pytest.mark.parametrize(("subject", "left"), [("Otto Kunde has retired", True), ("I have retired", False)])
def test_who_has_left_by_the_subject_is_named_there(subject: str, left: bool) -> None:
    """What else stands in the subject of an answer may be our own words."""
    text = "Our longest serving master has hung up his hat. Mail is not forwarded."
    verdict = classify(mail(subject, text, "Auto-Submitted: auto-replied\n"))
    assert (verdict.kind, verdict.left) == (Kind.AUTO_REPLY, left)


def test_an_abuse_desk_files_a_complaint_as_an_answer() -> None:
    raw = (
        f"From: abuse@uni.example\nTo: anna@berg.example\n{DATE}Subject: [abuse #5] Unerwünschte Werbung\n"
        "In-Reply-To: <1@berg.example>\n\nDer Empfänger hat sie als Spam gemeldet.\n\nMessage-ID: <1@berg.example>\n"
    )
    verdict = classify(raw.encode())
    assert (verdict.kind, verdict.original_message_id) == (Kind.COMPLAINT, "<1@berg.example>")


def test_a_status_in_words_is_a_receipt() -> None:
    text = 'The message "Our talk" sent to otto@kunde.example was opened on 08-Sep-26 at 16:40.'
    assert (
        classify(mail("Message status - opened", text, "Auto-Submitted: auto-generated\n")).kind
        is Kind.RECEIPT
    )


def test_one_sign_and_the_tone_are_not_quite_sure() -> None:
    sure = classify(mail("Automatic reply: Our talk", NOTES[0][3])).confidence
    text = "Our office is closed on Thursday for the staff outing."
    doubted = classify(mail("Re: Our talk", text, "In-Reply-To: <1@berg.example>\n")).confidence
    assert doubted <= 0.9 < sure == 0.95
    assert classify(mail("Re: Our talk", text, "Auto-Submitted: auto-replied\n")).confidence == 0.97


@pytest.mark.parametrize(
    "sender", ["reports@spamwatch.example", "abuse@hoster.example", "complaints@provider.example"]
)
def test_an_abuse_desk_complains_whatever_its_precedence(sender: str) -> None:
    raw = (
        f"From: {sender}\nTo: anna@berg.example\n{DATE}Subject: [Spam report 7] Our talk\nPrecedence: list\n\n"
        "We were told of unsolicited mail.\n\n[ Offending message ]\nFrom: anna@berg.example\nSubject: Our talk\n"
        "Message-ID: <1@berg.example>\n"
    )
    verdict = classify(raw.encode())
    assert (verdict.kind, verdict.original_message_id) == (Kind.COMPLAINT, "<1@berg.example>")
