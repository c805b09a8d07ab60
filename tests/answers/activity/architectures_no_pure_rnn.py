# ---
# assignment: activity
# expect: {architectures: lost}
# why: the RNN begins with a convolution, so there is no pure one
# ---
# %% after architectures
ARCHITECTURES["rnn"] = build_cnn_rnn
