"""Rating an act of service (clause 八（八）): each once, voluntarily, by who knows its number and the end of the phone or holds its link."""

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Count, Q

from tongban.cases.actions.applicant import applicant_act
from tongban.cases.actions.door import Change, Conflict, Refused, act
from tongban.cases.actions.outside import outside_act
from tongban.cases.application import has_control
from tongban.cases.models import Case
from tongban.cases.states import CaseState
from tongban.people.city import RatingRules
from tongban.people.models import City, Role, Staff
from tongban.procedure.model import Topic
from tongban.ratings.models import BAD, DONE, Channel, FollowUp, Invitation, Level, Rating, Service

COMMENT_LENGTH = 500
AT_THE_TABLET = timedelta(minutes=10)


def ratable(state: str) -> bool:
    """Whether a case in ``state`` can be rated: once it was taken in."""
    return state not in (CaseState.SUPPLEMENTING, CaseState.DESTROYED)


def services(case: Case) -> list[Service]:
    """The acts of service of a case that may be rated, the newest first: who was handed a result may rate that as well."""
    handed = case.events.filter(kind="handed_over").exists()
    return [Service.HANDOVER] * handed + [Service.INTAKE] * ratable(case.state)


def to_rate(case: Case) -> Service | None:
    """The newest act of service that was not rated yet; None where there is none."""
    rated = set(case.ratings.values_list("service", flat=True))
    return next((service for service in services(case) if service not in rated), None)


def served_by(case: Case, service: str) -> int:
    """Who did the service: they do not follow up what was said of it. 0 where nobody did."""
    if service == Service.HANDOVER:
        newest = case.events.filter(kind="handed_over").order_by("-sequence").first()
        return newest.by_id or 0 if newest else 0
    return case.taken_by_id


def rules_of(city: str) -> RatingRules:
    """What a city decides about ratings; the defaults where it says nothing."""
    found = City.objects.filter(name=city).values_list("ratings", flat=True).first()
    return RatingRules.model_validate(found or {})


def _rate(
    change: Change, *, level: int, comment: str = "", reasons: Iterable[str] = (), channel: str, service: str
) -> None:
    if level not in Level.values:
        raise Refused("请选择满意程度。", {"level": "请选择满意程度。"})
    if len(comment) > COMMENT_LENGTH or has_control(comment.replace("\n", "").replace("\r", "")):
        raise Refused("意见有误。", {"comment": f"意见最多 {COMMENT_LENGTH} 个字，不能有控制字符。"})
    if not ratable(change.case.state):
        raise Refused("这个办件还没有收件，办理后再请评价。")
    if service not in services(change.case):
        raise Refused("这次服务还没有办好，办好以后再请评价。")
    if Rating.objects.filter(case=change.case, service=service).exists():
        raise Conflict("这次服务已经评价过，一次服务评价一次。")
    rules = rules_of(change.case.version.city)
    chosen = [reason for reason in rules.reasons(level) if reason in set(reasons)]
    rating = Rating.objects.create(
        case=change.case,
        service=service,
        level=level,
        reasons=chosen,
        comment=comment.strip(),
        channel=channel,
        rated_at=change.now,
    )
    change.note("rated", change.cite(Topic.RATING), service=service)
    if level in BAD:
        due = change.today + timedelta(days=rules.answer_days)
        who = least_busy(change, service)
        FollowUp.objects.create(case=change.case, rating=rating, assignee=who, opened_at=change.now, due_on=due)


def least_busy(change: Change, service: str) -> Staff | None:
    """Who follows a bad rating up: oversight of the case's region, else of every region, with the fewest open ones.

    Never who did the service. None where there is nobody: it then waits for somebody to be named.
    """
    now = change.now
    in_force = Q(duties__role=Role.OVERSIGHT, duties__starts_at__lte=now) & (
        Q(duties__ends_at=None) | Q(duties__ends_at__gt=now)
    )
    for scope in (Q(duties__region=change.case.region_id), Q(duties__region=None)):
        found = (
            Staff.objects.filter(in_force & scope, is_active=True)
            .exclude(pk=served_by(change.case, service))
            .distinct()
        )
        open_ones = {
            row["assignee"]: row["n"]
            for row in FollowUp.objects.exclude(state__in=DONE).values("assignee").annotate(n=Count("pk"))
        }
        if people := sorted(found, key=lambda person: (open_ones.get(person.pk, 0), person.pk)):
            return people[0]
    return None


@applicant_act
def rate(
    change: Change, *, level: int, comment: str = "", reasons: Iterable[str] = (), service: str = Service.INTAKE
) -> None:
    """Rate a service 1 (非常满意) to 5 (非常不满意) from the progress page. A second rating of it is a :class:`Conflict`."""
    _rate(change, level=level, comment=comment, reasons=reasons, channel=Channel.PROGRESS, service=service)


@outside_act("申请人")
def rate_held(
    change: Change,
    *,
    level: int,
    comment: str = "",
    reasons: Iterable[str] = (),
    channel: str,
    service: str = Service.INTAKE,
) -> None:
    """The same by who holds the case's signed link, or stands before the tablet of the window that invited them."""
    _rate(change, level=level, comment=comment, reasons=reasons, channel=channel, service=service)
    Invitation.objects.filter(case=change.case).delete()


@act("rating_invited", Role.WINDOW, Role.ISSUING)
def invite(change: Change) -> None:
    """The clerk pointed the applicant to the rating; the window's tablet shows it for ten minutes. Nothing follows from it."""
    change.note("rating_invited", change.cite(Topic.RATING))
    if to_rate(change.case):
        until = change.now + AT_THE_TABLET
        Invitation.objects.update_or_create(window=change.case.window, defaults={"case": change.case, "until": until})
