# ---
# assignment: char_rnn
# expect: {training: lost}
# why: "back-propagation through the whole text: nothing is truncated"
# ---
# %% training
EMBEDDING_SIZE, HIDDEN_SIZE, NUM_LAYERS, CELL = 32, 128, 1, "GRU"


def detached(state):
    return tuple(part.detach() for part in state) if isinstance(state, tuple) else state.detach()


def train_char_rnn(model, train_ids, validation_ids, epochs=12, seq_length=64):
    batch_size = max(1, min(32, len(train_ids) // (8 * seq_length)))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    rows, step = [], 0
    for epoch in range(epochs):
        model.train()
        state, nats = None, []
        for x, y in [(train_ids[None, :-1], train_ids[None, 1:])] * 4:
            state = None
            logits, state = model(x, state)
            state = detached(state)
            loss = F.cross_entropy(logits.flatten(0, 1), y.flatten())
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            nats.append(loss.item())
            step += 1
        validation_bpc = bits_per_character(model, validation_ids)
        rows.append([step, np.mean(nats) / math.log(2), validation_bpc])
    return pd.DataFrame(rows, columns=["step", "train_bpc", "validation_bpc"])
