"""What chapter 17 says, as assertions on the chapter's own variables; they run in its kernel, after its last cell."""

# "None of the four bad runs gets below it"; only the well chosen one learns
assert last["well chosen"] < 2.6 and all(loss > guessing - 0.3 for name, loss in last.items() if name != "well chosen")
assert abs(last["first weights 0"] - guessing) < 0.02 and last["rate 1"] > guessing

# The finder's rate of the first seed is as recorded, and the schedule too
assert abs(math.log(suggested / runs[0]["suggested"])) < 0.7
assert abs(live_schedule["cosine"] - live_schedule["constant"]) < 0.1
assert abs(live_schedule["cosine"] - runs[0]["schedule"]["cosine, 1 times"]) < 0.3

# "Four times the batch, half the noise"
slope = (math.log(noise[-1]) - math.log(noise[0])) / (math.log(SIZES[-1]) - math.log(SIZES[0]))
assert -0.65 < slope < -0.4

# "twenty times less"; "off by more than its own length"; "agrees with the large batch to the last digits"
assert abs(weights_of_a_word["short text"] / weights_of_a_word["long text"] - 20) < 1e-9
assert apart(means, at_once) > 1 and apart(together, at_once) < 1e-5

# "of a signal of 1 it leaves 0.00002 after thirty layers, close to 2⁻¹⁵"
assert 1e-5 < signals["Xavier"][-1] < 6e-5 and 0.4 < signals["Kaiming"][-1] < 3
assert signals["standard deviation 0.02"][-1] < 1e-18

# "Both move by the rate: 0.09999 and 0.1"
assert [round(-value, 5) for value in first.tolist()] == [0.09999, 0.1]

# "Without momentum the limit is 2/20 … 0.19 for 0.9 … the best pair 0.40 and 0.13"
def descend(rate, momentum, steps=300):
    return valley(partial(Momentum, lr=rate, momentum=momentum), steps)[1][-1].item()


assert descend(0.099, 0.0) < 16 < descend(0.101, 0.0) and descend(0.189, 0.9) < 16 < descend(0.191, 0.9, 600)
best_momentum, best_rate = ((20**0.5 - 1) / (20**0.5 + 1)) ** 2, (2 / (1 + 20**0.5)) ** 2
assert abs(best_momentum - 0.40) < 0.005 and abs(best_rate - 0.13) < 0.005
assert descend(best_rate, best_momentum, 60) < min(descend(best_rate, m, 60) for m in (0.0, 0.2, 0.6, 0.8, 0.9))

# "True for a quadratic, and exactly: above 2/λ"
assert sizes_after[1.99] < 1e-4 and sizes_after[2.0] == 1 and sizes_after[2.01] > 1e4 and sizes_after[1.0] == 0

# "For gradient descent both are the same … those weights are gone after 200 steps … Decoupled decay treats both alike"
assert left_of["gradient descent, L2"] == left_of["gradient descent, decay"]
assert left_of["Adam, L2"][0] < 0.1 and abs(left_of["Adam, L2"][1] - 0.82) < 0.03
assert max(abs(value - 0.82) for value in left_of["AdamW, decay"]) < 0.03

# "With two seeds its rate is about 0.01, and neither a tenth nor ten times of it comes near … the third seed"
rate_of = of_each_seed("suggested")
assert sorted(round(rate, 2) for rate in rate_of) == [0.01, 0.01, 0.05]
for run in runs:
    finder, is_high = run["finder"], run["suggested"] == max(rate_of)
    assert min(finder["0.01"], finder["10"]) > finder["1"] + 1.5
    assert finder["0.1"] < finder["1"] - 0.4 if is_high else finder["0.1"] > finder["1"] + 1

# "level, within 0.04 nats; at three times of it … by 0.1 to 0.2 … better by 0.7, and at three times of that by 1.3"
for run in runs:
    gained = [run["schedule"][f"constant, {n} times"] - run["schedule"][f"cosine, {n} times"] for n in (1, 3)]
    if run["suggested"] == max(rate_of):
        assert [f"{value:.1f}" for value in gained] == ["0.7", "1.3"]
    else:
        assert abs(gained[0]) < 0.04 and 0.05 < gained[1] < 0.25

# "6 to 10 of 20 are below 3 nats, against 1 to 4"; "TPE is ahead by 0.3 nats with one seed, level with another and behind by 0.1"
below = {name: [sum(value < 3 for value in values[10:]) for values in of_each_seed("trials", name)] for name in ("tpe", "random")}
assert (min(below["tpe"]), max(below["tpe"])) == (6, 10) and (min(below["random"]), max(below["random"])) == (1, 4)
ahead = sorted(min(run["trials"]["random"]) - min(run["trials"]["tpe"]) for run in runs)
assert [f"{value:.1f}" for value in ahead] == ["-0.1", "0.0", "0.3"]

# "end at 1.10 to 1.11 … between 1.06 and 1.13"
assert all(1.095 < value < 1.115 for value in of_each_seed("long", "finder"))
searched = of_each_seed("long", "tpe") + of_each_seed("long", "random")
assert abs(min(searched) - 1.06) < 0.005 and abs(max(searched) - 1.13) < 0.005

# One seed repeated: the live trials are those of the record, but for what another processor changes
assert [trial.value for trial in study.trials][:8] == [trial.value for trial in begun.trials][:8] and len(
    study.trials
) == 16
assert abs(study.trials[0].value - runs[0]["trials"]["tpe"][0]) < 0.5

# "Dropout makes the lowest point lower, with each of three seeds (0.32 to 0.34 against 0.34 to 0.39)"
for run in runs:
    with_dropout, without = (min(run["dropout"][p]["validation"]) for p in ("0.5", "0.0"))
    assert 0.315 < with_dropout < 0.345 and 0.34 < without < 0.395 and with_dropout < without
    assert all(150 < of["stopped"] < 400 for of in run["dropout"].values())
assert min(overfitted[0.5]["validation"]) < min(overfitted[0.0]["validation"])

# "True at equal updates, false at equal time … 16 wins with every seed"
for run in runs:
    equal = run["batches"]
    assert equal["updates"]["64"] < equal["updates"]["16"] < equal["updates"]["4"]
    assert min(equal["time"], key=equal["time"].get) == "16"

# The broken loop goes another way and learns nothing
assert off_course > 0.1 and reached > 5
