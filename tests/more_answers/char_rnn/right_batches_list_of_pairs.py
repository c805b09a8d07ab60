# ---
# assignment: char_rnn
# expect: full
# why: a list; rows by dividing the whole text, the last character of each row only as a target
# ---
# %% batches
def stream_batches(ids, batch_size, seq_length):
    n = len(ids) // batch_size
    rows = ids[: n * batch_size].reshape(batch_size, n)
    pairs = []
    i = 0
    while i + seq_length < n:
        pairs.append((rows[:, i : i + seq_length], rows[:, i + 1 : i + 1 + seq_length]))
        i += seq_length
    return pairs
