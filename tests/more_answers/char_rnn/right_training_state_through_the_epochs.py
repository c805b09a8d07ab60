# ---
# assignment: char_rnn
# expect: full
# why: the state goes on from the end of an epoch to the beginning of the next
# ---
# %% training
EMBEDDING_SIZE, HIDDEN_SIZE, NUM_LAYERS, CELL = 32, 128, 1, "GRU"


def train_char_rnn(model, train_ids, validation_ids):
    T = 40
    B = min(32, max(2, len(train_ids) // (10 * T)))
    epochs = max(8, 200 * B * T // len(train_ids))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    state, rows, step = None, [], 0
    for _ in range(epochs):
        seen = 0.0
        batches = list(stream_batches(train_ids, B, T))
        for x, y in batches:
            logits, state = model(x, state)
            with torch.no_grad():
                state = tuple(s.clone().detach() for s in state) if isinstance(state, tuple) else state.clone().detach()
            loss = -F.log_softmax(logits, -1).gather(-1, y[..., None]).mean()
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm=5.0)
            optimizer.step()
            seen += loss.item() / math.log(2)
            step += 1
        rows.append(dict(step=step, train_bpc=seen / len(batches), validation_bpc=bits_per_character(model, validation_ids)))
    return pd.DataFrame(rows)
