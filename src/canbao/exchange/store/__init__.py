"""What was received, kept so that nothing is lost, doubled or half-written."""

from canbao.exchange.store.exchange import Exchange
from canbao.exchange.store.receiving import Receipt, receive
from canbao.exchange.store.views import connect

__all__ = ["Exchange", "Receipt", "connect", "receive"]
