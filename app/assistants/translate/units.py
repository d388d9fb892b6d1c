"""Quantities in a text and whether a translation has the same units, spelled out or not."""

import re
from dataclasses import dataclass
from functools import cache

from app.assistants.translate.numbers import Number, numbers, partners

DENSE = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3000-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef"
"""Scripts that put no blank between words, for a character class."""
UNITS = (
    r"%(?![\w({])|‰|°\s?(?:[CFK](?!\w))?|[€£¥₹₽₩]|\$(?![{\w])|(?:(?:EUR|USD|GBP|CHF|JPY|CNY)"
    r"|(?:[kMGTmµμn]?(?:m|g|l|L|W|V|Hz|J|Pa|bar|Wh|eV|B|bit|bps|Ω)|[mµμn]s|mA|kN|[kKMGT]i?B|[cd][ml]|cm|mm|hPa|ha|min|km/h"
    r"|mol|mmol|ppm|ppb|dB|px|pt|dpi|fps|rpm|kcal|cal|IU|psi|mph|lb|lbs|oz|ft|yd|kn|h|s)"
    r"(?:[²³]|\^[23])?(?:/(?:[kmµcd]?[gmlL]|s|h|min|d|day|kg|dl|dL|[cmk]?m[²³]?))?)"
    rf"(?![^\W{DENSE}]|/)"
)
"""What may follow a number as its unit, for a regular expression."""
_BEHIND = re.compile(rf"[\s\u00a0\u202f-]?(?P<unit>{UNITS})")
_CURRENCY = re.compile(r"[€$£¥₹]")
_WINDOW = 28  # characters after a number in which its unit may be spelled out
# How units are spelled out: stems of words, in the scripts without blanks right behind the number.
_SPELLED = {
    "%": "percent per\\scent prozent pour\\scent por\\sciento por\\scento per\\scento procent процент відсот v\\shundert ٪ ％ パーセント"
    " 百分 个百分 퍼센트 بالمئة بالمائة في\\sالمائة في\\sالمئة percentage prozentpunkt",
    "€": "euro ユーロ 欧元 歐元 유로 يورو евро євро eur", "£": "pound pfund livre libra sterling esterlina ポンド 英镑 파운드 جنيه"
    " фунт gbp sterlin", "$": "dollar dólar dolar доллар ドル 米ドル 美元 美金 달러 دولار usd us-dollar buck",
    "¥": "yen yuan yuán 円 元 人民币 ين يوان иен юан jpy cny", "₹": "rupe rupi ルピー 卢比 روبي рупи inr",
    "°C": "degree grad degré grado grau градус celsius 度 摄氏 درجة ℃", "°F": "degree grad degré grado grau градус fahrenheit 度 华氏 درجة ℉",
    "°": "degree grad degré grado grau градус 度 درجة º",
    "kg": "kilo килограм кг كيلوغرام كيلوجرام كجم كغ キロ 公斤 千克 ㎏ 킬로", "g": "gram گرم грам г غرام جرام グラム 克 그램",
    "mg": "milligram miligram милиграмм миллиграм мг ملليغرام ملغ ミリグラム 毫克 밀리그램",
    "km": "kilomet kilóm quilóm quilom километр км كيلومتر كم キロ 公里 千米 ㎞ 킬로미터", "m": "meter metre mètre metro metri"
    " метр м متر メートル 米 公尺 미터 million mio", "cm": "centim centím zentim сантиметр см سنتيمتر سم センチ 厘米 公分 ㎝",
    "mm": "millim milím milim миллиметр мм ملم مليمتر ミリ 毫米 ㎜", "l": "liter litre litro литр л لتر リットル 升",
    "ml": "millilit mililit миллилитр мл ملليلتر مل ミリリットル 毫升", "h": "stund std hour heure hora ore ora час 時間 小时 ساع horas",
    "min": "minut минут мин 分 دقيق мин", "s": "second sekund sek sec seg секунд 秒 ثاني jahr year er", "ms": "millisec millisek мс ミリ秒 毫秒",
    "km/h": "kilomet stundenkilomet kilóm км キロ 公里 كيلومتر km\\sh kmh", "mph": "mile meile milla mille mi/h миль マイル 英里 ميل miglia",
    "lb": "pound pfund livre libra фунт ポンド 磅 رطل", "lbs": "pound pfund livre libra фунт ポンド 磅 رطل",
    "ft": "feet foot fuß pied pie piede фут フィート 英尺 قدم", "oz": "ounce unze once onza унц オンス 盎司 أوقية", "yd": "yard ヤード 码 ياردة",
    "bn": "billion", "MB": "megab mo мб メガ", "GB": "gigab go гб ギガ", "KB": "kilob ko кб", "kB": "kilob ko кб", "TB": "terab to тб",
    "W": "watt vatio 瓦 ワット ватт вт", "kW": "kilowatt kilovat 千瓦 キロワット квт", "MW": "megawatt megavat 兆瓦 メガワット мвт",
    "V": "volt voltio 伏 ボルト вольт в", "Hz": "hertz hercio 赫兹 ヘルツ герц гц", "ha": "hectar hektar hectár гектар га 公顷 ヘクタール هكتار",
    "EUR": "euro € ユーロ 欧元 يورو евро", "USD": "dollar dólar dolar us-dollar \\$ ドル 美元 دولار доллар", "GBP": "pound pfund livre libra £ ポンド 英镑",
    "CHF": "fran フラン 法郎 فرنك", "pt": "punkt point punto pont", "bar": "бар バール 巴 بار", "m²": "quadratmeter square mètres\\scarrés metros\\scuadrados"
    " metros\\squadrados кв 平方 平米 متر", "km²": "quadratkilometer square kilom kilóm кв 平方",
    "m³": "kubikmeter cubic mètres\\scubes metros\\scúbicos куб 立方 متر",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit as `UNITS` writes it, "" for none."""

    number: Number
    unit: str


def quantities(text: str, found: list[Number]) -> list[Quantity]:
    """The numbers `found` in `text` with the units that stand behind or, currencies, in front of them."""
    return [Quantity(each, _unit(text, each)) for each in found]


def units_missing(source: str, target: str, source_language: str, target_language: str) -> list[str]:
    """Quantities of `source` whose units stand at the same number of `target` neither as they are nor spelled out."""
    wanted = [each for each in quantities(source, numbers(source, source_language)) if each.unit]
    lost: list[str] = []
    for grouped in (True, False):  # “3 000 g” is one number, or two
        if wanted:
            there = quantities(target, numbers(target, target_language, grouped=grouped))
            found, wanted = _unlike(wanted, there, target)
            lost += found
    return list(dict.fromkeys(lost))


def _unlike(wanted: list[Quantity], there: list[Quantity], target: str) -> tuple[list[str], list[Quantity]]:
    """The units that are not at their number in `target`, and the quantities whose number is not there."""
    left = list(there)
    unmatched = []
    for each in wanted:  # the same number with the same unit first: “10 g and 10 kg”
        for place, other in enumerate(left):
            if other.unit == each.unit and other.number.same(each.number):
                del left[place]
                break
        else:
            unmatched.append(each)
    places = partners([each.number for each in unmatched], [each.number for each in left])
    pairs = list(zip(unmatched, places, strict=True))
    lost = [
        _written(each)
        for each, place in pairs
        if place is not None and not _spelled_out(each.unit, target, left[place].number)
    ]
    return lost, [each for each, place in pairs if place is None]


def _written(quantity: Quantity) -> str:
    said, unit = quantity.number.text, quantity.unit
    return said if unit in said else f"{said} {unit}"


def _unit(text: str, number: Number) -> str:
    behind = _BEHIND.match(text, number.end)
    if behind is not None:
        return _canonical(behind["unit"])
    before = _CURRENCY.search(text[number.start : number.end]) or _CURRENCY.search(
        text[max(0, number.start - 1) : number.start]
    )
    return before[0] if before else ""


def _canonical(unit: str) -> str:
    unit = re.sub(r"\s", "", unit).replace("µ", "μ").replace("^2", "²").replace("^3", "³")
    return unit.replace("L", "l") if unit in ("L", "mL", "dL", "cL") or unit.endswith(("/L", "/dL")) else unit


def _spelled_out(unit: str, text: str, number: Number) -> bool:
    said = text[number.end : number.end + _WINDOW]
    following = re.search(r"\d", said)
    before = text[max(0, number.start - 12) : number.start]
    near = before + " " + (said[: following.start()] if following else said)
    if unit == "%" and before.endswith("%"):  # as in Turkish
        return True
    spelled = _words(unit.replace("μ", "µ")) or _words(unit.split("/")[0])
    return spelled is not None and spelled.search(near.casefold()) is not None


@cache
def _words(unit: str) -> re.Pattern[str] | None:
    stems = _SPELLED.get(unit)
    if stems is None:
        return None
    each = stems.split()
    dense = [word for word in each if re.match(f"[{DENSE}]", word)]
    short = [word for word in each if word not in dense and len(word) <= 2]
    long = [word for word in each if word not in dense and len(word) > 2]
    before = rf"(?<![^\W\d_{DENSE}])"
    return re.compile(
        "|".join(
            [rf"{before}(?:{'|'.join(long)})"] * bool(long)
            + [rf"{before}(?:{'|'.join(short)})(?![^\W\d_])"] * bool(short)
            + [rf"[\s千万億亿多余約-]*(?<![キ厘毫分]){word}" for word in dense]
        )
    )
