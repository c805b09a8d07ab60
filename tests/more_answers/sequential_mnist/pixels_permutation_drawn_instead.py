# ---
# assignment: sequential_mnist
# expect: {pixel_sequences: lost}
# why: one permutation for all, but not the one that is given
# ---
# %% pixel_sequences
def to_sequences(images, permutation=None):
    pixels = torch.as_tensor(images).to(torch.float32).flatten(start_dim=1) / 255
    if permutation is not None:
        pixels = pixels[:, torch.from_numpy(np.random.default_rng(1).permutation(pixels.shape[1]))]
    return pixels.unsqueeze(2)
