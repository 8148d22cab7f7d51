"""Countries: the capital's time zone and the main language of each, and the names people type for them.

Used where a lead's own zone or language is not known (semantics.md, Time). Codes are ISO 3166-1 alpha-2,
zones IANA names, languages BCP 47 tags; where a country has several languages, the one most of its
business mail is written in. The compilation is the project's own.
"""

from __future__ import annotations

import unicodedata
from typing import Final, NamedTuple


class Country(NamedTuple):
    """One row of the table."""

    zone: str
    language: str
    name: str


_ROWS: Final = """
AD Europe/Andorra ca Andorra
AE Asia/Dubai ar United Arab Emirates
AF Asia/Kabul fa Afghanistan
AG America/Antigua en Antigua and Barbuda
AI America/Anguilla en Anguilla
AL Europe/Tirane sq Albania
AM Asia/Yerevan hy Armenia
AO Africa/Luanda pt Angola
AQ Antarctica/McMurdo en Antarctica
AR America/Argentina/Buenos_Aires es Argentina
AS Pacific/Pago_Pago en American Samoa
AT Europe/Vienna de Austria
AU Australia/Sydney en Australia
AW America/Aruba nl Aruba
AX Europe/Mariehamn sv Åland Islands
AZ Asia/Baku az Azerbaijan
BA Europe/Sarajevo bs Bosnia and Herzegovina
BB America/Barbados en Barbados
BD Asia/Dhaka bn Bangladesh
BE Europe/Brussels nl Belgium
BF Africa/Ouagadougou fr Burkina Faso
BG Europe/Sofia bg Bulgaria
BH Asia/Bahrain ar Bahrain
BI Africa/Bujumbura fr Burundi
BJ Africa/Porto-Novo fr Benin
BL America/St_Barthelemy fr Saint Barthélemy
BM Atlantic/Bermuda en Bermuda
BN Asia/Brunei ms Brunei
BO America/La_Paz es Bolivia
BQ America/Kralendijk nl Caribbean Netherlands
BR America/Sao_Paulo pt-BR Brazil
BS America/Nassau en Bahamas
BT Asia/Thimphu dz Bhutan
BV Europe/Oslo nb Bouvet Island
BW Africa/Gaborone en Botswana
BY Europe/Minsk ru Belarus
BZ America/Belize en Belize
CA America/Toronto en Canada
CC Indian/Cocos en Cocos Islands
CD Africa/Kinshasa fr Democratic Republic of the Congo
CF Africa/Bangui fr Central African Republic
CG Africa/Brazzaville fr Congo
CH Europe/Zurich de Switzerland
CI Africa/Abidjan fr Ivory Coast
CK Pacific/Rarotonga en Cook Islands
CL America/Santiago es Chile
CM Africa/Douala fr Cameroon
CN Asia/Shanghai zh China
CO America/Bogota es Colombia
CR America/Costa_Rica es Costa Rica
CU America/Havana es Cuba
CV Atlantic/Cape_Verde pt Cape Verde
CW America/Curacao nl Curaçao
CX Indian/Christmas en Christmas Island
CY Asia/Nicosia el Cyprus
CZ Europe/Prague cs Czechia
DE Europe/Berlin de Germany
DJ Africa/Djibouti fr Djibouti
DK Europe/Copenhagen da Denmark
DM America/Dominica en Dominica
DO America/Santo_Domingo es Dominican Republic
DZ Africa/Algiers ar Algeria
EC America/Guayaquil es Ecuador
EE Europe/Tallinn et Estonia
EG Africa/Cairo ar Egypt
EH Africa/El_Aaiun ar Western Sahara
ER Africa/Asmara ti Eritrea
ES Europe/Madrid es Spain
ET Africa/Addis_Ababa am Ethiopia
FI Europe/Helsinki fi Finland
FJ Pacific/Fiji en Fiji
FK Atlantic/Stanley en Falkland Islands
FM Pacific/Pohnpei en Micronesia
FO Atlantic/Faroe fo Faroe Islands
FR Europe/Paris fr France
GA Africa/Libreville fr Gabon
GB Europe/London en United Kingdom
GD America/Grenada en Grenada
GE Asia/Tbilisi ka Georgia
GF America/Cayenne fr French Guiana
GG Europe/Guernsey en Guernsey
GH Africa/Accra en Ghana
GI Europe/Gibraltar en Gibraltar
GL America/Nuuk kl Greenland
GM Africa/Banjul en Gambia
GN Africa/Conakry fr Guinea
GP America/Guadeloupe fr Guadeloupe
GQ Africa/Malabo es Equatorial Guinea
GR Europe/Athens el Greece
GS Atlantic/South_Georgia en South Georgia and the South Sandwich Islands
GT America/Guatemala es Guatemala
GU Pacific/Guam en Guam
GW Africa/Bissau pt Guinea-Bissau
GY America/Guyana en Guyana
HK Asia/Hong_Kong zh-HK Hong Kong
HM Indian/Kerguelen en Heard Island and McDonald Islands
HN America/Tegucigalpa es Honduras
HR Europe/Zagreb hr Croatia
HT America/Port-au-Prince fr Haiti
HU Europe/Budapest hu Hungary
ID Asia/Jakarta id Indonesia
IE Europe/Dublin en Ireland
IL Asia/Jerusalem he Israel
IM Europe/Isle_of_Man en Isle of Man
IN Asia/Kolkata en India
IO Indian/Chagos en British Indian Ocean Territory
IQ Asia/Baghdad ar Iraq
IR Asia/Tehran fa Iran
IS Atlantic/Reykjavik is Iceland
IT Europe/Rome it Italy
JE Europe/Jersey en Jersey
JM America/Jamaica en Jamaica
JO Asia/Amman ar Jordan
JP Asia/Tokyo ja Japan
KE Africa/Nairobi en Kenya
KG Asia/Bishkek ru Kyrgyzstan
KH Asia/Phnom_Penh km Cambodia
KI Pacific/Tarawa en Kiribati
KM Indian/Comoro fr Comoros
KN America/St_Kitts en Saint Kitts and Nevis
KP Asia/Pyongyang ko North Korea
KR Asia/Seoul ko South Korea
KW Asia/Kuwait ar Kuwait
KY America/Cayman en Cayman Islands
KZ Asia/Almaty ru Kazakhstan
LA Asia/Vientiane lo Laos
LB Asia/Beirut ar Lebanon
LC America/St_Lucia en Saint Lucia
LI Europe/Vaduz de Liechtenstein
LK Asia/Colombo si Sri Lanka
LR Africa/Monrovia en Liberia
LS Africa/Maseru en Lesotho
LT Europe/Vilnius lt Lithuania
LU Europe/Luxembourg fr Luxembourg
LV Europe/Riga lv Latvia
LY Africa/Tripoli ar Libya
MA Africa/Casablanca ar Morocco
MC Europe/Monaco fr Monaco
MD Europe/Chisinau ro Moldova
ME Europe/Podgorica sr Montenegro
MF America/Marigot fr Saint Martin
MG Indian/Antananarivo fr Madagascar
MH Pacific/Majuro en Marshall Islands
MK Europe/Skopje mk North Macedonia
ML Africa/Bamako fr Mali
MM Asia/Yangon my Myanmar
MN Asia/Ulaanbaatar mn Mongolia
MO Asia/Macau zh-MO Macao
MP Pacific/Saipan en Northern Mariana Islands
MQ America/Martinique fr Martinique
MR Africa/Nouakchott ar Mauritania
MS America/Montserrat en Montserrat
MT Europe/Malta en Malta
MU Indian/Mauritius en Mauritius
MV Indian/Maldives dv Maldives
MW Africa/Blantyre en Malawi
MX America/Mexico_City es Mexico
MY Asia/Kuala_Lumpur ms Malaysia
MZ Africa/Maputo pt Mozambique
NA Africa/Windhoek en Namibia
NC Pacific/Noumea fr New Caledonia
NE Africa/Niamey fr Niger
NF Pacific/Norfolk en Norfolk Island
NG Africa/Lagos en Nigeria
NI America/Managua es Nicaragua
NL Europe/Amsterdam nl Netherlands
NO Europe/Oslo nb Norway
NP Asia/Kathmandu ne Nepal
NR Pacific/Nauru en Nauru
NU Pacific/Niue en Niue
NZ Pacific/Auckland en New Zealand
OM Asia/Muscat ar Oman
PA America/Panama es Panama
PE America/Lima es Peru
PF Pacific/Tahiti fr French Polynesia
PG Pacific/Port_Moresby en Papua New Guinea
PH Asia/Manila en Philippines
PK Asia/Karachi en Pakistan
PL Europe/Warsaw pl Poland
PM America/Miquelon fr Saint Pierre and Miquelon
PN Pacific/Pitcairn en Pitcairn
PR America/Puerto_Rico es Puerto Rico
PS Asia/Hebron ar Palestine
PT Europe/Lisbon pt Portugal
PW Pacific/Palau en Palau
PY America/Asuncion es Paraguay
QA Asia/Qatar ar Qatar
RE Indian/Reunion fr Réunion
RO Europe/Bucharest ro Romania
RS Europe/Belgrade sr Serbia
RU Europe/Moscow ru Russia
RW Africa/Kigali en Rwanda
SA Asia/Riyadh ar Saudi Arabia
SB Pacific/Guadalcanal en Solomon Islands
SC Indian/Mahe en Seychelles
SD Africa/Khartoum ar Sudan
SE Europe/Stockholm sv Sweden
SG Asia/Singapore en Singapore
SH Atlantic/St_Helena en Saint Helena
SI Europe/Ljubljana sl Slovenia
SJ Arctic/Longyearbyen nb Svalbard and Jan Mayen
SK Europe/Bratislava sk Slovakia
SL Africa/Freetown en Sierra Leone
SM Europe/San_Marino it San Marino
SN Africa/Dakar fr Senegal
SO Africa/Mogadishu so Somalia
SR America/Paramaribo nl Suriname
SS Africa/Juba en South Sudan
ST Africa/Sao_Tome pt São Tomé and Príncipe
SV America/El_Salvador es El Salvador
SX America/Lower_Princes en Sint Maarten
SY Asia/Damascus ar Syria
SZ Africa/Mbabane en Eswatini
TC America/Grand_Turk en Turks and Caicos Islands
TD Africa/Ndjamena fr Chad
TF Indian/Kerguelen fr French Southern Territories
TG Africa/Lome fr Togo
TH Asia/Bangkok th Thailand
TJ Asia/Dushanbe tg Tajikistan
TK Pacific/Fakaofo en Tokelau
TL Asia/Dili pt Timor-Leste
TM Asia/Ashgabat tk Turkmenistan
TN Africa/Tunis ar Tunisia
TO Pacific/Tongatapu en Tonga
TR Europe/Istanbul tr Turkey
TT America/Port_of_Spain en Trinidad and Tobago
TV Pacific/Funafuti en Tuvalu
TW Asia/Taipei zh-TW Taiwan
TZ Africa/Dar_es_Salaam sw Tanzania
UA Europe/Kyiv uk Ukraine
UG Africa/Kampala en Uganda
UM Pacific/Wake en United States Minor Outlying Islands
US America/New_York en United States
UY America/Montevideo es Uruguay
UZ Asia/Tashkent uz Uzbekistan
VA Europe/Vatican it Vatican City
VC America/St_Vincent en Saint Vincent and the Grenadines
VE America/Caracas es Venezuela
VG America/Tortola en British Virgin Islands
VI America/St_Thomas en United States Virgin Islands
VN Asia/Ho_Chi_Minh vi Vietnam
VU Pacific/Efate fr Vanuatu
WF Pacific/Wallis fr Wallis and Futuna
WS Pacific/Apia en Samoa
YE Asia/Aden ar Yemen
YT Indian/Mayotte fr Mayotte
ZA Africa/Johannesburg en South Africa
ZM Africa/Lusaka en Zambia
ZW Africa/Harare en Zimbabwe
"""


