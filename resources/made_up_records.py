"""Made-up forms, tables and terms of contracts with questions about them, answered and not.

SQuAD is prose from an encyclopedia; people's papers are full of lists, tables and clauses. All names are invented.
"""

import random
from collections.abc import Callable, Iterator, Sequence

Question = tuple[str, str, int, int]  # question, passage, start and end of the answer in it; both 0: none
Value = Callable[[random.Random], str]

_FIRST = "Anna Jonas Mira Paul Lena Omar Ivy Tomas Nora Samir Greta Luis Hana Erik Zoe Marek Ines Felix Rosa Viktor".split()
_LAST = "Berg Okafor Lindt Moreau Silva Novak Hartmann Ito Keller Haddad Petrov Quinn Rossi Sandoz Tanaka Urban Weiss Young Zeller Archer".split()
_FIRMS = "Nordhaus Brightwater Elmfield Castellan Merivale Tarn Oakridge Silverline Quarry Hillcrest".split()
_FORMS = "Ltd GmbH AG Inc LLP Partners Clinic School".split()
_STREETS = "Mill Lane|Harbour Road|Station Street|Linden Avenue|Church Hill|Market Square|River Walk".split(
    "|"
)
_TOWNS = "Ashford Bremen Lyon Galway Tarnow Uppsala Verona Leiden Porto Graz".split()
_MONTHS = "January February March April May June July August September October November December".split()
_THINGS = "Apple Printer Desk Laptop Chair Lamp Toner Monitor Cable Router Gloves Syringe Bandage Notebook Projector Kettle".split()
_TESTS = "Haemoglobin Sodium Potassium Creatinine Glucose Cholesterol Ferritin Platelets Albumin".split()


def _person(chance: random.Random) -> str:
    return f"{chance.choice(['', '', 'Dr ', 'Ms '])}{chance.choice(_FIRST)} {chance.choice(_LAST)}"


def _firm(chance: random.Random) -> str:
    return f"{chance.choice(_FIRMS)} {chance.choice(_FORMS)}"


def _money(chance: random.Random) -> str:
    amount = chance.choice(
        [chance.randint(1, 99) * 50, chance.randint(3, 9_000), chance.randint(10, 400) * 100]
    )
    number = f"{amount:,}" + chance.choice(["", "", ".00", f".{chance.randint(1, 99):02}"])
    return chance.choice(["{} EUR", "EUR {}", "€{}", "${}", "£{}", "CHF {}"]).format(number)


def _date(chance: random.Random) -> str:
    day, month, year = chance.randint(1, 28), chance.randint(1, 12), chance.randint(1996, 2031)
    return chance.choice(
        [f"{day} {_MONTHS[month - 1]} {year}", f"{_MONTHS[month - 1]} {day}, {year}", f"{day:02}.{month:02}.{year}", f"{year}-{month:02}-{day:02}"]
    )  # fmt: skip


def _period(chance: random.Random) -> str:
    number = chance.choice(["two", "three", "four", "six", "14", "30", "12", "24", "18", "10"])
    return f"{number} {chance.choice(['days', 'weeks', 'months', 'working days', 'years'])}"


def _percent(chance: random.Random) -> str:
    return f"{chance.choice([chance.randint(1, 40), chance.randint(10, 99) / 10])}{chance.choice(['%', ' %', ' percent'])}"


def _address(chance: random.Random) -> str:
    return f"{chance.randint(1, 180)} {chance.choice(_STREETS)}, {chance.choice(_TOWNS)}"


def _code(chance: random.Random) -> str:
    return f"{chance.choice('ABKLPRST')}{chance.choice('ABKLPRST')}-{chance.randint(100, 99999)}"


def _time(chance: random.Random) -> str:
    return f"{chance.randint(6, 22)}:{chance.choice(['00', '15', '30', '45'])}"


def _count(chance: random.Random) -> str:
    return str(chance.randint(2, 400))


def _measure(chance: random.Random) -> str:
    return f"{chance.randint(10, 900) / 10} {chance.choice(['g/dL', 'mmol/L', 'mg', 'kg', 'cm', 'ml'])}"


