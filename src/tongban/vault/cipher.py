"""Authenticated encryption: SM4-GCM (GB/T 32907 in the mode of GB/T 36624) or AES-256-GCM, from ``cryptography``.

The texts of these standards were not seen; that the parts agree with them rests on the library.
"""

import os

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

ALGORITHMS = {"sm4": algorithms.SM4, "aes": algorithms.AES256}
SIZES = {"sm4": 16, "aes": 32}  # of the key, in bytes
NONCE, TAG = 12, 16


def encrypt(algorithm: str, key: bytes, data: bytes, about: bytes) -> bytes:
    """Nonce, ciphertext and tag of ``data``; ``about`` (what and where it is) must be the same to open it."""
    nonce = os.urandom(NONCE)
    work = Cipher(ALGORITHMS[algorithm](key), modes.GCM(nonce)).encryptor()
    work.authenticate_additional_data(about)
    return nonce + work.update(data) + work.finalize() + work.tag


def decrypt(algorithm: str, key: bytes, sealed: bytes, about: bytes) -> bytes:
    """What :func:`encrypt` was given. Raises ``cryptography.exceptions.InvalidTag`` when anything was altered."""
    nonce, content, tag = sealed[:NONCE], sealed[NONCE:-TAG], sealed[-TAG:]
    work = Cipher(ALGORITHMS[algorithm](key), modes.GCM(nonce, tag)).decryptor()
    work.authenticate_additional_data(about)
    return work.update(content) + work.finalize()
