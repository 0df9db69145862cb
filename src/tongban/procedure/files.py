"""A procedure from a file on disk: the official document, or the YAML made from it."""

from pathlib import Path

from tongban.procedure import yaml
from tongban.procedure.document import LARGEST, Unreadable
from tongban.procedure.model import Procedure
from tongban.procedure.reader import read
from tongban.procedure.text import decode


def read_file(name: str) -> Procedure:
    """The procedure in the file ``name``. Raises :class:`Unreadable` with one Chinese line."""
    path = Path(name)
    try:
        if path.stat().st_size > LARGEST:
            raise Unreadable(f"{path.name}：文件超过 20 MB，工作规程不会这么大，请核对是否选错了文件。")
        data = path.read_bytes()
    except OSError as error:
        kind = {FileNotFoundError: "没有这个文件", IsADirectoryError: "这是文件夹", PermissionError: "没有读取权限"}
        raise Unreadable(f"{name}：{kind.get(type(error), '打不开')}，请核对文件名。") from error
    return read_bytes(data, path.name)


def read_bytes(data: bytes, name: str) -> Procedure:
    """The procedure in the bytes of a file called ``name``. Raises :class:`Unreadable` with one Chinese line."""
    try:
        if name.lower().endswith((".yaml", ".yml")):
            return yaml.load(decode(data))
        return read(data, name)
    except (Unreadable, yaml.Malformed) as error:
        raise Unreadable(f"{name}：{error}") from error
