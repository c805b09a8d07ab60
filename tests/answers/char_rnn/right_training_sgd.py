# ---
# assignment: char_rnn
# expect: full
# why: plain gradient descent with momentum, clipped by hand to the norm 0.5
# ---
# %% training
EMBEDDING_SIZE, HIDDEN_SIZE, NUM_LAYERS, CELL = 32, 128, 1, "GRU"


def detach(state):
    if isinstance(state, torch.Tensor):
        return state.detach()
    return tuple(detach(part) for part in state)


def clip(parameters, longest):
    gradients = [p.grad for p in parameters if p.grad is not None]
    norm = torch.stack([g.norm() for g in gradients]).norm()
    if norm > longest:
        for g in gradients:
            g.mul_(longest / norm)


def train_char_rnn(model, train_ids, validation_ids, learning_rate=0.5):
    rows_of_text = max(1, min(16, len(train_ids) // 600))
    epochs = max(5, 600_000 // len(train_ids))
    opt = torch.optim.SGD(model.parameters(), lr=learning_rate, momentum=0.9)
    table = {"step": [], "train_bpc": [], "validation_bpc": []}
    step = 0
    for epoch in range(epochs):
        for group in opt.param_groups:
            group["lr"] = learning_rate * 0.5 * (1 + math.cos(math.pi * epoch / epochs))
        state, total, n = None, 0.0, 0
        for x, y in stream_batches(train_ids, rows_of_text, 100):
            opt.zero_grad(set_to_none=False)
            out, state = model(x, state)
            state = detach(state)
            loss = nn.CrossEntropyLoss()(out.transpose(1, 2), y)
            loss.backward()
            clip(list(model.parameters()), 0.5)
            opt.step()
            total, n, step = total + float(loss), n + 1, step + 1
        if epoch % 5 == 4 or epoch == epochs - 1:
            table["step"].append(step)
            table["train_bpc"].append(total / n / math.log(2))
            table["validation_bpc"].append(bits_per_character(model, validation_ids))
    return pd.DataFrame(table)
