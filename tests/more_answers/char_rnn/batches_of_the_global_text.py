# ---
# assignment: char_rnn
# expect: {batches: lost}
# why: the ids of the notebook, whatever was passed
# ---
# %% batches
def stream_batches(ids, batch_size, seq_length):
    ids = train_ids
    steps = (len(ids) - 1) // (batch_size * seq_length)
    n = batch_size * steps * seq_length
    x = ids[:n].view(batch_size, steps * seq_length)
    y = ids[1 : n + 1].view(batch_size, steps * seq_length)
    for start in range(0, steps * seq_length, seq_length):
        yield x[:, start : start + seq_length], y[:, start : start + seq_length]
