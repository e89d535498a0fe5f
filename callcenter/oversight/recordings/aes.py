"""AES-256-GCM by the OpenSSL that Python itself is linked with: one message in, one out.

The standard library has HMAC and no cipher. These few calls (EVP_EncryptInit_ex and its sisters,
the same since OpenSSL 1.0.1) are all that is needed, so that no library is. They let other threads
run meanwhile. A key and a nonce are never used twice together: sealing.py sees to that.
"""

import ctypes
import ctypes.util
from ctypes import POINTER, byref, c_char_p, c_int, c_void_p, create_string_buffer
from functools import cache

TAG_BYTES, NONCE_BYTES, KEY_BYTES = 16, 12, 32
_GET_TAG, _SET_TAG = 0x10, 0x11  # EVP_CTRL_AEAD_GET_TAG, EVP_CTRL_AEAD_SET_TAG
_NAMES = ("libcrypto.so.3", "libcrypto.so.1.1", "libcrypto.so", "libcrypto.dylib")


class NoCipherError(Exception):
    """OpenSSL's libcrypto is not on this host."""


class TamperedError(Exception):
    """The message is not what was sealed with this key, nonce and associated data."""


@cache
def _openssl() -> ctypes.CDLL:
    found = ctypes.util.find_library("crypto")
    for name in (*((found,) if found else ()), *_NAMES):
        try:
            library = ctypes.CDLL(name)
        except OSError:
            continue
        _declare(library)
        return library
    raise NoCipherError("OpenSSL's libcrypto is not found: install libssl3")


def _declare(library: ctypes.CDLL) -> None:
    """The types of what is called; a pointer must not be cut to an int."""
    new, free = library.EVP_CIPHER_CTX_new, library.EVP_CIPHER_CTX_free
    new.restype, new.argtypes = c_void_p, []
    free.restype, free.argtypes = None, [c_void_p]
    library.EVP_aes_256_gcm.restype, library.EVP_aes_256_gcm.argtypes = c_void_p, []
    library.EVP_CIPHER_CTX_ctrl.restype = c_int
    library.EVP_CIPHER_CTX_ctrl.argtypes = [c_void_p, c_int, c_int, c_void_p]
    for way in ("Encrypt", "Decrypt"):
        begin = getattr(library, f"EVP_{way}Init_ex")
        begin.restype = c_int
        begin.argtypes = [c_void_p, c_void_p, c_void_p, c_char_p, c_char_p]
        update = getattr(library, f"EVP_{way}Update")
        update.restype = c_int
        update.argtypes = [c_void_p, c_void_p, POINTER(c_int), c_char_p, c_int]
        final = getattr(library, f"EVP_{way}Final_ex")
        final.restype, final.argtypes = c_int, [c_void_p, c_void_p, POINTER(c_int)]


def is_there() -> bool:
    """Whether anything can be sealed on this host."""
    try:
        _openssl()
    except NoCipherError:
        return False
    return True


def seal(key: bytes, nonce: bytes, plain: bytes, about: bytes) -> bytes:
    """The sealed message with its tag behind it. `about`: is not kept, and must be said again."""
    library = _checked(key, nonce)
    context, out, made = (
        library.EVP_CIPHER_CTX_new(),
        create_string_buffer(len(plain) or 1),
        c_int(),
    )
    tag = create_string_buffer(TAG_BYTES)
    try:
        _must(library.EVP_EncryptInit_ex(context, library.EVP_aes_256_gcm(), None, key, nonce))
        _must(library.EVP_EncryptUpdate(context, None, byref(made), about, len(about)))
        _must(library.EVP_EncryptUpdate(context, out, byref(made), plain, len(plain)))
        _must(library.EVP_EncryptFinal_ex(context, tag, byref(made)))
        _must(library.EVP_CIPHER_CTX_ctrl(context, _GET_TAG, TAG_BYTES, tag))
    finally:
        library.EVP_CIPHER_CTX_free(context)
    return out.raw[: len(plain)] + tag.raw


def unseal(key: bytes, nonce: bytes, sealed: bytes, about: bytes) -> bytes:
    """The message. TamperedError when one bit of anything is another."""
    library = _checked(key, nonce)
    if len(sealed) < TAG_BYTES:
        raise TamperedError("too short")
    body, tag = sealed[:-TAG_BYTES], create_string_buffer(sealed[-TAG_BYTES:], TAG_BYTES)
    context, out, made = library.EVP_CIPHER_CTX_new(), create_string_buffer(len(body) or 1), c_int()
    rest = create_string_buffer(TAG_BYTES)
    try:
        _must(library.EVP_DecryptInit_ex(context, library.EVP_aes_256_gcm(), None, key, nonce))
        _must(library.EVP_DecryptUpdate(context, None, byref(made), about, len(about)))
        _must(library.EVP_DecryptUpdate(context, out, byref(made), body, len(body)))
        _must(library.EVP_CIPHER_CTX_ctrl(context, _SET_TAG, TAG_BYTES, tag))
        if library.EVP_DecryptFinal_ex(context, rest, byref(made)) != 1:
            raise TamperedError("the tag does not fit")
    finally:
        library.EVP_CIPHER_CTX_free(context)
    return out.raw[: len(body)]


def _checked(key: bytes, nonce: bytes) -> ctypes.CDLL:
    if (len(key), len(nonce)) != (KEY_BYTES, NONCE_BYTES):
        raise ValueError("AES-256-GCM takes a key of 32 bytes and a nonce of 12")
    return _openssl()


def _must(result: int) -> None:
    if result != 1:
        raise NoCipherError("OpenSSL refuses AES-256-GCM")
