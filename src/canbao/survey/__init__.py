"""Design-based estimation: a sample first, then one verb a statistic.

The room stands alone, for whoever has a Polars frame and no study:

    from canbao.survey import Design

    sample = Design(frame, weight="pw", stratum="stype", population="fpc")
    sample.mean("api00", by="stype")
    sample.share("awards")
    sample.domain(pl.col("enroll") > 500).total("enroll")
"""

from canbao.survey.design import Design, Kind

__all__ = ["Design", "Kind"]
