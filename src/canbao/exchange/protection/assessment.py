"""The personal information protection impact assessment, filled in from what the exchange is and does."""

from __future__ import annotations

from canbao.exchange.identity.keys import PURPOSES
from canbao.exchange.messages.description import description
from canbao.exchange.protection.audit import AuditLog
from canbao.exchange.protection.sharing import purposes, say
from canbao.exchange.store.exchange import Exchange
from canbao.languages import Language

QUESTIONS = ("lawful", "effect", "measures", "informed", "breach", "contractors")
"""What only the administration can answer; exchange.yaml has the answers under `answers`."""


def assessment(exchange: Exchange, language: Language) -> str:
    """The assessment as Markdown.

    Args:
        exchange: the exchange.
        language: of the text.
    """
    about = exchange.settings.administration
    lines = [
        f"# {say('assessment_title')[language]}",
        f"{say('assessment_basis')[language]}",
        f"## {say('assessment_who')[language]}",
        f"- {about.name.words[language]}\n- {say('assessment_code')[language]}: {about.code}",
        f"- {say('assessment_contact')[language]}: {exchange.settings.contact or say('assessment_blank')[language]}",
        f"## {say('assessment_received')[language]}",
        _received(exchange, language),
        f"## {say('assessment_shared')[language]}",
        _shared(language),
        f"## {say('assessment_measures')[language]}",
        _measures(exchange, language),
        f"## {say('assessment_open')[language]}",
        *_answers(exchange, language),
    ]
    return "\n\n".join(lines) + "\n"


def _table(head: list[str], rows: list[list[str]]) -> str:
    return "\n".join("| " + " | ".join(line) + " |" for line in [head, ["---"] * len(head), *rows])


def _received(exchange: Exchange, language: Language) -> str:
    head = [say(f"assessment_{one}")[language] for one in ("kind", "columns", "clear", "kept")]
    rows = []
    for name, kind in description().kinds.items():
        columns = [one.label.words[language] for one in kind.columns.values() if not one.private]
        clear = [one.label.words[language] for one in kind.columns.values() if one.private]
        months = exchange.settings.retention_months.get(name)
        kept = str(months) if months else say("assessment_blank")[language]
        rows.append([kind.label.words[language], ", ".join(columns), ", ".join(clear) or "–", kept])
    return _table(head, rows)


def _shared(language: Language) -> str:
    head = [say(f"assessment_{one}")[language] for one in ("who", "purpose", "law", "columns", "number")]
    rows = []
    for one in purposes().values():
        basis = "; ".join(law.words[language] for law in one.basis)
        number = say("answer_yes" if one.numbers else "answer_no")[language]
        columns = ", ".join([*one.columns, *one.sums])
        rows.append([one.label.words[language], one.purpose.words[language], basis, columns, number])
    return _table(head, rows)


def _measures(exchange: Exchange, language: Language) -> str:
    keys = ", ".join(exchange.keys.newest(purpose).id for purpose in PURPOSES)
    verdict = AuditLog(exchange.folder, exchange.keys).verify()
    state = say("state_whole" if verdict.wrong is None else "state_broken")
    duties = exchange.settings.duties
    measures = [
        say("measure_pseudonyms", keys=keys),
        say("measure_vault"),
        say("measure_places"),
        say("measure_audit", lines=verdict.lines, state=state),
        say("measure_duties", duties=", ".join(duties)) if duties else say("measure_no_duties"),
    ]
    return "\n".join(f"- {one[language]}" for one in measures)


def _answers(exchange: Exchange, language: Language) -> list[str]:
    answers = exchange.settings.answers
    blank = say("assessment_blank")[language]
    return [
        f"**{say(f'question_{one}')[language]}** {answers.get(one) or f'*{blank}* (`answers: {one}`)'}" for one in QUESTIONS
    ]
