# ---
# assignment: char_rnn
# expect: {perplexity: lost}
# why: the logarithm of the mean probability
# ---
# %% perplexity
@torch.no_grad()
def bits_per_character(model, ids, piece=512):
    model.eval()
    p, state = [], None
    for start in range(0, len(ids) - 1, piece):
        x, y = ids[start : start + piece + 1][:-1], ids[start + 1 : start + piece + 1]
        logits, state = model(x[None], state)
        p.append(torch.softmax(logits[0], dim=-1).gather(1, y[:, None])[:, 0])
    return -math.log2(torch.cat(p).mean())
