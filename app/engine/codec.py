"""All messages between the front and the processes of the engine, as frames."""

from app.base.worker_frames import Codec
from app.engine.measuring_protocol import (
    Calibrate,
    Calibrated,
    CalibrationProgress,
    Devices,
    Judge,
    Judged,
    ListDevices,
    Measure,
    Measured,
    Paced,
    Pacing,
    PlanQuantising,
    Quantise,
    RunPace,
    TensorTypes,
    Unloadable,
    Written,
)
from app.engine.protocol import (
    Answered,
    Chat,
    ChatMany,
    Complete,
    CountTokens,
    Generated,
    Load,
    Loaded,
    LoadProgress,
    PromptProgress,
    Restoring,
    TokenCounts,
    TokenText,
    Unanswered,
)

CODEC = Codec(
    Load, Chat, Complete, CountTokens, ListDevices, Measure, Calibrate,
    LoadProgress, Loaded, PromptProgress, TokenText, Generated, TokenCounts, Devices, Measured,
    Unloadable,
    RunPace, Paced, CalibrationProgress, Calibrated, PlanQuantising, Quantise, TensorTypes, Written,
    ChatMany, Answered, Unanswered,
    Judge, Judged, Restoring, Pacing,
)  # fmt: skip
