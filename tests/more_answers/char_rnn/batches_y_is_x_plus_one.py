# ---
# assignment: char_rnn
# expect: {batches: lost}
# why: "y is x + 1: right for the places 0, 1, 2, ... and for no text"
# ---
# %% batches
def stream_batches(ids, batch_size, seq_length):
    pieces = (len(ids) - 1) // (batch_size * seq_length)
    rows = ids[: pieces * batch_size * seq_length].reshape(batch_size, pieces * seq_length)
    for k in range(pieces):
        x = rows[:, k * seq_length : (k + 1) * seq_length]
        yield x, x + 1
