"""Which questions want yes or no, told by their form."""

import pytest

from app.retrieval.yes_or_no import is_choice, wants_choice, wants_yes_or_no

WANTED = """
Are dogs allowed?
are dogs allowed
Aren't dogs allowed?
May I keep a dog?
May guests stay overnight?
Can pets stay?
can I smoke on the balcony
Will the price rise next year?
Is there a lift?
Has the roof been mended?
Is Mr. Brody the caretaker?
Do I lose the deposit when I leave early?
Is it true that the fee was raised?
Was Napoleon born in Corsica?
If I leave early, do I lose the deposit?
According to the lease, are dogs allowed?
My dog is small. Is it allowed?
And is a cat allowed?
Are dogs allowed? And is there a lift?
Does the lease say that dogs are allowed?
"""
INDIRECT = """
Do you know if dogs are allowed?
Can you tell me whether the deposit is returned?
Could you confirm that dogs are allowed?
I'd like to know whether smoking is allowed
Tell me if I may sublet the flat.
"""
TAGGED = """
Dogs are allowed, aren't they?
It is covered, isn't it?
You don't charge for it, do you?
The rent is due monthly, right?
"""
WITH_OR = """
Is the deposit refundable or not?
Must I give 30 days or more?
Can I smoke or vape in the flat?
Are cats or dogs allowed?
Are there any lifts or ramps?
"""
OTHER_LANGUAGES = """
Sind Hunde erlaubt?
Darf ich in der Wohnung rauchen?
Gibt es einen Aufzug?
Hunde sind erlaubt, oder?
Wissen Sie, ob Hunde erlaubt sind?
Ist die Kaution rückzahlbar oder nicht?
Est-ce que les chiens sont autorisés ?
Les chiens sont-ils autorisés ?
Peut-on fumer sur le balcon ?
Y a-t-il un ascenseur ?
¿Se permiten perros?
¿Puedo fumar en el balcón?
¿Hay ascensor?
È permesso fumare?
Posso tenere un cane?
É permitido fumar?
Posso ter um cão?
Zijn honden toegestaan?
Mag ik roken op het balkon?
"""
ASKS_FOR_WORDS = """
How long is the warranty?
Which pets are allowed?
What if dogs are allowed?
What is the deposit, is it 500?
How much is the deposit, right?
If I leave early, how much do I pay?
In which year, did it begin?
He had to attend 24 sessions of what kind of therapy?
Had he lived, what would he have been accused of?
Are dogs allowed? How much is the deposit?
Can a packet be lost and if so, then where does it go?
"""
ASKS_TO_BE_TOLD = """
Do you know how long the warranty is?
Do you know the price?
Can you tell me when the lease ends?
Could you tell me how much I pay if I leave early?
Could you please explain the fee?
May I know the deposit?
Does the lease say how much the deposit is?
Does it mention anywhere when the boiler is inspected?
Is it known who wrote it?
Tell me how much the deposit is
"""
TO_CHOOSE = """
Is it 12 or 24 months?
Is the rent paid monthly or yearly?
Was the house for male or female students?
Did the price increase or decrease?
Ist es am Montag oder am Dienstag?
¿Es en mayo o en junio?
"""
NO_QUESTIONS = """
May 2026 board minutes
May 2026?
Will Smith
can opener price
Have a look at the lease
deposit
Dogs are allowed.
Summarise the lease.
"""
OTHER_LANGUAGES_FOR_WORDS = """
Was kostet die Reparatur?
Was ist im Preis enthalten?
Wie hoch ist die Kaution?
Wissen Sie, wie hoch die Kaution ist?
Quel est le prix ?
Combien de chiens sont-ils autorisés ?
Savez-vous combien coûte la caution ?
¿Cuánto es el depósito?
Quanto costa?
Wat is de prijs?
"""


def _lines(*groups: str) -> list[str]:
    return [line for group in groups for line in group.strip().split("\n")]


@pytest.mark.parametrize("question", _lines(WANTED, INDIRECT, TAGGED, WITH_OR, OTHER_LANGUAGES))
def test_yes_or_no_is_wanted(question):
    assert wants_yes_or_no(question)


@pytest.mark.parametrize(
    "question",
    [*_lines(ASKS_FOR_WORDS, ASKS_TO_BE_TOLD, TO_CHOOSE, NO_QUESTIONS, OTHER_LANGUAGES_FOR_WORDS), "", "?"],
)
def test_words_are_wanted(question):
    assert not wants_yes_or_no(question)


def test_some_name_what_to_choose_from():
    assert all(map(wants_choice, _lines(TO_CHOOSE)))
    others = _lines(WANTED, INDIRECT, TAGGED, WITH_OR, OTHER_LANGUAGES, ASKS_FOR_WORDS, ASKS_TO_BE_TOLD)
    assert not any(map(wants_choice, [*others, "Is it 12 or 24 months? How much is it?", ""]))


@pytest.mark.parametrize(
    ("words", "question"),
    [
        ("24 months", "Is it 12 or 24 months?"),
        ("male", "Was the house for male or female students?"),
        ("the average level", "Does it measure the average or the potential level?"),
        ("Increased", "Did the price increase or decrease?"),
        ("im Juni", "Ist es im Mai oder im Juni?"),
    ],
)
def test_one_of_the_things_named(words, question):
    assert is_choice(words, question)


@pytest.mark.parametrize("words", ["2.1", "36 months", "warranty", "24 months from the purchase", ""])
def test_none_of_the_things_named(words):
    assert not is_choice(words, "Is the warranty 12 or 24 months?")
