"""The one function that decides what runs on a machine, over made-up machines and models."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from app.hardware.fit import (
    GIB,
    MIB,
    Fit,
    Memory,
    ModelShape,
    Plan,
    Speed,
    estimate,
    fit,
    kv_bytes,
    layers_that_fit,
    predicted_speed,
    smaller_plans,
    spared_plan,
)
from app.hardware.probe import Cpu, Gpu, Machine, Ram

# Qwen3-4B at Q4_K_M: 36 layers, 8 of 32 heads keep keys and values of 128 numbers
FOUR_B = ModelShape(
    "4b", 36, int(2.5 * GIB), {"Q4_K": int(2.3 * GIB)}, 151_936, 2560, 9728, 262_144, 36 * 8 * 256
)


def machine(free: float, *gpus: Gpu) -> Machine:
    ram = Ram(int(2 * free * GIB), int(free * GIB))
    return Machine("test", Cpu("test", 4, 8), ram, gpus)


def card(free: float, *, usable: bool = True, shares_ram: bool = False) -> Gpu:
    return Gpu("Card", "NVIDIA", int(free * GIB), int(free * GIB), "cuda", usable, shares_ram)


def test_numbers_of_a_real_load():
    # SmolLM2-135M at 8192 tokens: printed by llama.cpp as 180.00 MiB at 16 bits and 95.62 at 8
    smol = ModelShape("smol", 30, 96_576_768, {}, 49_152, 576, 1536, 8192, 30 * 3 * 128)
    assert kv_bytes(smol, 8192) == 180 * MIB
    assert round(kv_bytes(smol, 8192, "q8_0") / MIB, 1) == 95.6


def test_a_window_keeps_the_window_and_a_batch():
    windowed = replace(FOUR_B, full_numbers=1000, sliding_numbers=5000, sliding_window=512)
    assert kv_bytes(windowed, 8192) == 2 * (8192 * 1000 + 768 * 5000)
    assert kv_bytes(windowed, 300) == 2 * 512 * 6000
    assert kv_bytes(replace(windowed, recurrent_bytes=77), 256) == 2 * 256 * 6000 + 77


def test_room_enough_takes_the_whole_context_at_16_bits():
    found = fit(machine(16), FOUR_B)
    assert found.verdict == "fits" and found.plan == Plan(8192, "f16", 0)


def test_a_small_machine_gets_a_smaller_cache_then_a_shorter_context():
    assert fit(machine(5.0), FOUR_B).plan == Plan(8192, "q8_0", 0)
    assert fit(machine(4.5), FOUR_B).plan.context_length < 8192
    tight = fit(machine(3.4), FOUR_B)
    assert tight.verdict == "tight" and tight.plan == Plan(2048, "q8_0", 0)
    assert fit(machine(2), FOUR_B).verdict == "too big"


def test_heads_that_do_not_fill_blocks_stay_at_16_bits():
    assert fit(machine(3.4), replace(FOUR_B, kv_quantises=False)).plan.kv_type == "f16"


def test_never_more_context_than_the_model_was_trained_for():
    assert fit(machine(16), replace(FOUR_B, context_length=2048)).plan.context_length == 2048


def test_a_card_takes_everything_or_more_than_half_or_nothing():
    assert fit(machine(16, card(8)), FOUR_B).plan == Plan(8192, "f16", 37)
    split = fit(machine(16, card(4)), replace(FOUR_B, weight_bytes=4 * GIB)).plan
    assert 18 <= split.gpu_layers <= 36
    assert fit(machine(16, card(2)), replace(FOUR_B, weight_bytes=8 * GIB)).plan.gpu_layers == 0
    assert fit(machine(16, card(8, usable=False)), FOUR_B).plan.gpu_layers == 0


def test_a_tight_card_is_better_than_no_way_at_all():
    found = fit(machine(1, card(7.0)), replace(FOUR_B, weight_bytes=int(6.4 * GIB), full_numbers=100))
    assert found.verdict == "tight" and found.plan.gpu_layers > 0


def test_a_card_that_shares_the_memory_counts_it_once():
    found = fit(machine(4, card(16, shares_ram=True)), FOUR_B)
    assert found.free <= 4 * GIB


def test_what_llama_cpp_measured_is_believed():
    asked: list[Plan] = []

    def measure(plan: Plan) -> Memory:
        asked.append(plan)
        return Memory(GIB, plan.context_length * MIB, 0, 0)

    found = fit(machine(6), FOUR_B, measure=measure)
    assert found.plan.context_length == 2048 and found.memory.kv == 2 * GIB
    assert len(asked) <= 6


def test_hopeless_models_are_not_measured():
    def measure(plan: Plan) -> Memory:
        raise AssertionError(plan)

    assert fit(machine(2), FOUR_B, measure=measure).verdict == "too big"


@given(st.floats(0.3, 64), st.integers(512, 131_072), st.sampled_from([None, 2.0, 6.0, 24.0]))
def test_what_fits_stays_below_what_is_free(free: float, context: int, gpu: float | None):
    found: Fit = fit(machine(free, *([card(gpu)] if gpu else [])), FOUR_B, context=context)
    if found.verdict != "too big":
        used = found.memory.on_gpu if found.plan.gpu_layers > FOUR_B.layers else found.memory.total
        assert used <= found.free
    assert found.plan.context_length <= context


def test_speed_is_bytes_over_bandwidth_and_a_time_for_each_layer():
    speed = Speed({"Q4_K": 10e9, "Q8_0": 20e9}, 0.0001)
    shape = replace(FOUR_B, read_bytes={"Q4_K": 1_000_000_000, "Q8_0": 200_000_000})
    plan = Plan(4096, "f16", 0)
    expected = 1 / (0.1 + 0.01 + 36 * 0.0001)
    assert abs(predicted_speed(shape, speed, plan) - expected) < 1e-9
    assert predicted_speed(
        shape, replace(speed, corrections={shape.key: 0.5}), plan
    ) == 0.5 * predicted_speed(shape, speed, plan)
    assert predicted_speed(shape, None, plan) is None
    assert predicted_speed(shape, speed, Plan(4096, "f16", 37)) is None


def test_a_type_that_was_not_measured_reads_like_the_usual_one():
    speed = Speed({"Q4_K": 10e9, "Q8_0": 20e9, "F16": 30e9}, 0)
    shape = replace(FOUR_B, read_bytes={"IQ4_XS": 1_000_000_000})
    assert predicted_speed(shape, speed, Plan(4096, "f16", 0)) == 20


def test_the_parts_make_the_total():
    memory = estimate(FOUR_B, Plan(4096, "f16", 37))
    assert memory.total == memory.weights + memory.kv + memory.compute + memory.overhead
    assert memory.weights + memory.kv <= memory.on_gpu <= memory.total


def test_a_refused_plan_steps_down_in_order():
    assert list(smaller_plans(Plan(9000, "f16", 37), FOUR_B, split=20)) == [
        Plan(9000, "f16", 20), Plan(9000, "f16", 0), Plan(9000, "q8_0", 0), Plan(4500, "q8_0", 0), Plan(2250, "q8_0", 0),
        Plan(2048, "q8_0", 0),
    ]  # fmt: skip
    at_16_bits = replace(FOUR_B, kv_quantises=False)
    assert list(smaller_plans(Plan(4096, "f16", 0), at_16_bits)) == [Plan(2048, "f16", 0)]
    assert list(smaller_plans(Plan(512, "q8_0", 0), FOUR_B)) == []


def test_after_each_kill_half_of_the_context_at_8_bits_is_planned():
    plan = Plan(8192, "f16", 0)
    assert [spared_plan(plan, FOUR_B, times) for times in (0, 1, 2, 9)] == [
        plan, Plan(4096, "q8_0", 0), Plan(2048, "q8_0", 0), Plan(2048, "q8_0", 0),
    ]  # fmt: skip
    assert spared_plan(Plan(512, "f16", 0), FOUR_B, 1) == Plan(512, "q8_0", 0)


def test_a_model_is_split_only_where_that_brings_something():
    assert 18 <= layers_that_fit(FOUR_B, card(3.0), 8192) < 36
    assert layers_that_fit(FOUR_B, card(2.0), 8192) == 0
    assert layers_that_fit(FOUR_B, card(3.0, shares_ram=True), 8192) == 0
