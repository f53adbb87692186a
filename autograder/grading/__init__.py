"""Official grading: the student's code is untrusted, and the verdict never lives in its process.

`rebuild` takes only sources from a submission; `sandbox` runs them in a fork of a warm process that sees next to
nothing; `remote` is the stand-in that the ordinary judge questions from outside; `batch` grades a class, `gradebook`
is the one writer to nbgrader's gradebook. `inside/` is all of this package that exists inside the sandbox.
"""
