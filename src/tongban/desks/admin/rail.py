"""The rail of the administrator's desk."""

from typing import Any

from django.urls import reverse

from tongban.people.models import Staff

ENTRIES = (
    (
        "人员",
        (
            ("账号和岗位", "admin"),
            ("登录记录", "admin-tries"),
            ("接入系统", "admin-clients"),
            ("外部平台", "admin-platforms"),
        ),
    ),
    ("单位", (("承办地、窗口、部门", "admin-places"), ("导入窗口名录", "admin-import"))),
    ("时限", (("放假安排", "admin-calendar"),)),
    ("记录", (("变更记录", "admin-changes"),)),
)


def rail(staff: Staff, here: str = "-") -> list[dict[str, Any]]:
    """Groups of entries; nothing is counted."""
    return [
        {
            "label": label,
            "entries": [
                {"label": text, "url": reverse(name), "count": None, "on": name == here} for text, name in entries
            ],
        }
        for label, entries in ENTRIES
    ]
