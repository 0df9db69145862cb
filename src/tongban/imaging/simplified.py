"""Characters as identity cards print them: the recogniser likes to return 漢 for a printed 汉."""

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opencc import OpenCC

# Outside GB 2312 and yet standard (通用规范汉字表, 2013): OpenCC would turn them into another word's character.
KEPT = frozenset("昇陞氾淩祕谿蒐脩扞剋劄甦濬龢瞭蘋")


@lru_cache(maxsize=1)
def _converter() -> "OpenCC":
    from opencc import OpenCC

    return OpenCC("t2s")


@lru_cache(maxsize=4096)
def _one(char: str) -> str:
    if char < "\u2e80" or char in KEPT:
        return char
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        printed: str = _converter().convert(char)
        return printed if len(printed) == 1 else char
    return char


def simplified(text: str) -> str:
    """``text``, character by character, as it is printed in simplified characters; its length stays.

    A character that is standard in simplified writing (GB 2312: 乾, 於, 著 stand in names) stays what it is.
    """
    return "".join(map(_one, text))
