"""Words of many languages that belong to numbers: “million”, “minus”, “less than”, “in the afternoon”."""

import re

# Words right behind a number that multiply it by ten so many times; `*` stands for any ending.
_TIMES = {
    2: "hundred hundert 百 백",
    3: "thousand* tausend* mille mil mila tys tysięcy tysiące tisíc* tisíce tisuć* hiljad* tusen* tusind* duizend tuhat* tuhan* ezer"
    " mii bin тыс тысяч* тис тисяч* хиляд* хил χιλιάδ* χιλ 千 천 ألف آلاف ألفا هزار אלף हज़ार हजार nghìn ngàn ribu พัน",
    4: "万 萬 만 หมื่น",
    5: "lakh* लाख แสน",
    6: "million millions millionen mio mill millones millón milhões milhão milioni milione miljoen* miljon* miljoon* milion*"
    " milioane milijun* milijon* millió milyon juta triệu mln mn мiльйон* мільйон* млн миллион* милион* εκατομμύρι* εκατ"
    " مليون مليونا ملايين میلیون מיליון मिलियन ล้าน",
    7: "crore* करोड़",
    8: "億 亿 억",
    9: "milliarde* milliard* miljard* miliard* milijard* milyar* milliárd miliar mrd mld md mds bn bilhões bilhão миллиард* мільярд*"
    " милиард* млрд δισεκατομμύρι* δισ مليار مليارات میلیارد מיליארד tỷ tỉ",
    12: "兆 조 billionen billones billón biljoen* biljon* bilion* bilião biliões триллион* трлн trilhões trilhão tn",
}  # fmt: skip
_SHORT_SCALE = {"billion": 9, "billions": 9, "trillion": 12, "trillions": 12}
_LONG_SCALE = frozenset("de fr da no nb nn nl sv fi hu cs sk pl sl hr sr it es pt lb ca gl eu".split())
_EXACT = {word: power for power, words in _TIMES.items() for word in words.split() if word[-1] != "*"}
_STEMS = {word[:-1]: power for power, words in _TIMES.items() for word in words.split() if word[-1] == "*"}
_NO_LETTER = r"(?![a-zà-ɏͰ-ӿ\u0590-\u06ff])"
_DENSE = "|".join(
    word for word in _EXACT if "\u3000" <= word[0] <= "\uffff" or "\u0e00" <= word[0] <= "\u0e7f"
)
_SPACED = "|".join(sorted((*(re.escape(each) for each in _EXACT), *_SHORT_SCALE), key=len, reverse=True))
_STEMMED = "|".join(sorted(map(re.escape, _STEMS), key=len, reverse=True))
_WORD = rf"(?:{_DENSE}|(?:{_SPACED}){_NO_LETTER}\.?|(?:{_STEMMED})[^\W\d_]{{0,6}}\.?)"
TIMES_AFTER = re.compile(rf"(?:[\s\u00a0\u202f-]?{_WORD}){{1,2}}", re.I)
"""What multiplies the number it follows: “ million”, “億”, “ mil millones”."""
TIMES_OR_NOT = re.compile(r"\s?[mMkK](?![\w²³/])", re.ASCII)
"""What may multiply or be a unit: “£5m”, “10k”."""
_EACH = re.compile(_WORD, re.I)


def times(words: str, language: str) -> int:
    """How often ten multiplies a number followed by `words`: 6 for “million”.

    `language` tells what a billion is; where it is not known, that of English.
    """
    letter = words.strip()
    if letter in ("m", "M", "k", "K"):
        return 6 if letter in "mM" else 3
    return sum(_power(each[0].rstrip(".").casefold(), language) for each in _EACH.finditer(words))


def _power(word: str, language: str) -> int:
    if word in _SHORT_SCALE:
        return {9: 12, 12: 18}[_SHORT_SCALE[word]] if language in _LONG_SCALE else _SHORT_SCALE[word]
    if word in _EXACT:
        return _EXACT[word]
    return next(_STEMS[word[:end]] for end in range(len(word), 0, -1) if word[:end] in _STEMS)


UP_TO = re.compile(
    r"\s?(?:[-–—~～/]|to|or|and|bis|oder|und|à|ou|et|a|o|y|e|до|или|и|から|至|到|إلى|أو|tot|of|en|til|till)?\s?[€$£¥₹]?\s?"
)
"""What stands between two numbers that share their “million”."""
AFTERNOON = re.compile(
    r"afternoon|evening|night|nachmittag|abend|nachts|après-midi|soir|tarde|noche|noite|pomeriggio|sera\b|notte|middag|avond"
    r"|午後|下午|晚上|夜|傍晚|오후|저녁|مساء|ظهر|вечера|вечора|дня\b|popołudni|wieczor|odpoledne|večer",
    re.I,
)
DECADE_AFTER = re.compile(r"['’]?s\b|er\b|-?er\b|-х|年代|-luvu|-tal|년대")
DECADE_BEFORE = re.compile(r"(?:années|años|anni|anos|lata|jaren|anys|السبعينات|الثمانينات)\s\Z", re.I)
_MINUS = r"minus|moins|menos|meno|минус|мінус|マイナス|负|負|零下|氷点下|ناقص|سالب|영하|마이너스|miinus|eksi|mínus|mínusz|(?<![^\s(])[-−–]"
_LESS = (
    r"less than|under|below|fewer than|weniger als|unter|kleiner als|moins de|inférieure?s? à|menos de|inferior(?:es)? a|meno di"
    r"|меньше|менее|小于|不到|少于|低于|أقل من|minder dan|onder|<"
)
_MORE = (
    r"more than|over|above|greater than|mehr als|über|größer als|plus de|supérieure?s? à|más de|superior(?:es)? a|mayor que|più di"
    r"|больше|более|大于|超过|超過|أكثر من|meer dan|boven|>"
)
_MOST = r"at most|up to|höchstens|bis zu|maximal|au plus|au maximum|jusqu'à|como máximo|hasta|不超过|最大|最多|不高于|не более|بحد أقصى"
_LEAST = r"at least|mindestens|minimum|minimal|au moins|al menos|mínimo|no menos|不少于|至少|最少|少なくとも|не менее|على الأقل"
_ABOUT = r"about|circa|ca\.|approx\w*\.?|etwa|rund|ungefähr|environ|aproximadamente|unos|unas|около|примерно|約|约|大约|حوالي|ongeveer"
_PLUS = r"plus|más|más|mais|più|плюс|プラス|加|زائد|[+＋]"
SAID = {
    mark: re.compile(rf"(?:{words})\s?[€$£¥₹]?\s?\Z")
    for mark, words in {
        "-": _MINUS, "<": _LESS, ">": _MORE, "≤": f"{_MOST}|{_LESS}", "≥": f"{_LEAST}|{_MORE}", "~": _ABOUT, "+": _PLUS
    }.items()
}  # fmt: skip
"""The words before a number that stand for a mark."""
