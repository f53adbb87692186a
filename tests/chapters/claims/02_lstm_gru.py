"""What chapter 02 says, as assertions on the chapter's own variables; they run in its kernel, after its last cell."""

# "whatever follows is no help": no name is among the talk, and everything that is said is a known word
assert not any(name in word for name in names for side in sides for line in side for word in line) and len(lines) == 8
assert len(words) == len(set(words)) and int(talk.max()) < len(words)

# "After five words it knows. After forty it guesses"
assert problem[5] > 0.95 and problem[40] < 0.35

# "10⁻¹² with a fresh LSTM … With a bias of 1 it is a few millionths … With a bias of 5, … 0.99, three quarters are left"
assert 5e-13 < left[0] < 2e-12 and 1e-6 < left[1] < 1e-5 and 0.7 < left[5] < 0.8
assert 1e6 < left[1] / left[0] < 1e7  # "millions of times more"

# "the memory falls along a straight line … The measured line lies above" and "from a bias of about 3 on … nothing vanishes"
for bias in (-1.0, 0.0, 1.0):
    fall = reach(fresh(nn.LSTMCell, bias), lstm_step_now).log()
    assert abs(fall[60] - 3 * fall[20]) < 0.2 * abs(fall[60]) and fall[20] < -3
    assert (fall[1:] > math.log(1 / (1 + math.exp(-bias))) * torch.arange(1.0, 80.0)).all()
assert all(reach(fresh(nn.LSTMCell, bias), lstm_step_now)[79] > 0.1 for bias in (3.0, 5.0))
# "At 4 the title says 38.2 steps, at 4.5 already 62.7"
assert [round(math.log(0.5) / math.log(1 / (1 + math.exp(-bias))), 1) for bias in (4, 4.5)] == [38.2, 62.7]

# "Where must the slider be for the gate alone to remember for 40 steps?": between 3.5 and 4.5, on the slider
assert math.log(0.5) / math.log(1 / (1 + math.exp(-3.5))) < 40 < math.log(0.5) / math.log(1 / (1 + math.exp(-4.5)))

# "Three times and four times as many … exactly", and "Gates soften the fall; only open ones stop it"
assert counts["GRUCell"] == 3 * counts["RNNCell"] and counts["LSTMCell"] == 4 * counts["RNNCell"]
after40 = {name: norms[40].item() for name, norms in reaches.items()}
assert 0.1 < after40["GRU"] / after40["LSTM, as PyTorch draws it"] < 10  # "fall about equally"
assert after40["RNN"] < 0.01 * min(after40["GRU"], after40["LSTM, as PyTorch draws it"])
assert max(after40["GRU"], after40["LSTM, as PyTorch draws it"]) < 1e-6
assert after40["LSTM, forget bias 1"] < 1e-2 and after40["LSTM, forget bias 5"] > 0.5

# "The same words, another state" and, masked, "the state of the sentence alone, to the last digit"
assert (state_alone - state_beside).abs().max() > 0.05
assert torch.allclose(state_masked[0], state_alone, atol=1e-6)
assert lengths.tolist() == [4, 6] and not masked_unroll_now(gru, beside, lengths, torch.zeros(2, 8))[0][0, 4:].any()

# "Forwards to the right, backwards to the left"; in Korean the forward network notices at the very last word
assert noticed["love"].tolist() == [[False, True, True, True, True], [True, True, False, False, False]]
assert noticed["사랑해"].tolist() == [[False, False, False, True], [True] * 4]

# "equally many parameters"
assert max(sizes.values()) < 1.05 * min(sizes.values())

# The experiment, live and recorded: what the prose says holds for each
assert len(runs["seeds"]) == 3
for run in ({"alone": trained_alone, "mixed": trained_mixed}, *runs["seeds"].values()):
    one, mixture = run["alone"], run["mixed"]
    assert all(one[name]["5"] > 0.95 for name in KINDS)  # "everybody can do five words"
    assert all(one[name]["40"] < 0.4 for name in ("GRU", "LSTM, bias 1"))  # "the others guess"
    assert all(value > 0.95 for value in one["LSTM, bias 5"].values())
    assert all(value > 0.95 for name in ("GRU", "LSTM, bias 1") for value in mixture[name].values())
    assert all(value < 0.8 for value in mixture["RNN"].values())
assert trained_alone["RNN"]["40"] < 0.6 and 0.4 < min(trained_mixed["RNN"].values()) and max(trained_mixed["RNN"].values()) < 0.65

# "The RNN, after however many words, is right about half of the time with two seeds; with the third … nearly
# three times in four"
by_seed = sorted((list(run["mixed"]["RNN"].values()) for run in runs["seeds"].values()), key=sum)
assert all(0.4 < value < 0.6 for values in by_seed[:2] for value in values)
assert all(0.65 < value < 0.8 for value in by_seed[2]), by_seed[2]

# "The RNN guesses with two seeds; with one it had luck, and is always right"
at_forty = sorted(run["alone"]["RNN"]["40"] for run in runs["seeds"].values())
assert at_forty[1] < 0.35 and at_forty[2] > 0.95, at_forty

# "At ten words all gated networks are right each time, and the RNN with one seed only; at twenty, the RNN even did better"
assert all(run["alone"][name]["10"] > 0.95 for run in runs["seeds"].values() for name in KINDS if name != "RNN")
at_ten = sorted(run["alone"]["RNN"]["10"] for run in runs["seeds"].values())
assert at_ten[1] < 0.6 and at_ten[2] > 0.95, at_ten
assert all(run["alone"]["RNN"]["20"] > run["alone"]["GRU"]["20"] + 0.1 for run in runs["seeds"].values())

# "The RNN's curve jumps about": it is not the same in all runs
lucky = {seed: [run["alone"]["RNN"][d] for d in ("10", "20")] for seed, run in runs["seeds"].items()}
assert max(map(max, lucky.values())) - min(map(min, lucky.values())) > 0.3

# One seed repeated: what is no luck comes out as recorded
for name in ("GRU", "LSTM, bias 1", "LSTM, bias 5"):
    for delay in ("5", "40"):
        assert abs(trained_alone[name][delay] - runs["seeds"]["0"]["alone"][name][delay]) < 0.1, (name, delay)

# "with bias 1 most of the name has faded before the end, in either language; with bias 5 it is still there"
for language in spoken:
    assert watched["LSTM, bias 1", language][3, -1] < 0.5
    assert watched["LSTM, bias 5", language][3, -1] > 0.85

# The claim: it shrinks by a factor a step, softer than the RNN's, and near 1 only with open gates
assert reaches["RNN"][40].item() ** (1 / 40) < factor[0] < factor[1] < 0.9 < factor[5] < 1.1

# "A GRU is an LSTM with a quarter fewer weights": exactly
assert set(shares.values()) == {0.75}

# "the backward one *began* there, and has read a single word"; `h` holds both right ends, and they stand where it says
assert read == {"forward": 9, "backward": 1}
outputs, (h, _) = reader.lstm(sentences)
assert torch.equal(h[0], outputs[:, -1, :16]) and torch.equal(h[1], outputs[:, 0, 16:])
