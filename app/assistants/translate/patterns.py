"""What a value looks like: the regular expressions of `masking`.

Each repeat has an end or gives nothing back, so that the time grows with the length of a text only.
"""

import re

from app.assistants.translate.numbers import MARK
from app.assistants.translate.units import DENSE, UNITS

_W = rf"[^\W{DENSE}]"  # a character of a word in scripts that part words
_NO_W = rf"(?<!{_W})"
_URL = rf"[^\s<>\"'«»“”{DENSE}]"
_NEW = r"(?<!\d)(?<!\d[.,'’])"  # a number begins here
_DIGITS = rf"{_NEW}(?:\d{{1,3}}(?:[ \u00a0\u202f\u2009]\d{{3}}){{1,5}}(?!\d)(?:[.,]\d{{1,40}})?|\d{{1,40}}+(?:[.,'’]\d{{1,40}}+){{0,20}}+)(?!\d)"
_FRACTION = r"(?:(?<!\d)\d{1,6}\s?)?[½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞]"
_POWER = rf"{_NEW}\d{{1,20}}(?:[.,]\d{{1,20}})?(?:\s?[×x·]\s?10)?[⁺⁻]?[⁰¹²³⁴-⁹]{{1,4}}"
_TLD = "com|org|net|edu|gov|info|biz|io|dev|app|ai|eu|de|ch|fr|es|uk|us|ca|au|nz|jp|cn|kr|br|mx|ru|ua|pl|cz|nl|se|dk|gr|tr|ie|hu|ro|invalid|test|local"  # fmt: skip
_HOST = rf"(?<![^\W{DENSE}]|[@./-])(?:[A-Za-z0-9](?:[A-Za-z0-9-]{{0,61}}[A-Za-z0-9])?\.){{1,4}}(?:{_TLD})(?![\w-]|\.[a-zA-Z])(?::\d{{2,5}})?(?:/{_URL}{{0,2000}})?"
_ATTRIBUTE = r"\s+(?:[A-Za-z:@][\w:.-]{0,60}=(?:\"[^\"<>\n]{0,1000}\"|'[^'<>\n]{0,1000}'|[^\s\"'<>=]{1,200})|disabled|checked|required|selected|hidden|readonly|async|defer)"
_SUFFIX = "(?:docx?|xlsx?|pptx?|pdf|odt|txt|csv|json|xml|html?|py|js|exe|zip|png|jpe?g|toml|ya?ml|md|ini|log)"
_HEADS = r"(?:plural|select|selectordinal|number|date|time|spellout|ordinal|duration)"
_PATTERNS = {
    "mark": r"[{｛\[(<]\s{0,3}[vV]\s{0,3}\d{1,6}\s{0,3}[}｝\])>]",
    "tag": r"[<＜]\s{0,3}/?\s{0,3}[gGxX]\s{0,3}\d{1,6}\s{0,3}/?\s{0,3}[>＞]",
    "url": rf"(?:https?|ftp|file)://{_URL}{{1,4000}}+|mailto:{_URL}{{1,500}}+|{_NO_W}www\.{_URL}{{1,4000}}+",
    "address": r"(?<![\w.+-])[A-Za-z0-9_.+-]{1,64}+@[\w-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}"
    rf"|(?<=[{DENSE}])[A-Za-z0-9_.+-]{{1,64}}+@[A-Za-z0-9-]{{1,63}}(?:\.[A-Za-z0-9-]{{1,63}}){{1,8}}",
    "host": _HOST,
    "choice": rf"\{{\s{{0,3}}\w{{1,64}}\s{{0,3}},\s{{0,3}}{_HEADS}\b(?:[^{{}}]++|\{{(?:[^{{}}]++|\{{[^{{}}]*+\}})*+\}})*+\}}",
    "code": r"`[^`\n]{1,400}`|\$(?![\s\d])[^$\n]{0,200}?[\\^_={][^$\n]{0,200}?(?<!\s)\$(?!\d)|\\\([^\n]{0,200}?\\\)"
    r"|\b[A-Za-z_]\w{0,64}+\(\)|\b(?=[A-Za-z])(?:[^\W_]{1,64}+_)(?:[^\W_]{1,64}+_){0,12}+[^\W_]{1,64}+(?!\.[a-z])",
    "placeholder": r"\{\{[^{}\n]{0,200}+\}\}|[$%#]\{[^{}\n]{0,200}+\}|\{%[^%\n]{0,200}+%\}|\{\s{0,2}[\w.\[\]!:,<>^+%-]{0,200}+\s{0,2}\}"
    r"|%\(\w{1,64}\)[#0 +-]{0,4}\d{0,4}[a-zA-Z]|\[\[\s?[\w.:-]{1,64}\s?\]\]|(?<!\w)__(?=[A-Za-z])\w{1,64}+(?<=__)"
    r"|\[[A-Z][A-Z0-9_]{2,40}\]|(?<![^\s(]):[A-Za-z_]\w{0,64}+:?"
    r"|(?<![\d%])%(?:\d{1,2}\$)?[#0+-]{0,4}\d{0,4}(?:\.\d{1,4})?(?:ll?|hh?)?[sdifuxXoeEgGc@](?![a-z]{2})|(?<![\d%\s])%[nL]?\d\b"
    r"|(?<!\S)%[nL]?\d\b|%n\b|\$[A-Za-z_]\w{0,64}+|\$\d{1,2}(?![\d.,]|\s?\w)|&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{1,32});|\\[nrt]\b"
    rf"|</[A-Za-z][\w:.-]{{0,60}}\s{{0,3}}>|<[A-Za-z][\w:.-]{{0,60}}+(?:{_ATTRIBUTE}){{0,20}}\s{{0,3}}/?>",
    "path": rf"(?<![\w/])(?:[A-Za-z]:\\[^\s<>\"*?|{DENSE}]{{1,400}}+|\\\\[^\s<>\"*?|{DENSE}]{{1,400}}+"
    rf"|(?:~|\.{{1,2}})?/(?:{_W}|[.+-]){{1,100}}+(?:/(?:{_W}|[.+-]){{1,100}}+){{1,40}}+/?)"
    rf"|(?<!{_W})(?<!-)(?:{_W}|-){{1,100}}+\.{_SUFFIX}\b|(?<![\w-])[{DENSE}]{{1,40}}+\.{_SUFFIX}\b",
    "identifier": r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b|#[0-9a-fA-F]{6}\b"
    r"|\b[A-Z]{2,12}(?:[-_/][A-Z0-9]{1,12}){0,6}[-_/]?\d[A-Za-z0-9_-]{0,40}",
    "date": r"\b\d{4}-\d{1,2}-\d{1,2}(?:[T ]\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:?\d{2})?)?\b"
    r"|\b\d{1,2}(?P<sep>[./-])\d{1,2}(?P=sep)\d{2,4}\b",
    "time": r"\b\d{1,2}:\d{2}(?::\d{2})?(?:\s?[aApP]\.?[mM]\b\.?)?|\b\d{1,2}\s?[aApP]\.?[mM]\b\.?",
    "phone": rf"\+\d[\d ()/-]{{6,20}}\d(?!\d|\s?(?:{UNITS}))|\(\d{{2,5}}\)\s?\d[\d -]{{4,16}}\d",
    "version": rf"\bv\d{{1,9}}(?:\.\d{{1,9}}){{0,8}}\b|{_NEW}\b(?!\d{{1,3}}(?:\.\d{{3}}){{1,8}}\b)\d{{1,9}}(?:\.\d{{1,9}}){{2,8}}(?:[-+][\w.]{{1,40}})?",
    "quantity": rf"(?:{MARK})?[€$£¥₹]\s?{_DIGITS}(?:(?:bn|m|k)\b)?|(?:{MARK})?(?:{_POWER}|{_FRACTION}|{_DIGITS})\s?(?:{UNITS})"
    rf"|{MARK}{_DIGITS}|{_FRACTION}|{_POWER}",
}
# Marks and tags of the source itself are masked too, so that they cannot be taken for ours.
_ANY = "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _PATTERNS.items())
# No value begins inside a word or number; to say so first saves most of the time.
VALUE = re.compile(rf"(?=[^\w\s]|(?<!\w)\w|(?<=[{DENSE}])[A-Za-z_]|(?<!\d)\d|[½⅓⅔¼¾⅕-⅞])(?:{_ANY})")
"""Any value; the name of the group tells its kind."""
POSSIBLE = re.compile(r"[\d{%$<＜`@/\\_&(\[#｛½⅓⅔¼¾⅕-⅞]|\w\.\w|:\w")
"""Every value has one of these."""
