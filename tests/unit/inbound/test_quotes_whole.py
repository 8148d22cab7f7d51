"""Whole mails as people send them: the text that must remain."""

from __future__ import annotations

import pytest

from nurture.inbound.classify import classify
from nurture.inbound.quotes import cut_quotes
from nurture.inbound.verdict import Kind

MAILS = [
    ("Thanks\nCan you call me tomorrow?", "Thanks\nCan you call me tomorrow?"),
    ("Hi Anna,\nThanks\nI will call you tomorrow", "Hi Anna,\nThanks\nI will call you tomorrow"),
    (
        "Yes please.\n\nBest regards\nOtto\n\nPS: please send the price list",
        "Yes please.\n\nPS: please send the price list",
    ),
    (
        "Hallo Anna,\n\nam 3. August 2026 schrieb ich Ihnen:\nwir brauchen ein Angebot.",
        "Hallo Anna,\n\nam 3. August 2026 schrieb ich Ihnen:\nwir brauchen ein Angebot.",
    ),
    ("Yes.\n\n>>> Anna Berg <a@b.example> 8/3/2026 10:04 AM >>>\nDo you have time?\n", "Yes."),
    ("Yes.\n\nAnna Berg schrieb:\n> Zeit?\n", "Yes."),
    ("Yes.\n\nOn Mon, 3 Aug 2026 10:04:12 +0200\nAnna Berg <anna@berg.example> wrote:\n\n> Time?\n", "Yes."),
    ("Yes.\n\n##- Please type your reply above this line -##\n\nTicket text", "Yes."),
    (
        "Hello\n\nNo thanks, we are fine.\n\nKind regards,\n\nOtto Kunde\nHead of Purchasing, Supply Chain and Logistics\n\nKunde Ltd | 1 High Street | London\nT: +44 20 7946 0000 | M: +44 7700 900000\nE: otto@kunde.example | W: www.kunde.example\n\nRegistered in England no 123456.\n\nThis email and any files transmitted with it are confidential and intended solely for the use of the individual.",
        "Hello\n\nNo thanks, we are fine.",
    ),
    (
        "Ok\n\nOtto Kunde\nKunde GmbH\nTel. 030 123456\nwww.kunde.example\n\nVon: Anna Berg\nGesendet: Montag, 3. August 2026 10:04\nAn: Otto\nBetreff: x\n\nHallo",
        "Ok",
    ),
    ("Bitte rufen Sie mich an: 030 1234567\nDanke!", "Bitte rufen Sie mich an: 030 1234567\nDanke!"),
    (
        "My new number is +49 30 1234567.\nMy email: otto@neu.example",
        "My new number is +49 30 1234567.\nMy email: otto@neu.example",
    ),
    (
        "Please write to my colleague:\n\nEva Muster\neva@kunde.example\n+49 30 1234567",
        "Please write to my colleague:\n\nEva Muster\neva@kunde.example\n+49 30 1234567",
    ),
    (
        'Yes, gerne.\n\nVG\nO.\n\n\n\n-----Original-Nachricht-----\nBetreff: Gespräch\nDatum: 2026-08-03T10:04:00+0200\nVon: "Anna Berg" <anna@berg.example>\nAn: "Otto"\n\nHaben Sie Zeit?',
        "Yes, gerne.",
    ),
    (
        "Merci, ça m'intéresse.\n\nLe lundi 3 août 2026 à 10:04:12 UTC+2, Anna Berg <anna@berg.example> a écrit : \n\n Bonjour",
        "Merci, ça m'intéresse.",
    ),
    (
        "Да, интересно.\n\n--\nС уважением,\nОтто\n\n03.08.2026 10:04, Anna Berg <anna@berg.example> пишет:\n> Есть время?",
        "Да, интересно.",
    ),
    (
        "Да.\n\nОтправлено из мобильного приложения Яндекс Почты\n\n10:04, 3 августа 2026 г., Anna Berg <anna@berg.example>:\n\nЕсть время?",
        "Да.",
    ),
    (
        "Ja tak.\n\nHent Outlook til iOS<https://aka.ms/o0ukef>\n________________________________\nFra: Anna <anna@berg.example>\nSendt: Monday, August 3, 2026 10:04:12 AM\nTil: Otto\nEmne: x\n\nHej",
        "Ja tak.",
    ),
    (
        'Yes\n\n--\nOtto\n\n--\nYou received this message because you are subscribed to the Google Groups "x" group.\nTo unsubscribe from this group, send an email to x',
        "Yes",
    ),
    (
        "I agree with 1.\n\nOn 3 Aug 2026, at 10:04, Anna <a@b.example> wrote:\n\n> 1. Price?\n\nfine\n\n> 2. Time?\n\nnot yet\n\n> --\n> Anna",
        "I agree with 1.\n\nfine\n\nnot yet",
    ),
    ("> Do you have time?\n\nYes.", "Yes."),
    (
        "Hej Anna\n\nDet lyder godt.\n\nMed venlig hilsen / Kind regards\n\nOtto Kunde\nIndkøbschef",
        "Hej Anna\n\nDet lyder godt.",
    ),
    (
        "Sehr geehrte Frau Berg,\n\nvielen Dank für Ihr Angebot. Leider haben wir kein Budget.\n\nFreundliche Grüsse\n\ni.A. Otto Kunde\n\nKunde AG\nBahnhofstrasse 1\nCH-8001 Zürich",
        "Sehr geehrte Frau Berg,\n\nvielen Dank für Ihr Angebot. Leider haben wir kein Budget.",
    ),
    (
        "Yes.\nSent from my Samsung Galaxy smartphone.\n-------- Original message --------\nFrom: Anna <a@b.example>\nDate: 03/08/2026 10:04 (GMT+01:00)\nTo: Otto\nSubject: x\nHello",
        "Yes.",
    ),
    (
        "Yes\n\nFrom: Anna Berg\nSent: 03 August 2026 10:04\nTo: Otto Kunde\nCc: Eva; Jan;\n  Per\nSubject: RE: Talk\nImportance: High\n\nHello",
        "Yes",
    ),
    (
        "Yes\r\n\r\n\r\nOn Mon, Aug 3, 2026 at 10:04 AM 'Anna Berg' via Sales <sales@berg.example> wrote:\r\n\r\n> Hello\r\n",
        "Yes",
    ),
    (
        "Sim, por favor.\n\nA segunda-feira, 3 de agosto de 2026 à(s) 10:04, Anna <a@b.example> escreveu:\n\n> Olá",
        "Sim, por favor.",
    ),
    (
        "Tak, proszę.\n\nDnia 3 sierpnia 2026 10:04 Anna Berg <anna@berg.example> napisał(a):\n\nDzień dobry",
        "Tak, proszę.",
    ),
    ("Sì, grazie.\n\nIl 03/08/2026 10:04, Anna Berg ha scritto:\n> Ciao", "Sì, grazie."),
    (
        "Ja graag.\n\nVan: Anna Berg <anna@berg.example>\nDatum: maandag 3 augustus 2026 om 10:04\nAan: Otto\nOnderwerp: x\n\nHallo",
        "Ja graag.",
    ),
    ("Ja!\n\nmån 3 aug. 2026 kl. 10:04 skrev Anna <a@b.example>:\n\n> Hej", "Ja!"),
    (
        "Oui\n\n\n\nEnvoyé de mon appareil Galaxy\n\n\n-------- Message d'origine --------\nDe : Anna <a@b.example>\nDate : 03/08/2026 10:04 (GMT+01:00)\nÀ : Otto\nObjet : x\n\nBonjour",
        "Oui",
    ),
    (
        'Yes\n\n\n\n> Gesendet: Montag, 03. August 2026 um 10:04 Uhr\n> Von: "Anna" <a@b.example>\n> An: o@k.example\n> Betreff: x\n>\n> Hallo',
        "Yes",
    ),
    (
        "Wir nehmen teil.\n\n*Otto Kunde*\nEinkauf\n*Kunde GmbH*\nTel.: 030 123 | Fax: 030 124",
        "Wir nehmen teil.",
    ),
    ("See below.\n\n---\nOtto Kunde\nBuyer\no@kunde.example", "See below."),
    (
        "Yes.\n\n__________________________________________________\nDo You Yahoo!?\nTired of spam? Yahoo! Mail has the best spam protection around\nhttp://mail.yahoo.com",
        "Yes.",
    ),
]