def _read(rows: str) -> dict[str, Country]:
    split = (line.split(" ", 3) for line in rows.strip().splitlines())
    return {code: Country(zone, language, name) for code, zone, language, name in split}


COUNTRIES: Final = _read(_ROWS)
"""All countries and territories of ISO 3166-1, by alpha-2 code."""

_OTHER_NAMES: Final = """
AE: UAE; Emirates; Vereinigte Arabische Emirate; Émirats arabes unis; ОАЭ
AM: Armenien; Arménie; Армения
AT: Österreich; Oesterreich; Autriche; Østrig; Австрия; AUT
AU: Australien; Australie; Австралия; AUS
AZ: Aserbaidschan; Azerbaïdjan; Азербайджан
BE: Belgien; Belgique; België; Бельгия; BEL
BG: Bulgarien; Bulgarie; Болгария
BR: Brasilien; Brasil; Brésil; Бразилия
BY: Weißrussland; Biélorussie; Hviderusland; Беларусь; Белоруссия
CA: Kanada; Канада; CAN
CH: Schweiz; Suisse; Svizzera; Швейцария; CHE; Confoederatio Helvetica
CN: Volksrepublik China; Chine; Kina; Китай; PRC; PR China
CY: Zypern; Chypre; Cypern; Кипр
CZ: Czech Republic; Tschechien; Tschechische Republik; Tchéquie; République tchèque; Tjekkiet; Чехия
DE: Deutschland; Allemagne; Tyskland; Германия; Bundesrepublik Deutschland; BRD; GER; DEU; Federal Republic of Germany
DK: Dänemark; Daenemark; Danemark; Danmark; Дания; DNK; Kongeriget Danmark
EE: Estland; Estonie; Эстония
EG: Ägypten; Égypte; Egypten; Египет
ES: Spanien; España; Espagne; Испания; ESP
FI: Finnland; Finlande; Suomi; Финляндия; FIN
FR: Frankreich; Frankrig; Франция; FRA; République française
GB: UK; U.K.; Great Britain; Britain; England; Scotland; Wales; Northern Ireland; Großbritannien; Grossbritannien; Vereinigtes Königreich; Royaume-Uni; Grande-Bretagne; Angleterre; Storbritannien; Det Forenede Kongerige; Великобритания; Англия; Соединенное Королевство; GBR
GE: Georgien; Géorgie; Грузия
GR: Griechenland; Grèce; Grækenland; Греция; EL; Hellas
HK: Hongkong; Гонконг
HR: Kroatien; Croatie; Хорватия; Hrvatska
HU: Ungarn; Hongrie; Венгрия; Magyarország
IE: Irland; Irlande; Ирландия; Éire; Republic of Ireland; IRL
IL: Israël; Израиль
IN: Indien; Inde; Индия; IND
IR: Iran, Islamic Republic of; Иран
IS: Island; Islande; Исландия
IT: Italien; Italie; Italia; Италия; ITA
JP: Japon; Japan; Япония; JPN
KR: Korea; Republic of Korea; Südkorea; Corée du Sud; Sydkorea; Южная Корея; Korea, Republic of
KZ: Kasachstan; Kasakhstan; Казахстан
LI: Fürstentum Liechtenstein; Лихтенштейн
LT: Litauen; Lituanie; Литва
LU: Luxemburg; Luxembourg; Люксембург
LV: Lettland; Lettonie; Letland; Латвия
MA: Marokko; Maroc; Марокко
MC: Монако
MD: Moldawien; Moldau; Moldavie; Молдова; Молдавия
MX: Mexiko; Mexique; México; Мексика
NL: Holland; The Netherlands; Niederlande; Pays-Bas; Hollande; Nederland; Nederlandene; Нидерланды; Голландия; NLD
NO: Norwegen; Norvège; Norge; Норвегия; NOR
NZ: Neuseeland; Nouvelle-Zélande; Новая Зеландия
PL: Polen; Pologne; Polska; Польша; POL
PT: Portogallo; Португалия; PRT
RO: Rumänien; Roumanie; Rumænien; Румыния; România
RS: Serbien; Serbie; Сербия; Srbija
RU: Russian Federation; Russland; Rußland; Russische Föderation; Russie; Fédération de Russie; Rusland; Россия; Российская Федерация; РФ; RUS
SA: Saudi-Arabien; Arabie saoudite; Saudi Arabien; Саудовская Аравия; KSA
SE: Schweden; Suède; Sverige; Швеция; SWE
SG: Singapur; Singapour; Сингапур
SI: Slowenien; Slovénie; Slovenien; Словения; Slovenija
SK: Slowakei; Slovaquie; Slovakiet; Словакия; Slovak Republic
TH: Thaïlande; Таиланд
TR: Türkei; Turquie; Tyrkiet; Турция; Türkiye
TW: Тайвань; Taïwan
UA: Ukraine; Украина; Україна
US: USA; U.S.A.; U.S.; United States of America; America; Vereinigte Staaten; Vereinigte Staaten von Amerika; Amerika; États-Unis; Etats-Unis d'Amérique; Amérique; Forenede Stater; De Forenede Stater; США; Соединенные Штаты Америки; Америка
UZ: Usbekistan; Ouzbékistan; Узбекистан
VN: Viet Nam; Вьетнам
ZA: Südafrika; Afrique du Sud; Sydafrika; ЮАР
"""


