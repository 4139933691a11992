"""What platforms and workers owe: orders and earnings of a month become lines that are never changed again.

    from canbao.exchange.ledger import Inputs, Ledger, assess, named_schemes

    ledger = Ledger(Path("ledger"))
    assess(Inputs.of_folder(Path("store")), ledger, "2026-03", named_schemes(["injury_orders", "flexible_pension"]))

What comes late, and what is corrected, becomes further lines: assessing a month again writes the difference to what its
lines add up to. So the order of arrival does not matter for what is owed in the end.
"""

from canbao.exchange.ledger.assessment import Outcome, assess
from canbao.exchange.ledger.books import Ledger, Run
from canbao.exchange.ledger.inputs import Inputs
from canbao.exchange.ledger.scheme import Scheme, named_schemes, shipped_schemes

__all__ = ["Inputs", "Ledger", "Outcome", "Run", "Scheme", "assess", "named_schemes", "shipped_schemes"]
