"""The same lines as SQL written by hand for DuckDB, with window functions; prints one line of JSON.

It reckons what `canbao.exchange.ledger` does for `injury_orders` and `flexible_pension`, with the figures handed to it, and
leaves out what is not arithmetic: checks of sums, records of what rests on what, differences to what was assessed before.
"""

import json
import resource
import sys
import time
from importlib.metadata import version
from pathlib import Path

import duckdb

folder, target, memory = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]

ACTIVITY = """
create or replace temp table activity as
select worker_key, platform_key,
    case relation when 'own' then 0 when 'station' then 1 else 2 end::tinyint as relation,
    place, case service when 'instant_delivery' then 0 when 'ride_hailing' then 1 else 2 end::tinyint as service,
    count(*) as orders, sum(case when status = 'completed' then pay_fen else 0 end)::bigint as pay_fen,
    min(record_key) as first_record, max(record_key) as last_record
from read_parquet('{folder}/orders/*.parquet') join places on try_cast(region[1:4] as smallint) = city
where completed_at >= timestamp '{first}' and completed_at < timestamp '{after}' and status in ('completed', 'refunded')
group by all
"""
INJURY = """
copy (
    select worker_key, platform_key, relation, place, service, orders, pay_fen as income_fen, 0::bigint as base_fen,
        orders * price as platform_fen, 0::bigint as worker_fen, first_record, last_record
    from activity join register using (worker_key)
    join (values (0, 7), (1, 1), (2, 18)) prices(service, price) using (service)
    where not (relation > 0 and pension = 'employee')
    order by all
) to '{target}/injury-{month}.parquet' (format parquet, parquet_version v2, compression zstd)
"""
PENSION = """
copy (
    with members as (
        select worker_key, platform_key, relation, sum(orders)::bigint as orders, sum(pay_fen)::bigint as income_fen,
            min(place) as place, min(first_record) as first_record, max(last_record) as last_record
        from activity join register using (worker_key) where pension = 'flexible' group by all having sum(pay_fen) > 0
    ), owners as (
        select worker_key, sum(income_fen)::bigint as total, min(place) as place from members group by all
    ), reckoned as (
        select worker_key, o.place, total, least(greatest(total, floor_fen), ceiling_fen) as base,
            (base * rate + 500000) // 1000000 as due
        from owners o join limits l on l.place = o.place and l.month = {number}
    ), parts as (
        select m.*, r.place as base_place, base * income_fen // total as base_part, base * income_fen % total as base_rest,
            due * income_fen // total as due_part, due * income_fen % total as due_rest, base, due
        from members m join reckoned r using (worker_key)
    ), ranked as (
        select *,
            row_number() over (partition by worker_key order by base_rest desc, platform_key, relation) as base_rank,
            row_number() over (partition by worker_key order by due_rest desc, platform_key, relation) as due_rank,
            base - sum(base_part) over (partition by worker_key) as base_left,
            due - sum(due_part) over (partition by worker_key) as due_left
        from parts
    )
    select worker_key, platform_key, relation, base_place as place, -1::tinyint as service, orders, income_fen,
        (base_part + (base_rank <= base_left)::bigint)::bigint as base_fen, 0::bigint as platform_fen,
        (due_part + (due_rank <= due_left)::bigint)::bigint as worker_fen, first_record, last_record
    from ranked order by all
) to '{target}/pension-{month}.parquet' (format parquet, parquet_version v2, compression zstd)
"""

target.mkdir(parents=True)
start, used = time.perf_counter(), time.process_time()
with duckdb.connect() as connection:
    settings = (
        f"memory_limit = '{memory}'",
        "threads = 2",
        f"temp_directory = '{target}/spill'",
        "enable_progress_bar = false",
    )
    for setting in settings:
        connection.execute(f"set {setting}")
    connection.execute(f"create table register as select worker_key, pension from '{folder}/register.parquet'")
    for name in ("places", "limits"):
        connection.execute(f"create table {name} as select * from '{folder}/{name}.parquet'")
    for month in range(1, 13):
        first, after = f"2027-{month:02}-01", f"2027-{month + 1:02}-01" if month < 12 else "2028-01-01"
        for query in (ACTIVITY, INJURY, PENSION):
            connection.execute(
                query.format(folder=folder, target=target, month=first[:7], number=month, first=first, after=after)
            )
    sums = connection.execute(
        f"select count(*), sum(orders), sum(income_fen), sum(base_fen), sum(platform_fen), sum(worker_fen) "
        f"from read_parquet('{target}/*.parquet')"
    ).fetchone()
print(
    json.dumps(
        {
            "seconds": time.perf_counter() - start,
            "processor": time.process_time() - used,
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "sums": [int(one) for one in sums or ()],
            "version": f"duckdb {version('duckdb')}",
        }
    )
)
