"""The measure behind benchmarks/summaries.py, against what it is defined to be."""

import random

import pytest

from benchmarks.rouge import best_of, longest_common, rouge


def test_overlaps_of_words_and_pairs():
    found = rouge("The cat sat on the mat.", "the CAT lay on a mat")
    assert found.one == pytest.approx(2 * 4 / 12)  # the, cat, on, mat
    assert found.two == pytest.approx(2 * 1 / 10)  # the cat
    assert found.longest == pytest.approx(2 * 4 / 12)
    assert rouge("", "words").mean() == 0


def test_the_best_reference_counts_for_each_measure():
    assert best_of("a b c", ["c b a", "a b c"]).two == 1.0


def test_the_longest_common_subsequence_is_the_one_of_the_textbook():
    choose = random.Random(1)
    for _ in range(200):
        one, two = (choose.choices("abcd", k=choose.randint(0, 12)) for _ in range(2))
        table = [[0] * (len(two) + 1) for _ in range(len(one) + 1)]
        for i, left in enumerate(one, start=1):
            for j, right in enumerate(two, start=1):
                both = table[i - 1][j - 1] + 1
                table[i][j] = both if left == right else max(table[i - 1][j], table[i][j - 1])
        assert longest_common(one, two) == table[-1][-1]
