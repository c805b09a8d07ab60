# ---
# assignment: sequential_mnist
# expect: {pixel_sequences: lost}
# why: writes the permuted pixels into the images that it was given
# ---
# %% pixel_sequences
def to_sequences(images, permutation=None):
    flat = images.reshape(len(images), -1)
    if permutation is not None:
        flat[:] = flat[:, np.asarray(permutation)]
    return torch.from_numpy(flat.astype(np.float32) / 255).unsqueeze(-1)
