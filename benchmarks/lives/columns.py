"""The same life courses in NumPy by hand, on as many workers at a time as the processor's cache holds.

Written for speed as one would without a compiler. The workers of a chunk stand in the order of their last year of work, so
that those who still work are the first so many; years before entry and after death cost nothing, retirement little.
What only some need, as the price for those who could join alone, is computed for them alone. Nothing is checked.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.lives.measure import measure

CHUNK = 32_768

Array = np.ndarray[Any, np.dtype[Any]]
Columns = dict[str, Array]

FEMALE, CADRE, WORKER, AGRICULTURAL, LOCAL, OTHER_PROVINCE = 1, 0, 1, 0, 0, 2
EMPLOYEE, PLATFORM, NON_STANDARD, NOT_WORKING, COUNTRYSIDE = range(5)
LABOUR, INCOMPLETE, CIVIL = range(3)
USUAL_RELATION = np.array([LABOUR, INCOMPLETE, CIVIL, CIVIL, CIVIL])

FIRST_TABLE_YEAR, OLDEST = 2022, 105
RISE_BEGINS = 2025 * 12
OLDEST_TEMPLATE, ENTRANTS, ENTRANTS_GROWTH, GOLDEN = 34, 0.028, -0.006, 0.618033988749895
HAIR = 1e-6

HISTORY = """
    contribution_months_last_year indexed_months_last_year account_balance_last_year resident_account_last_year
