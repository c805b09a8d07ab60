# ---
# assignment: sequential_mnist
# expect: full
# why: a training loop of one's own, seeded before the model is built; accuracies counted by hand
# ---
# %% final_runs
SEEDS = (0, 1, 2, 3, 4)


def final_run(kind, setting, seed):
    x, y = (torch.cat(pair) for pair in zip(train, validation))
    seed_everything(seed)
    model = build_model(kind, setting["hidden_size"], setting["num_layers"], N_CLASSES).to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=setting["learning_rate"])
    for _ in range(setting["epochs"]):
        for rows in torch.randperm(len(y)).split(setting["batch_size"]):
            loss = nn.functional.cross_entropy(model(x[rows].to(device)), y[rows].to(device))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    def share(inputs, labels):
        model.eval()
        with torch.no_grad():
            return (model(inputs.to(device)).argmax(dim=1).cpu() == labels).float().mean().item()

    return {"train_accuracy": share(x, y), "test_accuracy": share(*test), "parameters": 3.0}, model
