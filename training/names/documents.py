"""Blocks of documentation in which nobody is named: sentences that must stay as they are.

The help of LibreOffice (MPL-2.0) as Debian packages it, unpacked, in nine languages; and what stands as documentation in the
sources of Rust crates (MIT or Apache-2.0) that cargo has fetched.
"""

import html
import random
import re

BLOCKS = re.compile(r"<(p|h[1-6]|li|td|th|dd|dt)\b[^>]*>(.*?)</\1>", re.S | re.I)
LANGUAGES = {"en-US": "en", "en-us": "en", "de": "de", "fr": "fr", "es": "es", "it": "it", "nl": "nl", "pt-BR": "pt", "pt-br": "pt", "pl": "pl"}
# Lines of documentation that name people.
CREDITS = re.compile(r"©|\(c\)|copyright|author|thanks|credit|maintain|contribut|licen[sc]e|sponsor|@\w|written by|inspired|et al|theorem", re.I)


def clean(text):
    return re.sub(r"[ \t\r\n]+", " ", html.unescape(re.sub(r"<[^>]*>", "", text))).strip()


def helps(folder, given):
    """Pages of LibreOffice's help by language, each a list of blocks."""
    found = {}
    for path in sorted(folder.rglob("text/**/*.html")):
        language = LANGUAGES.get(path.parts[path.parts.index("help") + 1])
        if not language:
            continue
        body = path.read_text(encoding="utf-8", errors="replace")
        body = body[body.find('id="DisplayArea"') :] if 'id="DisplayArea"' in body else body
        blocks = [clean(match[2]) for match in BLOCKS.finditer(body)]
        blocks = [block for block in blocks if 3 <= len(block) <= 600 and is_plain(block, given)]
        if len(blocks) > 2:
            found.setdefault(language, []).append(blocks)
    return found


def sources(folder, given):
    """READMEs and comments of crates, as Markdown, each a list of blocks."""
    found = []
    for path in sorted(folder.glob("*/README.md")):
        found.append(path.read_text(encoding="utf-8", errors="replace").split("\n\n"))
    for path in sorted(folder.glob("*/src/**/*.rs")):
        if path.stat().st_size > 300_000:
            continue
        lines = re.findall(r"^\s*//[/!] ?(.*)$", path.read_text(encoding="utf-8", errors="replace"), re.M)
        found.append("\n".join(lines).split("\n\n"))
    pages = []
    for blocks in found:
        kept = [block.strip() for block in blocks if 3 <= len(block) <= 600 and is_plain(block, given) and not CREDITS.search(block)]
        if len(kept) > 1:
            pages.append(kept)
    return pages


def is_plain(block, given):
    return not any(word[0].isupper() and word.lower() in given for word in re.findall(r"[^\W\d_]+", block))


def excerpts(pages, count, seed):
    """Some blocks that follow each other, as one text."""
    draw = random.Random(seed)
    for _ in range(count):
        blocks = draw.choice(pages)
        at, length = draw.randrange(len(blocks)), draw.choice([1, 2, 4, 8, 12])
        yield "\n\n".join(blocks[at : at + length])
