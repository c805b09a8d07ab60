# ---
# assignment: sequential_mnist
# expect: {pixel_sequences: lost}
# why: "mean and standard deviation of the images that are given: the scaling is fitted on the test set as well"
# ---
# %% pixel_sequences
def to_sequences(images, permutation=None):
    pixels = torch.as_tensor(images).to(torch.float32).flatten(start_dim=1)
    pixels = (pixels - pixels.mean()) / pixels.std()
    if permutation is not None:
        pixels = pixels[:, torch.as_tensor(permutation)]
    return pixels.unsqueeze(2)
