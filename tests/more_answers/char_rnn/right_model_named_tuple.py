# ---
# assignment: char_rnn
# expect: full
# why: "the pair is a NamedTuple"
# ---
# %% char_rnn_model
from typing import Any, NamedTuple


class Output(NamedTuple):
    logits: torch.Tensor
    state: Any


class CharRNN(nn.Module):
    def __init__(self, vocab_size, embedding_size, hidden_size, num_layers, cell, dropout=0.1):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embedding_size)
        self.rnn = nn.__dict__[cell](
            embedding_size, hidden_size, num_layers, batch_first=True, dropout=dropout if num_layers > 1 else 0
        )
        self.dropout = nn.Dropout(p=dropout)
        self.linear = nn.Linear(hidden_size, vocab_size)

    def forward(self, ids, state=None):
        features, state = self.rnn(self.dropout(self.embedding(ids)), state)
        return Output(logits=self.linear(self.dropout(features)), state=state)
