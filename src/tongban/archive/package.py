"""The file of one archived case: a BagIt bag (RFC 8493) in a zip whose every byte follows from its contents.

Nothing is compressed, times are fixed, the order is the manifests': so a package is checked by making it again and comparing
bytes, and what unpacks larger than it is cannot occur. No Django, no database, no network: a file is read and proved alone.
"""

import hashlib
import io
import re
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import IO, Any

from cryptography.hazmat.primitives import hashes
from lxml import etree  # type: ignore[import-untyped]

CONTENTS, TRANSFER, BASE, EVENTS = "文件目录.xml", "移交信息.xml", "基本信息元数据.xml", "办理过程.xml"
BAGIT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
MANIFESTS = ("manifest-sha256.txt", "manifest-sm3.txt")
TAGS = ("bagit.txt", "bag-info.txt", *MANIFESTS, "tagmanifest-sha256.txt")  # in this order, behind the payload
PIECE, SPOOL = 2**20, 64 * 2**20
TEXT_LIMIT = 32 * 2**20  # of a list or a record inside a package, in bytes
FORBIDDEN = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|%]')
NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OverflowError, UnicodeError, NotImplementedError,
    RuntimeError, ValueError, KeyError,
)  # fmt: skip


class Unreadable(ValueError):
    """There is no package to be looked at; the message is Chinese."""


class Altered(ValueError):
    """A package is not as it was made. ``file`` is the first one inside it that differs, empty for the zip itself."""

    def __init__(self, file: str, what: str) -> None:
        super().__init__(f"“{file}”{what}" if file else what)
        self.file = file


@dataclass(frozen=True)
class Part:
    """A file to be put in: its path below ``data/``, what it is (Chinese), its media type, its bytes."""

    path: str
    title: str
    media_type: str
    data: bytes


@dataclass(frozen=True)
class Row:
    """A line of the list of contents: path below ``data/``, title, media type, bytes, SHA-256 and SM3 (hex)."""

    path: str
    title: str
    media_type: str
    size: int
    sha256: str
    sm3: str


@dataclass(frozen=True)
class Package:
    """A package that was found whole: its number, its contents, and its records (file name → XML)."""

    number: str
    rows: tuple[Row, ...]
    records: Mapping[str, bytes]
    nested: tuple["Package", ...] = ()


class Digests:
    """SHA-256 and SM3 of what it is fed."""

    def __init__(self) -> None:
        self.size, self._sha256, self._sm3 = 0, hashlib.sha256(), hashes.Hash(hashes.SM3())

    def update(self, data: bytes) -> None:
        """Take in more."""
        self.size += len(data)
        self._sha256.update(data)
        self._sm3.update(data)

    def pair(self) -> tuple[str, str]:
        """Both digests (hex)."""
        return self._sha256.hexdigest(), self._sm3.copy().finalize().hex()


def digests(file: IO[bytes]) -> Digests:
    """The digests of a whole file, from its beginning."""
    found = Digests()
    file.seek(0)
    while piece := file.read(PIECE):
        found.update(piece)
    return found


def safe(name: str, longest: int = 60) -> str:
    """``name`` as one step of a path on any system: no separators, no marks some systems refuse, not hidden, not endless."""
    return FORBIDDEN.sub("_", name).strip(". ")[-longest:] or "_"


@contextmanager
def _entry(zip_file: zipfile.ZipFile, name: str) -> Iterator[IO[bytes]]:
    """An entry being written, the same bytes on every machine and every day."""
    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.create_system, info.external_attr, info.compress_type = 3, 0o100444 << 16, zipfile.ZIP_STORED
    with zip_file.open(info, "w", force_zip64=False) as out:
        yield out


def write(
    out: IO[bytes],
    number: str,
    parts: Iterable[Part],
    *,
    info: Mapping[str, str],
    transfer: Mapping[str, str],
    made: date,
) -> tuple[Row, ...]:
    """Write the package ``number`` to ``out`` (seekable); returns its contents.

    ``info`` goes to ``bag-info.txt``, ``transfer`` to the transfer XML, which also names the digest of the list of contents.
    """
    rows: list[Row] = []
    with zipfile.ZipFile(out, "w") as made_zip:

        def put(part: Part) -> Row:
            found = Digests()
            found.update(part.data)
            with _entry(made_zip, f"{number}/data/{part.path}") as entry:
                entry.write(part.data)
            return Row(part.path, part.title, part.media_type, found.size, *found.pair())

        rows += [put(part) for part in parts]
        listed = put(Part(CONTENTS, "文件目录", "application/xml", contents_xml(number, rows)))
        facts = {
            **transfer,
            "number": number,
            "digest_of": CONTENTS,
            "digest": listed.sm3,
            "digest_sha256": listed.sha256,
        }
        sent = put(Part(TRANSFER, "移交信息", "application/xml", xml("transfer_info", facts)))
        everything = [*rows, listed, sent]
        bag_info = {
            **info,
            "External-Identifier": number,
            "Bagging-Date": made.isoformat(),
            "Payload-Oxum": _oxum(everything),
        }
        for name, data in _tags(everything, _lines(bag_info)).items():
            with _entry(made_zip, f"{number}/{name}") as entry:
                entry.write(data)
    return tuple(rows)


