"""Copies the judged claims that the check's weights are fitted on, without those that the pair encoder was trained on:
`python -m pair.unseen --dev DEV --out DATA`. The example `calibrate` of the generator takes DATA.
"""

import argparse
import json
from pathlib import Path

from . import sets


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dev", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    folder = options.out / "grounding"
    folder.mkdir(parents=True, exist_ok=True)
    for name in sets.GROUNDING:
        rows = sets.halves(options.dev, name)[1]
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
        print(name, len(rows), "claims")


if __name__ == "__main__":
    main()
