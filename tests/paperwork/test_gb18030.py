"""Every character of GB 18030-2022 levels 1 and 2 has a glyph in both fonts of the forms, as typst itself finds it.

The standard's own text was not seen. Level 1 is taken as K. Lunde's article "The GB 18030-2022 Standard" gives it: what the edition
of 2005 required (its two-byte part and CJK extension A) and 66 more ideographs at the end of the basic block. Python's codec,
of the edition of 2005, gives the two-byte part; its places in the private use area (1,894 for users, the rest moved since) have
no glyph of their own. Level 2 adds the 196 ideographs of the Table of General Standard Chinese Characters (通用规范汉字表, 2013)
beyond level 1: read from the property kTGH of Unihan 15.0 (8,105 characters, of which these 196 are not in level 1).
"""

import itertools

import pytest

from tongban.paperwork.form import form
from tongban.paperwork.samples import sample

pytestmark = pytest.mark.pure
LEVEL_2 = (
    "𠅤𠙶𠳐𡎚𡐓𣗋𣲗𣲘𣸣𤧛𤩽𤫉𥔲𥕢𥖨𥻗𦈡𦒍𦙶𦝼𦭜𦰡𧿹𨐈𨙸𨚕𨟠𨭉𨱇𨱏𨱑𨱔𨺙𩽾𩾃𩾌𪟝𪣻𪤗𪨰𪨶𪩘𪾢𫄧𫄨𫄷𫄸𫇭𫌀"
    "𫍣𫍯𫍲𫍽𫐄𫐐𫐓𫑡𫓧𫓯𫓶𫓹𫔍𫔎𫔶𫖮𫖯𫖳𫗧𫗴𫘜𫘝𫘦𫘧𫘨𫘪𫘬𫚕𫚖𫚭𫛭𫞩𫟅𫟦𫟹𫟼𫠆𫠊𫠜𫢸𫫇𫭟𫭢𫭼𫮃𫰛𫵷𫶇𫷷"
    "𫸩𬀩𬀪𬂩𬃊𬇕𬇙𬇹𬉼𬊈𬊤𬌗𬍛𬍡𬍤𬒈𬒔𬒗𬕂𬘓𬘘𬘡𬘩𬘫𬘬𬘭𬘯𬙂𬙊𬙋𬜬𬜯𬞟𬟁𬟽𬣙𬣞𬣡𬣳𬤇𬤊𬤝𬨂𬨎𬩽𬪩𬬩𬬭𬬮"
    "𬬱𬬸𬬹𬬻𬬿𬭁𬭊𬭎𬭚𬭛𬭤𬭩𬭬𬭯𬭳𬭶𬭸𬭼𬮱𬮿𬯀𬯎𬱖𬱟𬳵𬳶𬳽𬳿𬴂𬴃𬴊𬶋𬶍𬶏𬶐𬶟𬶠𬶨𬶭𬶮𬷕𬸘𬸚𬸣𬸦𬸪𬹼𬺈𬺓"
)


def level_1() -> list[str]:
    """The characters of level 1 that are drawn, in the order of their codes."""
    codes = itertools.product(range(0x81, 0xFF), (*range(0x40, 0x7F), *range(0x80, 0xFF)))
    two_bytes = {bytes(code).decode("gb18030") for code in codes}
    extension, end_of_basic = range(0x3400, 0x4DB6), range(0x9FA6, 0x9FF0)
    every = two_bytes | set(map(chr, extension)) | set(map(chr, end_of_basic))
    return sorted(char for char in every if not 0xE000 <= ord(char) < 0xF900)


def test_the_levels_are_as_large_as_is_known() -> None:
    assert len(set(LEVEL_2)) == 196
    assert not set(LEVEL_2) & set(level_1())
    ideographs = [char for char in level_1() if "\u3400" <= char <= "\u9fff" or "\uf900" <= char <= "\ufaff"]
    assert len(ideographs) == 20_902 + 74 + 6_582 + 21


@pytest.mark.parametrize("field", ["reason", "title_line"])  # set in 宋体; in 黑体
def test_every_character_of_levels_1_and_2_is_drawn(field: str) -> None:
    every = [*level_1(), *LEVEL_2]
    for start in range(0, len(every), 4_000):
        text = "".join(every[start : start + 4_000])
        form("decline_notice", sample("decline_notice") | {field: text})  # raises for a character without a glyph
