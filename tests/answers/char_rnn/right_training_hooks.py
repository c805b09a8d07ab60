# ---
# assignment: char_rnn
# expect: full
# why: gradients clamped by hooks on the parameters; the best state by deepcopy; validation with gradients on
# ---
# %% training
EMBEDDING_SIZE, HIDDEN_SIZE, NUM_LAYERS, CELL = 32, 128, 1, "GRU"


import copy


def own_bits(model, ids):
    logits, _ = model(ids[None, :-1])
    return F.cross_entropy(logits[0], ids[1:]).item() / math.log(2)


def train_char_rnn(model, train_ids, validation_ids, epochs=30):
    hooks = [p.register_hook(lambda g: g.clamp(-1, 1)) for p in model.parameters()]
    adam = torch.optim.Adam(model.parameters(), lr=0.004)
    log, best, step = [], (math.inf, None), 0
    for epoch in range(epochs):
        hidden, losses = None, []
        for x, y in stream_batches(train_ids, 12, 60):
            if hidden is not None:
                hidden = tuple(h.detach() for h in hidden) if type(hidden) is tuple else hidden.detach()
            scores, hidden = model(x, hidden)
            loss = F.cross_entropy(scores.flatten(0, 1), y.flatten())
            adam.zero_grad()
            loss.backward()
            adam.step()
            losses.append(loss.item())
            step += 1
        model.eval()
        bits = own_bits(model, validation_ids)
        model.train()
        log.append({"step": step, "train_bpc": np.mean(losses) / np.log(2), "validation_bpc": bits})
        if bits < best[0]:
            best = bits, copy.deepcopy(model.state_dict())
    model.load_state_dict(best[1])
    for hook in hooks:
        hook.remove()
    return pd.DataFrame(log)
