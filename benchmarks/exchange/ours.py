"""Canbao's part: prints one line of JSON."""

import json
import resource
import sys
import time
from importlib.metadata import version
from pathlib import Path

from canbao.exchange.ledger import Inputs, Ledger, assess, named_schemes
from canbao.exchange.ledger.due import MEASURES

folder, target, memory = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
start, used = time.perf_counter(), time.process_time()
last = int(sys.argv[4]) if len(sys.argv) > 4 else 12
months = [f"2027-{month:02}" for month in range(1, last + 1)]
schemes = named_schemes(["injury_orders", "flexible_pension"])
outcomes = assess(Inputs.of_folder(folder), Ledger(target), months, schemes, memory=memory, threads=2)
print(
    json.dumps(
        {
            "seconds": time.perf_counter() - start,
            "processor": time.process_time() - used,
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "sums": [sum(one.totals[name] for one in outcomes) for name in ("lines", *MEASURES)],
            "version": f"canbao {version('canbao')}",
        }
    )
)
