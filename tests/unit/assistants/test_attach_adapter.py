"""Attaching takes a while, in which the person may change what is attached already."""

from contextlib import closing
from pathlib import Path

from app.assistants.attach_adapter import Attached, attach_adapter
from app.base.jobs import CancelToken
from app.base.paths import DataPaths
from app.engine.protocol import LoadProgress
from app.engine.sizing import Sizing
from app.models.adapters import adapters_of, detach, keep_adapters, set_scale
from app.models.installed import installed_models
from app.models.records import Adapter, Records
from tests.fixtures.half_precision import write_adapter, write_half_model


def test_what_is_changed_during_the_trial_stays_changed(paths: DataPaths, tmp_path: Path):
    records = Records(paths.models)
    write_half_model(paths.models / "base.gguf")
    model = installed_models(paths.models)[0]
    one, two, new = (str(write_adapter(tmp_path / f"{name}.gguf")) for name in ("one", "two", "new"))
    keep_adapters(model, [Adapter(one, 1.0), Adapter(two, 1.0)], records)
    with closing(Sizing(paths)) as sizing:
        events = attach_adapter(model, Path(new), 0.5, records=records, sizing=sizing, cancel=CancelToken())
        assert isinstance(next(events), LoadProgress)
        detach(model, one, records)
        set_scale(model, Adapter(two, 0.2), records)
        *_, last = events
    assert isinstance(last, Attached)
    assert last.adapters == adapters_of(model.file, records) == (Adapter(two, 0.2), Adapter(new, 0.5))