def _oxum(rows: Iterable[Row]) -> str:
    sizes = [row.size for row in rows]
    return f"{sum(sizes)}.{len(sizes)}"


def _lines(values: Mapping[str, str]) -> bytes:
    return "".join(f"{key}: {' '.join(value.split())}\n" for key, value in values.items()).encode()


def _tags(rows: Iterable[Row], bag_info: bytes) -> dict[str, bytes]:
    """Every tag file of a bag, by name and in order, as it must be for these payload files."""
    kept = list(rows)
    tags = {"bagit.txt": BAGIT, "bag-info.txt": bag_info}
    tags[MANIFESTS[0]] = "".join(f"{row.sha256}  data/{row.path}\n" for row in kept).encode()
    tags[MANIFESTS[1]] = "".join(f"{row.sm3}  data/{row.path}\n" for row in kept).encode()
    tags[TAGS[-1]] = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in tags.items()).encode()
    return tags


def xml(
    root: str, facts: Mapping[str, Any], labels: Mapping[str, str] | None = None, names: Mapping[str, str] | None = None
) -> bytes:
    """``facts`` as elements below ``root``: a list as repeated ones, a mapping as nested ones, in their order.

    ``labels`` says in Chinese what an element is, ``names`` what it is called instead.
    """
    top = etree.Element(root)
    _into(top, facts, labels or {}, names or {})
    made: bytes = etree.tostring(top, encoding="UTF-8", xml_declaration=True, pretty_print=True)
    return made


def _into(parent: Any, facts: Mapping[str, Any], labels: Mapping[str, str], names: Mapping[str, str]) -> None:
    for name, value in facts.items():
        for one in value if isinstance(value, list | tuple) else (value,):
            child = etree.SubElement(parent, names.get(name, name))
            if name in labels:
                child.set("label", labels[name])
            if isinstance(one, Mapping):
                _into(child, one, labels, names)
            else:
                child.text = "" if one is None else NOT_XML.sub("�", str(one))


def contents_xml(number: str, rows: Iterable[Row]) -> bytes:
    """The list of contents."""
    files = [
        {"path": r.path, "title": r.title, "media_type": r.media_type, "size": r.size, "sha256": r.sha256, "sm3": r.sm3}
        for r in rows
    ]
    return xml("contents", {"number": number, "file": files})


def parse(data: bytes) -> Any:
    """XML without entities, DTD or network. Raises :class:`Altered`."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise Altered("", "里面的 XML 读不了。") from error


def verify(file: IO[bytes], depth: int = 0) -> Package:
    """Prove a package whole by its own means, and return what it holds.

    Raises :class:`Unreadable` when it is no package at all, :class:`Altered` with the first file that differs.
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if file.read(4) != b"PK\x03\x04":
        raise Unreadable("不是归档信息包（压缩包格式）。")
    at = ""
    try:
        with zipfile.ZipFile(file) as given, tempfile.SpooledTemporaryFile(SPOOL) as again:
            number, infos = _lawful(given, size)
            found: dict[str, Digests] = {}
            kept: dict[str, bytes] = {}
            nested: list[Package] = []
            with zipfile.ZipFile(again, "w") as copy:
                for info in infos:
                    at = name = info.filename.removeprefix(f"{number}/")
                    found[name], data = _copied(given, info, copy, keep=name.endswith((".xml", ".txt")))
                    if data is not None:
                        kept[name] = data
                    if name.endswith(".zip"):
                        nested.append(_inside(given, info, name, depth))
            at = ""
            rows = _agree(found, kept)
            again.seek(0)
            file.seek(0)
            while piece := file.read(PIECE):
                if piece != again.read(PIECE):
                    raise Altered("", "压缩包的结构被改动过。")
            if again.read(1):
                raise Altered("", "压缩包不完整。")
    except BROKEN as error:
        if isinstance(error, Altered):
            raise
        raise Altered(at, "的内容被改动过。" if at else "压缩包不完整或被改动过，打不开。") from error
    records = {name.removeprefix("data/"): data for name, data in kept.items() if name.startswith("data/")}
    return Package(number, rows, records, tuple(nested))


