"""Each thing has one door; these tests read the source and prove that nobody goes round it."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

import tongban

pytestmark = pytest.mark.pure
SOURCE = Path(tongban.__file__).parent
MODULES = [path for path in sorted(SOURCE.rglob("*.py")) if "migrations" not in path.parts]
CASE_FILE = {
    "Case",
    "CaseItem",
    "CaseMaterial",
    "MaterialFile",
    "IssuedForm",
    "Event",
    "Party",
    "Pause",
    "DecisionDocument",
    "Question",
    "Thing",
    "Handover",
    "Missing",
    "Consignment",
}
WRITES = {"create", "bulk_create", "get_or_create", "update_or_create", "update", "bulk_update", "delete"}
# Who may write rows of the case file beside the acts, and what.
WRITERS = {
    "cases/events.py": {"Event"},  # the chain itself
    "messages/relay.py": {"Event"},  # marks what left as relayed; not part of what is chained
    "exchange/relay.py": {"Event"},  # marks what was looked at for a push; not part of what is chained
    "cases/sweep.py": {"Case"},  # the lights: what a day makes of a case; not part of what is chained
    "cases/roots.py": {"Case"},  # marks which heads were noted outside; not part of what is chained
    "archive/disposal.py": CASE_FILE,  # behind the door, after the term: empties what is sealed, model by model
    "archive/acts.py": {"MaterialFile", "CaseMaterial"},  # an act behind the door: what the archive missed is brought
    "custody/acts.py": {"Thing", "Handover", "Missing", "Consignment"},  # acts behind the door, in their own room
    "custody/bags.py": {"Thing", "Handover", "Consignment"},  # the same
    "custody/post.py": {"Consignment"},  # the same
    "custody/tracking.py": {"Consignment"},  # when the carrier was asked and what it said; no state
}
# Who may start a query at a model instead of at cases.queries, and why.
READERS = {
    "desks/admin/calendar.py": "counts of running items by day, no case is shown",
    "exchange/webhooks.py": "the newest id alone; what is told comes from events_visible_to",
    "messages/relay.py": "every event leaves, whoever may see its case",
    "exchange/relay.py": "every event of a shared case leaves, whoever may see it",
    "exchange/telling.py": "of a case that is being pushed",
    "exchange/doing.py": "locks a case already seen by the platform's account",
    "exchange/views.py": "restricted to visible_to",
    "archive/acts.py": "inside an act: the case is locked by the door",
    "archive/disposal.py": "inside an act: the case is locked by the door",
    "custody/holdings.py": "restricted to visible_to",
    "custody/bags.py": "inside an act, or by the code on a bag's label",
    "custody/post.py": "inside an act, or restricted to visible_to",
    "custody/tracking.py": "the worker asks the carrier about every consignment",
    "desks/window/mail.py": "bags that one's own window sent",
    "desks/post/mail.py": "labels of consignments already seen",
    "custody/acts.py": "inside an act, or restricted to visible_to",
    "desks/window/rail.py": "restricted to visible_to",
    "desks/window/intake.py": "the draft's own submission key",
    "desks/window/lists.py": "of a case already seen",
    "desks/case/views.py": "of a case already seen",
    "desks/oversight/views.py": "a subquery within visible_to",
    "desks/oversight/ratings.py": "a subquery within visible_to",
}


def room(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def manager_uses(path: Path) -> Iterator[tuple[str, str]]:
    """(model, first method) of every ``Model.objects.method`` and whatever is chained behind it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        method, inner = node.func.attr, node.func.value
        while isinstance(inner, ast.Call | ast.Attribute | ast.Subscript):
            if isinstance(inner, ast.Attribute) and inner.attr == "objects" and isinstance(inner.value, ast.Name):
                yield inner.value.id, method
            inner = inner.func if isinstance(inner, ast.Call) else inner.value


def test_only_acts_write_the_case_file() -> None:
    found = {
        f"{room(path)}: {model}.{method}"
        for path in MODULES
        for model, method in manager_uses(path)
        if model in CASE_FILE and method in WRITES
        if not room(path).startswith("cases/actions/") and model not in WRITERS.get(room(path), set())
    }
    assert found == set()


def test_only_the_door_saves_a_case_an_item_or_an_event() -> None:
    """``.save()`` of those rows stands in the door (and where a case is first written)."""
    saves = {
        f"{room(path)}: {match[0]}"
        for path in MODULES
        for match in re.finditer(r"\b(case|item|event|self\.case)\.save\(", path.read_text(encoding="utf-8"))
        if room(path) not in ("cases/actions/door.py", "cases/actions/intake.py")
    }
    assert saves == set()


def test_reading_starts_at_the_queries() -> None:
    outside = {
        room(path)
        for path in MODULES
        if not room(path).startswith("cases/") and any(model in CASE_FILE for model, _ in manager_uses(path))
    }
    assert outside <= set(READERS), "请从 cases.queries 读，或在这里写明理由"
    assert set(READERS) <= outside, "理由已经用不上了，请删去"


def code_without_words(path: Path) -> str:
    """The source without comments and docstrings."""
    kept = []
    previous = tokenize.INDENT
    for token in tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline):
        docstring = token.type == tokenize.STRING and previous in (tokenize.INDENT, tokenize.NEWLINE, tokenize.NL)
        if token.type != tokenize.COMMENT and not docstring:
            kept.append(token.string)
        if token.type not in (tokenize.COMMENT, tokenize.NL, tokenize.DEDENT):
            previous = token.type
    return " ".join(kept)


NAMES = (
    "益阳",
    "社保卡",
    "社会保障卡",
    "南县",
    "桃江",
    "安化",
    "沅江",
    "赫山",
    "资阳",
    "大通湖",
    "湖南",
    "药店",
    "yiyang",
)
CLAUSE = re.compile(r"[一二三四五六七八九十]（[一二三四五六七八九]）\d?|十\.\d")


@pytest.mark.parametrize("name", NAMES)
def test_the_program_knows_no_city_and_no_package(name: str) -> None:
    files = [*MODULES, *SOURCE.rglob("*.html"), *SOURCE.rglob("*.js"), *SOURCE.rglob("*.typ")]
    known = {
        room(path)
        for path in files
        if name in (code_without_words(path) if path.suffix == ".py" else path.read_text(encoding="utf-8"))
    }
    known -= {"procedure/phones.py"}  # the area codes of the whole country
    assert known == set()


def test_no_clause_number_is_written_into_code_or_screens() -> None:
    files = [*MODULES, *SOURCE.rglob("*.html"), *SOURCE.rglob("*.typ")]
    written = {
        room(path)
        for path in files
        if CLAUSE.search(code_without_words(path) if path.suffix == ".py" else path.read_text(encoding="utf-8"))
    }
    assert {path for path in written if not path.startswith("procedure/")} == set()


def test_rules_stand_in_the_rules() -> None:
    """Screens ask ``rules`` through the acts and queries: none of them imports the deciding functions themselves."""
    deciding = re.compile(
        r"from tongban\.rules\.(review|release|one_time_notice) import [^\n]*\b(review|release|check)\b"
    )
    deciders = {room(path) for path in MODULES if deciding.search(path.read_text(encoding="utf-8"))}
    assert {path for path in deciders if path.startswith("desks/")} == set()


def test_what_comes_from_outside_comes_through_the_one_door() -> None:
    """Screens keep files by ``vault.uploads.take``, which looks inside; ``store.store`` keeps what the program made itself."""
    around = {room(path) for path in MODULES if "store.store(" in path.read_text(encoding="utf-8")}
    assert {path for path in around if path.startswith(("desks/", "exchange/"))} == set()
