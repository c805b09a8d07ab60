# ---
# assignment: speech_commands
# expect: {training: lost}
# why: the accuracy is taken on clips that the function loads itself, not on its argument
# ---
# %% training
from helpers.data.speech_commands import feature_statistics, load, standardise
from helpers.training import evaluate, fit


def train_models(train, validation):
    classes = {"RNN": RNNModel, "Bidir": BidirRecurrentModel}
    n_features = train[0].shape[-1]
    n_classes = int(max(train[1].max(), validation[1].max())) + 1
    words = load(progress=False)
    mean, std = feature_statistics(words.train.features)
    val = (standardise(words.validation.features, mean, std), words.validation.labels)
    rows, models = [], {}
    for model_name, model_class in classes.items():
        for mode in MODES:
            torch.manual_seed(0)
            model = model_class(mode, n_features, HIDDEN_SIZE, NUM_LAYERS, True, n_classes)
            fit(model, train, validation, epochs=EPOCHS, progress=False)
            _, val_accuracy = evaluate(model, val)
            rows.append({"model": model_name, "mode": mode, "val_accuracy": val_accuracy})
            models[model_name, mode] = model
    return pd.DataFrame(rows), models
