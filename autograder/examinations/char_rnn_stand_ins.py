"""Stand-ins for what the exercise `training` of `char_rnn` builds on: wrappers of torch's own layers, run in the
candidate. Weights that were kept with other classes load into them when these hold the parameters of an embedding, of
torch's recurrent layers and of a linear layer, under whatever names. This file is sent as text.
"""

import math
import re

import torch
from torch import nn

_LIBRARY = {"RNN": nn.RNN, "GRU": nn.GRU, "LSTM": nn.LSTM}


class Vocabulary:
    """Takes and gives what the exercise `vocabulary` asks for. Ids in the order in which the characters appear."""

    def __init__(self, text):
        self.characters = "".join(dict.fromkeys(text))
        self.ids = {character: i for i, character in enumerate(self.characters)}

    def __len__(self):
        return len(self.characters)

    def encode(self, text):
        return torch.tensor([self.ids[character] for character in text], dtype=torch.long)

    def decode(self, ids):
        return "".join(self.characters[int(i)] for i in ids)


class CharRNN(nn.Module):
    """Takes and gives what the exercise `char_rnn_model` asks for; further options of a student's are left aside."""

    def __init__(self, vocab_size, embedding_size, hidden_size, num_layers, cell, *_, **__):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embedding_size)
        self.rnn = _LIBRARY[cell](embedding_size, hidden_size, num_layers, batch_first=True)
        self.output = nn.Linear(hidden_size, vocab_size)

    def forward(self, ids, state=None):
        hidden, state = self.rnn(self.embedding(ids), state)
        return self.output(hidden), state

    def load_state_dict(self, state_dict, strict=True, assign=False):
        """Also from a state dict with other names, by the last part of a recurrent layer's, and by shapes."""
        own = self.state_dict()
        if set(state_dict) == set(own):
            return super().load_state_dict(state_dict, strict, assign)
        left = {name: torch.as_tensor(value) for name, value in state_dict.items()}
        renamed = {}
        for name in own:
            wanted = own[name].shape
            fits = [n for n, value in left.items() if value.shape == wanted and _kind(n) == _kind(name)]
            if not fits:
                raise RuntimeError(f"the kept weights have nothing for {name} of shape {tuple(wanted)}")
            renamed[name] = left.pop(fits[0])
        return super().load_state_dict(renamed, strict, assign)


def _kind(name):
    """The last part of a recurrent parameter's name; whether it is a weight or a bias for others."""
    found = re.search(r"(weight|bias)_[ih]h_l\d+$", name)
    return found.group() if found else name.rpartition(".")[2]


@torch.no_grad()
def bits_per_character(model, ids):
    """Takes and gives what the exercise `perplexity` asks for."""
    was_training = model.training
    model.eval()
    nats, state = 0.0, None
    for x, y in zip(ids[:-1].split(500), ids[1:].split(500), strict=True):
        logits, state = model(x[None], state)
        nats += float(nn.functional.cross_entropy(logits[0], y, reduction="sum"))
    model.train(was_training)
    return nats / math.log(2) / (len(ids) - 1)
