"""`alcove hardware`: what was detected."""

import sys

import typer

from app.base.errors import AppError
from app.cli.options import AsJson
from app.cli.session import Session, plain, print_json
from app.engine.choose import models_folder
from app.hardware.probe import Gpu, probe
from app.models.disk import free_bytes

_GIB = 1 << 30


def hardware_command(context: typer.Context, as_json: AsJson = False) -> None:
    """Show processor, memory, disk and graphics cards."""
    session: Session = context.obj
    try:
        session.paths.prepare()
    except AppError as error:  # then what can be told without a data folder
        session.warn(str(error))
        machine, disk, speed = probe(), None, None
    else:
        with session.backend() as (backend, token):
            machine = session.sizing.machine(token)
            disk = free_bytes(models_folder(backend.settings.current, backend.paths))
            speed = session.measurements.speed
    if as_json:
        reading = None if speed is None else speed.bytes_per_s
        print_json({**plain(machine), "models_disk_free": disk, "weights_read_bytes_per_s": reading})
        return
    write = sys.stdout.write
    write(f"System     {machine.system}\n")
    write(f"Processor  {machine.cpu.model}, {machine.cpu.physical_cores} cores\n")
    if machine.cpu.features:
        write(f"           computes with {', '.join(machine.cpu.features)}\n")
    write(f"Memory     {machine.ram.available / _GIB:.1f} of {machine.ram.total / _GIB:.1f} GB free\n")
    if speed is not None:
        fastest = max(speed.bytes_per_s.values())
        write(f"           reads weights at up to {fastest / 1e9:.1f} GB a second\n")
    if disk is not None:
        write(f"Disk       {disk / _GIB:.1f} GB free for models\n")
    for gpu in machine.gpus:
        write(f"Graphics   {_described(gpu)}\n")
    if not any(gpu.usable for gpu in machine.gpus):
        write("Graphics   no card that Alcove can compute on; the processor does the work\n")


def _described(gpu: Gpu) -> str:
    if not gpu.usable:
        return f"{gpu.name}: this installation of llama.cpp cannot compute on it"
    kind = ", shares the memory above" if gpu.shares_ram else ""
    return f"{gpu.name}, {gpu.memory_free / _GIB:.1f} of {gpu.memory_total / _GIB:.1f} GB free{kind}"
