# ---
# assignment: theory
# expect: {sequence_mapping: 0.6}
# why: takes aligned for unaligned and the other way round
# ---
# %% sequence_mapping
MAPPING = {
    "review_sentiment": "many-to-one",
    "image_caption": "one-to-many",
    "part_of_speech": "many-to-many unaligned",
    "digit_image": "one-to-one",
    "translation": "many-to-many aligned",
    "activity_window": "many-to-one",
    "video_frames": "many-to-many unaligned",
    "house_price": "one-to-one",
    "melody_of_genre": "one-to-many",
    "summary": "many-to-many aligned",
}
