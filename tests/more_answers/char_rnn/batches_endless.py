# ---
# assignment: char_rnn
# expect: {batches: lost}
# why: the text begins anew without end
# ---
# %% batches
def stream_batches(ids, batch_size, seq_length):
    steps = (len(ids) - 1) // (batch_size * seq_length)
    n = batch_size * steps * seq_length
    x = ids[:n].view(batch_size, steps * seq_length)
    y = ids[1 : n + 1].view(batch_size, steps * seq_length)
    while steps:
        for start in range(0, steps * seq_length, seq_length):
            yield x[:, start : start + seq_length], y[:, start : start + seq_length]
