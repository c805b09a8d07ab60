# ---
# assignment: char_rnn
# expect: {batches: lost}
# why: "y is rolled in each row: the last target of a row is its first character"
# ---
# %% batches
def stream_batches(ids, batch_size, seq_length):
    steps = (len(ids) - 1) // (batch_size * seq_length)
    n = batch_size * steps * seq_length
    x = ids[:n].view(batch_size, steps * seq_length)
    y = torch.roll(x, -1, dims=1)
    for start in range(0, steps * seq_length, seq_length):
        yield x[:, start : start + seq_length], y[:, start : start + seq_length]
