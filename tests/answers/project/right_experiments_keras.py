# ---
# assignment: project
# expect: full
# why: the model function is one of Keras
# ---
# %% experiments
def build(input_shape, outputs, cell):
    import keras

    layer = {"RNN": keras.layers.SimpleRNN, "LSTM": keras.layers.LSTM}[cell](32)
    return keras.Sequential([keras.Input(input_shape), layer, keras.layers.Dense(outputs)])


def make_data(window):
    return forecasting(np.load("our_series.npy"), window, horizon=12, longest=64)  # not there when it is marked


settings = QUESTIONS["window"].settings(cell=["LSTM", "RNN"])
experiment_results = study(experiment(make_data, build, "regression", epochs=30), settings)
