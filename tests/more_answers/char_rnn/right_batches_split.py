# ---
# assignment: char_rnn
# expect: full
# why: torch.split of x and of y, zipped
# ---
# %% batches
def stream_batches(ids, batch_size, seq_length):
    steps = (len(ids) - 1) // (batch_size * seq_length)
    if steps == 0:
        return iter([])
    n = steps * batch_size * seq_length
    x, y = (ids[k : k + n].reshape(batch_size, -1).split(seq_length, dim=1) for k in (0, 1))
    return zip(x, y)
