"""A folder of somebody's own text files, read with care: what is no text is said, and letters are brought to one form.

Source: Unicode Standard Annex #15, "Unicode Normalization Forms" (NFC).

Names: ours ↔ Unicode's — `scripts` ↔ the first word of each letter's name, such as LATIN or HANGUL.

Left out: files in other encodings than UTF-8, and texts inside of PDF or Word files.
"""

import unicodedata
from pathlib import Path

from unrolled.data.village import tokens
from unrolled.signatures import checked


def read_folder(folder: str | Path, pattern: str = "**/*") -> dict[str, str]:
    """The text files of a folder, by their paths in it. Hidden files are left out."""
    folder = Path(folder)
    if not folder.is_dir():
        raise ValueError(f"folder is {str(folder)!r}, which is no folder; expected one with text files")
    texts = {}
    for path in sorted(folder.glob(pattern)):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not any(part.startswith(".") for part in Path(name).parts):
            texts[name] = _read(folder, path, name)
    if not any(tokens(text) for text in texts.values()):
        raise ValueError(
            f"folder is {str(folder)!r}, in which {len(texts)} files fit {pattern!r} and none has a word; "
            "expected at least one text file with words in it"
        )
    return texts


def _read(folder: Path, path: Path, name: str) -> str:
    """A file as text, or an exception that says which one is none."""
    content = path.read_bytes()
    try:
        if b"\0" in content:
            raise ValueError("a zero byte")
        return normalised(content.decode("utf-8-sig"))
    except ValueError as error:
        raise ValueError(
            f"folder is {str(folder)!r}, and {name!r} in it is no text in UTF-8 ({error}); expected text files only: take it "
            "out, or name those to read, as in pattern='*.txt'"
        ) from error


def normalised(text: str) -> str:
    """The text with composed letters: macOS writes Hangul in pieces, which look the same and are other characters.

    >>> len("한"), len(normalised("한")) == len(normalised(unicodedata.normalize("NFD", "한")))
    (1, True)
    """
    return unicodedata.normalize("NFC", text)


def scripts(text: str) -> set[str]:
    """The scripts that a text is written in, as Unicode names them.

    >>> sorted(scripts("The cat, 고양이."))
    ['HANGUL', 'LATIN']
    """
    letters = {letter for letter in text if letter.isalpha()}
    return {unicodedata.name(letter, "UNKNOWN").split()[0].split("-")[0] for letter in letters}


checked(globals())
