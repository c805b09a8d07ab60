# ---
# assignment: char_rnn
# expect: full
# why: character by character
# ---
# %% perplexity
def bits_per_character(model, ids):
    total, state = 0.0, None
    with torch.no_grad():
        for now, following in zip(ids, ids[1:]):
            logits, state = model(now.view(1, 1), state)
            total -= float(torch.log2(torch.softmax(logits[0, 0], dim=0)[following]))
    return total / (len(ids) - 1)
