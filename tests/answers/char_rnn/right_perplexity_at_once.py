# ---
# assignment: char_rnn
# expect: full
# why: the whole text in one call, log2 of the probabilities
# ---
# %% perplexity
def bits_per_character(model, ids):
    with torch.no_grad():
        logits, _ = model(ids[:-1].unsqueeze(0))
    log2 = torch.log_softmax(logits[0].double(), dim=-1) / math.log(2)
    return -log2.gather(1, ids[1:, None]).mean().item()
