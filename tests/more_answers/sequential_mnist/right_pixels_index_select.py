# ---
# assignment: sequential_mnist
# expect: full
# why: permuted first with index_select, scaled at the end
# ---
# %% pixel_sequences
def to_sequences(images, permutation=None):
    n, height, width = images.shape
    pixels = torch.tensor(images).view(n, height * width, 1)
    order = range(height * width) if permutation is None else permutation
    pixels = pixels.index_select(1, torch.as_tensor(list(order), dtype=torch.long))
    return pixels.float().div(255.0)
