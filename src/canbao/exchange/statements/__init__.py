"""What a platform, an employer or a worker is told about a month, and what was paid against what was due."""

from canbao.exchange.statements.reconciliation import Reconciliation, reconcile
from canbao.exchange.statements.statement import Statement, employer_statement, platform_statement, worker_statement

__all__ = ["Reconciliation", "Statement", "employer_statement", "platform_statement", "reconcile", "worker_statement"]
