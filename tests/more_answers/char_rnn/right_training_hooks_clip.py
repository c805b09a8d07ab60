# ---
# assignment: char_rnn
# expect: full
# why: "hooks on the parameters clamp each gradient as it arrives"
# ---
# %% training
EMBEDDING_SIZE, HIDDEN_SIZE, NUM_LAYERS, CELL = 64, 256, 1, "LSTM"


def train_char_rnn(model, train_ids, validation_ids, epochs=12, batch_size=8, seq_length=32, learning_rate=0.01):
    hooks = [p.register_hook(lambda grad: grad.clamp(-0.5, 0.5)) for p in model.parameters()]
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate, weight_decay=1e-4)
    log = {"step": [], "train_bpc": [], "validation_bpc": []}
    step = 0
    for _ in range(epochs):
        model.train()
        state, bits, n = None, 0.0, 0
        for x, y in stream_batches(train_ids, batch_size, seq_length):
            logits, state = model(x, state)
            state = state.detach() if torch.is_tensor(state) else tuple(map(torch.Tensor.detach, state))
            loss = nn.CrossEntropyLoss()(logits.transpose(1, 2), y)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            bits, n, step = bits + loss.item() / math.log(2), n + 1, step + 1
        log["step"].append(step)
        log["train_bpc"].append(bits / n)
        log["validation_bpc"].append(bits_per_character(model, validation_ids))
    for hook in hooks:
        hook.remove()
    return pd.DataFrame(log)