@pytest.mark.parametrize(("mail", "wanted"), MAILS, ids=[str(at) for at in range(len(MAILS))])
def test_only_the_person_s_words_remain(mail: str, wanted: str) -> None:
    assert cut_quotes(mail).text == wanted


HEADERS = "From: Otto Kunde <otto@kunde.example>\nTo: anna@b.example\nSubject: RE: Talk\nIn-Reply-To: <1@b>\nDate: Mon, 3 Aug 2026 09:00:00 +0200\nMIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n"

HTML_MAILS = [
    (
        """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"><style><!-- @font-face {font-family:Calibri;} --></style><!--[if gte mso 9]><xml><o:shapedefaults/></xml><![endif]--></head><body lang="DE"><div class="WordSection1"><p class="MsoNormal">Hallo Anna,<o:p></o:p></p><p class="MsoNormal"><o:p>&nbsp;</o:p></p><p class="MsoNormal">gerne, rufen Sie mich am Montag an.<o:p></o:p></p><p class="MsoNormal"><o:p>&nbsp;</o:p></p><p class="MsoNormal">Mit freundlichen Grüßen<o:p></o:p></p><p class="MsoNormal"><b>Otto Kunde</b><o:p></o:p></p><p class="MsoNormal">Einkauf<br>Kunde GmbH<br>Tel: +49 30 1234567<o:p></o:p></p><p class="MsoNormal"><o:p>&nbsp;</o:p></p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal"><b>Von:</b> Anna Berg &lt;anna@b.example&gt; <br><b>Gesendet:</b> Sonntag, 2. August 2026 09:00<br><b>An:</b> Otto Kunde &lt;otto@kunde.example&gt;<br><b>Betreff:</b> Talk<o:p></o:p></p></div></div><p class="MsoNormal">Haben Sie Zeit?</p></div></body></html>""",
        "Hallo Anna,\n\ngerne, rufen Sie mich am Montag an.",
    ),
    (
        """<div dir="ltr"><div>Yes, that works.</div><div><br></div><div>Call me!<br clear="all"><div><br></div>-- <br><div dir="ltr" class="gmail_signature" data-smartmail="gmail_signature"><div dir="ltr">Otto<br>Kunde GmbH</div></div></div></div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">On Sun, Aug 2, 2026 at 9:00 AM Anna &lt;<a href="mailto:anna@b.example">anna@b.example</a>&gt; wrote:<br></div><blockquote class="gmail_quote" style="margin:0px"><div>Time?</div></blockquote></div>""",
        "Yes, that works.\n\nCall me!",
    ),
    (
        """<html><head></head><body><div style="font-family: Verdana;font-size: 12.0px;"><div>Ja, gerne.</div><div>&nbsp;</div><div>Otto</div><div>&nbsp;<div style="margin: 10.0px 5.0px 5.0px 10.0px; padding: 10.0px 0 10.0px 10.0px; border-left: 2.0px solid rgb(195,217,229);" name="quote"><div style="margin: 0 0 10.0px 0;"><b>Gesendet:</b>&nbsp;Sonntag, 02. August 2026 um 09:00 Uhr<br/><b>Von:</b>&nbsp;"Anna" &lt;anna@b.example&gt;<br/><b>An:</b>&nbsp;otto@kunde.example<br/><b>Betreff:</b>&nbsp;Talk</div><div name="quoted-content">Zeit?</div></div></div></div></body></html>""",
        "Ja, gerne.",
    ),
    (
        """<div><div>Да, интересно.</div><div>&nbsp;</div><div>-- <br />С уважением, Отто</div><div>&nbsp;</div></div><div>02.08.2026, 09:00, "Anna" &lt;anna@b.example&gt;:</div><blockquote><div>Время?</div></blockquote>""",
        "Да, интересно.",
    ),
    (
        """<html><body><div dir="auto">Yes please<div dir="auto"><br></div><div dir="auto" id="ms-outlook-mobile-signature">Get <a href="https://aka.ms/AAb9ysg">Outlook for Android</a></div></div><hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><font face="Calibri"><b>From:</b> Anna<br><b>Sent:</b> Sunday<br><b>To:</b> Otto<br><b>Subject:</b> Talk</font><div>&nbsp;</div></div><div>Time?</div></body></html>""",
        "Yes please",
    ),
    (
        """<p>I agree with the first.</p><blockquote type="cite"><p>1. Price?</p></blockquote><p>Fine.</p><blockquote type="cite"><p>2. Time?</p></blockquote><p>Not yet.</p>""",
        "I agree with the first.\n\nFine.\n\nNot yet.",
    ),
    (
        """<div><span>Oui, bien sûr.</span></div><div><br></div><div id="ymail_android_signature"><a href="x">Envoyé depuis Yahoo Mail pour Android</a></div><div><br></div><div class="yahoo_quoted"><div>Le dimanche 2 août 2026 à 09:00:00 UTC+2, Anna &lt;anna@b.example&gt; a écrit :</div><div>Du temps ?</div></div>""",
        "Oui, bien sûr.",
    ),
    (
        """<html><body style="overflow-wrap: break-word;">Sounds good<br id="lineBreakAtBeginningOfSignature"><div dir="ltr">Sent from my iPhone</div><div dir="ltr"><br><blockquote type="cite">On 2 Aug 2026, at 09:00, Anna &lt;anna@b.example&gt; wrote:<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">Time?</div></blockquote></body></html>""",
        "Sounds good",
    ),
]


