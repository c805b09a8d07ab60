# ---
# assignment: char_rnn
# expect: {batches: lost}
# why: the rows of one batch follow each other in the text, so that no state can be carried
# ---
# %% batches
def stream_batches(ids, batch_size, seq_length):
    size = batch_size * seq_length
    for start in range(0, len(ids) - size, size):
        x = ids[start : start + size].view(batch_size, seq_length)
        y = ids[start + 1 : start + size + 1].view(batch_size, seq_length)
        yield x, y
