# ---
# assignment: char_rnn
# expect: full
# why: an index of places, row starts at (n - 1) // batch_size
# ---
# %% batches
def stream_batches(ids, batch_size, seq_length):
    row_length = (len(ids) - 1) // batch_size
    starts = torch.arange(batch_size)[:, None] * row_length
    for k in range(row_length // seq_length):
        places = starts + k * seq_length + torch.arange(seq_length)
        yield ids[places], ids[places + 1]
