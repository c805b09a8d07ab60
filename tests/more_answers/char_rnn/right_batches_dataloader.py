# ---
# assignment: char_rnn
# expect: full
# why: "a DataLoader whose dataset holds the pieces in the order of the batches"
# ---
# %% batches
from torch.utils.data import DataLoader, TensorDataset


def stream_batches(ids, batch_size, seq_length):
    pieces = max(len(ids) - 1, 0) // (batch_size * seq_length)
    used = pieces * batch_size * seq_length

    def in_order(part):
        return part.reshape(batch_size, pieces, seq_length).transpose(0, 1).reshape(-1, seq_length)

    if pieces:
        data = TensorDataset(in_order(ids[:used]), in_order(ids[1 : used + 1]))
        yield from DataLoader(data, batch_size=batch_size, shuffle=False, drop_last=True)
