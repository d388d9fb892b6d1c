def test_every_part_works(alcove):
    done = alcove("--self-test")
    assert done.code == 0, done.out + done.err
    assert done.out.endswith("Everything works.\n")
    assert "FAIL" not in done.out


def test_it_is_in_the_help_and_stands_alone(alcove):
    assert "--self-test" in alcove("--help").out
    done = alcove("--self-test", "doctor")
    assert done.code == 2
    assert "--self-test stands alone" in done.err
