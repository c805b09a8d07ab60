# ---
# assignment: char_rnn
# expect: {batches: lost}
# why: every batch begins one character later than the one before
# ---
# %% batches
def stream_batches(ids, batch_size, seq_length):
    n = (len(ids) - 1) // batch_size
    x = ids[: n * batch_size].view(batch_size, n)
    y = ids[1 : n * batch_size + 1].view(batch_size, n)
    for start in range(n - seq_length + 1):
        yield x[:, start : start + seq_length], y[:, start : start + seq_length]
