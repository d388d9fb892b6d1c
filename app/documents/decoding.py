"""Bytes of unknown encoding to text.

Unicode is recognised by its marks and its rules. For the old code pages the text itself must tell:
each is tried, and the one whose letters look most like words of its languages is taken.
"""

import codecs
import re
import unicodedata

_SAMPLE = 65_536  # bytes looked at
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins like UTF-16's, so it is asked first
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# (the most frequent characters, all characters) of what a code page is used for
_Script = tuple[str, str]
_JAPANESE = ("".join(map(chr, range(0x3041, 0x30FF))), "[\u3041-\u30ff\u4e00-\u9fff]")
_KOREAN = (
    "이다는에의을가를은한하로지고기사도아자어시대그리나인스해서전정일라있보부수장들으원어니주동여제구상니습까요",
    "[\uac00-\ud7a3]",
)
_SIMPLIFIED = (
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多"
    "经么去法学如都同现当没动面起看定天分还进好小部其些主样理心本前开但因只从想实日者意无力它与长把机十民第公此已工使情明性知全"
    "三又关点正业外将两高间由问很最重并物手应向头文体政美相见被利什二等产或新己制身果加西月话合回特代内信表化老给世位次度门任",
    "[\u4e00-\u9fff]",
)
_TRADITIONAL = (
    "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡用道行所然家種事成方多"
    "經麼去法學如都同現當沒動面起看定天分還進好小部其些主樣理心本前開但因只從想實日者意無力它與長把機十民第公此已工使情明性知全"
    "三又關點正業外將兩高間由問很最重並物手應向頭文體政美相見被利什二等產或新己制身果加西月話合回特代內信表化老給世位次度門任",
    "[\u4e00-\u9fff]",
)
_CYRILLIC = ("оеаинтсрвлкмдпуяі", "[\u0400-\u045f\u0490\u0491]")
_GREEK = ("αοιετνσηυρπκμλςίάόέή", "[\u0370-\u03ff]")
_HEBREW = ("יוהלאתרמבשנ", "[\u05d0-\u05ea]")
_ARABIC = ("اليمنوترهبدةعفس", "[\u0621-\u064a]")
_THAI = ("านรอกเงมยลวดทสต่้ีัิ", "[\u0e01-\u0e4e]")
_BALTIC = ("ąčęėįšųūžāēģīķļņõäöü", "[\xc0-\u017f]")
_CENTRAL = ("áéíóúýčďěňřšťůžąćęłńśźżőűăâîșțşţöüä", "[\xc0-\u021b]")
_WESTERN = ("éèêàâçùûîïôäöüßåæøñáíóú", "[\xc0-\xff]")
_TURKISH = ("çğıöşüâî", "[\xc0-\u017f]")
# where two fit equally, the earlier is taken
_CODE_PAGES: dict[str, _Script] = {
    "cp1252": _WESTERN,
    "cp1251": _CYRILLIC,
    "cp1250": _CENTRAL,
    "cp1254": _TURKISH,
    "cp1257": _BALTIC,
    "cp1253": _GREEK,
    "cp1255": _HEBREW,
    "cp1256": _ARABIC,
    "cp874": _THAI,
    "koi8_u": _CYRILLIC,
    "iso8859_2": _CENTRAL,
    "iso8859_5": _CYRILLIC,
    "iso8859_6": _ARABIC,
    "iso8859_16": _CENTRAL,
    "mac_cyrillic": _CYRILLIC,
    "mac_roman": _WESTERN,
    "cp866": _CYRILLIC,
    "shift_jis": _JAPANESE,
    "euc_jp": _JAPANESE,
    "cp949": _KOREAN,
    "johab": _KOREAN,
    "gb18030": _SIMPLIFIED,
    "big5hkscs": _TRADITIONAL,
}
_FOREIGN = re.compile(r"[^\x00-\x7f]")
_PUNCTUATION = (
    ".,;:!?()[]'\"-/%\u2019\u201c\u201d\u2013\u2014\u2026\xbb\xb0\u3001\u3002\uff0c\uff1b\uff1a\uff1f\uff01"
)
_MULTIBYTE = re.compile(
    rb"(?:[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3})(?![\x80-\xbf])"
)
_HIGH = re.compile(rb"[\x80-\xff]")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def decode(data: bytes) -> str | None:
    """The text in `data`; None when it is not text at all."""
    encoding = encoding_of(data)
    if encoding is None:
        return None
    return data.decode(encoding, _REPAIR if encoding == "utf-8" else "replace")


def encoding_of(data: bytes) -> str | None:
    """The codec for `data`, a mark at its beginning included; None when it is not text at all."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return encoding
    sample = data[:_SAMPLE]
    if wide := _wide(sample):
        return wide
    if len(_CONTROL.findall(sample)) * 50 > len(sample):
        return None
    try:
        data.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError:
        pass
    broken = len(_HIGH.findall(_MULTIBYTE.sub(b"", sample)))
    return "utf-8" if len(_MULTIBYTE.findall(sample)) > broken else _code_page(sample)


def _wide(sample: bytes) -> str:
    """UTF-16 without a mark shows as zero bytes in every other position."""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if max(even, odd) * 4 < len(sample) or min(even, odd) * 10 > max(even, odd):
        return ""
    return "utf-16-be" if even > odd else "utf-16-le"


def _code_page(sample: bytes) -> str:
    scores = {name: _likeness(sample, name, script) for name, script in _CODE_PAGES.items()}
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] > 0 else "cp1252"


def _likeness(sample: bytes, code_page: str, script: _Script) -> float:
    """How far the characters outside ASCII read like words, at most 1; below 0 when they cannot be words."""
    text = sample.decode(code_page, "replace")
    foreign = "".join(_FOREIGN.findall(text))
    if not foreign or text[:-4].count("\ufffd") * 50 > len(foreign):
        return -1.0
    frequent, every = script
    own = len(re.findall(every, foreign))
    common = sum(character in frequent for character in foreign)
    misplaced = sum(map(_misplaced, text, text[1:]))
    return ((own + common) / 2 - misplaced) / len(foreign)


def _misplaced(before: str, character: str) -> bool:
    """Two neighbours that words do not have: a capital or a sign after a small letter, two
    alphabets, two accents in a row."""
    if character < "\x80" and before < "\x80":
        return False
    if before.isalpha() and character.isalpha():
        if "\x80" < before < "\u0250" and "\x80" < character < "\u0250":
            return True
        return (before < "\u0250") != (character < "\u0250") or (before.islower() and character.isupper())
    strange = not (character.isalnum() or character.isspace()) and not unicodedata.combining(character)
    return before.isalpha() and strange and character not in _PUNCTUATION


def _repair(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


_REPAIR = "alcove-cp1252-for-broken-bytes"
codecs.register_error(_REPAIR, _repair)
