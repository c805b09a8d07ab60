# ---
# assignment: theory
# expect: full
# why: computed from the curves; the RNN ends highest, the GRU is first to fall
# ---
# %% curves
first = {name: curves.groupby("epoch")[name].mean().lt(0.08).idxmax() for name in "AC"}
faster = min(first, key=first.get)
B_model = "RNN" if curves.loc[curves["epoch"] == 100, list("ABC")].mean().idxmax() == "B" else ""
A_model, C_model = ("GRU", "LSTM") if faster == "A" else ("LSTM", "GRU")
