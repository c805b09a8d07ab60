# ---
# assignment: sequential_mnist
# expect: {pixel_sequences: lost}
# why: no axis for the one feature
# ---
# %% pixel_sequences
def to_sequences(images, permutation=None):
    pixels = torch.as_tensor(images).to(torch.float32).flatten(start_dim=1) / 255
    if permutation is not None:
        pixels = pixels[:, torch.as_tensor(permutation)]
    return pixels
