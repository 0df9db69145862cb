"""What each sub-clause is about, by its words; rules and desks cite by topic, never by number."""

import re

from tongban.procedure.model import Topic
from tongban.procedure.sections import Node

# Within a section on the key's topic, the first clause whose words match is the clause on the value's topic.
WORDS: dict[Topic, tuple[tuple[Topic, str], ...]] = {
    Topic.INTAKE: (
        (Topic.DECLINE, r"不予收件|不属于.*收件范围"),
        (Topic.CORRECT_NOW, r"当场更正"),
        (Topic.SUPPLEMENT, r"补正"),
        (Topic.TOLERANCE, r"容缺告知书|容缺承诺书|符合容缺"),
        (Topic.CONFORM, r"^对?(申请材料)?(齐全.*)?符合收件要点"),
        (Topic.DIGITISE, r"电子化处理|推送"),
        (Topic.DELIVERY, r"邮寄需求|寄递需求|邮寄.*信息"),
        (Topic.RECEIPT, r"收件文书|收件回执|收文清单"),
        (Topic.PAPER_LISTS, r"单位材料目录|材料目录"),
        (Topic.REGISTRATION, r"注册"),
        (Topic.RATING, r"好差评"),
        (Topic.HAND_ON, r"移交发证|移交.*发证"),
    ),
    Topic.RELEASE: (
        (Topic.RELEASE_POST, r"寄送|邮寄"),
        (Topic.RELEASE_DOCUMENTS, r"收文清单.*(满足其一|同时|的)|身份证、收文清单"),
        (Topic.RELEASE_MESSAGE, r"写出|领证短信.*(转发信息|身份证号)"),
        (Topic.RELEASE_VOUCHER, r"代领或担保|担保"),
        (Topic.RELEASE_REFUSED, r"^不能现场发放|不予发放|不得发放"),
        (Topic.RELEASE_ON_SITE, r"现场发放"),
    ),
}


def set_topics(sections: list[Node]) -> None:
    """Give sub-clauses their topics; each topic goes to one clause, the first that matches and has none yet."""
    for section in sections:
        for topic, pattern in WORDS.get(section.topic, ()) if section.topic else ():
            refused = topic is not Topic.RELEASE_REFUSED
            for node in list(section.walk())[1:]:
                if node.topic is None and re.search(pattern, node.text) and (refused or not node.text.startswith("可")):
                    if topic in (Topic.RELEASE_DOCUMENTS, Topic.RELEASE_MESSAGE, Topic.RELEASE_VOUCHER) and re.match(
                        r"不能|不得|不予", node.text
                    ):
                        continue
                    node.topic = topic
                    break
