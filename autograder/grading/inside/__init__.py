"""What runs inside the sandbox: the warm process, the confinement of its forks, what a submission's process does.

That process reads the notebook (`reading`), decides what of it runs (`plan`, with `source`), runs it (`shell`), and
answers the judge (`answer`, over the `wire`). These files are mounted there on their own, so they import nothing of the
course but `autograder.forbid` and each other, besides torch, NumPy and IPython.
"""
