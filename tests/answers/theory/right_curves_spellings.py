# ---
# assignment: theory
# expect: full
# why: lower case, spaces, and the name of the Keras layer
# ---
# %% curves
A_model = " lstm"
B_model = "Simple RNN"
C_model = "gru "
