# ---
# assignment: char_rnn
# expect: full
# why: "numpy does the sums; the result is a numpy float64, which is a float"
# ---
# %% perplexity
@torch.no_grad()
def bits_per_character(model, ids):
    model.eval()
    state, bits = None, np.zeros(len(ids) - 1)
    for begin in range(0, len(bits), 1024):
        x = ids[begin : min(begin + 1024, len(bits))]
        logits, state = model(x.reshape(1, -1), state)
        a = logits[0].cpu().numpy().astype(np.float64)
        a -= a.max(axis=1, keepdims=True)
        log2p = (a - np.log(np.exp(a).sum(axis=1, keepdims=True))) / np.log(2)
        bits[begin : begin + len(x)] = -log2p[np.arange(len(x)), ids[begin + 1 : begin + 1 + len(x)].numpy()]
    return bits.mean()
