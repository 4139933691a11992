"""What must be asked before a rule is called: whether something that it needs is unknown, for then its result is."""

from __future__ import annotations

from canbao.engine.plan import FIXED, YEAR, Key, Node, Plan
from canbao.engine.rule import Rule
from canbao.engine.scalar_code import passes_on
from canbao.engine.stretches import Stretch


class Unknowns:
    """The questions of a plan, each asked once: who knows the contribution has known the income from which it comes.

    Args:
        plan: that is computed.
        all_are_nan: whether an unknown whole number is NaN, too, and spoils arithmetic by itself.
    """

    def __init__(self, plan: Plan, *, all_are_nan: bool = False) -> None:
        self.plan = plan
        self.all_are_nan = all_are_nan
        self.implied: dict[tuple[str | None, Key], frozenset[Key]] = {}

    def asked(self, variant: Rule, node: Node, stretch: Stretch) -> list[Node]:
        """The nodes about which must be asked before a variant of a rule is called in a stretch of years."""
        spoiling = self._spoiling(variant, node)
        known = {key for name in spoiling for key in self._known_with(self.plan.nodes[node.needs[name]], stretch)}
        passed_on = passes_on(variant.function) if node.value.is_float or self.all_are_nan else frozenset()
        return [
            self.plan.nodes[node.needs[name]]
            for name in spoiling
            if node.needs[name] not in known
            and not (name in passed_on and (variant.arguments[name].is_float or self.all_are_nan))
        ]

    def _spoiling(self, variant: Rule, node: Node) -> list[str]:
        """The arguments of which an unknown one makes the result unknown."""
        needed = {name: self.plan.nodes[node.needs[name]] for name in variant.arguments}
        return [
            name
            for name, one in needed.items()
            if name not in variant.accepts_unknown and one.may_be_unknown and one.kind not in ("table", "place_years")
        ]

    def _known_with(self, node: Node, stretch: Stretch) -> frozenset[Key]:
        """What is known wherever a node is: what spoils it, whichever of its variants holds, and what spoils that."""
        at = (stretch.phase, node.key)
        if at not in self.implied:
            held = [one for one in node.variants if stretch.holds(one)]
            every = [self._known_before(one, node, stretch) for one in held]
            sure = any(_always_holds(one, stretch) for one in held)
            self.implied[at] = frozenset.intersection(*every) if sure else frozenset()
        return self.implied[at]

    def _known_before(self, variant: Rule, node: Node, stretch: Stretch) -> frozenset[Key]:
        """What a call of a variant rests on. Of what changes yearly an event's result says nothing in other years."""
        keys = {node.needs[name] for name in self._spoiling(variant, node)}
        lasting = {key for key in keys if node.moment == YEAR or key[1] in (FIXED, node.moment)}
        return frozenset(lasting).union(*(self._known_with(self.plan.nodes[key], stretch) for key in lasting))


def _always_holds(variant: Rule, stretch: Stretch) -> bool:
    """Whether a variant is the law of all places and times in a stretch of years."""
    bounded = variant.provinces or variant.since is not None or variant.until is not None
    return not bounded and (variant.during is None or stretch.phase is not None)
