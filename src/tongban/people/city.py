"""What a city tells about itself: ``city.yaml`` and ``windows.csv`` (or .xlsx), as checked data."""

import csv
import io
import zipfile
from pathlib import Path
from typing import Literal

import openpyxl
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError

from tongban.paperwork import texts
from tongban.procedure.photo import PhotoLimits

MOST_ROWS, MOST_CELLS, MOST_UNPACKED = 20_000, 50, 50 * 2**20  # of a window list


class Malformed(ValueError):
    """A city's file cannot be taken; the message (Chinese) names file and place."""


class Data(BaseModel):
    """Frozen and closed."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class HallData(Data):
    """A 市、县政务大厅."""

    name: str
    address: str = ""
    phone: str = ""


class UnitData(Data):
    """A department and the codes of the items it decides."""

    name: str
    items: tuple[str, ...] = ()


class RegionData(Data):
    """A region (承办地); ``code`` null means it has none."""

    name: str
    abbreviation: str = Field(pattern=r"^[A-Z]{2,8}$")
    short: str = Field(min_length=1, max_length=8)
    code: str | None = Field(default=None, pattern=r"^\d{6}$")
    hall: HallData
    units: tuple[UnitData, ...] = ()
    photo: PhotoLimits = PhotoLimits()  # what the region asks of a photo where it differs


class PlatformData(Data):
    """A platform named in 七 and how its cases are worked: ``inside`` on this instance's desks, by a ``peer`` (another
    instance of this program), or by a foreign one over ``http``. Address and keys are the instance's, not the city's.
    """

    name: str = Field(min_length=1, max_length=80)
    way: Literal["inside", "peer", "http"] = "inside"
    code: str = Field(default="", pattern=r"^([a-z][a-z0-9-]{1,19})?$")  # under which it reaches us
    regions: tuple[str, ...] = ()  # whose departments work on it
    mapping: str = ""  # file beside city.yaml: our fields and theirs

    @model_validator(mode="after")
    def _whole(self) -> "PlatformData":
        lacking = [
            what
            for what, there in (
                ("code", self.code or (self.way == "inside" and not self.mapping)),
                ("regions", self.regions or self.way == "inside"),
                ("mapping", self.mapping or self.way != "http"),
            )
            if not there
        ]
        if lacking:
            raise PydanticCustomError("platform", "{said}", {"said": f"{self.name} 缺少 {'、'.join(lacking)}"})
        return self


Retention = Literal["永久", "30年", "10年"]


class ArchiveProfile(Data):
    """How the city's archives want cases: what GB/T 42727 and DA/T 85 leave to the place (their texts were not seen)."""

    fonds: dict[str, str] = {}  # 全宗号 by region; a region without one uses its abbreviation
    category: str = Field(default="ZWFW", pattern=r"^[A-Z0-9]{1,12}$")  # 档案门类
    retention: Retention = "30年"
    packages: dict[str, Retention] = {}  # by name of the package, where it differs
    receiver: str = "市档案馆"  # who takes batches over
    elements: dict[str, str] = {}  # our element of 基本信息元数据.xml → the receiver's


class RatingRules(Data):
    """What the city decides about 好差评."""

    answer_days: int = Field(default=7, ge=1, le=60)  # natural days to answer a bad rating (7 or 15 seen)
    smallest: int = Field(default=5, ge=1)  # a rate over fewer ratings is not shown
    praise: tuple[str, ...] = ("态度热情", "一次讲清", "办得快", "材料简单", "少跑了路")  # offered at levels 1 and 2
    fair: tuple[str, ...] = ("等得久", "讲得不够清楚", "材料多", "多跑了路")  # at level 3
    complaint: tuple[str, ...] = (  # at levels 4 and 5
        "态度不好", "没有一次讲清", "要了规定以外的材料", "超过承诺时限", "多跑了路", "收了不该收的费", "结果有误",
    )  # fmt: skip

    def reasons(self, level: int) -> tuple[str, ...]:
        """The reasons offered at a level from 1 to 5."""
        return (self.praise, self.praise, self.fair, self.complaint, self.complaint)[level - 1]


class ServiceData(Data):
    """A service that people are helped to register for (八（七）), with the address its QR code leads to."""

    name: str
    url: str = Field(default="", pattern=r"^(https?://\S+)?$")


