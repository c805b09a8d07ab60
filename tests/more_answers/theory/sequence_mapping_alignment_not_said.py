# ---
# assignment: theory
# expect: {sequence_mapping: 0.6}
# why: many-to-many without saying whether aligned
# ---
# %% sequence_mapping
MAPPING = {
    "review_sentiment": "many-to-one",
    "image_caption": "one-to-many",
    "part_of_speech": "many-to-many",
    "digit_image": "one-to-one",
    "translation": "many-to-many",
    "activity_window": "many-to-one",
    "video_frames": "many-to-many",
    "house_price": "one-to-one",
    "melody_of_genre": "one-to-many",
    "summary": "many-to-many",
}
