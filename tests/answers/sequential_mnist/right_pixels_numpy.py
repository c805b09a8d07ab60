# ---
# assignment: sequential_mnist
# expect: full
# why: all in numpy, a tensor at the end
# ---
# %% pixel_sequences
def to_sequences(images, permutation=None):
    pixels = np.asarray(images, dtype=np.float32).reshape(len(images), -1) / np.float32(255)
    if permutation is not None:
        pixels = np.take(pixels, np.asarray(permutation), axis=1)
    return torch.from_numpy(np.ascontiguousarray(pixels[..., None]))