class City(Data):
    """A whole city."""

    city: str
    title: str  # 益阳市“一件事一次办”跨域通办
    complaint_phone: str = ""
    seal: str = ""  # what forms say where the seal goes; empty: （盖章处）
    registration: tuple[str | ServiceData, ...] = ()  # services of 八（七）; a name alone has no QR code
    platforms: tuple[PlatformData, ...] = ()
    archive: ArchiveProfile = ArchiveProfile()
    ratings: RatingRules = RatingRules()
    messages: dict[str, str] = {}  # the city's own texts, by kind
    regions: tuple[RegionData, ...]

    @field_validator("messages")
    @classmethod
    def _checked(cls, given: dict[str, str]) -> dict[str, str]:
        faults = [found for kind, text in given.items() if (found := texts.fault(kind, text))]
        if faults:
            raise PydanticCustomError("texts", "{said}", {"said": "；".join(faults)})
        return given

    @model_validator(mode="after")
    def _known(self) -> "City":
        regions = {region.name for region in self.regions}
        for platform in self.platforms:
            if unknown := sorted(set(platform.regions) - regions):
                said = f"{platform.name} 的 regions 里没有这样的承办地：{'、'.join(unknown)}"
                raise PydanticCustomError("regions", "{said}", {"said": said})
        return self

    def outside(self, region: str) -> dict[str, str]:
        """The platforms of a region that are not worked on these desks: name in 七 → code."""
        return {p.name: p.code for p in self.platforms if p.way != "inside" and region in p.regions}


class WindowData(Data):
    """One row of windows.csv."""

    region: str
    township: str
    name: str
    address: str = ""
    phone: str = ""


HEADER = {"承办地": "region", "乡镇（街道、园区）": "township", "窗口名称": "name", "地址": "address", "电话": "phone"}


def read_city(path: Path) -> City:
    """The city in ``path``. Raises :class:`Malformed`."""
    try:
        body = yaml.safe_load(path.read_text(encoding="utf-8"))
        return City.model_validate(body)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Malformed(f"{path.name} 读不了，请检查是否为 UTF-8 编码的 YAML。") from error
    except ValidationError as error:
        fault = error.errors()[0]
        raise Malformed(f"{path.name} 的“{'.'.join(map(str, fault['loc']))}”有误：{fault['msg']}") from error


def read_windows(data: bytes, name: str) -> tuple[WindowData, ...]:
    """Windows from a .csv (UTF-8 or GB18030) or .xlsx with the columns of ``HEADER``. Raises :class:`Malformed`."""
    rows = _rows_of_sheet(data, name) if name.endswith(".xlsx") else _rows_of_csv(data, name)
    if not rows or [HEADER.get(cell) for cell in rows[0]][:3] != ["region", "township", "name"]:
        raise Malformed(f"{name} 的第一行应为：{'、'.join(HEADER)}。")
    fields = [HEADER.get(cell) for cell in rows[0]]
    found = []
    for line, row in enumerate(rows[1:], 2):
        if not any(row):
            continue
        values = {field: cell for field, cell in zip(fields, row, strict=False) if field}
        if not (values.get("region") and values.get("name")):
            raise Malformed(f"{name} 第 {line} 行缺少承办地或窗口名称。")
        try:
            found.append(WindowData(**values))
        except ValidationError as error:
            raise Malformed(f"{name} 第 {line} 行有误：{error.errors()[0]['msg']}") from error
    return tuple(found)


def _rows_of_sheet(data: bytes, name: str) -> list[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > MOST_UNPACKED:
                raise Malformed(f"{name} 展开后太大，不予读取，请核对是否选错了文件。")
        sheet = openpyxl.load_workbook(io.BytesIO(data), read_only=True).active
        given = sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_CELLS, values_only=True) if sheet else ()
        rows = [[str(cell or "").strip() for cell in row] for row in given]
    except Malformed:
        raise
    except Exception as error:  # whatever a broken file makes of the library
        raise Malformed(f"{name} 打不开，请用 Excel 或 WPS 另存为 .xlsx 或 .csv 后再上传。") from error
    return _bounded(rows, name)


def _rows_of_csv(data: bytes, name: str) -> list[list[str]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", errors="replace")
    try:
        return _bounded([[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text, newline=""))], name)
    except csv.Error as error:
        raise Malformed(f"{name} 不是能读的 .csv 文件，请用 Excel 或 WPS 另存为 .csv 或 .xlsx 后再上传。") from error


def _bounded(rows: list[list[str]], name: str) -> list[list[str]]:
    if len(rows) > MOST_ROWS:
        raise Malformed(f"{name} 超过 {MOST_ROWS} 行，窗口名录不会这么长，请核对是否选错了文件。")
    return rows
