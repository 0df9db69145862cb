"""What a printed form costs: ms a page, KB a form, forms a second in a batch, on one core in a warm process."""

import statistics
import time

import pypdfium2

from tongban.paperwork.batch import one_pdf
from tongban.paperwork.form import KINDS, form
from tongban.paperwork.samples import sample

ROUNDS = 15
BATCH = 1000


def main() -> None:
    """Print the table."""
    print("\n| form | pages | ms a page, median | KB |\n|---|--:|--:|--:|")
    for kind, title in KINDS.items():
        data = sample(kind)
        pdf = form(kind, data)
        spent = []
        for place in range(ROUNDS):
            start = time.perf_counter()
            form(kind, data | {"serial": f"示〔2026〕{place:06d}号"})  # the same twice would come from typst's memory
            spent.append(time.perf_counter() - start)
        pages = len(pypdfium2.PdfDocument(pdf))
        print(f"| {title} | {pages} | {1000 * statistics.median(spent) / pages:.0f} | {len(pdf) / 1024:.0f} |")
    start = time.perf_counter()
    sheets = [form("post_label", sample("post_label") | {"serial": f"示邮〔2026〕{n:06d}号"}) for n in range(BATCH)]
    drawn = time.perf_counter() - start
    start = time.perf_counter()
    together = one_pdf(sheets)
    merged = time.perf_counter() - start
    size = len(together) / 2**20
    print(f"\n{BATCH} labels: {BATCH / drawn:.0f} a second drawn; as one PDF in {merged:.1f} s, {size:.1f} MB.")


if __name__ == "__main__":
    main()