def _lawful(given: zipfile.ZipFile, size: int) -> tuple[str, list[zipfile.ZipInfo]]:
    """The package's number and its entries, when all of them are such as we write: stored, below one folder, no way out."""
    infos = given.infolist()
    if not infos:
        raise Altered("", "压缩包是空的。")
    number = infos[0].filename.split("/")[0]
    names = [info.filename for info in infos]
    for info in infos:
        steps = info.filename.split("/")
        if steps[0] != number or len(steps) < 2 or any(safe(step, 255) != step for step in steps):
            raise Altered(info.filename, "的名称不合规，可能是放进来的。")
        if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & ~0x800 or info.compress_size != info.file_size:
            raise Altered(info.filename, "被压缩或加密过，不是原来的。")
    if len(set(names)) != len(names):
        raise Altered(next(n for n in names if names.count(n) > 1), "有两个。")
    if sum(info.file_size for info in infos) > size:
        raise Altered("", "压缩包里登记的大小不对。")
    return number, infos


def _copied(
    given: zipfile.ZipFile, info: zipfile.ZipInfo, copy: zipfile.ZipFile, *, keep: bool
) -> tuple[Digests, bytes | None]:
    """Copy an entry as it would be written now; its digests, and its bytes where they are to be read."""
    found, held = Digests(), io.BytesIO()
    if keep and info.file_size > TEXT_LIMIT:
        raise Altered(info.filename, "大得不像原来的。")
    with given.open(info) as source, _entry(copy, info.filename) as target:
        while piece := source.read(PIECE):
            found.update(piece)
            target.write(piece)
            if keep:
                held.write(piece)
    return found, held.getvalue() if keep else None


def _inside(given: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, depth: int) -> Package:
    """The package of an item, proved as well; one level and no more."""
    if depth:
        raise Altered(name, "是放进来的：事项信息包里不再有信息包。")
    try:
        with given.open(info) as source:
            return verify(source, depth + 1)
    except (Altered, Unreadable) as error:
        raise Altered(name, f"里：{error}") from error


def _agree(found: Mapping[str, Digests], kept: Mapping[str, bytes]) -> tuple[Row, ...]:
    """Hold what is there against manifests, list of contents and tag files; the rows of the list."""
    for tag in TAGS:
        if tag not in kept:
            raise Altered(tag, "被取走了。")
    payload = {name.removeprefix("data/"): sums for name, sums in found.items() if name.startswith("data/")}
    for manifest, which in zip(MANIFESTS, (0, 1), strict=True):
        lines = (line.split("  data/", 1) for line in kept[manifest].decode().splitlines())
        listed = {path: digest for digest, path in (line for line in lines if len(line) == 2)}
        for path, sums in payload.items():
            if path not in listed:
                raise Altered(path, "是后来放进去的，或改过名称。")
            if sums.pair()[which] != listed[path]:
                raise Altered(path, "的内容被改动过。")
        for path in listed:
            if path not in payload:
                raise Altered(path, "被取走了，或改过名称。")
    rows = _rows(kept)
    made = [Row(path, "", "", sums.size, *sums.pair()) for path, sums in payload.items()]
    expected = {f"data/{row.path}": b"" for row in made} | _tags(made, kept["bag-info.txt"])
    if list(found) != list(expected):
        raise Altered(
            next(name for name in [*found, *expected] if name not in found or name not in expected), "不是原来的。"
        )
    for tag in TAGS:
        if kept[tag] != expected[tag]:
            raise Altered(tag, "的内容被改动过。")
    listed_now = [(row.path, row.size, row.sha256, row.sm3) for row in rows]
    there = [(row.path, row.size, row.sha256, row.sm3) for row in made if row.path not in (CONTENTS, TRANSFER)]
    if listed_now != there:
        raise Altered(CONTENTS, "与文件不符。")
    return rows


def _rows(kept: Mapping[str, bytes]) -> tuple[Row, ...]:
    if (listed := kept.get(f"data/{CONTENTS}")) is None or f"data/{TRANSFER}" not in kept:
        raise Altered(CONTENTS, "或移交信息被取走了。")
    fields = ("path", "title", "media_type", "size", "sha256", "sm3")
    values = [[row.findtext(field) or "" for field in fields] for row in parse(listed).iterfind("file")]
    return tuple(Row(path, title, kind, int(size), sha256, sm3) for path, title, kind, size, sha256, sm3 in values)
