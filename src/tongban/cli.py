"""The command ``tongban``: one parser, each command in the room it belongs to.

A command is a module with ``add(parser)`` (its arguments) and ``run(args) -> int`` (its exit code). Pure commands never
load Django; the others call :func:`tongban.ready.django_ready` first.
"""

import argparse
import importlib
import sys

# command → (module, one line of help). Two words are a group and its member.
COMMANDS = {
    "procedure read": ("tongban.procedure.command_read", "读工作规程文件，输出结构化数据"),
    "procedure diff": ("tongban.procedure.command_diff", "比较两份工作规程对办事人的差别"),
    "procedure publish": ("tongban.cases.command_publish", "发布工作规程的一个版本"),
    "idcard read": ("tongban.imaging.command_idcard", "读身份证"),
    "scan check": ("tongban.imaging.command_scan", "检查扫描件是否清晰、端正、完整"),
    "photo check": ("tongban.people.command_photo", "检查寸照，可生成符合要求的照片"),
    "calendar import": ("tongban.cases.command_calendar", "导入一年的放假安排，重算在办件的时限"),
    "sweep": ("tongban.cases.command_sweep", "巡检在办件：红黄灯和提醒"),
    "clock": ("tongban.rules.command_clock", "逐日推算办结时限"),
    "work": ("tongban.desks.command_work", "持续做后台工作：发送、每日记录"),
    "audit root": ("tongban.cases.command_root", "把各办件经过的摘要记到数据库之外"),
    "audit verify": ("tongban.cases.command_audit", "核验办件经过有无篡改"),
    "archive verify": ("tongban.archive.command_verify", "核验归档信息包，只要文件本身"),
    "archive read": ("tongban.archive.command_read", "不用数据库，看一个归档信息包里的办件"),
    "archive transfer": ("tongban.archive.command_transfer", "导出一个移交批次的信息包和清单"),
    "vault verify": ("tongban.cases.command_vault", "核对库存文件有无缺失和改动"),
    "people add-administrator": ("tongban.people.command_administrator", "建立系统管理员账号"),
    "keys rotate": ("tongban.vault.command_keys", "换数据密钥，把已加密的内容换成新密钥"),
    "exchange platform": ("tongban.exchange.command_platform", "外部平台的地址和密钥"),
    "exchange reconcile": ("tongban.exchange.command_reconcile", "和外部平台逐件核对"),
    "backup": ("tongban.cases.command_backup", "把数据库和全部文件备份成一个加密文件"),
    "restore": ("tongban.cases.command_restore", "从备份恢复到空的数据目录"),
    "devices simulate": ("tongban.capture.command_simulate", "模拟身份证读卡器"),
    "devices licences": ("tongban.capture.command_licences", "模拟电子证照库"),
    "setup": ("tongban.desks.command_setup", "建库、载入城市资料和规程、建立示例账号"),
    "serve": ("tongban.desks.command_serve", "启动服务"),
}


def parser(words: list[str]) -> argparse.ArgumentParser:
    """The parser; only the command named in ``words`` is imported, so that a pure command starts at once."""
    top = argparse.ArgumentParser(prog="tongban", description="通办：读工作规程，按工作规程办事。")
    commands = top.add_subparsers(required=True, metavar="命令")
    groups: dict[str, argparse._SubParsersAction[argparse.ArgumentParser]] = {}
    for name, (module, text) in COMMANDS.items():
        group, _, member = name.rpartition(" ")
        into = commands
        if group:
            if group not in groups:
                groups[group] = commands.add_parser(group).add_subparsers(required=True, metavar="命令")
            into = groups[group]
        sub = into.add_parser(member, help=text, description=text)
        if words[: len(name.split())] == name.split():
            loaded = importlib.import_module(module)
            loaded.add(sub)
            sub.set_defaults(run=loaded.run)
    return top


def main() -> None:
    """Entry point of the ``tongban`` command."""
    if sys.argv[1:2] == ["manage"]:
        from tongban.ready import manage

        manage(sys.argv[1:])
        return
    args = parser(sys.argv[1:]).parse_args()
    raise SystemExit(args.run(args))
