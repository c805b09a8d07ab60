# ---
# assignment: sequential_mnist
# expect: {pixel_sequences: lost}
# why: "the scale is taken from the images that are given: the test set is scaled by itself"
# ---
# %% pixel_sequences
def to_sequences(images, permutation=None):
    pixels = torch.as_tensor(images).to(torch.float32).flatten(start_dim=1)
    pixels = pixels / pixels.max()
    if permutation is not None:
        pixels = pixels[:, torch.as_tensor(permutation)]
    return pixels.unsqueeze(2)
