# ---
# assignment: theory
# expect: full
# why: case, spaces, hyphens, underscores and brackets as people type them
# ---
# %% sequence_mapping
MAPPING = {
    "review_sentiment": "Many to One",
    "image_caption": "ONE_TO_MANY",
    "part_of_speech": "Many-to-Many (aligned)",
    "digit_image": "one to one",
    "translation": "many_to_many_unaligned",
    "activity_window": " many-to-one ",
    "video_frames": "aligned many-to-many",
    "house_price": "One-To-One",
    "melody_of_genre": "1-to-many",
    "summary": "many-to-many, not aligned",
}
