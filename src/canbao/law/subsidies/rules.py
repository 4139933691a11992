"""Subsidies of a flexible worker's pension payment."""

from __future__ import annotations

from canbao.engine import round_half_up, rule

FEN = 2


@rule(unit="CNY/month", basis="hard_to_employ_subsidy")
def hard_to_employ_subsidy_month(
    insured_base: float,
    base_floor: float,
    flexible_pension_rate: float,
    hard_to_employ_share: float,
    hard_to_employ_share_above_floor: float,
) -> float:
    """A share of the payment, at the floor or of all that is paid, for recognised groups, three years at most."""
    above = max(insured_base - base_floor, 0.0)
    subsidised = base_floor * hard_to_employ_share + above * hard_to_employ_share_above_floor
    return round_half_up(subsidised * flexible_pension_rate, FEN)


@rule(of="hard_to_employ_subsidy_month", unit="CNY/month", basis="hard_to_employ_subsidy", provinces=["12", "42/1"])
def hard_to_employ_subsidy_month_fixed(hard_to_employ_fixed: float) -> float:
    """Tianjin and Wuhan pay a fixed sum."""
    return hard_to_employ_fixed


@rule(of="hard_to_employ_subsidy_month", unit="CNY/month", basis="hard_to_employ_subsidy", provinces=["44/shenzhen"])
def hard_to_employ_subsidy_month_in_shenzhen(
    insured_base: float, flexible_pension_rate: float, hard_to_employ_share: float, hard_to_employ_cap: float
) -> float:
    """Shenzhen caps the share of what is paid."""
    return min(hard_to_employ_cap, round_half_up(insured_base * flexible_pension_rate * hard_to_employ_share, FEN))


@rule(of="hard_to_employ_subsidy_month", unit="CNY/month", basis="hard_to_employ_subsidy", provinces=["51/chengdu"])
def hard_to_employ_subsidy_month_in_chengdu(
    insured_base: float, contribution_reference_wage: float, flexible_pension_rate: float, hard_to_employ_share: float
) -> float:
    """Chengdu counts what is paid up to the reference wage."""
    counted = min(insured_base, contribution_reference_wage)
    return round_half_up(counted * flexible_pension_rate * hard_to_employ_share, FEN)


@rule(unit="CNY/month", basis="meituan_subsidy")
def platform_subsidy_month(
    base_floor: float,
    flexible_pension_rate: float,
    platform_subsidy_share: float,
    months_at_floor_6: float,
    platform_subsidy_months_needed: float,
) -> float:
    """Half of the payment at the floor, refunded by the platform to riders who earned the floor often enough."""
    if platform_subsidy_share == 0 or months_at_floor_6 < platform_subsidy_months_needed:
        return 0.0
    return round_half_up(base_floor * flexible_pension_rate * platform_subsidy_share, FEN)
