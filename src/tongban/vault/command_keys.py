"""``tongban keys rotate``: a new data key, and everything sealed anew with it while the system runs."""

import argparse
import itertools
import sys


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``tongban keys rotate``."""
    parser.add_argument("--resume", action="store_true", help="不换新密钥，只把还在用旧密钥的内容换过来")
    parser.add_argument("--quiet", action="store_true", help="不显示进度")


def run(args: argparse.Namespace) -> int:
    """Make a key and seal everything with it. Stopped half-way nothing is lost: ``--resume`` goes on. Exit 1 when a file is damaged."""
    from tongban.ready import django_ready

    django_ready()
    from tqdm import tqdm

    from tongban.vault import keys, rotation, store

    if not args.resume:
        keys.make(keys.Purpose.SEAL)
    key = keys.newest(keys.Purpose.SEAL)
    moved = 0
    damaged = []
    steps = itertools.chain(rotation.rows(), rotation.files())
    for done in tqdm(steps, total=rotation.how_much(), disable=args.quiet, unit="项", desc="换密钥", file=sys.stderr):
        if isinstance(done, store.Damaged):
            damaged.append(str(done))
        else:
            moved += done
    print("".join(f"{error}\n" for error in damaged), end="")
    left = rotation.left()
    print(f"现用 {key.serial} 号密钥（{key.algorithm}），换了 {moved} 项。")
    if left:
        print(f"其间又有 {left} 行用旧密钥写入，旧密钥仍可读；再运行 tongban keys rotate --resume 换过来。")
    return 1 if damaged else 0
