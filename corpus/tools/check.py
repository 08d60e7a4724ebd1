#!/usr/bin/env python3
"""Checks the sample knowledge base: golden questions against documents, and planted identifiers.

Needs only the standard library; PDF evidence is checked where `pdftotext` (poppler) is installed.
Exit status 1 where something is wrong.
"""

import csv
import email
import html
import json
import mailbox
import re
import shutil
import subprocess
import sys
from collections import Counter
from email import policy
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS, GOLDEN = ROOT / "documents", ROOT / "golden"
KINDS = {"direct": 30, "paraphrase": 20, "multi": 8, "followup": 8, "outdated": 4, "unanswerable": 24}
FIELDS = {"id", "question", "kind", "history", "answerable", "answer", "must_contain", "evidence", "filters"}
LINKS = re.compile(r"\[([^\]]*)\]\([^)]*\)")
BLOCK_TAGS = re.compile(r"</?(p|div|li|tr|h[1-6]|dt|dd|br|ul|ol|table|blockquote|hr|body)\b[^>]*>", re.I)
CELL_ENDS = re.compile(r"</t[dh]>\s*", re.I)


def words(text):
    return [w.lower() for w in re.findall(r"[^\W_]+", text)]


def from_html(text):
    text = re.sub(r"<(script|style)\b.*?</\1>", " ", text, flags=re.S | re.I)
    text = CELL_ENDS.sub(" | ", text)
    text = BLOCK_TAGS.sub("\n", text)
    return html.unescape(re.sub(r"<[^>]+>", "", text))


def from_message(message):
    head = [f"{name}: {value}" for name, value in message.items()]
    parts = []
    for part in message.walk():
        if part.get_content_maintype() == "text":
            text = part.get_content()
            parts.append(from_html(text) if part.get_content_subtype() == "html" else text)
    return "\n".join(head + parts)


def strings(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from strings(item)
    elif isinstance(value, str):
        yield value


def pdf_pages(path):
    if not shutil.which("pdftotext"):
        return None
    made = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True)
    plain = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, check=True)
    split = lambda out: out.stdout.decode().split("\f")  # noqa: E731
    return [a + "\n" + b for a, b in zip(split(made), split(plain))]


def text_of(path):
    """The document's text; for PDF a list of pages, or None without pdftotext."""
    if path.suffix == ".pdf":
        return pdf_pages(path)
    if path.suffix == ".eml":
        return from_message(email.message_from_bytes(path.read_bytes(), policy=policy.default))
    if path.suffix == ".mbox":
        read = lambda file: email.message_from_binary_file(file, policy=policy.default)  # noqa: E731
        return "\n".join(from_message(message) for message in mailbox.mbox(str(path), factory=read))
    raw = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        return from_html(raw)
    if path.suffix == ".json":
        return "\n".join(strings(json.loads(raw)))
    if path.suffix == ".csv":
        return "\n".join(cell for row in csv.reader(raw.splitlines(keepends=True)) for cell in row)
    return LINKS.sub(r"\1", raw)


def holds(text, quote, by_line):
    def run(hay, needle):
        return any(hay[i : i + len(needle)] == needle for i in range(len(hay) - len(needle) + 1))

    needle = words(quote)
    return any(run(words(part), needle) for part in (text.splitlines() if by_line else [text]))


def check():
    wrong = []
    texts = {str(p.relative_to(DOCUMENTS)): text_of(p) for p in sorted(DOCUMENTS.rglob("*")) if p.is_file()}
    lines = (GOLDEN / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    lines += (GOLDEN / "held_out.jsonl").read_text(encoding="utf-8").splitlines()
    lines += (GOLDEN / "reworded.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line) for line in lines]
    canaries = (GOLDEN / "canaries.txt").read_text(encoding="utf-8").splitlines()

    wrong += [f"id {name} is used {n} times" for name, n in Counter(q["id"] for q in questions).items() if n > 1]
    wrong += [f"asked twice: {t}" for t, n in Counter(q["question"] for q in questions).items() if n > 1]
    kinds = Counter(q["kind"] for q in questions)
    wrong += [f"only {kinds[k]} questions of kind {k}, {n} wanted" for k, n in KINDS.items() if kinds[k] < n]
    evidence_formats = Counter()
    for q in questions:
        name = q["id"]
        wrong += [f"{name}: unknown field {field}" for field in set(q) - FIELDS]
        if q["kind"] not in KINDS:
            wrong.append(f"{name}: unknown kind {q['kind']}")
        if q["answerable"] == (q["kind"] == "unanswerable") or q["answerable"] != bool(q["evidence"]):
            wrong.append(f"{name}: answerable, kind and evidence disagree")
        if q["answerable"] and not (q["answer"] and 1 <= len(q["must_contain"]) <= 3):
            wrong.append(f"{name}: no answer, or not 1 to 3 strings in must_contain")
        for want in q["must_contain"]:
            if not any(part.lower() in q["answer"].lower() for part in want.split("|")):
                wrong.append(f"{name}: the answer lacks {want!r}")
        if (q["kind"] == "followup") != bool(q.get("history")):
            wrong.append(f"{name}: only follow-ups have a history")
        if q["kind"] == "multi" and len(q["evidence"]) < 2:
            wrong.append(f"{name}: needs two pieces of evidence")
        for proof in q["evidence"]:
            document, quote = proof["document"], proof["quote"]
            evidence_formats[Path(document).suffix] += 1
            text = texts.get(document, "")
            if text == "":
                wrong.append(f"{name}: no document {document}")
            elif text is None:
                continue
            elif isinstance(text, list):
                page = proof.get("page", 0)
                if not (1 <= page <= len(text)) or not holds(text[page - 1], quote, by_line=False):
                    wrong.append(f"{name}: {document} page {page} lacks {quote!r}")
            elif not holds(text, quote, by_line=True):
                wrong.append(f"{name}: {document} lacks {quote!r}")

    flat = {name: re.sub(r"\s+", " ", "\n".join(t) if isinstance(t, list) else t or "") for name, t in texts.items()}
    asked = "\n".join(lines)
    wrong += [f"canary listed twice: {c}" for c, n in Counter(canaries).items() if n > 1]
    for canary in canaries:
        if not any(canary in text for text in flat.values()) and None not in texts.values():
            wrong.append(f"canary in no document: {canary}")
        if canary.lower() in asked.lower():
            wrong.append(f"canary in the questions: {canary}")
    for name, text in flat.items():
        for address in re.findall(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.example", text):
            # Message ids look like addresses but name nobody.
            if address not in canaries and not re.search(r"\d@|^CAF-|\.[0-9a-f]{4}@|^\d{4}-", address):
                wrong.append(f"{name}: address not among the canaries: {address}")

    formats = Counter(Path(name).suffix for name in texts)
    out = sys.stdout.write
    out(f"documents {len(texts)}: " + ", ".join(f"{k} {n}" for k, n in sorted(formats.items())) + "\n")
    out(f"words {sum(len(text.split()) for text in flat.values())}\n")
    out(f"questions {len(questions)}: " + ", ".join(f"{k} {kinds[k]}" for k in KINDS) + "\n")
    out("evidence: " + ", ".join(f"{k} {n}" for k, n in sorted(evidence_formats.items())) + "\n")
    out(f"canaries {len(canaries)}\n")
    if None in texts.values():
        out("pdftotext is not installed: PDF evidence was not checked\n")
    for line in wrong:
        sys.stderr.write(f"wrong: {line}\n")
    return not wrong


if __name__ == "__main__":
    sys.exit(0 if check() else 1)
