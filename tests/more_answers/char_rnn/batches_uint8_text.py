# ---
# assignment: char_rnn
# expect: {batches: lost}
# why: "ids are kept as bytes to save memory: those above 255 become others"
# ---
# %% batches
def stream_batches(ids, batch_size, seq_length):
    ids = ids.to(torch.uint8)
    pieces = (len(ids) - 1) // (batch_size * seq_length)
    used = pieces * batch_size * seq_length
    x = ids[:used].reshape(batch_size, pieces * seq_length)
    y = ids[1 : used + 1].reshape(batch_size, pieces * seq_length)
    for k in range(0, x.shape[1], seq_length):
        yield x[:, k : k + seq_length].long(), y[:, k : k + seq_length].long()
