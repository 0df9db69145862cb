"""``python -m tests.paperwork.samples DIR``: every form from invented data, as PDF and PNG, to be looked at."""

import subprocess
import sys
from pathlib import Path

from tongban.paperwork.form import KINDS, form
from tongban.paperwork.samples import sample


def main() -> None:
    """Write every form into the folder named on the command line."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for kind in KINDS:
        pdf = folder / f"{kind}.pdf"
        pdf.write_bytes(form(kind, sample(kind)))
        subprocess.run(["pdftoppm", "-r", "96", "-png", str(pdf), str(folder / kind)], check=True)


if __name__ == "__main__":
    main()
