"""The RFCs' test vectors, held against srtp.py before it may say what is expected."""

from srtp import (
    CM256_80,
    CM_80,
    GCM_128,
    GCM_256,
    Session,
    Suite,
    cm_crypt,
    derive,
    seal_rtcp_with,
    seal_rtp_with,
)

_KEY_128 = bytes.fromhex("E1F97A0D3E018BE0D64FA32C06DE4139")
_SALT_128 = bytes.fromhex("0EC675AD498AFEEBB6960B3AABE6")
_KEY_256 = bytes.fromhex("f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b6")
_SALT_256 = bytes.fromhex("3b04803de51ee7c96423ab5b78d2")

# name, master key, master salt, label, derived key
_DERIVATIONS = [
    ("RFC 3711, B.3: cipher key", _KEY_128, _SALT_128, 0, "C61E7A93744F39EE10734AFE3FF7A087"),
    ("RFC 3711, B.3: salt", _KEY_128, _SALT_128, 2, "30CBBC08863D8C85D49DB34A9AE1"),
    ("RFC 3711, B.3: authentication key", _KEY_128, _SALT_128, 1, "CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4"),
    (
        "RFC 6188, 7.2: cipher key",
        _KEY_256,
        _SALT_256,
        0,
        "5ba1064e30ec51613cad926c5a28ef731ec7fb397f70a960653caf06554cd8c4",
    ),
    ("RFC 6188, 7.2: salt", _KEY_256, _SALT_256, 2, "fa31791685ca444a9e07c6c64e93"),
    ("RFC 6188, 7.2: authentication key", _KEY_256, _SALT_256, 1, "fd9c32d39ed5fbb5a9dc96b30818454d1313dc05"),
]

# name, suite, session key, keystream at SSRC 0 and index 0
_KEYSTREAMS = [
    (
        "RFC 3711, B.2",
        CM_80,
        "2B7E151628AED2A6ABF7158809CF4F3C",
        "E03EAD0935C95E80E166B16DD92B4EB4D23513162B02D0F72A43A2FE4A5F97AB",
    ),
    (
        "RFC 6188, 7.1",
        CM256_80,
        "57f82fe3613fd170a85ec93c40b1f0922ec4cb0dc025b58272147cc438944a98",
        "92bdd28a93c3f52511c677d08b5515a49da71b2378a854f67050756ded165bac",
    ),
]

_GCM_KEY = bytes(range(32))
_GCM_SALT = bytes.fromhex("517569642070726f2071756f")
_RTP = (
    "8040f17b8041f8d35501a0b247616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573"
)
_RTCP = (
    "81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61deadbeefdeadbeefdeadbeefdeadbeefdeadbeef"
)

# name, suite, index, SRTCP, encrypted, plain, sealed
_PACKETS = [
    (
        "RFC 7714, 16.1.1",
        GCM_128,
        0xF17B,
        False,
        True,
        _RTP,
        "8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf"
        "8833899d7f27beb16a9152cf765ee4390cce",
    ),
    (
        "RFC 7714, 16.2.1",
        GCM_256,
        0xF17B,
        False,
        True,
        _RTP,
        "8040f17b8041f8d35501a0b232b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f1ba63799"
        "b87b7aa3db36dfffd6b0f9bb7878d7a76c13",
    ),
    (
        "RFC 7714, 17.1",
        GCM_128,
        0x5D4,
        True,
        True,
        _RTCP,
        "81c8000d4d61727363e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded"
        "0bb9275bc84aa45896cf4d2fc5abf87245d9eade800005d4",
    ),
    (
        "RFC 7714, 17.2",
        GCM_256,
        0x5D4,
        True,
        True,
        _RTCP,
        "81c8000d4d617273d50ae4d1f5ce5d304ba297e47d470c282c3ece5dbffe0a50a2eaa5c1110555be8415f658c61de047"
        "6f1b6fad1d1eb30c4446839f57ff6f6cb26ac3be800005d4",
    ),
    ("RFC 7714, 17.3", GCM_128, 0x5D4, True, False, _RTCP, _RTCP + "841dd9683dd78ec92ae58790125f62b3000005d4"),
    ("RFC 7714, 17.4", GCM_256, 0x5D4, True, False, _RTCP, _RTCP + "91db4afbfeee5a978fab4393ed2615fe000005d4"),
]


def _gcm_session(suite: Suite) -> Session:
    return Session(_GCM_KEY[: suite.key_length], b"", _GCM_SALT)


def _seal(suite: Suite, rtcp: bool, encrypted: bool, plain: bytes, index: int) -> bytes:
    session = _gcm_session(suite)
    if rtcp:
        return seal_rtcp_with(suite, session, plain, index, encrypted)
    return seal_rtp_with(suite, session, plain, 12, index)


def failures() -> list[str]:
    """The names of the vectors that srtp.py does not give."""
    failed = []
    for name, key, salt, label, derived in _DERIVATIONS:
        wanted = bytes.fromhex(derived)
        if derive(key, salt, label, len(wanted)) != wanted:
            failed.append(name)
    for name, _, key, keystream in _KEYSTREAMS:
        wanted = bytes.fromhex(keystream)
        session = Session(bytes.fromhex(key), b"", bytes.fromhex("F0F1F2F3F4F5F6F7F8F9FAFBFCFD"))
        if cm_crypt(session, 0, 0, bytes(len(wanted))) != wanted:
            failed.append(name)
    for name, suite, index, rtcp, encrypted, plain, sealed in _PACKETS:
        if _seal(suite, rtcp, encrypted, bytes.fromhex(plain), index) != bytes.fromhex(sealed):
            failed.append(name)
    return failed
