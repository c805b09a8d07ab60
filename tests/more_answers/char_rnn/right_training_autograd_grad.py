# ---
# assignment: char_rnn
# expect: full
# why: "torch.autograd.grad in place of backward, value clipping, RMSprop, rows every few steps"
# ---
# %% training
EMBEDDING_SIZE, HIDDEN_SIZE, NUM_LAYERS, CELL = 64, 256, 1, "LSTM"


def train_char_rnn(model, train_ids, validation_ids, epochs=15, rows=8, width=40, lr=0.005, limit=0.1, report=60):
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.RMSprop(parameters, lr=lr)
    records, since, step = [], [], 0

    def report_now():
        records.append(
            {"step": step, "train_bpc": float(np.mean(since)), "validation_bpc": bits_per_character(model, validation_ids)}
        )
        since.clear()
        model.train()

    model.train()
    for epoch in range(epochs):
        state = None
        for x, y in stream_batches(train_ids, rows, width):
            logits, state = model(x, state)
            loss = F.nll_loss(torch.log_softmax(logits, -1).flatten(0, 1), y.flatten())
            grads = torch.autograd.grad(loss, parameters)
            for p, g in zip(parameters, grads):
                p.grad = g.clip(-limit, limit)
            optimizer.step()
            state = tuple(s.data for s in state) if isinstance(state, tuple) else state.data
            step += 1
            since.append(loss.item() / math.log(2))
            if len(since) == max(report, step // 50):
                report_now()
    if since:
        report_now()
    return pd.DataFrame.from_records(records)
