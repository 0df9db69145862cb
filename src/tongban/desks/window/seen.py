"""What the machine saw of the files of a draft, beside each material, and what the clerk overruled."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.utils import timezone

from tongban.cases.application import FindingGiven
from tongban.cases.models import Draft, IdKind, MaterialFile
from tongban.checks.looking import Look, ask, found, stalled
from tongban.checks.models import Check
from tongban.desks.window import draft as form
from tongban.procedure.model import Material
from tongban.rules.card import Card, differences, values
from tongban.rules.machine import Matched, Seen, match, of_differences, of_sources, standing
from tongban.vault.store import Stored

SURE = 0.85  # of a value that fills an empty field


@dataclass(frozen=True)
class Row:
    """A finding as the page shows it; ``reason``: why the clerk overruled it, empty while it stands."""

    matched: Matched
    reason: str

    @property
    def place(self) -> str:
        """Names its field in the form, within its material."""
        return self.matched.seen.code


@dataclass(frozen=True)
class Bound:
    """The one PDF/A made of several files of a material."""

    stored: Stored
    pages: int


@dataclass(frozen=True)
class MaterialSeen:
    """What the machine says of one material."""

    rows: tuple[Row, ...] = ()
    good: tuple[tuple[str, str], ...] = ()  # what is as it should be: heading, number
    waiting: bool = False
    missing: bool = False  # nobody asked yet, or what was said is forgotten or of an older check: to be asked for again
    stalled: bool = False  # it waits for a worker that does not come
    failed: bool = False
    name_cutout: str = ""  # base64 of a PNG, beside the name that was read
    name: str = ""
    fills: tuple[tuple[str, str], ...] = ()  # field of the form, value: where it is empty
    bound: Bound | None = None

    @property
    def standing(self) -> tuple[str, ...]:
        """The defects that stand by the machine's word."""
        return standing((row.matched for row in self.rows), (row.place for row in self.rows if row.reason))

    @property
    def bound_file(self) -> Stored | None:
        """The one file made of several, in the vault."""
        return self.bound.stored if self.bound else None

    @property
    def kept(self) -> tuple[FindingGiven, ...]:
        """What the case keeps. What differs from the form is no error of the material."""
        return tuple(
            FindingGiven(
                error=row.matched.error,
                said=row.matched.seen.message,
                code=row.place,
                level=row.matched.seen.level,
                standing=row.matched.ticks and not row.reason,
                reason=row.reason,
            )
            for row in self.rows
            if not row.place.startswith("differs-")
        )


NOTHING = MaterialSeen()


def looks(material: Material, files: list[dict[str, Any]], limits: Mapping[str, Any]) -> list[Look]:
    """What is to be looked at of a material's files: a card's sides together, anything else one by one."""
    if not files or material.check is None:
        return []
    today = timezone.localdate().isoformat()
    if material.check == "idcard":
        sides = files[:2]
        return [
            Look("idcard", tuple(f["digest"] for f in sides), tuple(f["media_type"] for f in sides), {"today": today})
        ]
    given = {"limits": dict(limits)} if material.check == "photo" else {}
    each = [Look(material.check, (file["digest"],), (file["media_type"],), given) for file in files]
    if material.check == "scan" and len(files) > 1:
        each.append(Look("pages", tuple(f["digest"] for f in files), tuple(f["media_type"] for f in files)))
    return each


def seen(draft: Draft, places: Iterable[int], *, asks: bool) -> dict[int, MaterialSeen]:
    """Place → what the machine says of that material now. One query where everything was asked before.

    ``asks``: what it has not been asked to look at is asked for now; a page that is only looked at asks for nothing.
    """
    procedure = draft.version.procedure
    files = {place: draft.body.get("files", {}).get(str(place), []) for place in places}
    photos = any(rows and procedure.materials[place].check == "photo" for place, rows in files.items())
    fields = form.whole(draft)
    limits = form.limits(procedure, form.region_of(fields)) if photos else {}
    wanted = {place: looks(procedure.materials[place], rows, limits) for place, rows in files.items()}
    known = (ask if asks else found)(look for of_place in wanted.values() for look in of_place)
    said = {
        place: judged(
            procedure.materials[place],
            place,
            files[place],
            [known[look.key] for look in of_place if look.key in known],
            fields,
            fill="card" not in draft.body and not draft.case_id,
            masked=bool(draft.case_id),
        )
        for place, of_place in wanted.items()
    }
    return {
        place: replace(one, missing=True) if any(look.key not in known for look in wanted[place]) else one
        for place, one in said.items()
    }


