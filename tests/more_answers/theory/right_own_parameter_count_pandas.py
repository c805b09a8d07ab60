# ---
# assignment: theory
# expect: full
# why: "a table of pandas, its numbers as pandas has them"
# ---
# %% own_parameter_count
import pandas as pd

d, h1, h2, k = sizes.features, sizes.hidden_1, sizes.hidden_2, sizes.classes
table = pd.DataFrame(
    [("rnn", 1, 1, 1), ("rnn", 1, 2, 1), ("lstm", 4, 1, 1), ("lstm", 4, 2, 1), ("gru", 3, 1, 1), ("gru", 3, 2, 1),
     ("bidirectional_lstm", 4, 1, 2), ("bidirectional_gru", 3, 2, 2)],
    columns=["cell", "gates", "biases", "ways"],
)
table["n"] = table.ways * table.gates * (
    h1 * (d + h1 + table.biases) + h2 * (table.ways * h1 + h2 + table.biases)
) + k * (table.ways * h2 + 1)
table.index = table.cell + table.biases.map({1: "_one_bias", 2: "_two_biases"})
OWN_PARAMETERS = table["n"].to_dict()
