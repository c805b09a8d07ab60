# ---
# assignment: char_rnn
# expect: {training: lost}
# why: "the state of the epoch's first batch is given to all others"
# ---
# %% training
EMBEDDING_SIZE, HIDDEN_SIZE, NUM_LAYERS, CELL = 64, 256, 1, "LSTM"


def train_char_rnn(model, train_ids, validation_ids, epochs=12, batch_size=8, seq_length=40, lr=0.008):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    rows, step = [], 0
    for epoch in range(1, epochs + 1):
        model.train()
        state, bits = None, []
        for x, y in stream_batches(train_ids, batch_size, seq_length):
            optimizer.zero_grad()
            logits, new = model(x, state)
            if state is None:
                state = tuple(s.detach() for s in new) if isinstance(new, tuple) else new.detach()
            loss = F.cross_entropy(logits.flatten(0, 1), y.flatten())
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            bits.append(loss.item() / math.log(2))
        step += len(bits)
        rows.append({"step": step, "train_bpc": np.mean(bits), "validation_bpc": bits_per_character(model, validation_ids)})
    return pd.DataFrame(rows)
