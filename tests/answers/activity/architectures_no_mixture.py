# ---
# assignment: activity
# expect: {architectures: lost}
# why: "no mixture: the entry of that name is the RNN once more"
# ---
# %% after architectures
ARCHITECTURES["cnn_rnn"] = build_rnn
