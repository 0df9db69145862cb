"""What a person writes into an act: checked once, said kindly."""

from tongban.cases.actions.door import Refused
from tongban.cases.application import has_control

LONGEST = 500


def written(text: str, what: str, *, name: str, needed: bool = True, longest: int = LONGEST) -> str:
    """``text`` of the field ``name`` without outer spaces. Raises :class:`Refused` when it is empty, too long or unprintable."""
    found = text.strip()
    error = ""
    if needed and not found:
        error = f"请填写{what}。"
    elif len(found) > longest:
        error = f"{what}最多 {longest} 个字，现在 {len(found)} 个，请删减。"
    elif has_control(found.replace("\n", "").replace("\r", "")):
        error = f"{what}里有看不见的控制字符，请删去后重新输入。"
    if error:
        raise Refused(error, {name: error})
    return found
