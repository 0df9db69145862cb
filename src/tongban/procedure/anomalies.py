"""What is odd about the text as a whole: contradictions between clauses, facts no clause gives."""

import re

from tongban.procedure.model import Anomaly, Clause, Item, Material, Topic


def whole(
    clauses: tuple[Clause, ...], items: tuple[Item, ...], materials: tuple[Material, ...], text: str
) -> list[Anomaly]:
    """Anomalies that are seen only when everything has been read. ``text`` is the whole document."""
    found = []
    by_topic = {clause.topic: clause for clause in clauses if clause.topic}
    if len([item for item in items if item.pickable]) > 1 and materials and not _tied(items, materials):
        found.append(
            Anomaly(
                code="materials-not-tied-to-items",
                severity="info",
                clause=by_topic[Topic.MATERIALS].number if Topic.MATERIALS in by_topic else None,
                message="没有写哪份材料用于哪个事项，按每个事项都要全部材料来读；可在规程数据里用 applies_to 指定。",
            )
        )
    for clause in clauses:
        if re.search(r"同时", clause.text) and re.search(r"满足其一|任一|其中之一|二者之一", clause.text):
            found.append(
                Anomaly(
                    code="both-or-either",
                    severity="warning",
                    clause=clause.number,
                    text=clause.text,
                    message="既说“同时”，又说“满足其一即可”：按满足其一来读；可在规程数据里改为同时具备。",
                )
            )
    if not re.search(r"(印发|发布|施行|实施|执行|生效)", text):
        found.append(
            Anomaly(
                code="issue-facts-missing",
                severity="info",
                message="全文没有发布机关、日期、版本和施行时间，发布时须另行填写。",
            )
        )
    return found


def _tied(items: tuple[Item, ...], materials: tuple[Material, ...]) -> bool:
    names = [item.name for item in items]
    return any(name in material.requirement for name in names for material in materials)
