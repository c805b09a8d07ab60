"""What a notebook imports: data, device, seeding, training, results, plots."""
