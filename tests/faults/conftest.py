"""What was tried and what was found, as a table at the end of a run of every fault (``make faults``)."""

import os

import pytest

ROWS: list[tuple[str, str, str]] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember what came of a fault: of the test itself, or of what went wrong around it."""
    if report.when != "call" and report.outcome == "passed":
        return
    name = report.nodeid.partition("::")[2].removeprefix("test_").replace("_", " ")
    tried = "；".join(str(value) for what, value in report.user_properties if what == "tried")
    found = {"passed": "没有丢失、重复、半截", "skipped": "这里没有"}.get(report.outcome, "出了问题，见上")
    ROWS.append((name, tried, found))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table, in a run of every fault."""
    if os.environ.get("FAULTS") != "every":
        return
    kind = "PostgreSQL" if os.environ.get("TONGBAN_DATABASE", "").startswith("postgres") else "SQLite"
    terminalreporter.line(f"\n| 故障（{kind}） | 试了什么 | 发现 |\n|---|---|---|")
    for row in ROWS:
        terminalreporter.line("| " + " | ".join(row) + " |")
