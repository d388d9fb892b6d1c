"""The languages Alcove names: codes, names, scripts and how people write them."""

import difflib
from dataclasses import dataclass
from functools import cache, lru_cache

from app.base.errors import AppError


@dataclass(frozen=True, slots=True)
class Language:
    """`code`: ISO 639-1 (639-2 where there is none), for Chinese with the script. `name`: English; `native`: its own.

    `script`: the usual one, ISO 15924. `rtl`: written from right to left. `aliases`: other codes and names for it.
    """

    code: str
    name: str
    native: str
    script: str = "Latn"
    aliases: tuple[str, ...] = ()

    @property
    def rtl(self) -> bool:
        return self.script in ("Arab", "Hebr", "Thaa")

    @property
    def base(self) -> str:
        """The code without a script: both ways of writing Chinese are "zh"."""
        return self.code.partition("-")[0]


# Code, English name, own name; then the script unless Latin, and other codes and names, separated by “/”.
_TABLE = """
af|Afrikaans|Afrikaans
am|Amharic|አማርኛ|Ethi
an|Aragonese|aragonés
ar|Arabic|العربية|Arab|ara/arb
as|Assamese|অসমীয়া|Beng
ay|Aymara|Aymar aru
az|Azerbaijani|azərbaycan
ba|Bashkir|башҡортса|Cyrl
be|Belarusian|беларуская|Cyrl
bg|Bulgarian|български|Cyrl|bul
bn|Bengali|বাংলা|Beng|ben/Bangla
bo|Tibetan|བོད་ཡིག|Tibt
br|Breton|brezhoneg
bs|Bosnian|bosanski
ca|Catalan|català||cat/Valencian
ceb|Cebuano|Cebuano
cs|Czech|čeština||cze/ces
cv|Chuvash|чӑвашла|Cyrl
cy|Welsh|Cymraeg
da|Danish|dansk||dan
de|German|Deutsch||ger/deu
dv|Divehi|ދިވެހި|Thaa|Maldivian
dz|Dzongkha|རྫོང་ཁ|Tibt
el|Greek|Ελληνικά|Grek|gre/ell
en|English|English||eng
eo|Esperanto|Esperanto
es|Spanish|español||spa/Castilian/castellano
et|Estonian|eesti||est
eu|Basque|euskara
fa|Persian|فارسی|Arab|per/fas/Farsi
fi|Finnish|suomi||fin
fil|Filipino|Filipino||tl/tgl/Tagalog
fo|Faroese|føroyskt
fr|French|français||fre/fra
fy|Western Frisian|Frysk||Frisian
ga|Irish|Gaeilge
gd|Scottish Gaelic|Gàidhlig||Gaelic
gl|Galician|galego
gn|Guarani|Avañe'ẽ
gu|Gujarati|ગુજરાતી|Gujr
ha|Hausa|Hausa
haw|Hawaiian|ʻŌlelo Hawaiʻi
he|Hebrew|עברית|Hebr|iw/heb
hi|Hindi|हिन्दी|Deva|hin
hr|Croatian|hrvatski||hrv
ht|Haitian Creole|kreyòl ayisyen
hu|Hungarian|magyar||hun
hy|Armenian|հայերեն|Armn
id|Indonesian|Bahasa Indonesia||in/ind
ig|Igbo|Igbo
is|Icelandic|íslenska||isl
it|Italian|italiano||ita
ja|Japanese|日本語|Jpan|jp/jpn
jv|Javanese|Jawa
ka|Georgian|ქართული|Geor
kk|Kazakh|қазақша|Cyrl
km|Khmer|ខ្មែរ|Khmr|Cambodian
kn|Kannada|ಕನ್ನಡ|Knda
ko|Korean|한국어|Kore|kor
ku|Kurdish|kurdî||Kurmanji
ky|Kyrgyz|кыргызча|Cyrl
la|Latin|Latina
lb|Luxembourgish|Lëtzebuergesch
ln|Lingala|lingála
lo|Lao|ລາວ|Laoo
lt|Lithuanian|lietuvių||lit
lv|Latvian|latviešu||lav
mg|Malagasy|Malagasy
mi|Maori|Māori
mk|Macedonian|македонски|Cyrl
ml|Malayalam|മലയാളം|Mlym
mn|Mongolian|монгол|Cyrl
mr|Marathi|मराठी|Deva
ms|Malay|Bahasa Melayu
mt|Maltese|Malti
my|Burmese|မြန်မာ|Mymr
ne|Nepali|नेपाली|Deva
nl|Dutch|Nederlands||dut/nld/Flemish
no|Norwegian|norsk||nb/nob/nor/Bokmål/Norwegian Bokmål
nn|Norwegian Nynorsk|nynorsk||nno
ny|Chichewa|Chichewa
oc|Occitan|occitan
or|Odia|ଓଡ଼ିଆ|Orya|Oriya
pa|Punjabi|ਪੰਜਾਬੀ|Guru
pl|Polish|polski||pol
ps|Pashto|پښتو|Arab
pt|Portuguese|português||por/Brazilian/Brazilian Portuguese
qu|Quechua|Runasimi
rm|Romansh|rumantsch
ro|Romanian|română||rum/ron/Moldovan
ru|Russian|русский|Cyrl|rus
rw|Kinyarwanda|Ikinyarwanda
sa|Sanskrit|संस्कृत|Deva
sd|Sindhi|سنڌي|Arab
se|Northern Sami|davvisámegiella
si|Sinhala|සිංහල|Sinh
sk|Slovak|slovenčina||slk
sl|Slovenian|slovenščina||slv/Slovene
sm|Samoan|Gagana Sāmoa
sn|Shona|chiShona
so|Somali|Soomaali
sq|Albanian|shqip
sr|Serbian|српски|Cyrl|srp
st|Southern Sotho|Sesotho
su|Sundanese|Basa Sunda
sv|Swedish|svenska||swe
sw|Swahili|Kiswahili||swa
ta|Tamil|தமிழ்|Taml|tam
te|Telugu|తెలుగు|Telu
tg|Tajik|тоҷикӣ|Cyrl
th|Thai|ไทย|Thai|tha
tk|Turkmen|türkmen
tr|Turkish|Türkçe||tur
tt|Tatar|татар|Cyrl
ug|Uyghur|ئۇيغۇرچە|Arab
uk|Ukrainian|українська|Cyrl|ukr
ur|Urdu|اردو|Arab|urd
uz|Uzbek|o‘zbek
vi|Vietnamese|Tiếng Việt||vie
wo|Wolof|Wolof
xh|Xhosa|isiXhosa
yi|Yiddish|ייִדיש|Hebr
yo|Yoruba|Yorùbá
zh|Chinese (Simplified)|简体中文|Hans|zh-Hans/zh-CN/zh-SG/zho/chi/cmn/Chinese/Mandarin/Simplified Chinese/中文
zh-Hant|Chinese (Traditional)|繁體中文|Hant|zh-TW/zh-HK/zh-MO/zht/Traditional Chinese
zu|Zulu|isiZulu
"""


