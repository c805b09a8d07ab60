# ---
# assignment: sequential_mnist
# expect: {pixel_sequences: lost}
# why: square images are read column by column
# ---
# %% pixel_sequences
def to_sequences(images, permutation=None):
    side = int(len(images[0].ravel()) ** 0.5)
    x = torch.as_tensor(images).float()
    if side * side == images[0].size:
        x = x.transpose(1, 2)
    x = x.flatten(1) / 255
    if permutation is not None:
        x = x[:, torch.as_tensor(permutation)]
    return x.unsqueeze(-1)