""".split()
"""What was paid before the start."""

# --- luck -----------------------------------------------------------------------------------------------------------------

WORD, STEP = 0xFFFFFFFFFFFFFFFF, 0x9E3779B97F4A7C15
FIRST, SECOND = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


def mixed(word: int) -> int:
    word = (word ^ (word >> 30)) * FIRST & WORD
    word = (word ^ (word >> 27)) * SECOND & WORD
    return word ^ (word >> 31)


def stirred(words: Array) -> Array:
    words ^= words >> np.uint64(30)
    words *= np.uint64(FIRST)
    words ^= words >> np.uint64(27)
    words *= np.uint64(SECOND)
    words ^= words >> np.uint64(31)
    return words


def luck_of(workers: Array, seed: int, purpose: str) -> Array:
    """What seed, purpose and worker make of the numbers of all years, to be stirred once more in each."""
    word = mixed((mixed((seed + STEP) & WORD) ^ zlib.crc32(purpose.encode())) + STEP & WORD)
    return stirred((workers ^ np.uint64(word)) + np.uint64(STEP))


def drawn(luck: Array, year: int) -> Array:
    words = luck ^ np.uint64(year)
    words += np.uint64(STEP)
    stirred(words)
    words >>= np.uint64(11)
    return words * 2.0**-53


def normal_like(uniform: Array) -> Array:
    inside = np.clip(uniform, 1e-9, 1 - 1e-9)
    return np.asarray(np.log(inside / (1 - inside)) * np.sqrt(3.0) / np.pi)


# --- rounding -------------------------------------------------------------------------------------------------------------


def half_up(value: Array, digits: int) -> Array:
    scale = 10.0**digits
    return np.floor(value * scale + 0.5 + HAIR) / scale


def up(value: Array, digits: int) -> Array:
    scale = 10.0**digits
    return np.ceil(value * scale - HAIR) / scale


def whole(value: Array) -> Array:
    return np.asarray(np.floor(value + 0.5).astype(np.int64))


# --- who lives ------------------------------------------------------------------------------------------------------------


class People:
    """Today's workers and those who enter later, of whom chunks are made that all enter in one year."""

    def __init__(self, respondents: Columns, workers: int) -> None:
        about = ("weight", "cell", "cells", "seed", "first_year", "last_year")
        self.columns = {
            name: column for name, column in respondents.items() if name not in about and not name.startswith("in_")
        }
        self.columns["cell"] = respondents["cell"]
        self.first, self.last = int(respondents["first_year"]), int(respondents["last_year"])
        self.workers = workers
        self.each = max(1, round(workers * ENTRANTS))
        weight = respondents["weight"]
        self.total = float(weight.sum())
        self.reach = np.cumsum(weight)
        self.young = np.flatnonzero(self.first - respondents["birth_month"] // 12 <= OLDEST_TEMPLATE)
        self.reach_of_young = np.cumsum(weight[self.young])

    def __len__(self) -> int:
        return self.workers + self.each * (self.last - self.first)

    def chunks(self) -> Iterator[tuple[int, Array, Array, float]]:
        """The year of entry, the workers' numbers, the respondents whom they are like, and the weight of each."""
        for start in range(0, self.workers, CHUNK):
            rows = np.arange(start, min(start + CHUNK, self.workers))
            picks = np.searchsorted(self.reach, (rows + 0.5) / self.workers * self.total)
            yield self.first, rows, np.minimum(picks, len(self.reach) - 1), self.total / self.workers
        for later in range(1, self.last - self.first + 1):
            weight = (1 + ENTRANTS_GROWTH) ** later * self.total * ENTRANTS / self.each
            before = self.workers + self.each * (later - 1)
            for start in range(0, self.each, CHUNK):
                rows = np.arange(start, min(start + CHUNK, self.each))
                where = (rows + later * GOLDEN % 1.0) / self.each % 1.0 * self.reach_of_young[-1]
                found = np.searchsorted(self.reach_of_young, where, side="right")
                yield self.first + later, before + rows, self.young[np.minimum(found, len(self.young) - 1)], weight


def retirement_age(people: Columns, law: Columns) -> Array:
    """The statutory age in months."""
    birth, kind = people["birth_month"], people["worker_class"]
    woman = people["sex"] == FEMALE
    women = np.where(
        kind == CADRE,
        law["old_age_women_cadre_always"][0],
        np.where(
            kind == WORKER, law["old_age_women_worker_always"][0], law["old_age_women_flexible_always"][people["place"]]
        ),
    )
    old = np.where(woman, women, law["old_age_men_always"][0])

    def delay(first: str, step: str, most: str) -> Array:
        after = birth - int(law[f"{first}_always"][0]) * 12
        delayed = np.minimum(int(law[f"{most}_always"][0]), after // int(law[f"{step}_always"][0]) + 1)
        return np.where(after < 0, 0, delayed)

    men = delay("rise_first_birth_men", "rise_step", "rise_most")
    women_55 = delay("rise_first_birth_women_55", "rise_step", "rise_most")
    women_50 = delay("rise_first_birth_women_50", "rise_step_women_50", "rise_most_women_50")
    return old.astype(np.int64) * 12 + np.where(woman, np.where(old == 55, women_55, women_50), men)


def survival(law: Columns, start: int) -> tuple[Array, Array, Array]:
    """By sex and age at the start, the sum of death rates before and after each later year, and the rate in it."""
    years = np.arange(OLDEST)
    still = 1 - law["mortality_decline_always"][0]
    falls = np.where(start + years > FIRST_TABLE_YEAR, still, 1.0)
    fallen = still ** float(max(0, start - FIRST_TABLE_YEAR - 1)) * np.cumprod(falls)
    age = np.minimum(years[:, None] + years, OLDEST - 1)
    tables = np.stack([law[f"mortality_{sex}_tables"][law[f"mortality_{sex}_rows"][0, 0]] for sex in ("men", "women")])
    rates = tables[:, age] * fallen
    after = np.cumsum(rates, axis=2)
    before = np.concatenate([np.zeros_like(after[:, :, :1]), after[:, :, :-1]], axis=2)
    return before, np.where(years[:, None] + years < OLDEST, after, np.inf), rates


def death_month(people: Columns, start: int, curves: tuple[Array, Array, Array], draw: Array) -> Array:
    born = people["birth_month"] // 12
    before, after, rates = (curve[people["sex"], start - born] for curve in curves)
    drawn = -np.log(np.maximum(draw, 1e-300))
    years = np.argmax(after >= drawn[:, None], axis=1)
    at = np.arange(len(draw)), years
    month = np.minimum(11, ((drawn - before[at]) / rates[at] * 12).astype(np.int64))
    return np.where(start + years < born + OLDEST, (start + years) * 12 + month, (born + OLDEST) * 12)


# --- a life ---------------------------------------------------------------------------------------------------------------


NATIONAL = """
    resident_pension_age compliance_rise flexible_base_follows_income match_share match_most match_income_line
    platform_pays_share information_campaign default_enrolment duty_from_income levy_per_order worker_pension_rate
    flexible_months_share fractional_months care_credit flexible_month_credit employer_pension_rate pension_account_rate
    pension_bookkeeping_rate pension_increase resident_divisor old_age_line
""".split()


def live(people: Columns, start: int, law: Columns, seed: int, sums: dict[str, Array]) -> None:
    """Go through the years of workers who all enter in one year, and add them up."""
    first, years = int(law["first_year"]), len(law["base_floor_yearly"])
    birth = people["birth_month"]
    retires = birth + retirement_age(people, law)
    ids = people["worker_id"].astype(np.uint64)
    dies = death_month(people, start, law["survival"][start - first], drawn(luck_of(ids, seed, "survival_draw"), 0))
    until = np.minimum(retires, dies) // 12
    order = np.argsort(-until, kind="stable")
    people = {name: column[order] for name, column in people.items()}
    birth, retires, dies, until, ids = birth[order], retires[order], dies[order] // 12, until[order], ids[order]
    working = np.searchsorted(-until, -np.arange(first, first + years), side="right")

    size, cells = len(ids), int(law["cells"])
    born, place, cell, weight = birth // 12, people["place"], people["cell"], people["weight"]
    retires_in = retires // 12
    fertile = people["sex"] == FEMALE
    agricultural = people["hukou"] == AGRICULTURAL
    local = people["hukou_locality_at_start"] == LOCAL
    far = people["hukou_locality_at_start"] == OTHER_PROVINCE
    was_in = people["flexible_at_start"] == 1
    uninformed = people["aware"] == 0
    pays_residents = people["resident_taste"] < people["resident_probability"]
    change, lasting_luck, passing_luck = (
        luck_of(ids, seed, f"{name}_draw") for name in ("change", "lasting_shock", "passing_shock")
    )
    childbirth = luck_of(ids, seed, "childbirth_draw")

    ages = np.arange(OLDEST + 1)
    by_age = np.maximum(0.4, 1 - law["earnings_curvature_always"][0] * (ages - law["peak_earnings_age_always"][0]) ** 2)
    stays_more = np.exp(-law["departure_fall_with_age_always"][0] * (ages - 30))
    departure = table(law, "yearly_departure")
    pay, to_employee = table(law, "activity_pay"), table(law, "to_employee")
    to_platform, to_non_standard, back = (
        table(law, "to_platform"),
        table(law, "to_non_standard"),
        table(law, "return_share"),
    )
    by_age_at_start, pay_at_start = by_age[start - born], pay[people["activity_at_start"]]
    persistence, deviation = law["shock_persistence_always"][0], law["lasting_shock_deviation_always"][0]

    activity = people["activity_at_start"].copy()
    care = np.zeros(size, dtype=np.int64)
    shock = np.zeros(size)
    months = people["contribution_months_last_year"].copy()
    indexed = people["indexed_months_last_year"].copy()
    account = people["account_balance_last_year"].copy()
    residents = people["resident_account_last_year"].copy()
    resident_since = people["first_resident_payment_month"] // 12
    pension, linked, to_wage = np.zeros(size), np.zeros(size), np.zeros(size)
    enough, could_join = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)

    for at in range(start - first, years):
        year = first + at
        now = {name: law[f"{name}_yearly"][at, 0] for name in NATIONAL}
        count = int(working[at])
        resident_from = born + int(now["resident_pension_age"])

        def add(name: str, rows: Any, value: Array | float = 1.0, at: int = at) -> None:
            sums[name][at] += np.bincount(cell[rows], weight[rows] * value, cells)

        if count:
            here = slice(count)
            age = year - born[here]

            # Childbirth, care and what one does.
            left = care[here]
            np.maximum(left - 1, 0, out=left)
            does = activity[here]
            if year > start:
                women = np.flatnonzero(fertile[here] & (age >= 16) & (age <= 49))
                fertility = law["fertility_tables"][law["fertility_rows"][at, 0]]
                mothers = women[drawn(childbirth[women], year) < fertility[age[women]]]
                leave = drawn(luck_of(ids[mothers], seed, "leaving_draw"), year) < law["leaves_after_birth_always"][0]
                left[mothers[leave]] = int(law["care_years_always"][0])
                at_home = left > 0
                leavers = np.flatnonzero((drawn(change[here], year) < departure[does] * stays_more[age]) & ~at_home)
                came = does[leavers]
                where = drawn(luck_of(ids[leavers], seed, "destination_draw"), year)
                goes_back = np.where(agricultural[leavers], back[age[leavers]], 0.0)
                employee = goes_back + (1 - goes_back) * to_employee[came]
                platform = employee + (1 - goes_back) * to_platform[came]
                other = platform + (1 - goes_back) * to_non_standard[came]
                reached = [where < goes_back, where < employee, where < platform, where < other]
                does[leavers] = np.select(reached, [COUNTRYSIDE, EMPLOYEE, PLATFORM, NON_STANDARD], NOT_WORKING)
                does[at_home] = NOT_WORKING
            works = does != NOT_WORKING
            went_back = (does == COUNTRYSIDE) & (people["activity_at_start"][here] != COUNTRYSIDE)
            movers = np.zeros(0, dtype=np.int64)
            if year > start:
                movers = np.flatnonzero(works & far[here] & ~went_back)
                movers = movers[drawn(luck_of(ids[movers], seed, "move_draw"), year) < law["yearly_move_always"][0]]

            # Income.
            wage = law["contribution_reference_wage_yearly"][at][place[here]]
            floor = law["base_floor_yearly"][at][place[here]]
            ceiling = law["base_ceiling_yearly"][at][place[here]]
            lucky: Array | float = 1.0
            if year > start:
                lasting = shock[here]
                lasting *= persistence
                lasting += deviation * normal_like(drawn(lasting_luck[here], year))
                passing = law["passing_shock_deviation_always"][0] * normal_like(drawn(passing_luck[here], year))
                lucky = np.exp(lasting + passing)
            income = wage * people["relative_income"][here]
            income *= by_age[age] / by_age_at_start[here]
            income *= pay[does] / pay_at_start[here]
            income *= lucky
            income[~works] = 0.0

            # Who is enrolled by an employer.
            at_start = people["activity_at_start"][here]
            relation = np.where(does == at_start, people["relation_at_start"][here], USUAL_RELATION[does])
            employed = works & ((relation == LABOUR) | (does == EMPLOYEE))
            compliance = people["employer_compliance"][here] + now["compliance_rise"]
            enrolled = employed & (people["compliance_taste"][here] < compliance)

            # Who joins alone, and at what price.
            open_ = local[here] | went_back | (law["flexible_hukou_open_yearly"][at][place[here]] == 1)
            may = open_ & (age >= 16) & (relation != LABOUR) & (year < retires_in[here]) | was_in[here]
            may |= (year == retires_in[here]) & could_join[here]
            could_join[here] = may
            alone = np.flatnonzero(works & ~enrolled & may)
            earns, lowest, highest = income[alone], floor[alone], ceiling[alone]
            rate = law["flexible_pension_rate_yearly"][at][place[alone]]
            if now["flexible_base_follows_income"] == 1:
                base = np.minimum(np.maximum(earns, lowest), highest)
            else:
                base = np.minimum(np.maximum(people["chosen_base_to_floor"][alone], 1.0) * lowest, highest)
            full = base * rate
            matched: Array = np.zeros(len(alone))
            if now["match_share"] > 0:
                matched = np.minimum(full * now["match_share"], now["match_most"] * wage[alone])
                matched[earns > now["match_income_line"] * wage[alone]] = 0.0
            shared: Array = np.zeros(len(alone))
            if now["platform_pays_share"] > 0:
                shared = np.minimum(lowest, base) * rate * now["platform_pays_share"]
                shared[does[alone] != PLATFORM] = 0.0
            price = np.maximum(0.0, full - matched - shared)
            part = np.minimum(1.0, earns / lowest) if now["fractional_months"] == 1 else 1.0
            burden = np.minimum(1.0, price * part / earns)
            response = law["price_response_always"][0]
            score = people["flexible_score"][alone] - response * (burden - people["burden_at_start"][alone])
            if now["information_campaign"] == 1:
                score[uninformed[alone]] += law["information_response_always"][0]
            joins = 1 / (1 + np.exp(-np.clip(score, -30.0, 30.0)))
            if now["default_enrolment"] == 1:
                joins += (1 - joins) * law["default_response_always"][0]
            if now["duty_from_income"] > 0:
                must = earns >= now["duty_from_income"] * wage[alone]
                joins[must] += (1 - joins[must]) * law["duty_response_always"][0]
            chosen = np.flatnonzero(people["flexible_taste"][alone] < joins)
            joined = alone[chosen]

            # Who is in which scheme.
            employees = np.flatnonzero(enrolled)
            neither = ~enrolled
            neither[joined] = False
            resident = neither & pays_residents[here] & (year < resident_from[here])
            platform_workers = np.flatnonzero(works & (does == PLATFORM))
            orders = people["orders_year"][platform_workers]
            add("orders_made", platform_workers, orders)
            levied = np.zeros(0, dtype=np.int64)
            if now["levy_per_order"] > 0:
                levy = orders * now["levy_per_order"]
                add("platform_pays", platform_workers, levy)
                add("into_employees_scheme", platform_workers, levy)
                month = floor[platform_workers] * law["flexible_pension_rate_yearly"][at][place[platform_workers]]
                pays = neither[platform_workers] & (month > 0)
                levied_months = np.where(pays, np.minimum(12, (levy / month).astype(np.int64)), 0)
                levied, levied_months = platform_workers[levied_months > 0], levied_months[levied_months > 0]
                add("in_scheme_by_levy", levied)
            in_residents = np.flatnonzero(resident)
            where = place[in_residents]
            payment = people["resident_payment_at_start"][in_residents]
            least, most = law["resident_lowest_tier_yearly"][at][where], law["resident_highest_tier_yearly"][at][where]
            payment = np.where(payment > 0, np.minimum(np.maximum(payment, least), most), 0.0)
            match = law["resident_match_tables"][law["resident_match_rows"][at][where], (payment // 100).astype(np.int64)]
            match = np.where(payment > 0, match, 0.0)
            add("worker_pays", in_residents, payment)
            credited = np.zeros(0, dtype=np.int64)
            if now["care_credit"] == 1:
                credited = np.flatnonzero((care[here] > 0) & neither)
            add("state_pays", in_residents, match if len(credited) == 0 else np.where(care[in_residents] > 0, 0.0, match))
            added = np.zeros(count)
            added[in_residents] = payment + match
            if len(levied):
                resident[levied] = neither[levied] = False
                in_residents = np.flatnonzero(resident)
            add("working_age", here)
            add("works", here, works)
            add("in_scheme_by_employer", employees)
            add("in_scheme_alone", joined)
            add("in_residents_scheme", in_residents)
            add("in_no_scheme", here, neither & ~resident)
            add("income_year", here, income * 12)

            # What is paid, and what it counts.
            open_months = np.minimum(12, retires[here] - year * 12)
            payable = open_months.copy()
            payable[movers] = np.maximum(0, payable[movers] - int(law["months_lost_by_move_always"][0]))
            interest = now["pension_bookkeeping_rate"]
            balance = account[here]
            balance *= 1 + interest * (open_months / 12)

            insured, paid = np.minimum(np.maximum(income, floor), ceiling)[employees], payable[employees]
            by_worker = insured * now["worker_pension_rate"] * paid
            by_employer = insured * now["employer_pension_rate"] * paid
            add("worker_pays", employees, by_worker)
            add("employer_pays", employees, by_employer)
            add("into_employees_scheme", employees, by_worker + by_employer)
            payments = [(employees, insured, paid)]

            counted = payable[joined] * now["flexible_months_share"] * now["flexible_month_credit"]
            if now["fractional_months"] == 1:
                counted *= np.minimum(1.0, income[joined] / floor[joined])
            paid = whole(counted)
            by_worker, by_platform, by_state = (
                one[chosen] * paid / now["flexible_month_credit"] for one in (price, shared, matched)
            )
            add("worker_pays", joined, by_worker)
            add("platform_pays", joined, by_platform)
            add("state_pays", joined, by_state)
            add("into_employees_scheme", joined, by_worker + by_platform + by_state)
            payments.append((joined, np.minimum(np.maximum(base[chosen], lowest[chosen]), highest[chosen]), paid))
            if len(credited):
                paid = open_months[credited]
                by_state = floor[credited] * law["flexible_pension_rate_yearly"][at][place[credited]] * paid
                add("state_pays", credited, by_state)
                add("into_employees_scheme", credited, by_state)
                payments.append((credited, floor[credited], paid))
            if len(levied):
                payments.append((levied, floor[levied], np.minimum(open_months[levied], levied_months)))
            for rows, insured, paid in payments:
                months[rows] += paid
                indexed[rows] += insured / wage[rows] * paid
                of_account = insured * now["pension_account_rate"] * paid
                balance[rows] += of_account * (1 + interest * (paid + 1) / 24)

            saved = residents[here]
            saved *= 1 + law["resident_bookkeeping_rate_yearly"][at][place[here]]
            saved += added
            saved[year < resident_since[here]] = 0.0

            retiring = np.flatnonzero(retires_in[here] == year)
            if len(retiring):
                career = {"months": months, "indexed": indexed, "account": account, "residents": residents}
                found = retire(
                    {name: column[retiring] for name, column in {**people, **career}.items()}, retires[retiring], at, law
                )
                pension[retiring], enough[retiring], linked[retiring], to_wage[retiring] = found

        # Old age.
        old = np.flatnonzero((retires_in < year) & (year <= dies))
        if len(old) == 0:
            continue
        add("pensioner", old)
        new = old[retires_in[old] == year - 1]
        add("new_pensioner", new)
        add("new_pensioner_with_minimum", new[enough[new]])
        add("new_pension_to_wage", new, to_wage[new])
        draws = enough[old]
        drawing = old[draws]
        pension[drawing] = half_up(pension[drawing] * (1 + now["pension_increase"]), 2)
        add("employees_pensioner", drawing)
        add("employees_pension_year", drawing, pension[drawing] * 12)
        basic = resident_basic(law, at)[place[old]] + linked[old] / now["resident_divisor"]
        from_residents = np.where(~draws & (resident_from[old] <= year), basic * 12, 0.0)
        add("residents_pension_year", old, from_residents)
        comes = np.where(draws, pension[old] * 12, 0.0) + from_residents
        add("pensioner_below_line", old[comes < now["old_age_line"] * 12])


def table(law: Columns, name: str) -> Array:
    """A table that is the same in every year."""
    return np.asarray(law[f"{name}_tables"][law[f"{name}_rows"][0, 0]])


def resident_basic(law: Columns, at: int) -> Array:
    """The basic part of the residents' pension by place."""
    return np.asarray(np.fmax(law["resident_basic_part_yearly"][at], law["resident_basic_minimum_yearly"][at, 0]))


def retire(some: Columns, retires: Array, at: int, law: Columns) -> tuple[Array, Array, Array, Array]:
    """The pension at retirement, whether the years are enough, both accounts together, and the pension by the wage."""
    place, month, year = some["place"], retires - int(law["first_year"]) * 12, retires // 12
    age = retires - some["birth_month"]
    wage = law["benefit_reference_wage_monthly"][place, month]
    own_wage = law["contribution_reference_wage_monthly"][place, month]
    accrual = law["accrual_rate_monthly"][0, month]
    years = some["months"] / 12 + some["deemed_years"]
    needed = law["minimum_contribution_months_by_year_tables"][law["minimum_contribution_months_by_year_rows"][at, 0]]
    enough = whole(years * 12) >= needed[np.clip(year, 2029, 2039)]

    due = retires - some["first_contribution_month"]
    divided = np.where(law["in_beijing"][place], due, some["months"])
    index = np.where(divided > 0, some["indexed"] / np.where(divided > 0, divided, 1), 0.0)
    flat = np.where(law["in_guangdong"][place], np.minimum(1.0, index / 0.6), 1.0)
    basic = half_up(wage * (flat + index) / 2 * years * accrual, 2)
    usual = half_up((wage + np.where(law["in_henan"][place], own_wage, wage) * index) / 2 * years * accrual, 2)
    paid = whole(years * 12)
    in_shanghai = up(wage * (1 + index) / 2 * (paid // 12 * accrual + paid % 12 * 0.00083), 1)
    basic = np.where(law["in_guangdong"][place], basic, np.where(law["in_shanghai"][place], in_shanghai, usual))

    most = np.minimum(age, 70 * 12)
    whole_age, beyond = most // 12, most % 12
    spread = law["annuity_months_tables"][law["annuity_months_monthly_rows"][month]]
    rows = np.arange(len(age))
    of_age = spread[rows, whole_age]
    between = half_up(of_age - (of_age - spread[rows, np.minimum(whole_age + 1, 70)]) * beyond / 12, 1)
    divisor = np.where((beyond == 0) | (year * 12 < RISE_BEGINS), of_age, between)
    of_account = half_up(some["account"] / divisor, 2)

    deemed = some["deemed_years"]
    past = half_up(wage * index * deemed * law["transitional_coefficient_monthly"][place, month], 2)
    one_child = half_up(wage * index * years * law["one_child_share_monthly"][place, month], 2)
    extra = np.where(law["in_sichuan"][place] & (some["only_child_parent"] == 1), one_child, 0.0)
    pension = basic + of_account + np.where(deemed == 0, 0.0, past) + extra

    linked = half_up(some["account"] + some["residents"], 2)
    from_residents = resident_basic(law, at)[place] + linked / law["resident_divisor_monthly"][0, month]
    return pension, enough, linked, np.where(enough, pension, from_residents) / own_wage


def totals(people: People, law: Columns, names: list[str], seed: int) -> dict[str, Array]:
    """All counts by year and cell."""
    years = range(people.first, people.last + 1)
    law["survival"] = [survival(law, start) for start in years]  # type: ignore[assignment]
    sums = {name: np.zeros((len(years), int(law["cells"]))) for name in names}
    for start, rows, picks, weight in people.chunks():
        some = {name: column[picks] for name, column in people.columns.items()}
        if start > people.first:
            for name in ("birth_month", "first_resident_payment_month"):
                some[name] += (start - people.first) * 12
            some["first_contribution_month"][:] = start * 12
            for name in HISTORY:
                some[name][:] = 0
        some["worker_id"], some["weight"] = rows, np.full(len(rows), weight)
        live(some, start, law, seed, sums)
    return sums


if __name__ == "__main__":
    folder, workers, names = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    respondents = dict(np.load(folder / "respondents.npz"))
    people, seed = People(respondents, workers), int(respondents["seed"])
    # Categories are looked up by; their own width costs a conversion each time.
    people.columns = {
        name: column.astype(np.int64) if column.dtype.kind in "iu" else column for name, column in people.columns.items()
    }
    about = {name: one for name, one in respondents.items() if one.ndim == 0 or name.startswith("in_")}

    def run(law: str) -> dict[str, Array]:
        return totals(people, {**about, **dict(np.load(folder / f"{law}.npz"))}, names, seed)

    measure(folder, "columns", f"NumPy {np.__version__}", len(people), run)
