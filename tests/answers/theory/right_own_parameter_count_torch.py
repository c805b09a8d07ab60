# ---
# assignment: theory
# expect: full
# why: layers of torch are built and counted; one bias vector is taken off where one is asked for
# ---
# %% own_parameter_count
import torch


def layers_of(kind, bidirectional=False):
    ways = 1 + bidirectional
    first = kind(sizes.features, sizes.hidden_1, bidirectional=bidirectional)
    second = kind(ways * sizes.hidden_1, sizes.hidden_2, bidirectional=bidirectional)
    return first, second, torch.nn.Linear(ways * sizes.hidden_2, sizes.classes)


def two_biases(*layers):
    return sum(p.numel() for layer in layers for p in layer.parameters())


def one_bias(*layers):
    second = sum(p.numel() for layer in layers for name, p in layer.named_parameters() if name.startswith("bias_hh"))
    return two_biases(*layers) - second


OWN_PARAMETERS = {}
for name, kind in {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}.items():
    OWN_PARAMETERS[f"{name}_one_bias"] = one_bias(*layers_of(kind))
    OWN_PARAMETERS[f"{name}_two_biases"] = two_biases(*layers_of(kind))
OWN_PARAMETERS["bidirectional_lstm_one_bias"] = one_bias(*layers_of(torch.nn.LSTM, True))
OWN_PARAMETERS["bidirectional_gru_two_biases"] = two_biases(*layers_of(torch.nn.GRU, True))
