"""One environment for each peer, from its own lock, so that no peer's dependencies meet ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent
OURS = Path(sys.executable)


def environment(peer: str) -> Path:
    """The Python of a peer's environment, made from locks/<peer>.txt if it is not there yet."""
    folder = HERE / ".venvs" / peer
    python = folder / "bin" / "python"
    lock = ROOT / "locks" / f"{peer}.txt"
    stamp = folder / ".lock"
    if not stamp.exists() or stamp.read_bytes() != lock.read_bytes():
        uv = OURS.parent / "uv"
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", OURS, folder], check=True)
        command = [uv, "pip", "install", "--quiet", "--python", python, "--require-hashes", "-r", lock]
        subprocess.run(command, check=True)
        stamp.write_bytes(lock.read_bytes())
    return python


def measured(python: Path, script: Path, *arguments: str) -> dict[str, Any]:
    """What a script prints as JSON: seconds, peak memory and results."""
    surroundings = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([python, script, *arguments], check=True, stdout=subprocess.PIPE, text=True, env=surroundings)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result
