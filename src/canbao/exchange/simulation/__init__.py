"""Made-up platforms that send messages with known faults, and how many of these are found. Synthetic, and marked so."""

from canbao.exchange.simulation.platforms import Simulated, simulate
from canbao.exchange.simulation.scoring import score

__all__ = ["Simulated", "score", "simulate"]
