from datetime import date

import pytest

from app.assistants.ask_each.values import read_number, values_in


def shown(text, kind):
    return [(each.shown, text[each.start : each.end]) for each in values_in(text, kind)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("ends on 30 June 2026.", "2026-06-30"),
        ("30.06.2026", "2026-06-30"),
        ("06/30/2026", "2026-06-30"),
        ("2026-06-30", "2026-06-30"),
        ("June 30th, 2026", "2026-06-30"),
        ("30-Jun-2026", "2026-06-30"),
        ("30/06/26", "2026-06-30"),
        ("30. Juni 2026", "2026-06-30"),
        ("le 1er mars 2025", "2025-03-01"),
        ("2026年6月30日", "2026-06-30"),
        ("the 1st of March 2026", "2026-03-01"),
        ("in June 2026", "2026-06-01/2026-06-30"),
        ("in Q2 2026", "2026-04-01/2026-06-30"),
        ("in 2026", "2026-01-01/2026-12-31"),
    ],
)
def test_dates_in_many_notations(text, value):
    assert [each for each, _ in shown(text, "date")] == [value]


def test_a_date_that_can_be_read_in_two_ways_is_both():
    (only,) = values_in("03/04/2026", "date")
    assert (only.low, only.high) == (date(2026, 3, 4).toordinal(), date(2026, 4, 3).toordinal())


@pytest.mark.parametrize("text", ["version 1.2.3", "31.02.2026", "call 0171-2026", "2026 EUR", "12:30", ""])
def test_what_is_no_date(text):
    assert shown(text, "date") == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("EUR 1,450.00 per month", "1450 €"),
        ("1.450 €", "1450 €"),
        ("10 000 EUR", "10000 €"),
        ("1'000.50 CHF", "1000.5 CHF"),
        ("1.2 million euros", "1200000 €"),
        ("$10k", "10000 $"),
        ("12,5 %", "12.5 %"),
        ("two months' notice", "60.875 days"),
        ("90 calendar days", "90 days"),
        ("twenty-one days", "21 days"),
        ("250 people", "250"),
    ],
)
def test_amounts_times_and_numbers(text, value):
    assert [each for each, _ in shown(text, "quantity")] == [value]


def test_numbers_of_dates_and_bare_words_are_no_quantities():
    assert shown("On 30 June 2026 five of them left.", "quantity") == []


def test_offsets_are_those_of_the_text():
    assert shown("from 1 July 2023 to 30 June 2026", "date") == [
        ("2023-07-01", "1 July 2023"),
        ("2026-06-30", "30 June 2026"),
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3 APRİL 2026", "2026-04-03"),
        ("FİRST quarter 2026", "2026-01-01/2026-03-31"),
        ("3 aprıl 2026", "2026-04-03"),
    ],
)
def test_other_letters_that_count_as_an_i(text, value):
    assert [each for each, _ in shown(text, "date")] == [value]


@pytest.mark.parametrize("text", ["1" * 400 + " EUR", "9" * 305 + " million EUR"])
def test_endless_digits_are_no_amount(text):
    assert shown(text, "quantity") == []


def test_thousands_and_decimals():
    written = ("10,000", "10.000,50", "1.234", "1.5", "0,125", "1,234,567")
    assert [read_number(each) for each in written] == [10_000, 10_000.5, 1234, 1.5, 0.125, 1_234_567]
