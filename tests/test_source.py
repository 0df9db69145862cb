"""What the program's source may not hold, whoever writes it: read as a tree, so that a word in a comment does no harm."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import tongban

pytestmark = pytest.mark.pure
SOURCE = Path(tongban.__file__).parent
MODULES = [path for path in sorted(SOURCE.rglob("*.py")) if "migrations" not in path.parts]
TREES = {path.relative_to(SOURCE).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in MODULES}


def calls() -> Iterator[tuple[str, str, ast.Call]]:
    """(module, dotted name as it is written, call) of every call there is."""
    for name, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                yield name, ast.unparse(node.func), node


def keywords(call: ast.Call) -> dict[str | None, str]:
    return {word.arg: ast.unparse(word.value) for word in call.keywords}


def test_the_walk_sees_calls() -> None:
    assert sum(1 for _ in calls()) > 5000


def test_nothing_given_is_run_as_code_or_through_a_shell() -> None:
    never = {"eval", "exec", "compile", "__import__", "os.system", "os.popen", "subprocess.getoutput"}
    assert [(module, name) for module, name, _ in calls() if name in never] == []
    assert [module for module, name, call in calls() if keywords(call).get("shell", "False") != "False"] == []


def test_nothing_given_is_brought_back_as_an_object() -> None:
    unsafe = {"pickle", "marshal", "shelve", "dill", "joblib", "cloudpickle"}
    for module, tree in TREES.items():
        for node in ast.walk(tree):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not unsafe & {name.partition(".")[0] for name in names}, module
    loads = [(module, name) for module, name, _ in calls() if name.startswith("yaml.") and "load" in name]
    assert [(module, name) for module, name in loads if name not in SAFE_YAML] == []


SAFE_YAML = {"yaml.safe_load", "yaml.load"}  # ``yaml.load`` is our own reader of procedures, or names its loader: below


def test_a_yaml_loader_is_a_safe_one() -> None:
    for module, name, call in calls():
        if name == "yaml.load" and keywords(call).get("Loader"):
            loader = keywords(call)["Loader"]
            classes = [n for n in ast.walk(TREES[module]) if isinstance(n, ast.ClassDef) and n.name == loader]
            bases = {ast.unparse(base) for one in classes for base in one.bases}
            assert "Safe" in loader or any("Safe" in base for base in bases), f"{module}: {loader}"


STATEMENTS = {"cases/actions/door.py"}  # made of names of tables and columns alone; every value is a parameter


def test_sql_is_fixed_text_and_values_are_parameters() -> None:
    assert [(module, name) for module, name, _ in calls() if name.endswith((".raw", ".extra", "RawSQL"))] == []
    made = set()
    for module, name, call in calls():
        if name.endswith((".execute", ".executemany")) and call.args:
            text = call.args[0]
            if not (isinstance(text, ast.Constant) or (isinstance(text, ast.Name) and text.id.isupper())):
                made.add(module)
    assert made == STATEMENTS


# Patterns of tables that stand in the source themselves.
PATTERNS = {"procedure/materials.py", "procedure/sections.py", "procedure/topics.py", "rules/machine.py"}


def test_no_pattern_is_made_of_what_was_typed() -> None:
    made = set()
    for module, name, call in calls():
        if name in {"re.compile", "re.match", "re.search", "re.fullmatch", "re.sub", "re.findall", "re.split"}:
            names = {node.id for node in ast.walk(call.args[0]) if isinstance(node, ast.Name)}
            if not all(one.strip("_").isupper() for one in names):
                made.add(module)
    assert made == PATTERNS


def test_certificates_are_checked_and_no_redirect_leads_elsewhere() -> None:
    for module, name, call in calls():
        given = keywords(call)
        assert given.get("verify", "True") != "False", module
        assert "_create_unverified_context" not in name, module
        if name in {"requests.get", "requests.post", "requests.request"}:
            assert given.get("allow_redirects") == "False", f"{module}: {name}"


def test_debug_cannot_be_switched_on() -> None:
    given = [
        ast.unparse(node.value)
        for node in ast.walk(TREES["settings.py"])
        if isinstance(node, ast.Assign) and any(ast.unparse(target) == "DEBUG" for target in node.targets)
    ]
    assert given == ["False"]
