# ---
# assignment: char_rnn
# expect: {batches: lost}
# why: the batches come in random order
# ---
# %% batches
def stream_batches(ids, batch_size, seq_length):
    steps = (len(ids) - 1) // (batch_size * seq_length)
    n = batch_size * steps * seq_length
    x = ids[:n].view(batch_size, steps, seq_length)
    y = ids[1 : n + 1].view(batch_size, steps, seq_length)
    for k in torch.randperm(steps).tolist():
        yield x[:, k], y[:, k]
