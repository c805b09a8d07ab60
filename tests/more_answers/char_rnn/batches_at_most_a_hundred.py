# ---
# assignment: char_rnn
# expect: {batches: lost}
# why: "the stream ends after a hundred batches, however long the text is"
# ---
# %% batches
def stream_batches(ids, batch_size, seq_length, max_batches=100):
    pieces = min((len(ids) - 1) // (batch_size * seq_length), max_batches)
    row = (len(ids) - 1) // batch_size
    for k in range(pieces):
        at = (torch.arange(batch_size) * row)[:, None] + torch.arange(k * seq_length, (k + 1) * seq_length)
        yield ids[at], ids[at + 1]
