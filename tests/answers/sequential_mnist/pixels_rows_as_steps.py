# ---
# assignment: sequential_mnist
# expect: {pixel_sequences: lost}
# why: a step is a row of the image, as in many tutorials
# ---
# %% pixel_sequences
def to_sequences(images, permutation=None):
    rows = torch.as_tensor(images).to(torch.float32) / 255
    if permutation is not None:
        rows = rows.flatten(start_dim=1)[:, torch.as_tensor(permutation)].view_as(rows)
    return rows
