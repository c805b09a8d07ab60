# ---
# assignment: char_rnn
# expect: {perplexity: lost}
# why: the mean is taken over the vocabulary, too
# ---
# %% perplexity
@torch.no_grad()
def bits_per_character(model, ids, piece=512):
    model.eval()
    nats, state = 0.0, None
    for start in range(0, len(ids) - 1, piece):
        x, y = ids[start : start + piece + 1][:-1], ids[start + 1 : start + piece + 1]
        logits, state = model(x[None], state)
        nats -= (F.one_hot(y, logits.shape[-1]) * F.log_softmax(logits[0], dim=-1)).mean(dim=1).sum().item()
    return nats / math.log(2) / (len(ids) - 1)
