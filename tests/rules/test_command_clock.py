"""``tongban clock`` as a person or a script calls it."""

import json

import pytest

from tongban.cli import parser

pytestmark = pytest.mark.pure


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    args = parser(["clock", *arguments]).parse_args(["clock", *arguments])
    code = args.run(args)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_sixty_working_days_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "--from", "2026-11-23", "--days", "60", "--json")
    answer = json.loads(out)
    assert (code, err) == (0, "")
    assert set(answer) == {"due", "provisional", "ledger"}
    assert (answer["due"], answer["provisional"]) == ("2027-02-18", True)
    assert answer["ledger"][0] == {
        "date": "2026-11-24", "counted": True, "number": 1, "reason": "working_day", "note": "工作日",
    }  # fmt: skip
    assert answer["ledger"][-1]["date"] == answer["due"]
    assert sum(entry["counted"] for entry in answer["ledger"]) == 60


def test_for_a_person(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "--from", "2026-11-23", "--days", "5", "--unit", "natural_day")
    assert code == 0
    assert "应于 2026-11-30 前办结。" in out


@pytest.mark.parametrize(
    "arguments",
    [
        ("--from", "2026-13-01", "--days", "1"),
        ("--from", "x", "--days", "1"),
        ("--from", "2026-11-23", "--days", "-1"),
        ("--from", "2026-11-23", "--days", "一"),
        ("--from", "2026-11-23", "--days", "99999"),
        ("--from", "1999-01-01", "--days", "1"),
        ("--from", "2026-11-23", "--days", "1", "--unit", "week"),
    ],
)
def test_a_malformed_question_is_one_line_and_exit_2(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert err.strip().endswith("。")
