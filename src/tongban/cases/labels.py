"""What a kind of event is called on a screen."""

LABELS = {
    "taken_in": "收件",
    "declined": "不予收件",
    "supplement_asked": "要求补正",
    "tolerated": "容缺收件",
    "supplemented": "补正材料",
    "supplied": "补齐容缺材料",
    "late_defect": "再次要求补正",
    "pushed": "推送承办部门",
    "reused": "利用历史资料",
    "verdict_overruled": "改判",
    "accepted": "受理，开始计时",
    "not_accepted": "不予受理",
    "paused": "中止计时",
    "resumed": "恢复计时",
    "fee_asked": "通知缴费",
    "fee_confirmed": "确认缴费",
    "granted": "准予办结",
    "refused": "不予办理",
    "result_sent": "结果转发证岗位",
    "given_to_post": "结果交邮政专递窗口",
    "posted": "结果寄出",
    "post_returned": "邮件退回发证岗位",
    "post_received": "寄件签收",
    "handed_over": "发放结果",
    "release_refused": "不予现场发放",
    "release_unlocked": "解除发证锁定",
    "form_issued": "出具文书",
    "form_handed": "文书已交申请人",
    "form_signed": "存入签字件",
    "registration_helped": "协助注册使用",
    "rating_invited": "引导评价",
    "rated": "申请人评价",
    "papers_to_issuing": "工作资料移交发证人员",
    "papers_to_archive": "工作资料移交归档人员",
    "archived": "归档",
    "list_made": "制作单位材料目录",
    "list_sent": "纸质材料寄出",
    "list_received": "邮政专递窗口接收",
    "list_delivered": "纸质材料送达单位窗口",
    "withdrawn": "申请人撤回",
}


def label(kind: str) -> str:
    """The Chinese name of a kind of event; the kind itself where there is none."""
    return LABELS.get(kind, kind)
