# ---
# assignment: char_rnn
# expect: {batches: lost}
# why: the text runs down the columns
# ---
# %% batches
def stream_batches(ids, batch_size, seq_length):
    steps = (len(ids) - 1) // (batch_size * seq_length)
    n = batch_size * steps * seq_length
    x = ids[:n].view(steps * seq_length, batch_size).T
    y = ids[1 : n + 1].view(steps * seq_length, batch_size).T
    for start in range(0, steps * seq_length, seq_length):
        yield x[:, start : start + seq_length], y[:, start : start + seq_length]
