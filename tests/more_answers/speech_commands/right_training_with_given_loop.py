# ---
# assignment: speech_commands
# expect: full
# why: the eight models trained with the loop that the notebook gives
# ---
# %% training
from helpers.training import evaluate, fit


def train_models(train, validation):
    classes = {"RNN": RNNModel, "Bidir": BidirRecurrentModel}
    n_features = train[0].shape[-1]
    n_classes = int(max(train[1].max(), validation[1].max())) + 1
    rows, models = [], {}
    for model_name, model_class in classes.items():
        for mode in MODES:
            torch.manual_seed(0)
            model = model_class(mode, n_features, HIDDEN_SIZE, NUM_LAYERS, True, n_classes)
            fit(model, train, validation, epochs=EPOCHS, progress=False)
            _, val_accuracy = evaluate(model, validation)
            rows.append({"model": model_name, "mode": mode, "val_accuracy": val_accuracy})
            models[model_name, mode] = model
    return pd.DataFrame(rows), models
