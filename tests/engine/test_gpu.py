"""The kernel for a graphics processor, in Numba's simulator: it gives what threads give and refuses what they refuse."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from canbao.errors import InputError

from .arcadia import arcadia, shepherds

MODEL = arcadia()

IN_THE_SIMULATOR = """
import sys

import numpy as np

sys.path.insert(0, sys.argv[1])
from arcadia import arcadia, shepherds

from canbao.engine import Totals
from canbao.errors import InputError

model, columns = arcadia(), shepherds(30)
totals = Totals(["contribution", "years_paid"], columns["place"], np.linspace(0, 3, 30))
everything = {"want": ["balance", "years_paid", "index_sum"], "panel": ["balance", "pension_paid"], "cautions": True}
for asked in ({"want": ["pension"]}, {"want": ["pension", "retirement_month"]}, everything, {"totals": totals}):
    threads, gpu = (model.run(columns, years=(1990, 2015), seed=7, on=on, **asked) for on in ("threads", "cuda"))
    for part in ("values", "panel", "totals", "cautions"):
        here, there = getattr(threads, part), getattr(gpu, part)
        assert list(here) == list(there)
        for name in here:
            assert np.allclose(here[name], there[name], rtol=1e-9, atol=0, equal_nan=True), (part, name)
columns["retirement_age"][4] = np.nan
columns["birth_month"][7] = 3
try:
    model.run(columns, ["pension"], years=(1990, 2015), on="cuda")
except InputError as error:
    print(error.text("en"))
"""


def test_the_simulated_gpu_gives_what_threads_give_and_refuses_what_they_refuse() -> None:
    environment = {**os.environ, "NUMBA_ENABLE_CUDASIM": "1", "PYTHONWARNINGS": "ignore"}
    # Numba asks for the simulator when it is imported, so it takes a process of its own.
    command = [sys.executable, "-c", IN_THE_SIMULATOR, str(Path(__file__).parent)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "row 5, retirement_age" in done.stdout and "row 8, birth_month" in done.stdout


def test_without_a_gpu_one_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("numba.cuda.is_available", lambda: False)
    with pytest.raises(InputError) as error:
        MODEL.run(shepherds(3), ["pension"], years=(1990, 2015), on="cuda")
    assert "canbao[cuda]" in error.value.text("en")


def test_the_gpu_s_kernel_holds_the_same_rules() -> None:
    threads, gpu = (
        MODEL.kernel_source(["pension"], list(shepherds(1)), years=True, machine=machine).text
        for machine in ("threads", "cuda")
    )
    # What differs is how workers are shared out.
    own = ("njit", "    begin,", "    end,", "Some of the workers", "for worker in range", "continue")
    for line in threads.splitlines():
        assert line.strip() in gpu or any(word in line for word in own), line
