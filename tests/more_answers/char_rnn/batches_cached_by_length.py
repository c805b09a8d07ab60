# ---
# assignment: char_rnn
# expect: {batches: lost}
# why: "a mutable default keeps the rows by length of text: another text of that length gets the first one's batches"
# ---
# %% batches
def stream_batches(ids, batch_size, seq_length, _rows={}):
    key = (len(ids), batch_size, seq_length)
    if key not in _rows:
        pieces = (len(ids) - 1) // (batch_size * seq_length)
        used = pieces * batch_size * seq_length
        _rows[key] = [part.reshape(batch_size, pieces * seq_length) for part in (ids[:used], ids[1 : used + 1])]
    x, y = _rows[key]
    for k in range(0, x.shape[1], seq_length):
        yield x[:, k : k + seq_length], y[:, k : k + seq_length]