# what a form calls it, its value, how people ask for it, how a clause says it
_FIELDS: Sequence[tuple[str, Value, Sequence[str], Sequence[str]]] = (
    ("Monthly rent", _money, ("How much is the monthly rent?", "What is the rent per month?", "monthly rent"), ("The monthly rent is {} and is due in advance.", "A rent of {} is payable every month.")),
    ("Deposit", _money, ("How much is the deposit?", "What deposit is to be paid?"), ("The tenant pays a deposit of {}.", "A deposit of {} is held until the keys are returned.")),
    ("Tenant", _person, ("Who is the tenant?", "What is the name of the tenant?"), ("{}, hereafter the tenant, takes the flat on the second floor.",)),
    ("Landlord", _person, ("Who is the landlord?", "Who lets the flat?"), ("The landlord is {}.",)),
    ("Notice period", _period, ("How long is the notice period?", "How much notice must be given?", "What is the period of notice?"), ("Either party may end this agreement with {} notice in writing.", "The period of notice is {}.")),
    ("Start date", _date, ("When does the contract start?", "What is the start date?"), ("This agreement begins on {}.", "It takes effect on {}.")),
    ("End date", _date, ("When does the contract end?", "Until when does the agreement run?"), ("The agreement ends on {} without notice.", "It runs until {}.")),
    ("Salary", _money, ("What is the salary?", "How much does the employee earn?"), ("The gross salary is {} a year.", "The employee receives {} a month before tax.")),
    ("Probation", _period, ("How long is the probation?", "How long does the probationary period last?"), ("The first {} are a probationary period.",)),
    ("Annual leave", lambda chance: f"{chance.randint(20, 35)} days", ("How many days of leave are there?", "How much annual leave is granted?"), ("The employee is entitled to {} of annual leave.",)),
    ("Working hours", lambda chance: f"{chance.randint(15, 42)} hours a week", ("What are the working hours?", "How many hours are worked?"), ("Working time is {}.",)),
    ("Supplier", _firm, ("Who is the supplier?", "Which company supplies it?"), ("The goods are delivered by {}.", "{} is the supplier.")),
    ("Customer", _firm, ("Who is the customer?",), ("This order was placed by {}.",)),
    ("Invoice number", _code, ("What is the invoice number?",), ("Please quote invoice number {} with every payment.",)),
    ("Total", _money, ("What is the total?", "How much is to be paid in total?"), ("The total of {} is payable without deduction.",)),
    ("Payment term", _period, ("When is payment due?", "Within what time must the invoice be paid?"), ("Invoices are payable within {}.",)),
    ("Late fee", _percent, ("What is the fee for late payment?", "How high is the interest on late payments?"), ("Late payments bear interest of {} a year.",)),
    ("Insurer", _firm, ("Who is the insurer?", "Which company insures it?"), ("Cover is provided by {}.",)),
    ("Excess", _money, ("How high is the excess?", "What does the insured pay themselves?"), ("The insured bears the first {} of every claim.",)),
    ("Date of birth", _date, ("When was the patient born?", "What is the date of birth?"), ("The patient, born on {}, was seen in the clinic.",)),
    ("Dose", _measure, ("What is the dose?", "How much should be taken?"), ("Take {} twice a day with food.",)),
    ("Attending physician", _person, ("Who is the attending physician?", "Which doctor treated the patient?"), ("The patient was treated by {}.",)),
    ("Blood pressure", lambda chance: f"{chance.randint(100, 170)}/{chance.randint(55, 105)}", ("What was the blood pressure?",), ("Blood pressure on admission was {}.",)),
    ("Address", _address, ("What is the address?", "Where does the party live?"), ("All notices are to be sent to {}.",)),
    ("Meeting room", lambda chance: f"room {chance.randint(1, 40)}", ("Where is the meeting?", "In which room is the meeting held?"), ("The meeting takes place in {}.",)),
    ("Deadline", _date, ("What is the deadline?", "By when must it be handed in?"), ("Papers must be handed in by {}.",)),
    ("Lecturer", _person, ("Who is the lecturer?", "Who teaches the course?"), ("The course is taught by {}.",)),
    ("Office hours", _time, ("When are office hours?",), ("Office hours begin at {}.",)),
    ("Credits", _count, ("How many credits does the course give?",), ("Students receive {} credits for the course.",)),
    ("Warranty", _period, ("How long is the warranty?",), ("The seller gives a warranty of {}.",)),
    ("Governing law", lambda chance: f"the law of {chance.choice(['England', 'Germany', 'France', 'Ireland', 'Switzerland', 'Norway'])}", ("Which law applies?", "What is the governing law?"), ("This agreement is governed by {}.",)),
    ("Wi-Fi password", _code, ("What is the Wi-Fi password?",), ("The password of the guest network is {}.",)),
)  # fmt: skip
_FILLER = (
    "Changes to this agreement must be made in writing.", "Should one clause be void, the others stay in force.",
    "Both parties have received a copy.", "Further details are found in the annex.", "Questions may be put to the office at any time.",
    "Pets need the consent of the other party.", "The stairs are to be kept clear.", "All items were checked on delivery.",
    "Reminders are sent by e-mail.", "The rules of the house are part of this agreement.",
)  # fmt: skip
_COLUMNS: Sequence[tuple[str, Sequence[str], Sequence[tuple[str, Value, str]]]] = (
    ("Item", _THINGS, (("Price", _money, "What is the price of the {}?"), ("Quantity", _count, "How many of the {} were ordered?"), ("Supplier", _firm, "Who supplies the {}?"))),
    ("Employee", [f"{first} {last}" for first, last in zip(_FIRST, _LAST, strict=True)], (("Salary", _money, "How much does {} earn?"), ("Start", _date, "When did {} start?"), ("Office", _address, "Where does {} work?"))),
    ("Test", _TESTS, (("Result", _measure, "What was the result for {}?"), ("Date", _date, "When was {} measured?"), ("Laboratory", _firm, "Which laboratory measured {}?"))),
)  # fmt: skip


