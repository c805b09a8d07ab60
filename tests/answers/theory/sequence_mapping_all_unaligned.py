# ---
# assignment: theory
# expect: {sequence_mapping: 0.2}
# why: one answer for all tasks
# ---
# %% sequence_mapping
MAPPING = {
    "review_sentiment": "many-to-many unaligned",
    "image_caption": "many-to-many unaligned",
    "part_of_speech": "many-to-many unaligned",
    "digit_image": "many-to-many unaligned",
    "translation": "many-to-many unaligned",
    "activity_window": "many-to-many unaligned",
    "video_frames": "many-to-many unaligned",
    "house_price": "many-to-many unaligned",
    "melody_of_genre": "many-to-many unaligned",
    "summary": "many-to-many unaligned",
}
