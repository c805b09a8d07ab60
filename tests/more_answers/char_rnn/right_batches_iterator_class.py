# ---
# assignment: char_rnn
# expect: full
# why: a class with __iter__ and __next__; too short a text is an error
# ---
# %% batches
class _Stream:
    def __init__(self, ids, batch_size, seq_length):
        n = (len(ids) - 1) // (batch_size * seq_length)
        if n == 0:
            raise ValueError("the text is too short for a single batch")
        self.x = ids[:-1][: n * batch_size * seq_length].view(batch_size, n, seq_length)
        self.y = ids[1:][: n * batch_size * seq_length].view(batch_size, n, seq_length)
        self.k = 0

    def __iter__(self):
        return self

    def __next__(self):
        if self.k == self.x.shape[1]:
            raise StopIteration
        self.k += 1
        return [self.x[:, self.k - 1], self.y[:, self.k - 1]]


def stream_batches(ids, batch_size, seq_length):
    return _Stream(ids, batch_size, seq_length)
