# ---
# assignment: char_rnn
# expect: {batches: lost}
# why: rows from random places of the text
# ---
# %% batches
def stream_batches(ids, batch_size, seq_length):
    for _ in range((len(ids) - 1) // (batch_size * seq_length)):
        starts = torch.randint(len(ids) - seq_length, (batch_size,))
        x = torch.stack([ids[s : s + seq_length] for s in starts])
        y = torch.stack([ids[s + 1 : s + 1 + seq_length] for s in starts])
        yield x, y