@pytest.mark.parametrize(("html", "wanted"), HTML_MAILS, ids=[str(at) for at in range(len(HTML_MAILS))])
def test_mail_in_html_only_is_cut_like_any_other(html: str, wanted: str) -> None:
    verdict = classify((HEADERS + html).encode())
    assert (verdict.kind, verdict.text) == (Kind.REPLY, wanted)


BLOCK = "Von: Anna Berg <anna@berg.example>\nGesendet: Montag, 3. August 2026 10:04\nAn: Otto Kunde <otto@kunde.example>\nBetreff: x"
OURS = "On Mon, 3 Aug 2026 at 10:04, Anna <anna@berg.example> wrote:\n\n> Hello Otto,\n>\n> who is your contact?\n> Anna"

OWN_WORDS = [
    "Not now.\nKein Interesse",
    "Bitte melden Sie sich bei\n\nEva Muster\nKunde GmbH",
    "Our contact is:\n\nEva Muster\nHead of Sales\neva@kunde.example",
    "Yes, we will be three:\n\nOtto Kunde\nEva Muster\nJan Pers",
    "Danke\nKein Bedarf",
    "Thanks\nNot interested",
    "Vielen Dank, kein Interesse",
    "Hi Anna,\n\nThanks, Tuesday",
    "Danke, Montag",
    "Hi Anna,\n\nDanke, Montag passt",
    "Hi Anna,\n\nbest time is Tuesday\nBest place is the office",
    "Sounds good.\nSee you Tuesday",
    "Sounds good.\nSee you then\nPlease bring the contract",
    "Options:\n-----\nA: 40 000\nB: 50 000\n-----\nWe take A.",
    "Wir nehmen\n> 8 Personen\nmit.",
    "We have\n> 50 seats",
    "Am 3. August 2026 schrieb ich Ihnen:\nwir brauchen ein Angebot.",
    'You wrote "cheap", we found it dear. My list:\n\nprice\ntime',
    "Three names:\n- Tom\n- Mary",
    "Ich bin dabei!\n- Anna fragen\n- Tom",
    "My address is\n\nHafenstraße 1\n24999 Musterstadt",
    "Call me.\n\nP.S. My mobile is 0171 1234567",
    "Hello,\n\nRegards\nOtto\n\nPlease also delete my data, I do not want to hear from you.",
    "No.\n\nBest regards\nOtto\n\nPlease call me on Monday instead of Tuesday, I am away.",
    "Passt mir.\n\nOK",
    "Hi Anna,\n\nthanks for the long letter.\n\nNot for us,\nOtto and Eva will write",
    "Thanks for the letter.\n\nPlease ask my colleague.\n\nEva Muster\nHead of Sales\neva@kunde.example",
    "Das macht jemand anderes.\n\nNeuer Geschäftsführer\n\nEva Muster\nKunde GmbH",
    "We will be two.\n\nEva Muster, Head of Sales\nJan Pers, Clerk",
    "Bitte die Rechnung künftig an diese Adresse.\n\nEva Muster\nHafenstraße 1\n24999 Musterstadt",
    "We compared them.\n\nWhich is better?\n\nTV",
    "Pode ser.\n\nPela manhã",
    "Service    Expires\n-----------------------------\nRegistration  27 June  kunde.example\nRenewal  3 May  kunde.example",
    "Wir haben zwei Fragen.\n\nLiebe Grüße sind nett, aber was kostet es?",
]


