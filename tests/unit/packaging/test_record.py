def test_what_any_process_of_a_run_imports_is_recorded(script, tmp_path):
    record = script("freeze/record.py")
    child = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import wave'], check=True)"
    by_name = "import importlib; importlib.import_module('py3langid.langid' if False else 'rapidfuzz.fuzz')"
    names = record.record([["-c", child], ["-c", by_name]], tmp_path)
    assert "wave" in names and "rapidfuzz.fuzz" in names


def test_what_is_not_there_is_left_out(script, tmp_path):
    record = script("freeze/record.py")
    tried = "try:\n    import no_such_thing, rapidfuzz.no_such_part\nexcept ImportError: pass\ntry:\n    import rapidfuzz.no_such_part\nexcept ImportError: pass"
    names = record.record([["-c", tried]], tmp_path)
    assert "rapidfuzz" in names
    assert not any("no_such" in each for each in names)
