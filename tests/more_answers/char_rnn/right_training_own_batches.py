# ---
# assignment: char_rnn
# expect: full
# why: cuts the text by itself, two losses a step
# ---
# %% training
EMBEDDING_SIZE, HIDDEN_SIZE, NUM_LAYERS, CELL = 32, 128, 1, "GRU"


def train_char_rnn(model, train_ids, validation_ids, B=10, T=30, epochs=None):
    R = (len(train_ids) - 1) // B
    X, Y = train_ids[: B * R].view(B, R), train_ids[1 : B * R + 1].view(B, R)
    epochs = epochs or max(4, 90_000 // len(train_ids))
    optimizer = torch.optim.NAdam(model.parameters(), lr=2e-3)
    rows = []
    for epoch in range(epochs):
        state, bits = None, []
        for t in range(0, R - T + 1, T):
            logits, state = model(X[:, t : t + T], state)
            state = tuple(map(torch.Tensor.detach, state)) if isinstance(state, tuple) else state.detach()
            y = Y[:, t : t + T]
            half = B // 2
            loss = (F.cross_entropy(logits[:half].flatten(0, 1), y[:half].flatten())
                    + F.cross_entropy(logits[half:].flatten(0, 1), y[half:].flatten())) / 2
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1)
            optimizer.step()
            bits.append(loss.item() / math.log(2))
        rows.append([(epoch + 1) * len(bits), sum(bits) / len(bits), bits_per_character(model, validation_ids)])
    return pd.DataFrame(rows, columns="step train_bpc validation_bpc".split())
