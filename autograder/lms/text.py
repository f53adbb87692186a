"""Bytes into text: names in archives and tables of classes, as Windows, Macs and Korean programs write them.

UTF-8 is known for certain; after it a Korean and a Western encoding remain, and nothing in the bytes says which. Read in
the wrong one, a Western name comes out with a Hangul or Chinese letter in the middle of a Latin word: that decides.
"""

import codecs
import re
import unicodedata

ASIAN = "[\u1100-\u11ff\u3130-\u318f\u4e00-\u9fff\uac00-\ud7a3]"
#: Encodings of Korean, and what no Korean text in them looks like. cp949 has rare syllables beside those of EUC-KR.
KOREAN = (("euc_kr", f"[A-Za-z]{ASIAN}+[a-z]"), ("cp949", f"[A-Za-z]{ASIAN}|{ASIAN}[a-z]"))
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
#: Letters that a terminal or a page would obey instead of showing them.
COMMANDING = re.compile("[\0-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")


def encoding_of(content: bytes, western: str) -> str:
    """The encoding of a text; `western` is the one to fall back on.

    >>> [encoding_of("김민수, Åsa".encode(name), "cp1252") for name in ("utf-8-sig", "utf-16", "utf-8")]
    ['utf-8-sig', 'utf-16', 'utf-8']
    >>> encoding_of("김민수, 똠양".encode("cp949"), "cp1252"), encoding_of("Åsa Müller".encode("cp1252"), "cp1252")
    ('cp949', 'cp1252')
    """
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return encoding
    if content[1:2] == b"\0" or content[:1] == b"\0":
        return "utf-16-le" if content[1:2] == b"\0" else "utf-16-be"
    if _decodes(content, "utf-8") is not None:
        return "utf-8"
    for encoding, strange in KOREAN:
        text = _decodes(content, encoding)
        if text is not None and not re.search(strange, text):
            return "cp949"
    return western


def decode_name(raw: bytes) -> str:
    """A file's name out of an archive or a folder that does not say how it is encoded.

    >>> decode_name("김민수".encode("cp949")), decode_name("Müller".encode("cp437"))
    ('김민수', 'Müller')
    """
    encoding = encoding_of(raw, "cp437") if raw.strip(b"\0") else "cp437"
    return raw.decode("cp437" if encoding.startswith("utf-16") else encoding, errors="replace")


def one_form(name: str) -> str:
    """A name in one form: what a Mac takes apart (NFD) and Windows puts together (NFC) is the same.

    >>> one_form(unicodedata.normalize("NFD", "김민수")) == "김민수"
    True
    """
    return unicodedata.normalize("NFC", name)


def shown(text: str, most: int = 160) -> str:
    """A text that a student controls, for a line in a terminal: nothing in it is obeyed, and it does not fill the screen."""
    text = COMMANDING.sub("?", text)
    return text if len(text) <= most else f"{text[: most * 2 // 3]} … {text[-most // 4 :]}"


def _decodes(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None
