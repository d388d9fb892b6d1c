import pytest

from tests.fixtures.mangling import IdentityEngine, ManglingEngine, mangle, samples


@pytest.mark.parametrize("keeps_tags", [True, False])
def test_no_value_is_lost_whatever_the_engine_does(keeps_tags):
    outcomes = mangle(samples(200, seed=4), ManglingEngine(5, keeps_tags=keeps_tags))
    assert outcomes.damaged > 50
    assert outcomes.lost == []
    assert outcomes.silent == []
    assert outcomes.flagged == outcomes.damaged


def test_an_engine_that_damages_nothing_is_not_suspected():
    outcomes = mangle(samples(200, seed=4), IdentityEngine())
    assert (outcomes.damaged, outcomes.lost, outcomes.silent) == (0, [], [])
