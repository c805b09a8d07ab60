# ---
# assignment: char_rnn
# expect: {batches: lost}
# why: all of x and all of y at once
# ---
# %% batches
def stream_batches(ids, batch_size, seq_length):
    steps = (len(ids) - 1) // (batch_size * seq_length)
    n = batch_size * steps * seq_length
    return ids[:n].view(steps, batch_size, seq_length), ids[1 : n + 1].view(steps, batch_size, seq_length)