@pytest.mark.parametrize("own", OWN_WORDS, ids=[str(at) for at in range(len(OWN_WORDS))])
@pytest.mark.parametrize("mail", ["{}", f"{{}}\n\n{OURS}", f"{OURS}\n\n{{}}", f"{{}}\n\n{BLOCK}\n\nHello"])
def test_what_looks_like_a_signature_or_a_quote_is_kept(own: str, mail: str) -> None:
    assert _folded(cut_quotes(mail.format(own), sender_name="Otto Kunde").text) == _folded(own)


SIGNED = [
    ("Ok.\n\nOtto\n\nPS: Please send the list.", "Ok.\n\nPS: Please send the list."),
    (
        "Hello,\n\nplease delete my personal data according to GDPR.\n\nRegards\nOtto",
        "Hello,\n\nplease delete my personal data according to GDPR.",
    ),
    ("Passt mir.\n\nOtto", "Passt mir."),
    ("Passt mir\nOtto", "Passt mir"),
    ("Passt mir.\n\n-Otto", "Passt mir."),
    ("Passt mir.\n\n- O.K.", "Passt mir."),
    ("Passt mir.\n\nO.", "Passt mir."),
    ("Passt.\n\nDank & Gruß aus Kiel\nOtto", "Passt."),
    ("Passt.\n\nVielen Dank und beste Grüße\n\nOtto Kunde", "Passt."),
    ("Passt.\n\nDanke dir & bis bald\nOtto", "Passt."),
    ("Passt.\n\nGrüße, Otto", "Passt."),
    ("Passt. \n\nOtto Kunde\n(Einkauf)", "Passt."),
    ("Passt.\n\nHerzliche Grüße aus dem sonnigen Freiburg\nOtto", "Passt."),
    ("Ça me va.\n\nBien à toi,\nOtto", "Ça me va."),
    ("Ça me va.\n\nBonne soirée\nO. Kunde", "Ça me va."),
    (
        "Ça me va.\n\nMerci d'avance et bonne journée,\n\nOtto KUNDE\nResponsable achats\n06 12 34 56 78",
        "Ça me va.",
    ),
    ("Det er fint.\n\nDe bedste hilsner fra\nOtto", "Det er fint."),
    ("Det er fint.\n\nKnus Otto", "Det er fint."),
    ("Det er fint.\n\n//Otto", "Det er fint."),
    ("Det er fint.\n\nVenlig hilsen / Best regards\nOtto Kunde", "Det er fint."),
    ("Va bene.\n\nUn caro saluto\nOtto", "Va bene."),
    ("Va bene.\n\nGrazie e buona giornata,\nOtto", "Va bene."),
    ("Va bene.\n\nGrazie,\nOtto", "Va bene."),
    ("Prima.\n\nGroetjes Otto", "Prima."),
    ("Prima.\n\nMet vr. gr.\nOtto", "Prima."),
    ("Prima.\n\nHartelijke groeten uit Gent,\nOtto", "Prima."),
    ("Dobrze.\n\nPozdr.\nOtto", "Dobrze."),
    ("Dobrze.\n\nDziękuję i pozdrawiam,\nOtto Kunde", "Dobrze."),
    ("Fint.\n\nAllt gott\nOtto", "Fint."),
    ("Fint.\n\nVänligen,\nOtto", "Fint."),
    ("Fint.\n\nHa det bra!\nOtto", "Fint."),
    ("Tudo bem.\n\nAbs,\nOtto", "Tudo bem."),
    ("Tudo bem.\n\nObrigado,\nOtto", "Tudo bem."),
    ("Tudo bem.\n\nAtt.,\nOtto Kunde\nComercial", "Tudo bem."),
    ("Fine.\n\nAll the best from Leeds,\nOtto", "Fine."),
    ("Fine.\n\nThanks so much,\nOtto", "Fine."),
    ("Fine.\n\nBest,\n\nOtto\nSent from my iPad", "Fine."),
    ("Fine.\n\nKind regards,\nOtto (he/him)", "Fine."),
    ("Fine.\n\nOtto Kunde MBA", "Fine."),
    ("Vale.\n\nUn saludo desde Cádiz\nOtto", "Vale."),
    ("Vale.\n\nBesos,\nOtto", "Vale."),
    ("Vale.\n\nMuchas gracias,\n\nOtto Kunde\nTfno.: 600 000 000", "Vale."),
    ("Greit.\n\nHilsen fra\nOtto", "Greit."),
    ("Fine.\n\nLots of love to Bert and the hens,\nOtto x", "Fine."),
    ("Fine.\n\nNot for us,\nOtto", "Fine.\n\nNot for us,"),
    ("Fine.\n\nCount me in\nOtto Kunde", "Fine.\n\nCount me in"),
    ("Fine.\n\nOK", "Fine.\n\nOK"),
    ("Fine, thanks.\n\nKO", "Fine, thanks."),
    ("Va bene così.\n\nOtto da Pruszków", "Va bene così."),
    ("D'accord.\n\nAmitiés bretonnes,\nOtto Kunde\nsouffleur de verre", "D'accord."),
    ("D'accord.\n\nLe trésorier,\nO. Kunde", "D'accord."),
    ("D'accord.\n\nLe chef a dit oui,\nOtto", "D'accord.\n\nLe chef a dit oui,"),
    ("Va bene.\n\nResto in attesa.\n\nOtto Kunde\nUfficio acquisti", "Va bene."),
    ("Passt.\n\nIm Auftrag\nKunde\nGemeinde Musterdorf\nRathausgasse 1", "Passt."),
    ("Greit.\n\nTakk på forhånd\nOtto", "Greit."),
    ("Greit.\n\nVennligst\n\nOtto Kunde\nstyreleder", "Greit."),
    ("Pode ser.\n\nPela Junta de Freguesia,\nOtto Kunde\n(tesoureiro)", "Pode ser."),
    ("Pode ser.\n\nObrigado desde já!\nOtto\n\nOtto Kunde | Manutenção\n(35) 5555-0177", "Pode ser."),
    ("Dobrze.\n\nZ up. Wójta\nOtto Kunde\nInspektor", "Dobrze."),
    ("Gut.\n\nGruß\nO. Kunde\n\nTel. 03441 555 77\nWir arbeiten nur auf Grundlage der ADSp.", "Gut."),
    ("Greit.\n\nVennlig hilsen\nfor Kunde AS\n\nOtto Kunde\ndaglig leder", "Greit."),
]
SIGNED_IN_RUSSIAN = [
    ("Подходит.\n\nОтто", "Подходит."),
    ("Подходит.\n\nС ув., Отто", "Подходит."),
    ("Подходит.\nЗаранее благодарю,\nгл. бухгалтер О. П. Кунде", "Подходит."),
    ("Подходит.\n\nЗаведующая Ключевской библиотекой\nКунде О. П.\n8 (900) 555-02-19", "Подходит."),
    ("Подходит.\n\nО. К.", "Подходит."),
    ("Подходит.\n\nС уважением, Кунде О. П.\nдиректор", "Подходит."),
]