def _read(line: str) -> Language:
    code, name, native, script, aliases = (*line.split("|"), "", "")[:5]
    return Language(code, name, native, script or "Latn", tuple(filter(None, aliases.split("/"))))


LANGUAGES = tuple(sorted(map(_read, _TABLE.split("\n")[1:-1]), key=lambda each: each.name))
"""By English name."""


@cache
def _by_name() -> dict[str, Language]:
    found: dict[str, Language] = {}
    for each in LANGUAGES:
        for name in (each.code, each.name, each.native, *each.aliases):
            found.setdefault(_plain(name), each)
    return found


@lru_cache(maxsize=1024)
def language(code: str) -> Language | None:
    """The language of a code: “de”, “de-DE”, “zh-Hans”, “deu”; None for an unknown one."""
    wanted, names = _plain(code), _by_name()
    while wanted:
        if wanted in names:
            return names[wanted]
        wanted = wanted.rpartition("-")[0]
    return None


def language_name(code: str) -> str:
    """In English; the code itself where it is unknown."""
    found = language(code)
    return code if found is None else found.name


def find_language(text: str) -> Language:
    """The language a person means by a code or a name. Raises `AppError` that suggests near ones."""
    found = language(text)
    if found is not None:
        return found
    near = difflib.get_close_matches(_plain(text), _by_name(), n=5, cutoff=0.6)
    suggested = list(
        dict.fromkeys(f"{each.name} ({each.code})" for each in map(_by_name().__getitem__, near))
    )
    raise AppError(
        f"Alcove knows no language “{text.strip()}”." if text.strip() else "No language was named.",
        f"Perhaps you mean {' or '.join(suggested[:3])}."
        if suggested
        else "Name it in English or by its code, for example German or de.",
    )


def _plain(name: str) -> str:
    return name.strip().casefold().replace("_", "-")