def judged(
    material: Material,
    place: int,
    files: list[dict[str, Any]],
    checks: list[Check],
    fields: form.Fields,
    *,
    fill: bool,
    masked: bool = False,
) -> MaterialSeen:
    """What looks at the ``files`` of a material come to, beside the ``fields`` of the form; ``fill``: values that were read
    are offered for fields that are empty; ``masked``: what differs is named, not what the record holds.
    """
    if not files:
        return NOTHING
    said: dict[str, Seen] = {}
    scanned = any(file.get("source") == MaterialFile.Source.SCANNER for file in files)
    for one in of_sources(material, scanned):
        said.setdefault(one.code, one)
    pages = next((check.result for check in checks if check.kind == "pages" and check.result), None)
    looked = [check for check in checks if check.state == Check.State.DONE and check.result and check.kind != "pages"]
    results = [check.result for check in looked]
    for result in results:
        for finding in result["findings"]:
            one = Seen(
                finding["code"],
                finding["level"],
                finding["message"],
                _text(finding["measured"]),
                _text(finding["required"]),
            )
            said.setdefault(one.code, one)
    card = next((check.result for check in looked if check.kind == "idcard"), None)
    read = _card(card) if card else None
    if read:
        for one in of_differences(differences(read, form.typed_card(fields)), masked=masked):
            said.setdefault(one.code, one)
    rows = tuple(
        Row(matched, form.one(fields, f"overrule_{place}_{matched.seen.code}")[:500] if matched.ticks else "")
        for matched in match(material, said.values())
    )
    working = [check for check in checks if check.state in (Check.State.WAITING, Check.State.WORKING)]
    return MaterialSeen(
        rows=rows,
        good=tuple(_good(material, results, said)),
        waiting=bool(working),
        stalled=any(stalled(check) for check in working),
        failed=any(check.state == Check.State.FAILED for check in checks),
        bound=_bound(pages),
        name_cutout=card["name_cutout"] if card else "",
        name=(card["name"] or "") if card else "",
        fills=tuple(_fills(card, read, fields)) if card and read and fill else (),
    )


def _bound(result: dict[str, Any] | None) -> Bound | None:
    if not result or "digest" not in result:
        return None
    return Bound(Stored(result["digest"], result["size"], "application/pdf"), result["pages"])


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _card(read: dict[str, Any]) -> Card:
    until = read["valid_until"]
    return Card(
        name=read["name"] or "",
        number=(read["number"] or "") if read["number_valid"] else "",
        address=read["address"] or "",
        valid_until=date.fromisoformat(until) if until else None,
        long_term=bool(read["long_term"]),
    )


def _fills(read: dict[str, Any], card: Card, fields: form.Fields) -> Iterable[tuple[str, str]]:
    """Values read surely enough to be put where nothing was typed."""
    if form.one(fields, "applicant_id_kind") not in ("", IdKind.RESIDENT_ID):
        return
    sure = read["confidence"]
    for field, value in values(card).items():
        name = f"applicant_{form.CARD_FIELDS[field]}"
        if sure.get(field, 0) >= SURE and not form.one(fields, name):
            yield name, value


def _good(material: Material, results: list[dict[str, Any]], said: Mapping[str, Seen]) -> Iterable[tuple[str, str]]:
    for result in results:
        if material.check == "idcard":
            if not {"front-missing", "back-missing", "not-an-id-card"} & set(said):
                yield "正反面齐", ""
            if result["expired"] is False:
                yield "在有效期内", "长期有效" if result["long_term"] else f"{result['valid_until']} 止"
        elif not any(finding["level"] == "failure" for finding in result["findings"]):
            yield from _plain(result)


def _plain(result: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """What was measured of a file in which nothing was found, in short."""
    measured = result["measurements"]
    if isinstance(measured, list):  # of each page of a scan
        sharp = max((page["sharpness"] or 0 for page in measured), default=0)
        yield "没有看到问题", f"{result['pages']} 页" + (f"，笔画边缘宽 {sharp:.1f}，应不超过 3.7" if sharp else "")
    else:
        kept = -(-measured["bytes"] // 1024)
        yield "没有看到问题", f"{measured['width']}×{measured['height']} 像素，{kept} KB"
