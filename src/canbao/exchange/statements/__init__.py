"""What a platform or a worker is told about a month, and what was paid against what was due."""

from canbao.exchange.statements.reconciliation import Reconciliation, reconcile
from canbao.exchange.statements.statement import Statement, platform_statement, worker_statement

__all__ = ["Reconciliation", "Statement", "platform_statement", "reconcile", "worker_statement"]
