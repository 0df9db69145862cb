"""The vault: what goes in comes out, what is altered is noticed, what is not what it says is refused."""

import os
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from tongban.vault import store
from tongban.vault.kinds import SIGNATURES, SUFFIXES, NotAccepted
from tongban.vault.store import Damaged

KINDS = st.sampled_from(SIGNATURES)


def place(digest: str) -> Path:
    return Path(settings.VAULT) / digest[:2] / digest[2:4] / digest


@given(KINDS, st.binary(max_size=2000))
def test_what_goes_in_comes_out(kind: tuple[bytes, str], rest: bytes) -> None:
    data = kind[0] + rest
    kept = store.store(data)
    assert (store.read(kept.digest), kept.size, kept.media_type) == (data, len(data), kind[1])
    assert store.store(data) == kept


@given(KINDS, st.binary(min_size=1, max_size=200), st.data())
def test_one_altered_byte_is_noticed_and_storing_again_mends_it(
    kind: tuple[bytes, str], rest: bytes, data: st.DataObject
) -> None:
    whole = kind[0] + rest
    kept = store.store(whole)
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = bytearray(whole)
    changed[at] ^= 1
    place(kept.digest).write_bytes(bytes(changed))
    with pytest.raises(Damaged, match="不一致"):
        store.read(kept.digest)
    assert store.read(store.store(whole).digest) == whole


def test_a_missing_file_is_said() -> None:
    with pytest.raises(Damaged, match="不见了"):
        store.read("0" * 64)


@pytest.mark.parametrize(("start", "kind"), SIGNATURES)
@pytest.mark.parametrize("suffix", sorted({suffix for suffixes in SUFFIXES.values() for suffix in suffixes}))
def test_the_name_must_agree_with_the_content(start: bytes, kind: str, suffix: str) -> None:
    if suffix in SUFFIXES[kind]:
        assert store.store(start + b"x", f"文件{suffix.upper()}").media_type == kind
    else:
        with pytest.raises(NotAccepted, match="内容却是"):
            store.store(start + b"x", f"文件{suffix}")


@pytest.mark.parametrize("data", [b"", b"<svg/>", b"<html>", b"PK\x03\x04", b"MZ", b"GIF89a", b" %PDF-", b"\xff\xd8"])
def test_other_kinds_are_refused(data: bytes) -> None:
    with pytest.raises(NotAccepted) as refused:
        store.store(data, "a.jpg")
    assert str(refused.value).endswith("。")


def test_too_large_is_refused_before_anything_is_written(settings: object) -> None:
    settings.UPLOAD_LIMIT = 2**20  # type: ignore[attr-defined]
    with pytest.raises(NotAccepted, match="超过 1 MB"):
        store.store(b"\xff\xd8\xff" + bytes(2**20))


def test_a_full_disk_leaves_nothing_half_written(monkeypatch: pytest.MonkeyPatch) -> None:
    data = b"\xff\xd8\xff" + b"full disk"

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            store.store(data)
    import hashlib

    folder = place(hashlib.sha256(data).hexdigest()).parent
    assert list(folder.iterdir()) == []
    assert store.read(store.store(data).digest) == data