def record_questions(most: int, chance: random.Random) -> Iterator[Question]:
    """`most` questions, about a fourth of them without an answer."""
    makers = (_of_form, _of_clauses, _of_table)
    for number in range(most):
        yield makers[number % len(makers)](chance)


def _of_form(chance: random.Random) -> Question:
    """ "Deposit: 500 EUR", one line a field."""
    fields = chance.sample(_FIELDS, chance.randint(4, 10))
    lines = [(field, field[1](chance)) for field in fields]
    between = chance.choice([": ", ": ", " | ", "\t", " - "])
    return _asked(
        chance, fields, [(field, f"{field[0]}{between}", value, "") for field, value in lines], "\n"
    )


def _of_clauses(chance: random.Random) -> Question:
    fields = chance.sample(_FIELDS, chance.randint(2, 5))
    parts = []
    for field in fields:
        before, after = chance.choice(field[3]).split("{}")
        parts.append((field, before, field[1](chance), after))
        if chance.random() < 0.6:
            parts.append((None, chance.choice(_FILLER), "", ""))
    numbered = chance.random() < 0.4
    if numbered:
        parts = [
            (field, f"{n}. {before}", value, after)
            for n, (field, before, value, after) in enumerate(parts, 1)
        ]
    return _asked(chance, fields, parts, "\n" if numbered else " ")


def _asked(chance: random.Random, fields: Sequence, parts: Sequence, between: str) -> Question:  # type: ignore[type-arg]
    text, places = "", {}
    for field, before, value, after in parts:
        start = len(text) + len(before)
        if field:
            places[field[0]] = (start, start + len(value))
        text += before + value + after + between
    text = text.rstrip()
    if chance.random() < 0.25:
        absent = chance.choice([field for field in _FIELDS if field not in fields])
        return chance.choice(absent[2]), text, 0, 0
    wanted = chance.choice(fields)
    return chance.choice(wanted[2]), text, *places[wanted[0]]


def _of_table(chance: random.Random) -> Question:
    """Rows as the library writes those of sheets: "Item: Lamp; Price: 12 EUR"."""
    key, names, columns = chance.choice(_COLUMNS)
    chosen = chance.sample(list(names), chance.randint(3, 6))
    absent, rows = chosen[0], chosen[1:]
    text, places = "", {}
    for name in rows:
        text += f"{key}: {name}"
        for column, value, _ in columns:
            text += f"; {column}: "
            written = value(chance)
            places[name, column] = (len(text), len(text) + len(written))
            text += written
        text += "\n"
    column, _, question = chance.choice(columns)
    if chance.random() < 0.25:
        return question.format(absent), text.rstrip(), 0, 0
    name = chance.choice(rows)
    return question.format(name), text.rstrip(), *places[name, column]
