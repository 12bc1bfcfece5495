"""One run of faster-whisper: MODEL SOUND MODE THREADS BEAM RESULT. Leaves {"text", "seconds"} in RESULT."""

import json
import sys
import time

from faster_whisper import BatchedInferencePipeline, WhisperModel

folder, sound, mode, threads, beam, result = sys.argv[1:]
model = WhisperModel(folder, device="cpu", compute_type="int8", cpu_threads=int(threads))
options = {"language": "en", "beam_size": int(beam)}
if mode == "batched":
    model = BatchedInferencePipeline(model)
    options["batch_size"] = 8
elif mode == "vad":
    options["vad_filter"] = True
begun = time.monotonic()
segments, _ = model.transcribe(sound, **options)
text = " ".join(segment.text.strip() for segment in segments)
seconds = time.monotonic() - begun
with open(result, "w", encoding="utf-8") as out:
    json.dump({"text": text, "seconds": seconds}, out)
