"""What chapter 01 says, as assertions on the chapter's own variables; they run in its kernel, after its last cell."""

# "With a sequence of four the window sees everything. At five it is guessing"
assert window_accuracies[4] > 0.95
assert all(0.4 < window_accuracies[time] < 0.6 for time in (5, 8))

# "The spaces are one and the same input, yet the state after each is another"
assert all((states[0, a] - states[0, b]).abs().max() > 0.1 for a in twice for b in twice if a != b)

# "120 … 40,008 weights, more than three hundred times as many"
assert set(parameters.values()) == {120} and wide[1000] == 40_008

# "With 0.5 nothing is left … With 1 it rises a little at first; then it shrinks too … With 2 the gradient grows, but …"
assert 1.2 < reach["radius 1"].max() < 4
assert growth["radius 0.5"] < 1e-9 and growth["radius 1"] < 1 < growth["radius 2"] < 1e-6 * 2.0**39

# "can you find a radius well above 1 whose gradient vanishes?" — the explorer's two ends
assert gradient_reach(2.0, 3.0)[-1] < 1e-3 and gradient_reach(0.5, 0.1)[-1] < 1e-9

# The claim: an upper bound; a transient thirtyfold; a radius of 2 that vanishes
assert true_norm <= bound
assert 25 < transient.max() < 35 and transient[-1] < 0.1
assert flat[-1] < 1e-3
assert torch.linalg.eigvals(w_sheared).abs().max() < 1

# "thrown off within a few steps, to a loss far above guessing, and at the end still far behind"
guessing = torch.tensor(float(len(characters))).log()
assert max(histories["bold"].losses[:30]) > 2 * guessing and final["bold"] > 2 * final["bold, clipped"]
assert max(histories["bold, clipped"].losses) < 1.5 * guessing and final["bold, clipped"] < 0.5 * guessing

# "At the first step the two are equal", then the unclipped one grows
norms = {name: torch.tensor(histories[name].gradient_norms) for name in ("bold", "bold, clipped")}
assert norms["bold"][0] == norms["bold, clipped"][0]
assert norms["bold"][:50].max() > 5 * norms["bold"][0], norms["bold"][:50].max()
assert norms["bold"][:50].max() > 3 * norms["bold, clipped"].max(), norms["bold, clipped"].max()

# "about half of all its steps are above the line"
assert 0.35 < clipped < 0.65

# "many words … But gardenery is no word"
vocabulary_of_the_village = set(text.replace(".", " ").replace(",", " ").split())
with torch.no_grad():
    sample = write(models["bold, clipped"], "The ", 160).replace(".", " ").replace(",", " ").split()[:-1]  # the last one is cut off
assert 0.7 < sum(word in vocabulary_of_the_village for word in sample) / len(sample) < 1

# "In all three the unclipped bold run ends far behind: with two seeds at between two and three times the loss, and with
# the third … several times that of guessing. … learn about equally well."
assert len(runs["seeds"]) == 3
recorded_losses = sorted((run["final_loss"] for run in runs["seeds"].values()), key=lambda loss_of: loss_of["bold"])
for loss_of in recorded_losses:
    assert abs(loss_of["bold, clipped"] - loss_of["cautious"]) < 0.1
assert all(2 < loss_of["bold"] / loss_of["bold, clipped"] < 3 for loss_of in recorded_losses[:2])
assert recorded_losses[2]["bold"] > 3 * guessing

# One seed repeated: the runs that learn come out as recorded (the one that does not is chaotic)
for name in ("bold, clipped", "cautious"):
    assert abs(final[name] - runs["seeds"]["0"]["final_loss"][name]) < 0.05, name

# The repair: batch_first=True is what was missing
classifier.rnn.batch_first = True
changed = two.clone()
changed[0] = 0.0
assert leak > 0 and (classifier(two)[1] - classifier(changed)[1]).abs().max() == 0

# What the last table of chapter 20 counts
assert sum(p.numel() for p in models["bold"].parameters()) == 43_561
