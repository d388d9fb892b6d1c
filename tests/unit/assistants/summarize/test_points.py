from app.assistants.summarize.minutes import kind_of
from app.assistants.summarize.points import Draft, read_points


def test_each_line_is_a_point_with_the_numbers_it_was_shown() -> None:
    answer = "- The rent is £900 [3].\n2. Pets are not allowed [4, 99]\n• The lease ends in May [3-5] [7]"
    assert read_points(answer, {3, 4, 5}) == [
        Draft("The rent is £900.", (3,)),
        Draft("Pets are not allowed", (4,)),
        Draft("The lease ends in May", (3, 4, 5)),
    ]


def test_numbers_are_found_however_a_model_writes_them() -> None:
    for marks in ("[¶3, ¶4]", "[3; 4]", "[3 and 4]", "[p. 3, p. 4]", "[3][4]", "[passages 3, 4]"):
        assert read_points(f"The deposit is two rents {marks}.", {3, 4})[0].passages == (3, 4), marks


def test_a_number_in_the_text_is_no_mark_and_a_year_range_no_flood() -> None:
    assert read_points("In 2024 it had 3 rooms (4 with the hall) [2]", {2, 3, 4})[0] == Draft(
        "In 2024 it had 3 rooms (4 with the hall)", (2,)
    )
    assert read_points("The firm grew quickly then [1-4000]", set(range(5000)))[0].passages == (1, 4000)


def test_headings_empty_lines_and_repetitions_are_no_points() -> None:
    answer = (
        "Here are the points:\n\n**Rent**\n- The rent is due on the first [1]\n"
        + "The rent is due on the first [1]\n" * 50
    )
    assert [each.text for each in read_points(answer, {1})] == ["The rent is due on the first"]


def test_labels_of_minutes_are_read() -> None:
    answer = "Decision: the fee stays at £28 [1]\n**Action:** Rafiq asks for a third offer by May [2]\nPoint: all of them came [1]"
    assert [(each.kind, each.text) for each in read_points(answer, {1, 2})] == [
        ("decision", "the fee stays at £28"),
        ("action", "Rafiq asks for a third offer by May"),
        ("point", "all of them came"),
    ]


def test_scripts_without_blanks_have_points_too() -> None:
    assert read_points("家賃は毎月一日に支払う [1]", {1}) == [Draft("家賃は毎月一日に支払う", (1,))]


def test_what_was_decided_and_what_is_to_do_is_told_apart() -> None:
    assert kind_of("The board decided to raise the charge to £22 an hour.") == "decision"
    assert kind_of("Rafiq will ask for a third offer before May.") == "action"
    assert kind_of("Der Vorstand hat den Antrag einstimmig genehmigt.") == "decision"
    assert kind_of("The current account stood at £8,460.") == "point"
    assert kind_of("Will Rafiq ask for another offer?") == "point"
    assert kind_of("the meeting will be open to everyone who comes") == "point"
