"""What every test stands on: data in a folder of its own, the database named by TONGBAN_DATABASE (SQLite by default)."""

import os
import tempfile

os.environ["TONGBAN_DATA"] = os.environ.get("TONGBAN_TEST_DATA") or tempfile.mkdtemp(prefix="tongban-test-")
os.environ.setdefault("TONGBAN_DEMO", "1")
os.environ["TONGBAN_SMS_WAIT"] = "0"  # a test does not wait for a second step
os.environ["TONGBAN_QUIET"] = ""  # nor for the morning
