"""The worker table: one row a worker, columns from one vocabulary, whatever survey it came from."""

from canbao.workers.table import WorkerTable, read_worker_table
from canbao.workers.vocabulary import Vocabulary, WorkerColumn, vocabulary

__all__ = ["Vocabulary", "WorkerColumn", "WorkerTable", "read_worker_table", "vocabulary"]
