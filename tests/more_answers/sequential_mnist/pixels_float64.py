# ---
# assignment: sequential_mnist
# expect: {pixel_sequences: lost}
# why: float64, as numpy divides
# ---
# %% pixel_sequences
def to_sequences(images, permutation=None):
    pixels = images.reshape(len(images), -1) / 255
    if permutation is not None:
        pixels = pixels[:, permutation]
    return torch.from_numpy(pixels).unsqueeze(2)
