"""The course's drawings: how they look (`sheet`), and how they get into a notebook (`embed`)."""
