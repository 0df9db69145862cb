"""Clause 七: the platform follows the department's region."""

import pytest

from tests.official import official
from tongban.procedure.model import Procedure
from tongban.rules.routing import route

pytestmark = pytest.mark.pure


@pytest.mark.parametrize("region", [contact.region for contact in official().contacts] + ["益阳市本级", "没有听过的县"])
def test_platform_of_each_region(region: str) -> None:
    way = route(official(), region, {})
    own = region == "桃江县"
    assert (way.platform, way.module) == ("桃江县一体化平台" if own else "市一体化平台", "跨域通办")
    assert way.clauses == ("七",)


def test_a_procedure_that_names_none_says_so() -> None:
    with pytest.raises(LookupError, match="南县"):
        route(Procedure(name="样例"), "南县", {})