@pytest.mark.parametrize(
    ("own", "wanted", "name"),
    [*((*pair, "Otto Kunde") for pair in SIGNED), *((*pair, "Отто Кунде") for pair in SIGNED_IN_RUSSIAN)],
    ids=[pair[0].split("\n", 1)[1].strip() for pair in SIGNED + SIGNED_IN_RUSSIAN],
)
@pytest.mark.parametrize("mail", ["{}", f"{{}}\n\n{OURS}", f"{OURS}\n\n{{}}", f"{{}}\n\n{BLOCK}\n\nHello"])
def test_a_name_and_its_closing_are_cut(own: str, wanted: str, name: str, mail: str) -> None:
    assert _folded(cut_quotes(mail.format(own), sender_name=name).text) == _folded(wanted)


def _folded(text: str) -> str:
    return " ".join(text.split())


FRENCH = "De: Anna <a@b.example>\nEnvoyé: lundi 3 août 2026 09:12\nÀ: otto@k.example\nObjet: x"
PLACES = {
    "below an unmarked quote, told by our footer": (
        f"{FRENCH}\n\nBonjour Otto,\n\nvous avez le temps ?\n\nAnna\n\nSe désabonner : https://b.example/u\n\noui lundi\n",
        "oui lundi",
    ),
    "below an unmarked quote, told by a greeting": (
        f"----- Mail original -----\n{FRENCH}\n\nBonjour Otto,\n\nvous avez le temps ?\n\nAnna\n\nChère Anna,\n\noui, lundi.\n",
        "Chère Anna,\n\noui, lundi.",
    ),
    "nothing below an unmarked quote": (
        f"----- Mail original -----\n{FRENCH}\n\nBonjour Otto,\n\nvous avez le temps ?\n\nAnna\n",
        "",
    ),
    "the name alone below the quote": (f"Oui.\n\n{OURS}\n\nOtto\n", "Oui."),
    "a figure between quotes": (
        "Svar nedenfor.\n\n> har du tid?\nJa, men kun > 2 timer.\n> hvornår?\nMandag.\n\nVh\nOtto",
        "Svar nedenfor.\n\nJa, men kun > 2 timer.\n\nMandag.",
    ),
    "a quote with a figure below the program's line": (
        "Bitte nichts mehr.\n\nVon meinem Samsung Galaxy gesendet\n> 5 Trends, die Sie kennen müssen",
        "Bitte nichts mehr.",
    ),
    "a question with a figure": ("> har du tid?\nJa\n> 5 personer?\nJa, fem.\n", "Ja\n\nJa, fem."),
    "typed by hand and said elsewhere": (
        f"Es fehlt etwas.\n\n> 2 Gläser\n\nwaren bestellt.\n\n{OURS}",
        "Es fehlt etwas.\n\n> 2 Gläser\n\nwaren bestellt.",
    ),
    "typed by hand from our mail": (
        f"Zu Ihrer Frage:\n\n> who is your contact?\n\nEva Muster.\n\n{OURS}",
        "Zu Ihrer Frage:\n\nEva Muster.",
    ),
    "a block without colons": (
        'Fine.\n\nFrom "Anna" <a@b.example>\nTo "Otto" <o@k.example>\nDate 8/3/2026 9:12:33 AM\nSubject x\n\nHello',
        "Fine.",
    ),
    "a block without colons and brackets": (
        'Va bene.\n\nDa "Anna" a@b.example\nA o@k.example\nCc \nData Mon, 10 Aug 2026 08:30:12 +0200\nOggetto x\n\nCiao',
        "Va bene.",
    ),
    "what you wrote": ("Вы писали 5 августа 2026 г., 10:14:55:\n\n> Сколько?\n\nТри.\n", "Три."),
    "an underlined heading": (
        "Dear Anna,\n\nService  Expires\n--------------------\nMail  27 June  kunde.example\nWeb  3 May  kunde.example\n\nPlease renew.",
        "Dear Anna,\n\nService  Expires\n--------------------\nMail  27 June  kunde.example\nWeb  3 May  kunde.example\n\nPlease renew.",
    ),
    "a name nobody told us": (
        "Gerne im Oktober.\n\nEva Muster\nTeknisk chef\n\nKunde P/S\nHafen 3 · 9990 Skagen\nwww.kunde.example",
        "Gerne im Oktober.",
    ),
    "a name wrapped below the verb": (
        "Am Montag, 3. August 2026, 10:04:12 Mitteleuropäische Sommerzeit schrieb \nGenossenschaft Ost eG:\n> Hallo\n\nNein.",
        "Nein.",
    ),
    "what we said": (
        "On 3 August 2026 we wrote:\nplease send the offer.\nNothing came.",
        "On 3 August 2026 we wrote:\nplease send the offer.\nNothing came.",
    ),
}


@pytest.mark.parametrize(("mail", "wanted"), PLACES.values(), ids=PLACES.keys())
def test_a_person_s_words_are_found_wherever_they_are(mail: str, wanted: str) -> None:
    assert cut_quotes(mail, sender_name="Otto").text == wanted
