# ---
# assignment: speech_commands
# expect: {training: lost}
# why: the last epoch counts, whatever came before
# ---
# %% training
def count_correct(model, x, y):
    model.eval()
    with torch.no_grad():
        correct = (model(x).argmax(dim=1) == y).sum().item()
    model.train()
    return correct


def train_one(model, train, validation):
    x_train = torch.as_tensor(train[0], dtype=torch.float32)
    y_train = torch.as_tensor(train[1], dtype=torch.long)
    x_val = torch.as_tensor(validation[0], dtype=torch.float32)
    y_val = torch.as_tensor(validation[1], dtype=torch.long)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    for epoch in range(EPOCHS):
        for idx in torch.randperm(len(y_train)).split(32):
            optimizer.zero_grad()
            loss = criterion(model(x_train[idx]), y_train[idx])
            loss.backward()
            optimizer.step()
        accuracy = count_correct(model, x_val, y_val) / len(y_val)
    return accuracy


def train_models(train, validation):
    torch.manual_seed(1)
    rows = []
    trained = {}
    for name, cls in (("RNN", RNNModel), ("Bidir", BidirRecurrentModel)):
        for mode in MODES:
            model = cls(mode, train[0].shape[2], HIDDEN_SIZE, NUM_LAYERS, True, int(train[1].max()) + 1)
            accuracy = train_one(model, train, validation)
            rows.append([name, mode, accuracy])
            trained[(name, mode)] = model.eval()
    results = pd.DataFrame(rows, columns=["model", "mode", "val_accuracy"])
    return results, trained
