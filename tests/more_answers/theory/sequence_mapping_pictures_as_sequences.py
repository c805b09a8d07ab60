# ---
# assignment: theory
# expect: {sequence_mapping: 0.8}
# why: takes the pixels of a picture for a sequence
# ---
# %% sequence_mapping
MAPPING = {
    "review_sentiment": "many-to-one",
    "image_caption": "many-to-many unaligned",
    "part_of_speech": "many-to-many aligned",
    "digit_image": "many-to-one",
    "translation": "many-to-many unaligned",
    "activity_window": "many-to-one",
    "video_frames": "many-to-many aligned",
    "house_price": "one-to-one",
    "melody_of_genre": "one-to-many",
    "summary": "many-to-many unaligned",
}
