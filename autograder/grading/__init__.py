"""Official grading: the student's code is untrusted, and the verdict never lives in its process.

`rebuild` lays a submission beside the chapter as it was handed out; `sandbox` gives it a fork of a warm process that sees
next to nothing, and there its cells are read and run; `remote` is the stand-in that the ordinary judge questions from
outside; `batch` grades a class, `gradebook` is the one writer to nbgrader's gradebook. `inside/` is all of this package
that exists inside the sandbox. `beside` does without one, for one's own notebook.
"""
