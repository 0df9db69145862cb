"""``tongban people add-administrator``: the first administrator, or one more when nobody can log in."""

import argparse
import sys


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``tongban people add-administrator``."""
    parser.add_argument("username", help="账号，如 zhang")
    parser.add_argument("--name", required=True, help="姓名")


def run(args: argparse.Namespace) -> int:
    """Make the account with the duty and print its first password; exit 2 with one line on stderr when it cannot be."""
    from tongban.ready import django_ready

    django_ready()
    from django.db import transaction

    from tongban.people import accounts
    from tongban.people.models import Role, Staff
    from tongban.people.refused import Refused

    try:
        with transaction.atomic():
            password = accounts.create_account(None, key=None, username=args.username, name=args.name)
            staff = Staff.objects.get(username=args.username.strip().lower())
            accounts.give_duty(None, key=None, staff_id=staff.pk, role=Role.ADMINISTRATOR, scope_id=None)
    except Refused as error:
        print(error, file=sys.stderr)
        return 2
    print(f"系统管理员 {staff.username}（{staff.name}）已建立，首次密码：{password}")
    print("登录后要设置第二验证，并更改密码。账号和岗位都在“系统管理”里安排。")
    return 0
