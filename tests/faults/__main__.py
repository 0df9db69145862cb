"""``make faults``: what takes long. Each fault is one row of a table: what was tried, what was found; ends with 1 when
anything was lost, doubled, left half, or open to an attack.
"""

import faulthandler
import os
import sys
import tempfile

from benchmarks.instance import own_database

LONGEST = 900  # seconds on one database, the scans among them: then every thread says where it stands, and it is over


def main() -> int:
    """Every fault on the database that TONGBAN_DATABASE names (SQLite by default)."""
    faulthandler.dump_traceback_later(LONGEST, exit=True)
    rows = []
    with tempfile.TemporaryDirectory() as folder, own_database(folder) as database:
        os.environ |= {
            "TONGBAN_DATA": folder,
            "TONGBAN_DATABASE": database,
            "TONGBAN_DEMO": "1",
            "TONGBAN_SMS_WAIT": "0",
        }
        os.environ["TONGBAN_QUIET"] = ""
        from tongban.ready import django_ready

        django_ready()
        from tests.faults import power, scan
        from tests.faults.server import demo, postgres_cut

        kind = "PostgreSQL" if database.startswith("postgres") else "SQLite"
        faults = [lambda: power.run(f"{kind}：服务和后台程序被 kill -9", lambda server: server.cut())]
        if "PG_CTL" in os.environ:
            faults.append(lambda: power.run("PostgreSQL 被立即停止再启动", lambda _: postgres_cut()))
        elif scan.WAPITI.exists():
            faults.append(lambda: scan.run("网页扫描：公众", clerk=False))
            faults.append(lambda: scan.run("网页扫描：已登录的窗口人员", clerk=True))
            faults.append(lambda: scan.headers("网页扫描：响应头（TLS 代理之后）"))
        for fault in faults:
            demo(folder)
            rows.append(fault())
            print("| " + " | ".join(rows[-1]) + " |", flush=True)
    return int(any(not row[2].startswith("没有") for row in rows))


if __name__ == "__main__":
    sys.exit(main())
