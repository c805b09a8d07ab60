# ---
# assignment: sequential_mnist
# expect: {pixel_sequences: lost}
# why: a numpy array is returned
# ---
# %% pixel_sequences
def to_sequences(images, permutation=None):
    pixels = images.reshape(len(images), -1, 1).astype(np.float32) / 255
    return pixels if permutation is None else pixels[:, permutation]
