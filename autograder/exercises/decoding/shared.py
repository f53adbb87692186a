"""What several exercises of this chapter share."""

INF = float("inf")
