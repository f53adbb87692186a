"""Finds the files that travel with the course: small checkpoints, diagrams, recorded runs, JavaScript.

An installed package has them inside (`unrolled/assets/`), a checkout at its root (`assets/`).

Left out: what is in them.
"""

from pathlib import Path

import unrolled


def asset(name: str) -> Path:
    """The path of a file or folder in `assets/`, by its name there.

    >>> asset("javascript/d3-LICENSE").read_text().splitlines()[0]
    'Copyright 2010-2017 Mike Bostock'
    """
    package = Path(unrolled.__file__).resolve().parent
    roots = (package / "assets", package.parent.parent / "assets")
    for root in roots:
        path = (root / name).resolve()
        if path.exists() and path.is_relative_to(root.resolve()):
            return path
    raise FileNotFoundError(
        f"there is no asset {name!r}; expected it in the package's or the checkout's assets folder"
    )
