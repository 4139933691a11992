"""What-if: a procedure as a model that can be run, changes to it, and what they would bring."""

from canbao.procedures.simulation.changes import Changes, read_changes
from canbao.procedures.simulation.estimation import estimate
from canbao.procedures.simulation.process_model import ProcessModel, find_model, read_model, shipped_models, write_model
from canbao.procedures.simulation.run import Run, run
from canbao.procedures.simulation.samples import sample_log
from canbao.procedures.simulation.validation import Validation, validate
from canbao.procedures.simulation.whatif import WhatIf, whatif

__all__ = [
    "Changes",
    "ProcessModel",
    "Run",
    "Validation",
    "WhatIf",
    "estimate",
    "find_model",
    "read_changes",
    "read_model",
    "run",
    "sample_log",
    "shipped_models",
    "validate",
    "whatif",
    "write_model",
]
