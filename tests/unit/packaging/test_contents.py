import pytest


@pytest.mark.parametrize(
    "path",
    [
        "torch/lib/libtorchbind_test.so",
        "torch/include/ATen/ATen.h",
        "openvino/libs/libopenvino_intel_gpu_plugin.so",
        "openvino/libs/libopenvino_tensorflow_lite_frontend.so.2641",
        "PySide6/Qt/lib/libQt6Quick.so.6",
        "PySide6/Qt/plugins/platformthemes/libqgtk3.so",
        "libstdc++.so.6",
        "rapidfuzz/distance/metrics_cpp.cpython-311-x86_64-linux-gnu.so",
        "sklearn/tests/data.csv",
    ],
)
def test_what_nobody_needs_stays_out(script, path):
    assert script("freeze/contents.py").is_left_out(path)


@pytest.mark.parametrize(
    "path",
    [
        "torch/lib/libtorch_cpu.so",
        "torch/bin/torch_shm_manager",
        "openvino/libs/libopenvino_intel_cpu_plugin.so",
        "openvino/libs/libopenvino_onnx_frontend.so.2641",
        "openvino/libs/libtbb.so.12",
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/Qt/plugins/platforms/libqoffscreen.so",
        "PySide6/Qt/lib/libQt6Pdf.so.6",
        "llama_cpp/lib/libggml-cpu.so.0",
        "libgomp.so.1",
        "rapidfuzz/distance/metrics_cpp_avx2.cpython-311-x86_64-linux-gnu.so",
        "app/_shipped/models/README.md",  # Alcove's own files are all wanted
        "app/_shipped/resources/samples/slovenia-itinerary.md",
    ],
)
def test_what_runs_goes_in(script, path):
    assert not script("freeze/contents.py").is_left_out(path)


def test_of_large_libraries_only_what_was_used_goes_in(script):
    is_wanted = script("freeze/contents.py").is_wanted
    recorded = {"sympy.core", "torch"}
    assert is_wanted("sympy.core", recorded)
    assert not is_wanted("sympy.physics", recorded)
    assert is_wanted("torch.nn.functional", recorded)  # other models compute with it
    assert not is_wanted("torch.distributed.pipelining", recorded)
    assert is_wanted("docx.oxml", recorded)  # small libraries go in whole


def test_what_watches_its_users_never_goes_in(script):
    is_wanted = script("freeze/contents.py").is_wanted
    assert not is_wanted("openvino_telemetry.main", {"openvino_telemetry.main"})
    assert is_wanted("jaxtyping", set())  # not jax


def test_the_freezer_is_spared_what_is_not_wanted(script):
    recorded = {"torch", "torch._inductor.config", "scipy.sparse"}
    modules = [
        "torch",
        "torch._inductor",
        "torch._inductor.config",
        "torch._inductor.codegen",
        "torch.nn.modules",
    ]
    assert script("freeze/contents.py").left_aside(modules, recorded) == ["torch._inductor.codegen"]
