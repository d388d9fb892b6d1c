def test_every_part_works(alcove):
    done = alcove("--self-test")
    assert done.code == 0, done.out + done.err
    assert done.out.endswith("Everything works.\n")
    assert "FAIL" not in done.out
