# ---
# assignment: char_rnn
# expect: {perplexity: lost}
# why: the mean of the means of pieces of different lengths
# ---
# %% perplexity
@torch.no_grad()
def bits_per_character(model, ids, piece=512):
    model.eval()
    nats, state = [], None
    for start in range(0, len(ids) - 1, piece):
        x, y = ids[start : start + piece + 1][:-1], ids[start + 1 : start + piece + 1]
        logits, state = model(x[None], state)
        nats.append(F.cross_entropy(logits[0], y).item())
    return sum(nats) / len(nats) / math.log(2)
