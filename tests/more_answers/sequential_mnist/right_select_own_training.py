# ---
# assignment: sequential_mnist
# expect: full
# why: builds and fits by hand, counts right answers itself, sorts pairs
# ---
# %% model_selection
def select(kind, train, validation):
    scored = []
    for number, setting in enumerate(grid(**SEARCH_SPACE[kind])):
        full = {**DEFAULTS, **setting}
        seed_everything(SEED)
        net = build_model(kind, full["hidden_size"], full["num_layers"], N_CLASSES)
        fit(
            net,
            train,
            None,
            epochs=full["epochs"],
            lr=full["learning_rate"],
            batch_size=full["batch_size"],
            seed=SEED,
            clip_norm=1.0,
            keep_best=False,
            device=device,
            progress=False,
        )
        guesses = predict_logits(net, validation[0]).argmax(1)
        share = (torch.as_tensor(guesses) == torch.as_tensor(validation[1])).double().mean().item()
        scored.append((share, -number, setting))
    scored.sort(key=lambda entry: entry[:2])
    return scored[-1][-1]
