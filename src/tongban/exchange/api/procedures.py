"""What may be asked before anything is: who the caller is, which packages there are and what they want."""

from typing import Annotated

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Router

from tongban.cases.models import ProcedureVersion
from tongban.cases.publish import in_force
from tongban.cases.sheets import promise
from tongban.exchange.api.access import Caller, Token, caller_of
from tongban.exchange.api.intake import windows_of
from tongban.exchange.api.problems import Stop
from tongban.exchange.api.schemas import Id, ItemAsked, MaterialAsked, Me, Place, ProcedureLine, ProcedureOut
from tongban.people.models import Region, Role

router = Router(tags=["套餐"])


@router.get("/me", response=Me, auth=Token(), summary="我是谁，能做什么")
def me(request: HttpRequest) -> Me:
    """核对令牌：这个接入系统的名称、权限、限额和岗位。"""
    caller = caller_of(request)
    units = (duty.unit for duty in caller.staff.duties_as(Role.DEPARTMENT))
    return Me(
        name=caller.client.name,
        scopes=caller.client.scopes,
        a_minute=caller.client.a_minute,
        a_day=caller.client.a_day,
        windows=[Place(id=window.pk, name=window.name) for window in windows_of(caller.staff)],
        units=[Place(id=unit.pk, name=unit.name) for unit in units if unit],
    )


def _versions(caller: Caller) -> list[ProcedureVersion]:
    regions = [duty.region_of for duty in caller.staff.duties_now if duty.region_of]
    cities = Region.objects.filter(pk__in=regions).order_by("city").values_list("city", flat=True).distinct()
    return [version for city in cities for version in in_force(city, timezone.localdate())]


@router.get("/procedures", response=list[ProcedureLine], auth=Token(), summary="正在施行的套餐")
def procedures(request: HttpRequest) -> list[ProcedureLine]:
    """本市正在施行的套餐，每个套餐一版。"""
    return [_line(version) for version in _versions(caller_of(request))]


def _line(version: ProcedureVersion) -> ProcedureLine:
    return ProcedureLine(
        id=version.pk,
        city=version.city,
        name=version.name,
        version=version.version,
        effective=version.effective,
    )


@router.get("/procedures/{procedure_id}", response=ProcedureOut, auth=Token(), summary="一个套餐要问什么、要什么")
def procedure(request: HttpRequest, procedure_id: Annotated[Id, Path()]) -> ProcedureOut:
    """可以选的事项、要交的材料、承办地和承诺时限。"""
    version = next((one for one in _versions(caller_of(request)) if one.pk == procedure_id), None)
    if version is None:
        raise Stop(404)
    said = version.procedure
    return ProcedureOut(
        **_line(version).model_dump(),
        items=[ItemAsked(code=item.code or item.name, name=item.name) for item in said.items if item.pickable],
        materials=[
            MaterialAsked(place=place, **{name: getattr(material, name) for name in MATERIAL})
            for place, material in enumerate(said.materials)
        ],
        regions=[
            Place(id=region.pk, name=region.name) for region in Region.objects.filter(city=version.city, closed_at=None)
        ],
        promise=promise(said),
        fee=said.policy.fee,
    )


MATERIAL = tuple(name for name in MaterialAsked.model_fields if name != "place")
