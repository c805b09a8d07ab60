# ---
# assignment: char_rnn
# expect: {perplexity: lost}
# why: a softmax over the places of the text
# ---
# %% perplexity
@torch.no_grad()
def bits_per_character(model, ids, piece=512):
    model.eval()
    nats, state = 0.0, None
    for start in range(0, len(ids) - 1, piece):
        x, y = ids[start : start + piece + 1][:-1], ids[start + 1 : start + piece + 1]
        logits, state = model(x[None], state)
        nats -= F.log_softmax(logits[0], dim=0).gather(1, y[:, None]).sum().item()
    return nats / math.log(2) / (len(ids) - 1)
