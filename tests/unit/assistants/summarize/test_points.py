from app.assistants.summarize.minutes import kind_of
from app.assistants.summarize.points import Draft, read_points


def test_each_line_is_a_point_with_the_numbers_it_was_shown() -> None:
    answer = "- The rent is £900 [3].\n2. Pets are not allowed [4, 99]\n• The lease ends in May [3-5] [7]"
    assert read_points(answer, {3: 3, 4: 4, 5: 5}) == [
        Draft("The rent is £900.", (3,)),
        Draft("Pets are not allowed", (4,)),
        Draft("The lease ends in May", (3, 4, 5)),
    ]


def test_numbers_are_found_however_a_model_writes_them() -> None:
    written = (
        "[¶3, ¶4]",
        "[3; 4]",
        "[3 and 4]",
        "[p. 3, p. 4]",
        "[3][4]",
        "[passages 3, 4]",
        "(3, 4)",
        "【3】【4】",
        "^[3], [4]",
    )
    for marks in written:
        found = read_points(f"The deposit is two rents {marks}.", {3: 3, 4: 4})[0]
        assert found == Draft("The deposit is two rents.", (3, 4)), marks


def test_the_numbers_of_a_call_are_those_of_passages_of_the_document() -> None:
    assert read_points("The rent is £900 [2]", {1: 41, 2: 42})[0].passages == (42,)


def test_a_number_in_the_text_is_no_mark_and_a_year_range_no_flood() -> None:
    shown = {number: number for number in range(5000)}
    assert read_points("In 2024 it had 3 rooms (4 with the hall) [2]", shown)[0] == Draft(
        "In 2024 it had 3 rooms (4 with the hall)", (2,)
    )
    assert read_points("In [2024] the rent was cut [2]", {2: 2})[0] == Draft("In 2024 the rent was cut", (2,))
    assert read_points("The firm grew quickly then [1-4000]", shown)[0].passages == (1, 4000)


def test_headings_empty_lines_and_repetitions_are_no_points() -> None:
    answer = (
        "Here are the points:\n\n**Rent**\n- The rent is due on the first [1]\n"
        + "The rent is due on the first [1]\n" * 50
    )
    assert [each.text for each in read_points(answer, {1: 1})] == ["The rent is due on the first"]


def test_labels_of_minutes_are_read() -> None:
    answer = "Decision: the fee stays at £28 [1]\n**Action:** Rafiq asks for a third offer by May [2]\nPoint: all of them came [1]"
    assert [(each.kind, each.text) for each in read_points(answer, {1: 1, 2: 2})] == [
        ("decision", "the fee stays at £28"),
        ("action", "Rafiq asks for a third offer by May"),
        ("point", "all of them came"),
    ]


def test_scripts_without_blanks_have_points_too() -> None:
    assert read_points("家賃は毎月一日に支払う [1]", {1: 1}) == [Draft("家賃は毎月一日に支払う", (1,))]


def test_what_was_decided_and_what_is_to_do_is_told_apart() -> None:
    names = {"rafiq", "weber"}
    said = {
        "The board decided to raise the charge to £22 an hour.": "decision",
        "Der Vorstand hat den Antrag einstimmig genehmigt.": "decision",
        "Resolution: the fee stays at £28.": "decision",
        "Rafiq will ask for a third offer before May.": "action",
        "The treasurer is to send the accounts to all members.": "action",
        "Frau Weber übernimmt die Einladung der Mitglieder.": "action",
        "Action: find a plumber for the kitchen.": "action",
        "The current account stood at £8,460.": "point",
        "Will Rafiq ask for another offer?": "point",
        "The weather will improve later today.": "point",
        "The rent will increase in May.": "point",
        "This lease shall govern the parties in full.": "point",
        "Der Garten wird von den Mietern gepflegt.": "point",
        "The suitcase was carried to the car by him.": "point",
    }
    assert {sentence: kind_of(sentence, names) for sentence in said} == said
