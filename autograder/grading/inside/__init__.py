"""What runs inside the sandbox: the warm process, the confinement of its forks, and the wire to the judge.

These files are mounted there on their own, so they import nothing of the course, only torch, NumPy and each other.
"""
