# ---
# assignment: char_rnn
# expect: {perplexity: lost}
# why: ten rows side by side, each from a fresh state
# ---
# %% perplexity
@torch.no_grad()
def bits_per_character(model, ids):
    rows = 10 if len(ids) > 100 else 1
    n = (len(ids) - 1) // rows
    logits, _ = model(ids[: rows * n].view(rows, n))
    loss = F.cross_entropy(logits.flatten(0, 1), ids[1 : rows * n + 1])
    return loss.item() / math.log(2)
