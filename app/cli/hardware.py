"""`alcove hardware`: what was detected."""

import sys

from app.cli.ask import AsJson
from app.cli.session import plain, print_json
from app.hardware.probe import probe

_GIB = 1 << 30


def hardware_command(as_json: AsJson = False) -> None:
    """Show processor, memory and graphics cards."""
    machine = probe()
    if as_json:
        print_json(plain(machine))
        return
    write = sys.stdout.write
    write(f"System     {machine.system}\n")
    write(f"Processor  {machine.cpu.model}, {machine.cpu.physical_cores} cores\n")
    write(f"Memory     {machine.ram.available / _GIB:.1f} of {machine.ram.total / _GIB:.1f} GB free\n")
    for gpu in machine.gpus:
        write(
            f"Graphics   {gpu.name}, {gpu.memory_free / _GIB:.1f} of {gpu.memory_total / _GIB:.1f} GB free\n"
        )
    if not machine.gpus:
        write("Graphics   no card that Alcove can compute on; the processor does the work\n")
