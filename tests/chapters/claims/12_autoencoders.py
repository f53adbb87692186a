"""What chapter 12 says, as assertions on the chapter's own variables; they run in its kernel, after its last cell."""

# "11,172 syllables, each a code of three numbers"
assert jamo("한") == (18, 0, 4) and 19 * 21 * 28 == 11_172

# "The two pixels keep a fifth, the two mixtures more than a quarter"
assert abs(kept_share["two pixels"] - 0.2) < 0.03 and 0.25 < kept_share["two mixtures"] < 0.33

# "the error is a third lower", on pictures that it has not learnt from
assert 0.6 < error_of["two numbers"] / error_of["two mixtures"] < 0.76

# "almost perfectly"; "Only in part. … from nearly 0.1 to about 0.06, where clean pictures come back with 0.005. … about 0.03"
assert mean_squared_error(plain(clean)[0], clean) < 0.008
assert left["denoiser"] < 0.65 * left["autoencoder"] < left["mixtures"] < left["spoilt"]
assert all(abs(left[name] - value) < 0.008 for name, value in (("spoilt", 0.1), ("autoencoder", 0.06), ("denoiser", 0.033)))
assert left["autoencoder"] > 8 * mean_squared_error(plain(clean)[0], clean)

# "the map has no scale"; "the codes have a standard deviation of about 1"
assert min(spread["autoencoder"]) > 1.4 and all(0.8 < s < 1.2 for s in spread["VAE"])

# The closed form of the divergence
assert abs(three_ways["closed form"] - three_ways["torch.distributions"]) < 1e-5
assert abs(three_ways["closed form"] - three_ways["average of 100,000 draws"]) < 0.02

# "What do 2.7 nats of divergence mean?"
assert abs(now["divergence"] - 2.7) < 0.35 and abs(now["bound"] + 24.9) < 1

# "Mixed codes end up nearer than mixed pixels"
assert max(nearest["autoencoder"], nearest["VAE"]) < 0.85 * nearest["pixels"]
assert min(nearest["autoencoder"], nearest["VAE"]) < nearest["real pictures"]

# The area agrees with scikit-learn's, with ties
assert abs(with_ties[0] - with_ties[1]) < 1e-9

# "True of the plane, false of the axes. Same plane, same error, to the fifth digit"
assert angles[0] > 20 and angles[-1] < 0.5 and abs(flat_error[0] - flat_error[1]) < 1e-6
assert own_angle < 80 and min(to_first) > 10

# "True, for each of a hundred pictures (to a hundredth of a nat)"
assert len(gap) == 100 and gap.min() > -0.01 and gap.mean() > 0.1

# "the means of all pictures' clouds are the same"; the two repairs that the chapter names spread them again
assert suspect_spread < 0.2
repaired = variational(fit, seed=0, steps=400)
assert repaired.encode(validation)[0].std(0).max() > 0.5
rsampled = variational(
    fit, seed=0, steps=400, sample=lambda m, v, noise: torch.distributions.Normal(m, (v / 2).exp()).rsample()
)
assert rsampled.encode(validation)[0].std(0).max() > 0.5

# One seed repeated: as recorded, but for what another processor changes
assert len(runs) == 3
assert abs(mean(live_areas) - mean(runs[0]["AUC"]["autoencoder"])) < 0.03
assert max(abs(a - b) for a, b in zip(live_areas, runs[0]["AUC"]["autoencoder"], strict=True)) < 0.15
assert abs(measured(vae, data["test"][0])["bound"] - runs[0]["VAE"]["bound"]) < 0.5
assert abs(mean_squared_error(two(data["test"][0])[0], data["test"][0]) - runs[0]["error"]["autoencoder"]["2"]) < 0.004

# Stable over the seeds: little spread of what is recorded
means = [mean(run["AUC"]["autoencoder"]) for run in runs]
assert max(means) - min(means) < 0.02
assert max(r["VAE"]["bound"] for r in runs) - min(r["VAE"]["bound"] for r in runs) < 0.3
assert max(r["denoising"]["denoiser"] for r in runs) - min(r["denoising"]["denoiser"] for r in runs) < 0.002

# "in 92 of 100 pairs; with principal components in 84"
assert abs(mean(means) - 0.92) < 0.005 and all(abs(mean(run["AUC"]["PCA"]) - 0.84) < 0.005 for run in runs)
assert all(a > b for run in runs for a, b in zip(run["AUC"]["autoencoder"], run["AUC"]["PCA"], strict=True))

# "a 0 or a 2 … stands out, while a 1 or a 9 often passes: their areas lie between 0.7 and 0.82"; "no more than a third"
for run in runs:
    of = run["AUC"]["autoencoder"]
    assert set(sorted(range(10), key=of.__getitem__)[:2]) == {1, 9} and min(of[0], of[2]) > 0.94
    hits_of = run["at 5 % false alarms"]["hits"]
    assert all(0.7 < of[digit] < 0.825 and hits_of[digit] < 0.34 for digit in (1, 9)) and hits_of[0] > 0.93

# "On test pictures … it is 7 to 8 % … Two thirds of the anomalies are caught"
for run in runs:
    assert 0.07 <= mean(run["at 5 % false alarms"]["false alarms"]) < 0.085
    assert abs(mean(run["at 5 % false alarms"]["hits"]) - 2 / 3) < 0.03

# "With two numbers the network … saves about a quarter of the error, with eight about two fifths. With 32 … the principal components win"
for run in runs:
    error = run["error"]
    saved = {size: 1 - error["autoencoder"][size] / error["PCA"][size] for size in error["PCA"]}
    assert abs(saved["2"] - 0.25) < 0.05 and abs(saved["8"] - 0.43) < 0.04 and saved["16"] > 0.35
    assert error["autoencoder"]["32"] > 1.4 * error["PCA"]["32"]

# "The denoiser's error is about a third of the spoilt pictures' … about half of what is left by the principal components or by …"
for run in runs:
    of = run["denoising"]
    assert abs(of["denoiser"] / of["spoilt"] - 1 / 3) < 0.03
    assert all(0.45 < of["denoiser"] / of[other] < 0.6 for other in ("mixtures", "autoencoder"))

# "With 32 numbers the error is a third of that with 8, and the detectors are worse, with every seed; with 2 as well"
for run in runs:
    assert run["error"]["autoencoder"]["32"] < 0.36 * run["error"]["autoencoder"]["8"]
    found = run["validation AUC by size"]
    assert max(found["2"], found["32"]) < found["8"] - 0.02

# "The 4s lie around (0.3, 0.7) and the 9s around (0.9, −0.6)"
for digit, place in ((4, (0.3, 0.7)), (9, (0.9, -0.6))):
    assert (vae_codes[fit_labels == digit].median(0).values - torch.tensor(place)).abs().max() < 0.25, digit

# What the last table of chapter 20 counts
assert sum(p.numel() for p in vae.parameters()) == 34_884
