"""The page a bag's own label leads to: what belongs into it, until when, and that it is in the mail. Names no person."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from tongban.cases.actions.door import NotFound, Refused
from tongban.custody.bags import bag_by_code, mailed, still_missing
from tongban.custody.codes import normalise
from tongban.desks.doors import key_of, new_key
from tongban.desks.public import too_often


def page(request: HttpRequest, code: str) -> HttpResponse:
    """Open to whoever holds the bag: the code on it cannot be guessed, and guessing is slowed down."""
    given = normalise(code)
    if too_often(request):
        return render(request, "public/bag.html", {"here": "", "said": "查询太频繁，请过一会儿再试。"}, status=429)
    bag = bag_by_code(given)
    if bag is None:
        raise Http404
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            mailed(bag.code, waybill=request.POST.get("waybill", ""), key=key_of(request))
            return redirect("public-bag", bag.code)
        except NotFound as error:
            raise Http404 from error
        except Refused as error:
            errors = error.fields or {"waybill": str(error)}
    context = {
        "here": "",
        "elder": request.COOKIES.get("elder") == "1",
        "bag": bag,
        "rows": still_missing(bag.case),
        "hall": getattr(bag.case.region, "hall", None),
        "errors": errors,
        "typed": request.POST.get("waybill", "")[:40],
        "key": new_key(),
    }
    return render(request, "public/bag.html", context, status=422 if errors else 200)
