"""What the machine saw of the files of a draft, beside each material, and what the clerk overruled."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tongban.cases import looks
from tongban.cases.application import FindingGiven
from tongban.cases.looks import Bound
from tongban.cases.models import Draft, IdKind
from tongban.checks.looking import ask, found, stalled
from tongban.checks.models import Check
from tongban.desks.window import draft as form
from tongban.procedure.model import Material
from tongban.rules.card import Card, values
from tongban.rules.machine import Matched, Seen, match, of_sources, standing
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
        reasons = {row.place: row.reason for row in self.rows}
        return looks.kept((row.matched for row in self.rows if not row.place.startswith("differs-")), reasons)


NOTHING = MaterialSeen()


def seen(draft: Draft, places: Iterable[int], *, asks: bool) -> dict[int, MaterialSeen]:
    """Place → what the machine says of that material now. One query where everything was asked before.

    ``asks``: what it has not been asked to look at is asked for now; a page that is only looked at asks for nothing.
    """
    procedure = draft.version.procedure
    files = {place: draft.body.get("files", {}).get(str(place), []) for place in places}
    photos = any(rows and procedure.materials[place].check == "photo" for place, rows in files.items())
    fields = form.whole(draft)
    limits = looks.limits(procedure, form.region_of(fields)) if photos else {}
    wanted = {
        place: looks.looks(procedure.materials[place], form.looked(rows), limits, form.scanned(rows))
        for place, rows in files.items()
    }
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
    results = looks.results_of(checks)
    said = {one.code: one for one in of_sources(material, bool(form.scanned(files)))} | looks.findings_in(results)
    card = next((result for kind, result in results if kind == "idcard"), None)
    read = looks.card_in(results)
    said |= looks.differing(read, form.typed_card(fields), masked=masked)
    rows = tuple(
        Row(matched, form.one(fields, f"overrule_{place}_{matched.seen.code}")[:500] if matched.ticks else "")
        for matched in match(material, said.values())
    )
    working = [check for check in checks if check.state in (Check.State.WAITING, Check.State.WORKING)]
    return MaterialSeen(
        rows=rows,
        good=tuple(_good(material, [result for kind, result in results if kind == material.check], said)),
        waiting=bool(working),
        stalled=any(stalled(check) for check in working),
        failed=any(check.state == Check.State.FAILED for check in checks),
        bound=looks.bound_in(results),
        name_cutout=card["name_cutout"] if card else "",
        name=(card["name"] or "") if card else "",
        fills=tuple(_fills(card, read, fields)) if card and read and fill else (),
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
