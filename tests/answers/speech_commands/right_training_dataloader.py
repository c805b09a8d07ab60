# ---
# assignment: speech_commands
# expect: full
# why: own loop with DataLoader, gradients clipped, best state kept as clones
# ---
# %% training
from torch.utils.data import DataLoader, TensorDataset


def as_loader(data, batch_size, shuffle):
    features, labels = data
    dataset = TensorDataset(torch.as_tensor(features).float(), torch.as_tensor(labels).long())
    return DataLoader(dataset, batch_size=batch_size, shuffle=shuffle)


def accuracy(model, loader):
    correct, total = 0, 0
    model.eval()
    with torch.no_grad():
        for xb, yb in loader:
            correct += (torch.max(model(xb), 1)[1] == yb).sum().item()
            total += yb.numel()
    return correct / total


def train_models(train, validation):
    torch.manual_seed(42)
    train_loader = as_loader(train, 16, True)
    val_loader = as_loader(validation, 64, False)
    n_classes = len(set(np.asarray(train[1]).tolist()) | set(np.asarray(validation[1]).tolist()))
    table = {'model': [], 'mode': [], 'val_accuracy': []}
    models = {}

    for mode in ['LSTM', 'GRU', 'RNN_TANH', 'RNN_RELU']:
        for name in ['RNN', 'Bidir']:
            Net = RNNModel if name == 'RNN' else BidirRecurrentModel
            net = Net(mode, train[0].shape[-1], HIDDEN_SIZE, NUM_LAYERS, True, n_classes)
            loss_function = nn.CrossEntropyLoss()
            opt = torch.optim.Adam(net.parameters(), lr=3e-3)
            best_acc = -1
            for epoch in range(EPOCHS):
                net.train()
                for xb, yb in train_loader:
                    opt.zero_grad()
                    loss_function(net(xb), yb).backward()
                    # relu networks exploded without this
                    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
                    opt.step()
                acc = accuracy(net, val_loader)
                if acc > best_acc:
                    best_acc = acc
                    best = {k: v.detach().clone() for k, v in net.state_dict().items()}
            net.load_state_dict(best)
            table['model'].append(name)
            table['mode'].append(mode)
            table['val_accuracy'].append(accuracy(net, val_loader))
            models[(name, mode)] = net

    return pd.DataFrame(table), models
