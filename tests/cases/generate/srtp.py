"""SRTP and SRTCP for the expectations: RFC 3711, RFC 6188 and RFC 7714, read from the RFCs and shared with nobody.

Only sealing: what comes in was sealed here, too, so it is known without being opened.
"""

import hashlib
import hmac
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

E_FLAG = 1 << 31


@dataclass(frozen=True)
class Suite:
    name: str
    key_length: int
    salt_length: int
    rtp_tag: int
    rtcp_tag: int
    aead: bool


NONE = Suite("none", 0, 0, 0, 0, False)
CM_80 = Suite("AES_CM_128_HMAC_SHA1_80", 16, 14, 10, 10, False)
CM_32 = Suite("AES_CM_128_HMAC_SHA1_32", 16, 14, 4, 10, False)
CM256_80 = Suite("AES_256_CM_HMAC_SHA1_80", 32, 14, 10, 10, False)
CM256_32 = Suite("AES_256_CM_HMAC_SHA1_32", 32, 14, 4, 10, False)
GCM_128 = Suite("AEAD_AES_128_GCM", 16, 12, 16, 16, True)
GCM_256 = Suite("AEAD_AES_256_GCM", 32, 12, 16, 16, True)
SUITES = (NONE, CM_80, CM_32, CM256_80, CM256_32, GCM_128, GCM_256)


def aes_ctr(key: bytes, counter_block: bytes, data: bytes) -> bytes:
    return Cipher(algorithms.AES(key), modes.CTR(counter_block)).encryptor().update(data)


def derive(key: bytes, salt: bytes, label: int, length: int) -> bytes:
    """RFC 3711, 4.3, with a key derivation rate of 0. A salt of 12 bytes is padded at its end (RFC 7714, 11)."""
    x = int.from_bytes(salt.ljust(14, b"\0"), "big") ^ label << 48
    return aes_ctr(key, (x << 16).to_bytes(16, "big"), bytes(length))


@dataclass(frozen=True)
class Session:
    """The session keys of one direction and one kind of packet."""

    encryption: bytes
    authentication: bytes
    salt: bytes


def derive_session(suite: Suite, key: bytes, salt: bytes, first_label: int) -> Session:
    return Session(
        derive(key, salt, first_label, suite.key_length),
        derive(key, salt, first_label + 1, 20),
        derive(key, salt, first_label + 2, suite.salt_length),
    )


def cm_crypt(session: Session, ssrc: int, index: int, data: bytes) -> bytes:
    """RFC 3711, 4.1.1."""
    iv = int.from_bytes(session.salt, "big") << 16 ^ ssrc << 64 ^ index << 16
    return aes_ctr(session.encryption, iv.to_bytes(16, "big"), data)


def sha1_tag(session: Session, data: bytes, length: int) -> bytes:
    return hmac.new(session.authentication, data, hashlib.sha1).digest()[:length]


def gcm_seal(session: Session, ssrc: int, index: int, plain: bytes, associated: bytes) -> bytes:
    """RFC 7714, 8.1 and 9.1: 00 00 | SSRC | ROC, SEQ or 00 00, SRTCP index."""
    iv = (ssrc << 48 | index) ^ int.from_bytes(session.salt, "big")
    return AESGCM(session.encryption).encrypt(iv.to_bytes(12, "big"), plain, associated)


def seal_rtp_with(suite: Suite, session: Session, packet: bytes, header_length: int, index: int) -> bytes:
    header, payload = packet[:header_length], packet[header_length:]
    ssrc = int.from_bytes(packet[8:12], "big")
    if suite.aead:
        return header + gcm_seal(session, ssrc, index, payload, header)
    sealed = header + cm_crypt(session, ssrc, index, payload)
    rollover_counter = (index >> 16).to_bytes(4, "big")
    return sealed + sha1_tag(session, sealed + rollover_counter, suite.rtp_tag)


def seal_rtcp_with(suite: Suite, session: Session, packet: bytes, index: int, encrypted: bool = True) -> bytes:
    header, payload = packet[:8], packet[8:]
    ssrc = int.from_bytes(packet[4:8], "big")
    word = (index | (E_FLAG if encrypted else 0)).to_bytes(4, "big")
    if suite.aead and encrypted:
        return header + gcm_seal(session, ssrc, index, payload, header + word) + word
    if suite.aead:  # RFC 7714, 9.3
        return packet + gcm_seal(session, ssrc, index, b"", packet + word) + word
    body = cm_crypt(session, ssrc, index, payload) if encrypted else payload
    sealed = header + body + word
    return sealed + sha1_tag(session, sealed, suite.rtcp_tag)


@dataclass(frozen=True)
class Keys:
    """Suite, master key and master salt of one direction of a transport."""

    suite: Suite
    key: bytes
    salt: bytes

    @staticmethod
    def make(suite: Suite, label: str) -> "Keys":
        """Keys that depend on nothing but the label."""
        material = hashlib.shake_128(label.encode()).digest(suite.key_length + suite.salt_length)
        return Keys(suite, material[: suite.key_length], material[suite.key_length :])

    def seal_rtp(self, packet: bytes, header_length: int, index: int) -> bytes:
        if self.suite is NONE:
            return packet
        session = derive_session(self.suite, self.key, self.salt, 0)
        return seal_rtp_with(self.suite, session, packet, header_length, index)

    def seal_rtcp(self, packet: bytes, index: int, encrypted: bool = True) -> bytes:
        if self.suite is NONE:
            return packet
        session = derive_session(self.suite, self.key, self.salt, 3)
        return seal_rtcp_with(self.suite, session, packet, index, encrypted)
