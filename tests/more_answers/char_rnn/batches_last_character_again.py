# ---
# assignment: char_rnn
# expect: {batches: lost}
# why: "pieces of seq_length + 1 characters: the last of one is the first of the next, and y is shorter by a step"
# ---
# %% batches
def stream_batches(ids, batch_size, seq_length):
    n = (len(ids) - 1) // batch_size
    rows = ids[: n * batch_size].view(batch_size, n)
    for start in range(0, n - seq_length, seq_length - 1):
        piece = rows[:, start : start + seq_length + 1]
        yield piece[:, :-1], piece[:, 1:]
