"""Makes orders of a year on eight platforms: `python -m benchmarks.exchange.orders FOLDER 50000000 [MONTHS]`.

Synthetic. One Parquet file a month and platform, in the columns that the store hands out. Each order is a function of its
number, so that the same number of orders gives the same files.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

MONTHS = 12
PLATFORMS = 8
ORDERS_A_WORKER = 33
YEAR = 2027
"""When order-based protection is in force in every province."""
PROVINCES = (
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65"  # GB/T 2260
).split()

ORDERS = """
with numbered as (
    select range as number, hash(range) as h, hash(range + 7919) as g from range({first}, {last})
), drawn as (
    -- About half of the workers are active in a month, most of them with few orders.
    select number, g, h,
        cast({shift} + floor({pool} * 0.5 * pow((h % 1000003) / 1000003.0, 1.5)) as bigint) % {pool} as drawn_worker,
        cast((h // 1000003) % 44640 as integer) as minute
    from numbered
), assigned as (
    -- Every worker has a platform, and every fourth a second one.
    select *, case
        when drawn_worker % 5 < 4 then (drawn_worker // 5 * 4 + drawn_worker % 5) * 8 + {platform}
        else (drawn_worker // 5 * 4) * 8 + ({platform} + 3) % 8
    end as worker_key
    from drawn
)
select
    number as record_key,
    worker_key,
    cast({platform} as integer) as platform_key,
    '{service}' as service,
    ({provinces})[cast(1 + hash(worker_key) % 31 as bigint)]
        || lpad(cast(1 + hash(worker_key + 3) % 9 as varchar), 2, '0') || '01' as region,
    timestamp '{month}-01' + to_minutes(least(minute, {minutes} - 60)) as accepted_at,
    timestamp '{month}-01' + to_minutes(least(minute, {minutes} - 60) + 5 + cast(g % 50 as integer)) as completed_at,
    case when g % 100 < 96 then 'completed' when g % 100 < 98 then 'cancelled' else 'refunded' end as status,
    cast(400 + (h // 7) % {spread} as integer) as pay_fen,
    0 as expenses_fen,
    '{vehicle}' as vehicle,
    case
        when hash(worker_key + 11) % 10 < 6 then 'own'
        when hash(worker_key + 11) % 10 < 9 then 'station'
        else 'outsourced'
    end as relation
from assigned
"""

KINDS = [
    ("instant_delivery", "electric_bicycle", 900),
    ("instant_delivery", "electric_bicycle", 900),
    ("instant_delivery", "motorcycle", 1200),
    ("instant_delivery", "electric_bicycle", 900),
    ("ride_hailing", "car", 4000),
    ("ride_hailing", "car", 4000),
    ("city_freight", "van", 12000),
    ("instant_delivery", "foot_or_bicycle", 800),
]
"""What each platform does: service, vehicle, spread of the pay in fen."""

REGISTER = """
select range as worker_key, 'flexible' as pension, 'employee' as medical, '44' as province,
    null::varchar as interrupted_since
from range({workers} + 100)
"""


def write(folder: Path, orders: int, months: int = MONTHS) -> None:
    """Orders of a year's months and platforms.

    Args:
        folder: gets `orders/` and `register.parquet`.
        orders: of the whole year.
        months: how many of them are written, from January on.
    """
    (folder / "orders").mkdir(parents=True, exist_ok=True)
    each = orders // (MONTHS * PLATFORMS)
    workers = max(1, orders // ORDERS_A_WORKER)
    with duckdb.connect() as connection:
        connection.execute("set memory_limit = '1GB'; set threads = 2; set enable_progress_bar = false")
        for month in range(1, months + 1):
            days = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]
            for platform, (service, vehicle, spread) in enumerate(KINDS):
                at = ((month - 1) * PLATFORMS + platform) * each
                query = ORDERS.format(
                    first=at,
                    last=at + each,
                    pool=workers // PLATFORMS * 5 // 4,
                    shift=workers // PLATFORMS * 5 // 4 * month // MONTHS,
                    platform=platform,
                    service=service,
                    vehicle=vehicle,
                    spread=spread,
                    provinces=PROVINCES,
                    month=f"{YEAR}-{month:02}",
                    minutes=days * 1440,
                )
                target = folder / "orders" / f"{month:02}-{platform}.parquet"
                connection.execute(f"copy ({query}) to '{target}' (format parquet, compression zstd)")
        query = REGISTER.format(workers=workers)
        connection.execute(f"copy ({query}) to '{folder / 'register.parquet'}' (format parquet, compression zstd)")


if __name__ == "__main__":
    write(Path(sys.argv[1]), *(int(one) for one in sys.argv[2:]))
