"""What a process pays once: imports, the first call, the first signature, pytest's plugin."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks.measure import Times, beyond, cpu_of_command, fresh_in_turn

Rows = dict[str, tuple[float, dict[str, object]]]


def run(*, quick: bool) -> Rows:
    rounds = 1 if quick else 15
    times = fresh_in_turn(
        {
            name: f"probes:{name}"
            for name in (
                "import_ours",
                "import_moto",
                "first_use_ours",
                "first_use_moto",
                "first_call",
                "first_signature",
                "four_keys",
            )
        },
        rounds,
    )
    suffix = "_quick" if quick else ""
    cycles = fresh_in_turn(
        {name: f"probes:{name}{suffix}" for name in ("cycle_ours", "cycle_moto")},
        1 if quick else 5,
    )
    plugin = plugin_times(1 if quick else 80)
    times = {name: [one * 1e3 for one in found] for name, found in times.items()}
    ours, moto = median(times["import_ours"]), median(times["import_moto"])
    cycle, motos_cycle = median(cycles["cycle_ours"]), median(cycles["cycle_moto"])
    return {
        "import": (ours, {"least": min(times["import_ours"]), "moto": moto}),
        "import_of_moto": (ours / moto, {}),
        "first_use": (
            median(times["first_use_ours"]) / median(times["first_use_moto"]),
            {"ms": median(times["first_use_ours"])},
        ),
        "enter_leave": (
            cycle * 1e6,
            {"least": min(cycles["cycle_ours"]) * 1e6, "moto": motos_cycle * 1e6},
        ),
        "enter_leave_moto": (motos_cycle / cycle, {}),
        "first_call": (median(times["first_call"]), {"least": min(times["first_call"])}),
        "first_signature": (
            beyond(times["first_signature"], times["four_keys"]),
            {"ours": median(times["first_signature"]), "floor": median(times["four_keys"])},
        ),
        "pytest": (
            beyond(plugin["with"], plugin["without"]) * 1e3,
            {"without": median(plugin["without"]) * 1e3},
        ),
    }


def plugin_times(rounds: int) -> Times:
    pytest = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    times: Times = {"with": [], "without": []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "test_nothing.py").write_text("def test_nothing():\n    pass\n")
        commands = {"without": pytest, "with": [*pytest, "-p", "signer_mock.pytest_plugin"]}
        for number in range(rounds):
            for kind in commands if number % 2 else reversed(commands):
                times[kind].append(cpu_of_command(commands[kind], folder))
    return times


def median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]
