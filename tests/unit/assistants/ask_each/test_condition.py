import math
from datetime import date

import pytest

from app.assistants.ask_each.condition import EachQuestion, sounds_like_each, understand
from app.assistants.ask_each.values import values_in

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("question", "asked", "condition"),
    [
        ("Which contracts end in 2026?", "When does the contract end?", "in 2026"),
        ("Which leases expire before May 2025?", "When does the lease expire?", "before May 2025"),
        ("List all contracts ending in 2026", "When does the contract end?", "in 2026"),
        ("Which contracts were signed in 2024?", "When was the contract signed?", "in 2024"),
        (
            "Which invoices are due after 1 March 2026?",
            "When is the invoice due?",
            "after 1 March 2026",
        ),
        ("How many contracts will end next year?", "When will the contract end?", "next year"),
        ("Which leases that end in Q2 2026 are there?", "When does the lease end?", "in Q2 2026"),
        (
            "Which invoices are more than 10,000 EUR?",
            "What is the total amount of the invoice?",
            "more than 10,000 EUR",
        ),
        ("Which trials lasted over 30 days?", "How long does the trial last?", "over 30 days"),
        (
            "Which policies have a deductible under €500?",
            "What is the deductible?",
            "under €500",
        ),
        (
            "Which companies have more than 100 employees?",
            "How many employees does the company have?",
            "more than 100",
        ),
        (
            "Which contracts have a notice period of at least 3 months?",
            "How long is the notice period?",
            "at least 3 months",
        ),
        ("What is the rent in each lease?", "What is the rent in the lease?", ""),
        ("List all suppliers", "What is the supplier?", ""),
        # what no rule fits, or would turn into its opposite, is asked as it stands
        ("Which contracts renew automatically?", "Which contracts renew automatically?", ""),
        ("Which contracts do not end in 2026?", "Which contracts do not end in 2026?", ""),
        ("Which contracts end in 2026 or 2028?", "Which contracts end in 2026 or 2028?", ""),
        ("Welche Verträge enden 2026?", "Welche Verträge enden 2026?", ""),
    ],
)
def test_what_each_document_is_asked(question, asked, condition):
    found = understand(question, TODAY)
    assert found.asked == asked
    assert (found.condition.words if found.condition else "") == condition


@pytest.mark.parametrize(
    ("question", "text", "held"),
    [
        ("Which contracts end in 2026?", "30 June 2026", True),
        ("Which contracts end in 2026?", "31.12.2025", False),
        ("Which contracts end in June 2026?", "2026", None),  # the document says too little
        ("Which contracts end before 1 April 2026?", "03/04/2026", None),  # the third of April, or not
        ("Which contracts end by June 2026?", "30 June 2026", True),
        ("Which contracts end after June 2026?", "30 June 2026", False),
        ("Which contracts end since June 2026?", "1 June 2026", True),
        ("Which contracts end between 1 May 2026 and 30 June 2026?", "May 2026", True),
        ("Which contracts end next month?", "15 December 2026", True),
        ("Which contracts end in the next 90 days?", "1 March 2027", False),
        ("Which invoices are over 10,000 EUR?", "10.000,00 €", False),
        ("Which invoices are at least 10,000 EUR?", "10.000,00 €", True),
        ("Which invoices are over 10,000 EUR?", "12,000", True),  # in the currency of the question
        ("Which invoices are over 10,000 EUR?", "$12,000", None),
        ("Which periods are no more than 30 days?", "two weeks", True),
        ("Which periods are at least one year?", "12 months", True),
        ("Which periods are between 2 and 3 weeks?", "14 days", True),
    ],
)
def test_conditions(question, text, held):
    condition = understand(question, TODAY).condition
    (value,) = values_in(text, condition.kind)
    assert condition.holds(value) is held


def test_other_ways_to_ask_the_same():
    found = understand("Which policies expire in 2026?", TODAY)
    assert found.otherwise == ("Until when is the policy valid?",)


@pytest.mark.parametrize(
    "question",
    [
        "Which invoices from 2024 are over 500 euros?",
        "Which contracts of at least 3 months end in 2026?",
        "Which contracts end in 2026 and cost more than 500 euros?",
        "Which invoices from last year are due in March 2026?",
        "Which contracts do not end in 2026?",
        "Which contracts do not renew?",
        "Welche Verträge enden 2026?",
    ],
)
def test_conditions_that_cannot_be_applied_leave_the_question_as_it_stands(question):
    assert understand(question, TODAY) == EachQuestion(question, unapplied=True)


@pytest.mark.parametrize(
    "question", ["List all suppliers", "Which contracts under Section 5 renew?", "Which leases end?"]
)
def test_no_condition_is_missed_where_none_is_named(question):
    assert not understand(question, TODAY).unapplied


@pytest.mark.parametrize(
    ("question", "low", "high"),
    [
        ("Which invoices from 2024 are there?", date(2024, 1, 1), date(2024, 12, 31)),
        ("Which invoices from March 2024 are there?", date(2024, 3, 1), date(2024, 3, 31)),
        ("Which invoices from 2024 to 2025 are there?", date(2024, 1, 1), date(2025, 12, 31)),
        ("Which contracts end in the next 99999999 days?", TODAY, date.max),
    ],
)
def test_the_days_that_are_meant(question, low, high):
    condition = understand(question, TODAY).condition
    assert (condition.low, condition.high) == (low.toordinal(), high.toordinal())


@pytest.mark.parametrize(
    "words", ["from 2024 onwards", "since 2024", "starting from 2024", "from 1 May 2024"]
)
def test_from_a_day_on(words):
    found = understand(f"Which contracts were signed {words}?", TODAY)
    assert found.condition.high == math.inf and "onwards" not in found.asked


def test_an_open_end():
    condition = understand("Which invoices are more than 5 EUR?", TODAY).condition
    assert condition.high == math.inf and condition.unit == "€"


@pytest.mark.parametrize(
    ("question", "listed"),
    [
        ("Which contracts end in 2026?", True),
        ("list all suppliers", True),
        ("In which documents is the deposit mentioned?", True),
        ("What is the rent in each lease?", True),
        ("How many contracts end this year?", True),
        ("What is the capital of Peru?", False),
        ("Which is the best lease?", False),
        ("How long is the notice period?", False),
        ("When does the lease end?", False),
    ],
)
def test_what_sounds_like_a_question_to_each(question, listed):
    assert sounds_like_each(question) is listed
