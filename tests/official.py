"""Where the official text lies, and the text read once."""

from functools import lru_cache
from pathlib import Path

from tongban.procedure.files import read_file
from tongban.procedure.model import Procedure
from tongban.procedure.reader import read

PROCEDURES = Path(__file__).parent.parent / "procedures"
OFFICIAL = PROCEDURES / "yiyang" / "附件6-我要办社保卡.txt"


@lru_cache
def official() -> Procedure:
    """The official text, read once."""
    return read(OFFICIAL.read_bytes(), OFFICIAL.name)


@lru_cache
def sample(name: str) -> Procedure:
    """The sample package with ``name`` in its file's name."""
    (file,) = (PROCEDURES / "sample").glob(f"*{name}.yaml")
    return read_file(str(file))
