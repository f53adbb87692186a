"""Files that pytest's doctest collection must not import."""

collect_ignore_glob = [
    "autograder/nbgrader_config.py",  # needs a `get_config` that only nbgrader provides
    "tests/chapters/claims/*",  # run inside the chapters' kernels
    "assets/*",
]
