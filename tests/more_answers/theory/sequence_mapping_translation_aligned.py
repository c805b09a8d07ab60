# ---
# assignment: theory
# expect: {sequence_mapping: 0.9}
# why: word for word; takes a translation for as long as the sentence
# ---
# %% sequence_mapping
MAPPING = {
    "review_sentiment": "many-to-one",
    "image_caption": "one-to-many",
    "part_of_speech": "many-to-many aligned",
    "digit_image": "one-to-one",
    "translation": "many-to-many aligned",
    "activity_window": "many-to-one",
    "video_frames": "many-to-many aligned",
    "house_price": "one-to-one",
    "melody_of_genre": "one-to-many",
    "summary": "many-to-many unaligned",
}
