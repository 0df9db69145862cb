"""How well identity cards are read: ``python -m benchmarks.cards [COUNT] [SEED]``, on cards made and worn by the project.

For each code: in how many samples it had to be found and was, and in how many others it was found all the same. For each
field: read right, left out, wrong and said to be unsure, wrong without a word.
"""

import os
import resource
import statistics
import sys
import time
from collections import Counter, defaultdict
from datetime import date

os.environ.setdefault("OMP_NUM_THREADS", "1")

import cv2
from tests.imaging.cards import TODAY
from tests.imaging.worn_cards import WAYS, samples
from tqdm import tqdm

from tongban.imaging.card_findings import LEAST_SURE
from tongban.imaging.idcard import READ, read
from tongban.imaging.text import load

CODES = (
    "front-missing", "back-missing", "expired", "not-yet-valid", "blurred", "glare", "cropped", "number-malformed",
    "number-contradicts-birth", "number-contradicts-sex", "low-confidence", "not-an-id-card", "copy-of-copy",
)  # fmt: skip


def main(count: int = 312, seed: int = 20261124) -> None:
    """Print the tables."""
    cv2.setNumThreads(1)
    had: Counter[str] = Counter()
    found: Counter[str] = Counter()
    others: Counter[str] = Counter()
    wrongly: Counter[str] = Counter()
    fields: dict[str, Counter[str]] = defaultdict(Counter)
    spent: dict[str, list[float]] = defaultdict(list)
    load()
    for sample in tqdm(samples(count, seed), total=count, unit="card", file=sys.stderr):
        start = time.process_time()
        reading = read(sample.files[0], sample.files[1] if len(sample.files) > 1 else None, TODAY)
        spent[sample.way].append(time.process_time() - start)
        codes = {finding.code for finding in reading.findings}
        for code in CODES:
            if code in sample.codes:
                had[code] += 1
                found[code] += code in codes
            elif code not in sample.may:
                others[code] += 1
                wrongly[code] += code in codes
        sure = dict(reading.confidence)
        for field in READ:
            value, true = getattr(reading, field), getattr(sample.person, field)
            if field in sample.unread:
                fields[field]["rightly none" if value is None else "wrong, unsaid"] += 1
            elif value == true:
                fields[field]["right"] += 1
            elif value is None and field not in sure:
                fields[field]["left out"] += 1
            else:
                fields[field]["wrong, said unsure" if sure.get(field, 0) < LEAST_SURE else "wrong, unsaid"] += 1
    told = f"{count} samples in {min(count, len(WAYS))} ways, seed {seed}; {os.cpu_count()} cores, one thread"
    print(f"{told}, Python {sys.version.split()[0]}, {date.today()}")
    print("\n| code | had to be found | found | in others | found falsely |\n|---|--:|--:|--:|--:|")
    for code in CODES:
        print(f"| {code} | {had[code]} | {found[code]} | {others[code]} | {wrongly[code]} |")
    columns = ("right", "left out", "wrong, said unsure", "wrong, unsaid", "rightly none")
    print(f"\n| field | {' | '.join(columns)} |\n|---|{'--:|' * len(columns)}")
    for field in READ:
        print(f"| {field} | {' | '.join(str(fields[field][column]) for column in columns)} |")
    everything = [one for times in spent.values() for one in times]
    clean = statistics.median(spent["clean"]) * 1000
    print(
        f"\na clean card, both sides: {clean:.0f} ms; all: median {statistics.median(everything) * 1000:.0f} ms,",
        end=" ",
    )
    print(
        f"slowest {max(everything) * 1000:.0f} ms. Peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB."
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