def _fold(text: str) -> str:
    """Letters only, without case, accents and dots: `Côte d'Ivoire` and `cote d ivoire` are one."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in plain if c.isalpha())


def _read_names() -> dict[str, str]:
    names = {_fold(country.name): code for code, country in COUNTRIES.items()}
    for line in _OTHER_NAMES.strip().splitlines():
        code, _, others = line.partition(": ")
        names.update({_fold(other): code for other in others.split("; ")})
    return names


_CODE_BY_NAME: Final = _read_names()


def zone_of(country: str) -> str | None:
    """The IANA zone of the capital, for an alpha-2 code; None for a code no country has.

    Where the capital keeps another zone than most of the country's trade, the trade's is taken (Australia:
    Sydney, which Canberra shares; Canada: Toronto, which Ottawa shares; United States: New York).
    """
    row = COUNTRIES.get(country)
    return row.zone if row else None


def language_of(country: str) -> str | None:
    """The main language as a BCP 47 tag, for an alpha-2 code; None for a code no country has."""
    row = COUNTRIES.get(country)
    return row.language if row else None


def name_of(country: str) -> str | None:
    """The English name, for an alpha-2 code; None for a code no country has."""
    row = COUNTRIES.get(country)
    return row.name if row else None


def normalise_country(text: str) -> str | None:
    """The alpha-2 code of what somebody typed: a code, or a name in English, German, French, Danish, Russian.

    None when it is not understood; keep the raw text then.
    """
    stripped = text.strip()
    if len(stripped) == 2 and stripped.upper() in COUNTRIES:
        return stripped.upper()
    return _CODE_BY_NAME.get(_fold(stripped))
