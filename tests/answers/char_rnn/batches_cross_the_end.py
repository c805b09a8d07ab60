# ---
# assignment: char_rnn
# expect: {batches: lost}
# why: "the text goes round: the last target is its first character"
# ---
# %% batches
def stream_batches(ids, batch_size, seq_length):
    steps = len(ids) // (batch_size * seq_length)
    n = batch_size * steps * seq_length
    x = ids[:n].view(batch_size, -1)
    y = torch.roll(ids[:n], -1).view(batch_size, -1)
    for k in range(steps):
        yield x[:, k * seq_length : (k + 1) * seq_length], y[:, k * seq_length : (k + 1) * seq_length]
