# ---
# assignment: theory
# expect: {sequence_mapping: none}
# why: nothing is filled in
# ---
# %% sequence_mapping
MAPPING = {
    "review_sentiment": "",
    "image_caption": "",
    "part_of_speech": "",
    "digit_image": "",
    "translation": "",
    "activity_window": "",
    "video_frames": "",
    "house_price": "",
    "melody_of_genre": "",
    "summary": "",
}
