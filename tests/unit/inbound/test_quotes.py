"""What a person wrote, cut out of what mail programs put around it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.inbound.html_text import html_to_text
from nurture.inbound.quotes import cut_quotes

OURS = "We would like to show you how it works.\nDo you have time next week?"
QUOTED = "\n".join(f"> {line}" for line in OURS.split("\n"))

ATTRIBUTIONS = {
    "gmail en": "On Mon, 3 Aug 2026 at 10:04, Anna Berg <anna@berg.example> wrote:",
    "gmail en old": 'On Aug 3, 2026 10:04 AM, "Anna Berg" <anna@berg.example> wrote:',
    "apple en": "On 3 Aug 2026, at 10:04, Anna Berg <anna@berg.example> wrote:",
    "apple en us": "On Aug 3, 2026, at 10:04 AM, Anna Berg <anna@berg.example> wrote:",
    "thunderbird en": "On 03/08/2026 10:04, Anna Berg wrote:",
    "yahoo en": "On Monday, August 3, 2026 at 10:04:12 AM GMT+2, Anna Berg <anna@berg.example> wrote: ",
    "proton en": "On Monday, August 3rd, 2026 at 10:04 AM, Anna Berg <anna@berg.example> wrote:",
    "notes en": "Anna Berg <anna@berg.example> wrote on 08/03/2026 10:04:12 AM:",
    "zoho": "---- On Mon, 03 Aug 2026 10:04:12 +0200 Anna Berg <anna@berg.example> wrote ----",
    "gmail de": "Am Mo., 3. Aug. 2026 um 10:04 Uhr schrieb Anna Berg <anna@berg.example>:",
    "apple de": "Am 03.08.2026 um 10:04 schrieb Anna Berg <anna@berg.example>:",
    "thunderbird de": "Am 03.08.26 um 10:04 schrieb Anna Berg:",
    "outlook mobile de": "Anna Berg <anna@berg.example> schrieb am Mo. 3. Aug. 2026 um 10:04:",
    "gmail fr": "Le lun. 3 août 2026 à 10:04, Anna Berg <anna@berg.example> a écrit :",
    "apple fr": "Le 3 août 2026 à 10:04, Anna Berg <anna@berg.example> a écrit :",
    "thunderbird fr": "Le 03/08/2026 à 10:04, Anna Berg a écrit :",
    "gmail da": "Den man. 3. aug. 2026 kl. 10.04 skrev Anna Berg <anna@berg.example>:",
    "apple da": "Den 3. aug. 2026 kl. 10.04 skrev Anna Berg <anna@berg.example>:",
    "gmail ru": "пн, 3 авг. 2026 г. в 10:04, Anna Berg <anna@berg.example>:",
    "apple ru": "3 авг. 2026 г., в 10:04, Anna Berg <anna@berg.example> написал(а):",
    "mail.ru": "Понедельник, 3 августа 2026, 10:04 +03:00 от Anna Berg <anna@berg.example>:",
    "yandex": '03.08.2026, 10:04, "Anna Berg" <anna@berg.example>:',
    "thunderbird ru": "03.08.2026 10:04, Anna Berg пишет:",
    "gmail es": "El lun, 3 ago 2026 a las 10:04, Anna Berg (<anna@berg.example>) escribió:",
    "apple es": "El 3 ago 2026, a las 10:04, Anna Berg <anna@berg.example> escribió:",
    "gmail it": "Il giorno lun 3 ago 2026 alle ore 10:04 Anna Berg <anna@berg.example> ha scritto:",
    "apple it": "Il giorno 3 ago 2026, alle ore 10:04, Anna Berg <anna@berg.example> ha scritto:",
    "gmail nl": "Op ma 3 aug 2026 om 10:04 schreef Anna Berg <anna@berg.example>:",
    "apple nl": "Op 3 aug. 2026 om 10:04 heeft Anna Berg <anna@berg.example> het volgende geschreven:",
    "gmail pl": "pon., 3 sie 2026 o 10:04 Anna Berg <anna@berg.example> napisał(a):",
    "apple pl": "Wiadomość napisana przez Anna Berg <anna@berg.example> w dniu 03.08.2026, o godz. 10:04:",
    "thunderbird pl": "W dniu 03.08.2026 o 10:04, Anna Berg pisze:",
    "gmail sv": "Den mån 3 aug. 2026 kl 10:04 skrev Anna Berg <anna@berg.example>:",
    "apple sv": "3 aug. 2026 kl. 10:04 skrev Anna Berg <anna@berg.example>:",
    "gmail no": "man. 3. aug. 2026 kl. 10:04 skrev Anna Berg <anna@berg.example>:",
    "gmail pt": "Em seg., 3 de ago. de 2026 às 10:04, Anna Berg <anna@berg.example> escreveu:",
    "apple pt": "Em 3 de ago. de 2026, à(s) 10:04, Anna Berg <anna@berg.example> escreveu:",
    "wrapped": "On Mon, 3 Aug 2026 at 10:04, Anna Berg from the Department of Demonstrations\n<anna.berg.of.demonstrations@berg.example> wrote:",
    "wrapped twice": "Am Montag, den 3. August 2026 um 10:04 Uhr schrieb Anna Berg\nvon der Abteilung Vertrieb\n<anna@berg.example>:",
}

BLOCKS = {
    "outlook en": "From: Anna Berg <anna@berg.example>\nSent: Monday, August 3, 2026 10:04 AM\nTo: Otto <otto@kunde.example>\nSubject: Our talk",
    "outlook en bold": "*From:* Anna Berg [mailto:anna@berg.example]\n*Sent:* Monday, August 3, 2026 10:04 AM\n*To:* Otto\n*Subject:* Our talk",
    "outlook mac": "From: Anna Berg <anna@berg.example>\nDate: Monday, 3 August 2026 at 10:04\nTo: Otto <otto@kunde.example>\nSubject: Our talk",
    "outlook web": "________________________________\nFrom: Anna Berg <anna@berg.example>\nSent: Monday, August 3, 2026 10:04 AM\nTo: Otto <otto@kunde.example>\nSubject: Our talk",
    "outlook de": "Von: Anna Berg <anna@berg.example>\nGesendet: Montag, 3. August 2026 10:04\nAn: Otto <otto@kunde.example>\nBetreff: Gespräch",
    "outlook de old": "-----Ursprüngliche Nachricht-----\nVon: Anna Berg [mailto:anna@berg.example]\nGesendet: Montag, 3. August 2026 10:04\nAn: Otto\nBetreff: Gespräch",
    "gmx": 'Gesendet: Montag, 03. August 2026 um 10:04 Uhr\nVon: "Anna Berg" <anna@berg.example>\nAn: otto@kunde.example\nBetreff: Gespräch',
    "notes de": "Von:        Anna Berg <anna@berg.example>\nAn:        otto@kunde.example\nKopie:        \nDatum:        03.08.2026 10:04\nBetreff:        Gespräch",
    "outlook fr": "De : Anna Berg <anna@berg.example>\nEnvoyé : lundi 3 août 2026 10:04\nÀ : Otto <otto@kunde.example>\nObjet : Notre entretien",
    "orange fr": '> Message du 03/08/26 10:04\n> De : "Anna Berg" <anna@berg.example>\n> A : otto@kunde.example\n> Copie à : \n> Objet : Notre entretien\n>',
    "outlook da": "Fra: Anna Berg <anna@berg.example>\nSendt: 3. august 2026 10:04\nTil: Otto <otto@kunde.example>\nEmne: Vores samtale",
    "outlook ru": "От: Anna Berg <anna@berg.example>\nОтправлено: 3 августа 2026 г. 10:04\nКому: Otto <otto@kunde.example>\nТема: Наш разговор",
    "samsung ru": "-------- Исходное сообщение --------\nОт: Anna Berg <anna@berg.example>\nДата: 03.08.2026 10:04 (GMT+03:00)\nКому: otto@kunde.example\nТема: Наш разговор",
    "outlook es": "De: Anna Berg <anna@berg.example>\nEnviado: lunes, 3 de agosto de 2026 10:04\nPara: Otto <otto@kunde.example>\nAsunto: Nuestra charla",
    "outlook it": "Da: Anna Berg <anna@berg.example>\nInviato: lunedì 3 agosto 2026 10:04\nA: Otto <otto@kunde.example>\nOggetto: Il nostro colloquio",
    "outlook nl": "Van: Anna Berg <anna@berg.example>\nVerzonden: maandag 3 augustus 2026 10:04\nAan: Otto <otto@kunde.example>\nOnderwerp: Ons gesprek",
    "outlook pl": "Od: Anna Berg <anna@berg.example>\nWysłano: poniedziałek, 3 sierpnia 2026 10:04\nDo: Otto <otto@kunde.example>\nTemat: Nasza rozmowa",
    "outlook sv": "Från: Anna Berg <anna@berg.example>\nSkickat: den 3 augusti 2026 10:04\nTill: Otto <otto@kunde.example>\nÄmne: Vårt samtal",
    "outlook no": "Fra: Anna Berg <anna@berg.example>\nSendt: mandag 3. august 2026 10:04\nTil: Otto <otto@kunde.example>\nEmne: Samtalen vår",
    "outlook pt": "De: Anna Berg <anna@berg.example>\nEnviado: segunda-feira, 3 de agosto de 2026 10:04\nPara: Otto <otto@kunde.example>\nAssunto: Nossa conversa",
    "samsung en": "-------- Original message --------\nFrom: Anna Berg <anna@berg.example>\nDate: 03/08/2026 10:04 (GMT+01:00)\nTo: otto@kunde.example\nSubject: Our talk",
    "double spaced": "From: Anna Berg <anna@berg.example>\n\nSent: Monday, August 3, 2026 10:04 AM\n\nTo: Otto <otto@kunde.example>\n\nSubject: Our talk",
    "one line": "Von: Anna Berg <anna@berg.example> Gesendet: Montag, 3. August 2026 10:04 An: Otto Betreff: Gespräch",
}

ANSWER = "Yes, Tuesday at ten would suit me.\n\nPlease send the price list too."


@pytest.mark.parametrize("introduction", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS.keys())
@pytest.mark.parametrize("quoted", [QUOTED, OURS], ids=["marked", "unmarked"])
def test_top_posting_leaves_the_answer(introduction: str, quoted: str) -> None:
    cut = cut_quotes(f"{ANSWER}\n\n{introduction}\n\n{quoted}\n")
    assert (cut.text, cut.quoted, cut.forwarded) == (ANSWER, True, False)


@pytest.mark.parametrize("introduction", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS.keys())
def test_bottom_posting_leaves_the_answer(introduction: str) -> None:
    assert cut_quotes(f"{introduction}\n{QUOTED}\n\n{ANSWER}\n").text == ANSWER


@pytest.mark.parametrize("introduction", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS.keys())
def test_answers_between_quotes_are_kept(introduction: str) -> None:
    first, second = OURS.split("\n")
    cut = cut_quotes(f"{introduction}\n> {first}\n\nSounds good.\n\n> {second}\n\nTuesday at ten.\n")
    assert (cut.text, cut.interleaved) == ("Sounds good.\n\nTuesday at ten.", True)


@pytest.mark.parametrize("introduction", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS.keys())
def test_a_quoted_introduction_is_quoted(introduction: str) -> None:
    marked = "\n".join(f"> {line}" for line in introduction.split("\n"))
    assert cut_quotes(f"{ANSWER}\n\n{marked}\n>\n{QUOTED}\n").text == ANSWER


@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS.keys())
def test_a_block_of_headers_ends_the_answer(block: str) -> None:
    cut = cut_quotes(f"{ANSWER}\n\n{block}\n\n{OURS}\n\nRegards\nAnna\n")
    assert (cut.text, cut.quoted) == (ANSWER, True)


FORWARDS = {
    "gmail": "---------- Forwarded message ---------\nFrom: Anna <a@berg.example>\nDate: Mon, Aug 3, 2026\nSubject: Talk\nTo: <o@kunde.example>",
    "gmail de": "---------- Forwarded message ---------\nVon: Anna <a@berg.example>\nDate: Mo., 3. Aug. 2026\nSubject: Talk\nTo: <o@kunde.example>",
    "apple": "Begin forwarded message:\n\nFrom: Anna <a@berg.example>\nSubject: Talk\nDate: 3 August 2026\nTo: o@kunde.example",
    "apple de": "Anfang der weitergeleiteten Nachricht:\n\nVon: Anna <a@berg.example>\nBetreff: Talk\nDatum: 3. August 2026",
    "thunderbird fr": "-------- Message transféré --------\nSujet : Talk\nDate : Mon, 3 Aug 2026\nDe : Anna <a@berg.example>\nPour : o@kunde.example",
    "outlook da": "-------- Videresendt meddelelse --------\nFra: Anna <a@berg.example>\nSendt: 3. august 2026\nEmne: Talk",
    "mail.ru": "-------- Пересылаемое сообщение --------\nОт кого: Anna <a@berg.example>\nКому: o@kunde.example\nДата: 3 августа 2026\nТема: Talk",
}


@pytest.mark.parametrize("marker", FORWARDS.values(), ids=FORWARDS.keys())
@pytest.mark.parametrize("comment", ["", "Could you take this one?"])
def test_a_forwarded_mail_is_told_apart(marker: str, comment: str) -> None:
    cut = cut_quotes(f"{comment}\n\n{marker}\n\n{OURS}\n", subject="Fwd: Talk")
    assert (cut.text, cut.forwarded) == (comment, True)


def test_outlook_tells_a_forward_by_its_subject_only() -> None:
    text = f"Für dich.\n\n{BLOCKS['outlook de']}\n\n{OURS}"
    assert cut_quotes(text, subject="WG: Gespräch").forwarded
    assert not cut_quotes(text, subject="AW: Gespräch").forwarded


OWN = {
    "on": "On Thursday we decide.\nOn the other hand, Bob wrote a nice paper: it is attached.",
    "from": "The data comes From: our database, not from files.\nSubject: to approval.",
    "list": "Three points:\n\n- price\n- time\n- people\n\nWhat do you think?",
    "rule": "Results\n-------\n\n1. Faster by half\n\n----\n\nThe rule above is mine.",
    "dates": "Possible dates:\n\n2026-08-03 10:00\n04.08.2026 14:30\n\nBoth suit me.",
    "regards": "With regards to the price, I need to ask my boss.\nBest wishes were sent to the team already.",
    "sent from": "Sent from my desk, which is easier than from my phone.",
    "thanks": "Thanks!",
    "times": "Am 3.8. um 10:00 passt es mir:\nda habe ich frei.",
    "trip": "Von: Berlin\nNach: Hamburg\nwürde ich mit dem Zug fahren.",
    "greater": "We need 5 > 3 seats.",
}


@pytest.mark.parametrize("text", OWN.values(), ids=OWN.keys())
def test_own_words_are_left_alone(text: str) -> None:
    cut = cut_quotes(text)
    assert (cut.text, cut.quoted) == (text, False)


SIGNATURES = [
    "-- \nOtto Kunde\nKunde GmbH",
    "--\nOtto Kunde",
    "Best regards,\nOtto Kunde\nHead of Purchasing\nKunde Ltd.\n+49 30 1234567\nwww.kunde.example",
    "Kind regards\nOtto",
    "Mit freundlichen Grüßen\n\nOtto Kunde\nGeschäftsführer\nTel. +49 30 1234567",
    "Viele Grüße aus Berlin\nOtto",
    "LG Otto",
    "Cordialement,\nOtto Kunde\nDirecteur des achats",
    "Bien à vous,\n\nOtto",
    "Med venlig hilsen\nOtto Kunde\nTlf. 12 34 56 78",
    "С уважением,\nОтто Кунде\nдиректор по закупкам\nтел. +7 495 123-45-67",
    "Un saludo,\nOtto",
    "Cordiali saluti\nOtto Kunde",
    "Met vriendelijke groet,\nOtto Kunde",
    "Pozdrawiam\nOtto Kunde",
    "Med vänlig hälsning\nOtto",
    "Vennlig hilsen\nOtto",
    "Atenciosamente,\nOtto Kunde",
    "Sent from my iPhone",
    "Get Outlook for iOS<https://aka.ms/o0ukef>",
    "Von meinem iPhone gesendet",
    "Gesendet mit der GMX iPhone App",
    "Diese Nachricht wurde von meinem Android-Gerät mit WEB.DE Mail gesendet.",
    "Envoyé de mon iPhone",
    "Sendt fra min iPhone",
    "Отправлено с iPhone",
    "Отправлено из мобильной Почты Mail.ru",
    "Inviato da iPhone",
    "Enviado desde mi iPhone",
    "Verstuurd vanaf mijn iPhone",
    "Wysłane z iPhone'a",
    "Skickat från min iPhone",
    "Sendt fra min iPad",
    "Enviado do meu iPhone",
    "Regards\nOtto\n\nThis e-mail and any attachments are confidential and intended solely for the addressee.",
    "Gruß\nOtto\n\nDiese E-Mail enthält vertrauliche und/oder rechtlich geschützte Informationen.",
    "Cdt\nOtto\n\nCe message et toutes les pièces jointes sont confidentiels et établis à l'intention de ses destinataires.",
    "Otto Kunde | Kunde GmbH\nTel: +49 30 1234567 | otto@kunde.example\nwww.kunde.example",
]


@pytest.mark.parametrize("signature", SIGNATURES, ids=[one.split("\n")[0] for one in SIGNATURES])
@pytest.mark.parametrize(
    "below",
    ["", f"\n\n{ATTRIBUTIONS['gmail de']}\n{QUOTED}", f"\n\n{BLOCKS['outlook en']}\n\n{OURS}"],
    ids=["alone", "gmail", "outlook"],
)
def test_signatures_are_cut(signature: str, below: str) -> None:
    cut = cut_quotes(f"{ANSWER}\n\n{signature}{below}\n", sender_name="Otto Kunde")
    assert cut.text == ANSWER
    assert signature.split("\n")[0].strip() in cut.signature


def test_a_signature_below_the_quote_is_cut_too() -> None:
    assert (
        cut_quotes(f"{ATTRIBUTIONS['apple en']}\n{QUOTED}\n\n{ANSWER}\n\n-- \nOtto\nwww.kunde.example\n").text
        == ANSWER
    )


@pytest.mark.parametrize(
    "banner",
    [
        "CAUTION: This email originated from outside of the organization. Do not click links or open attachments.",
        "[EXTERNAL]",
        "ACHTUNG: Diese E-Mail stammt von einem externen Absender.",
        "You don't often get email from otto@kunde.example. Learn why this is important",
    ],
)
def test_a_gateway_s_banner_is_cut(banner: str) -> None:
    assert cut_quotes(f"{banner}\n\n{ANSWER}").text == ANSWER


HTML = {
    "gmail": '<div dir="ltr">Yes, Tuesday.</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">Am Mo. 3. Aug. 2026 schrieb Anna &lt;<a href="mailto:a@b.example">a@b.example</a>&gt;:<br></div><blockquote class="gmail_quote"><div>Do you have time?</div></blockquote></div>',
    "gmail exotic": '<div dir="ltr">Yes, Tuesday.</div><div class="gmail_quote"><div class="gmail_attr">Anna kirjutas kuupäeval 3. august:<br></div><blockquote>Do you have time?</blockquote></div>',
    "outlook": '<p>Yes, Tuesday.</p><div style="border:none;border-top:solid #E1E1E1 1.0pt"><p><b>From:</b> Anna<br><b>Sent:</b> Monday<br><b>To:</b> O<br><b>Subject:</b> Talk</p></div><p>Do you have time?</p>',
    "outlook web": '<div>Yes, Tuesday.</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>Von:</b> Anna<br></div><div>Do you have time?</div>',
    "apple": '<html><body>Yes, Tuesday.<br><div><br><blockquote type="cite"><div>On 3 Aug 2026, Anna wrote:</div><div>Do you have time?</div></blockquote></div></body></html>',
    "yahoo": '<div>Yes, Tuesday.</div><div class="yahoo_quoted"><div>On Monday, Anna wrote:</div><div>Do you have time?</div></div>',
    "thunderbird": '<p>Yes, Tuesday.</p><div class="moz-cite-prefix">Am 03.08.26 schrieb Anna:</div><blockquote type="cite">Do you have time?</blockquote>',
    "signature": '<div>Yes, Tuesday.</div><div class="gmail_signature"><div>Otto</div><div>Kunde</div></div><blockquote>Do you have time?</blockquote>',
    "hidden": "<head><style>p {color: red}</style></head><p>Yes, Tuesday.</p><script>alert(1)</script>",
}


@pytest.mark.parametrize("html", HTML.values(), ids=HTML.keys())
def test_html_is_cut_by_what_mail_programs_mark(html: str) -> None:
    assert cut_quotes(html_to_text(html)).text == "Yes, Tuesday."


def test_a_block_with_nothing_above_it_heads_the_person_s_own_words() -> None:
    text = f"{BLOCKS['outlook pl']}\n\nTak, proszę o ofertę.\n\n{BLOCKS['outlook en']}\n\n{OURS}"
    assert cut_quotes(text).text == "Tak, proszę o ofertę."
    assert cut_quotes(text, subject="FW: Talk").text == ""
    assert cut_quotes(f"{BLOCKS['outlook en']}\n\n" * 1000).text == ""


def test_a_wrapped_quote_is_quoted() -> None:
    text = "Yes.\n\n> We would like to show you how all of this works in practice, so\ntell us\n> whether you have time"
    assert cut_quotes(text).text == "Yes."


@given(st.text(max_size=400))
@settings(max_examples=150, deadline=None)
def test_any_text_is_cut_without_failing(text: str) -> None:
    cut = cut_quotes(text, sender_name="Otto")
    assert len(cut.text) <= len(text)


@pytest.mark.parametrize(
    "text",
    [
        "God dag.\n\nJeg slutter i firmaet 30. november. Ny kontakt er Anne Berg, anne@ror.example, tlf. 900 00 000. Fint om dere "
        "oppdaterer registeret.",
        "Hello,\nplease take my husband's address (r@garden.example) off your list and leave mine on. I wrote:\n"
        '"one copy is enough for this house" in spring already but two keep coming.',
    ],
)
def test_what_looks_like_a_closing_or_an_introduction_is_kept(text: str) -> None:
    assert cut_quotes(f"{text}\n").text.split() == text.split()
