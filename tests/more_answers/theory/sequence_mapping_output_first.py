# ---
# assignment: theory
# expect: {sequence_mapping: 0.6}
# why: reads the names of the forms as output to input
# ---
# %% sequence_mapping
MAPPING = {
    "review_sentiment": "one-to-many",
    "image_caption": "many-to-one",
    "part_of_speech": "many-to-many aligned",
    "digit_image": "one-to-one",
    "translation": "many-to-many unaligned",
    "activity_window": "one-to-many",
    "video_frames": "many-to-many aligned",
    "house_price": "one-to-one",
    "melody_of_genre": "many-to-one",
    "summary": "many-to-many unaligned",
}
