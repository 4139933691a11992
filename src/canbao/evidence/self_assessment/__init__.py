"""An administration by the six areas of the ISSA guidelines: measured where data tell, stated where people do."""

from canbao.evidence.self_assessment.assessment import (
    Answer,
    Area,
    Criterion,
    LogMeasure,
    Measure,
    SurveyMeasure,
    Verdict,
    areas,
    judged,
    read_answers,
)

__all__ = [
    "Answer",
    "Area",
    "Criterion",
    "LogMeasure",
    "Measure",
    "SurveyMeasure",
    "Verdict",
    "areas",
    "judged",
    "read_answers",
]
