# ---
# assignment: char_rnn
# expect: full
# why: RMSprop, clipping by value, a fixed number of steps, the last state stays
# ---
# %% training
EMBEDDING_SIZE, HIDDEN_SIZE, NUM_LAYERS, CELL = 32, 128, 1, "GRU"


def train_char_rnn(model, train_ids, validation_ids, steps=None):
    T = 50
    B = max(1, min(24, len(train_ids) // (6 * T)))
    per_epoch = (len(train_ids) - 1) // (B * T)
    steps = steps or max(6 * per_epoch, 150)
    optimizer = torch.optim.RMSprop(model.parameters(), lr=2e-3)
    losses, rows, step = [], [], 0
    while step < steps:
        state = None
        for x, y in stream_batches(train_ids, B, T):
            model.train()
            if state is not None:
                state = [s.data for s in state] if isinstance(state, (list, tuple)) else state.data
                state = tuple(state) if isinstance(state, list) else state
            logits, state = model(x, state)
            loss = F.cross_entropy(logits.reshape(-1, logits.shape[-1]), y.reshape(-1))
            model.zero_grad()
            loss.backward()
            nn.utils.clip_grad_value_(model.parameters(), 0.5)
            optimizer.step()
            losses.append(loss.item() / math.log(2))
            step += 1
            if step % 50 == 0 or step == steps:
                rows.append((step, np.mean(losses), bits_per_character(model, validation_ids)))
                losses = []
            if step == steps:
                break
    return pd.DataFrame(rows, columns=["step", "train_bpc", "validation_bpc"])
