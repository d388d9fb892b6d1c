"""Words that belong to numbers and dates: months, small numbers, “million”, units, “monthly”."""

_MONTHS = (
    "january jan januar jänner janvier enero ene gennaio gen janeiro januari",
    "february feb februar février fevrier febrero febbraio fevereiro februari",
    "march mar märz maerz mars marzo março maart",
    "april apr avril abril aprile avr",
    "may mai mayo maggio maio mei",
    "june jun juni juin junio giugno junho",
    "july jul juli juillet julio luglio julho",
    "august aug août aout agosto augustus",
    "september sep sept septembre septiembre settembre setembro",
    "october oct oktober okt octobre octubre ottobre outubro",
    "november nov novembre noviembre novembro",
    "december dec dezember dez décembre decembre diciembre dicembre dezembro",
)
MONTHS = {word: number for number, words in enumerate(_MONTHS, start=1) for word in words.split()}

_NUMBERS = {
    0: "zero null",
    1: "one ein eine einen un une una uno um uma",
    2: "two second zwei deux dos due dois duas twee",
    3: "three third drei trois tres tre três drie",
    4: "four fourth vier quatre cuatro quattro quatro",
    5: "five fifth fünf cinq cinco cinque vijf",
    6: "six sixth sechs seis sei zes",
    7: "seven seventh sieben sept siete sette sete zeven",
    8: "eight eighth acht huit ocho otto oito",
    9: "nine ninth neun neuf nueve nove negen",
    10: "ten tenth zehn dix diez dieci dez tien",
    11: "eleven eleventh elf onze once undici",
    12: "twelve twelfth zwölf douze doce dodici doze twaalf",
    13: "thirteen thirteenth", 14: "fourteen fourteenth", 15: "fifteen fifteenth", 16: "sixteen sixteenth",
    17: "seventeen seventeenth", 18: "eighteen eighteenth", 19: "nineteen nineteenth",
    20: "twenty twentieth zwanzig vingt", 30: "thirty thirtieth dreißig trente", 40: "forty vierzig quarante",
    50: "fifty fünfzig cinquante", 60: "sixty sechzig", 70: "seventy siebzig", 80: "eighty achtzig", 90: "ninety neunzig",
    100: "hundred hundert cent", 1000: "thousand tausend mille", 1_000_000: "million", 1_000_000_000: "billion",
}  # fmt: skip
# Words of their own as well in English ("once a day", "due on", "a cent"); "second" is a unit of time.
_AMBIGUOUS = frozenset({"once", "due", "sei", "cent", "sept", "dez", "null", "second", "um", "un"})
NUMBER_WORDS = {
    word: value for value, words in _NUMBERS.items() for word in words.split() if word not in _AMBIGUOUS
}
TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip

SCALES = {
    "hundred": 100, "thousand": 1000, "tausend": 1000, "mille": 1000, "million": 10**6, "millions": 10**6, "millionen": 10**6,
    "mio": 10**6, "mn": 10**6, "mln": 10**6, "millones": 10**6, "milioni": 10**6, "milliarden": 10**9, "milliarde": 10**9,
    "mrd": 10**9, "milliards": 10**9, "billion": 10**9, "billions": 10**9, "bn": 10**9, "trillion": 10**12,
}  # fmt: skip

_UNITS = {
    "%": "% percent pct prozent pourcent", "€": "€ euro euros eur", "$": "$ dollar dollars usd", "£": "£ pound pounds gbp",
    "¥": "¥ yen jpy", "second": "seconds sec sekunden sekunde", "minute": "minute minutes min minuten",
    "hour": "hour hours hr hrs stunde stunden heure heures", "day": "day days tag tage tagen jour jours días",
    "week": "week weeks woche wochen semaine semaines", "month": "month months monat monate monaten mois meses mesi",
    "quarter": "quarter quarters quartal quartale", "year": "year years jahr jahre jahren an ans année années años anni",
    "decade": "decade decades", "century": "century centuries", "km": "km kilometre kilometres kilometer kilometers",
    "mile": "mile miles", "m": "metre metres meter meters", "cm": "cm centimetre centimetres centimeter centimeters",
    "mm": "mm millimetre millimetres", "kg": "kg kilogram kilograms kilo kilos", "g": "gram grams gramm", "t": "tonne tonnes",
    "l": "litre litres liter liters", "ml": "ml millilitre millilitres milliliter milliliters", "kwh": "kwh", "°c": "°c", "°f": "°f", "bar": "bar",
}  # fmt: skip
UNITS = {word: unit for unit, words in _UNITS.items() for word in words.split()}

FREQUENCIES = {
    "hourly": "hour", "daily": "day", "weekly": "week", "fortnightly": "fortnight", "monthly": "month", "quarterly": "quarter",
    "yearly": "year", "annual": "year", "annually": "year", "per annum": "year", "every year": "year", "each year": "year",
    "per year": "year", "a year": "year", "every month": "month", "each month": "month", "per month": "month",
    "a month": "month", "every week": "week", "each week": "week", "per week": "week", "a week": "week", "every day": "day",
    "each day": "day", "per day": "day", "a day": "day", "per hour": "hour", "an hour": "hour",
    "twice": "twice", "täglich": "day", "wöchentlich": "week", "monatlich": "month", "jährlich": "year",
}  # fmt: skip
"""How often something happens. "within a week" is read as a frequency as well, which asks for it in the evidence, too."""
