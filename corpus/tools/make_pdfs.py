#!/usr/bin/env python3
"""Makes the PDF documents of the sample knowledge base from the texts in pdf_source/.

Needs reportlab. The same texts give the same bytes.

A source starts with `key: value` lines (out, title, subject, columns) and an empty line. Then:
`# ` and `## ` headings, `- ` list items, `1. ` numbered items, `|` table rows (the first is the header),
`===` a new page; everything else is a paragraph, one to a line.
"""

import re
import sys
from pathlib import Path

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import (
    BaseDocTemplate,
    Frame,
    PageBreak,
    PageTemplate,
    Paragraph,
    Table,
    TableStyle,
)

HERE = Path(__file__).resolve().parent
DOCUMENTS = HERE.parent / "documents"
MARGIN, GAP, FOOT = 20 * mm, 8 * mm, 22 * mm

BODY = ParagraphStyle("body", fontName="Times-Roman", fontSize=10.5, leading=14, spaceAfter=6)
CELL = ParagraphStyle("cell", parent=BODY, fontName="Helvetica", fontSize=8.5, leading=11, spaceAfter=0)
HEAD = ParagraphStyle("head", parent=CELL, fontName="Helvetica-Bold")
ITEM = ParagraphStyle("item", parent=BODY, leftIndent=14, bulletIndent=2, spaceAfter=3)
TITLE = ParagraphStyle("title", parent=BODY, fontName="Helvetica-Bold", fontSize=20, leading=25, spaceAfter=4)
SUBJECT = ParagraphStyle("subject", parent=BODY, fontName="Helvetica", textColor=colors.HexColor("#555555"), spaceAfter=12)
H1 = ParagraphStyle("h1", parent=BODY, fontName="Helvetica-Bold", fontSize=14, leading=18, spaceBefore=10, keepWithNext=1)
H2 = ParagraphStyle("h2", parent=H1, fontSize=11.5, leading=15, spaceBefore=6)


def escape(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def table(rows, width):
    cells = [[c.strip() for c in row.strip().strip("|").split("|")] for row in rows]
    longest = [max(len(row[i]) for row in cells) for i in range(len(cells[0]))]
    share = [min(max(n, 10), 45) for n in longest]
    widths = [width * s / sum(share) for s in share]
    body = [[Paragraph(escape(c), HEAD if at == 0 else CELL) for c in row] for at, row in enumerate(cells)]
    made = Table(body, colWidths=widths, repeatRows=1, spaceBefore=3, spaceAfter=9)
    made.setStyle(
        TableStyle(
            [
                ("GRID", (0, 0), (-1, -1), 0.4, colors.HexColor("#999999")),
                ("BACKGROUND", (0, 0), (-1, 0), colors.HexColor("#e6ecf0")),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("TOPPADDING", (0, 0), (-1, -1), 3),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
                ("NOSPLIT", (0, 0), (-1, -1)),
            ]
        )
    )
    return [made]


def story(lines, width):
    rows = []
    for line in lines + [""]:
        if rows and not line.startswith("|"):
            yield from table(rows, width)
            rows = []
        if line.startswith("|"):
            rows.append(line)
        elif line == "===":
            yield PageBreak()
        elif line.startswith("## "):
            yield Paragraph(escape(line[3:]), H2)
        elif line.startswith("# "):
            yield Paragraph(escape(line[2:]), H1)
        elif line.startswith("- "):
            yield Paragraph(escape(line[2:]), ITEM, bulletText="•")
        elif found := re.match(r"(\d+)\. (.*)", line):
            yield Paragraph(escape(found[2]), ITEM, bulletText=found[1] + ".")
        elif line.strip():
            yield Paragraph(escape(line), BODY)


def make(source):
    head, text = source.read_text(encoding="utf-8").split("\n\n", 1)
    meta = dict(line.split(": ", 1) for line in head.splitlines())
    columns = int(meta.get("columns", "1"))
    wide, high = A4
    width = (wide - 2 * MARGIN - (columns - 1) * GAP) / columns
    top = 44 * mm if columns > 1 else 0

    def footer(canvas, document):
        canvas.saveState()
        canvas.setFont("Helvetica", 8)
        canvas.setFillColor(colors.HexColor("#555555"))
        canvas.drawString(MARGIN, 12 * mm, f"{meta['title']} · {meta['edition']}")
        canvas.drawRightString(wide - MARGIN, 12 * mm, f"Page {document.page}")
        if columns > 1 and document.page == 1:
            for text_, style, y in ((meta["title"], TITLE, 34), (meta["subject"], SUBJECT, 44)):
                paragraph = Paragraph(escape(text_), style)
                paragraph.wrap(wide - 2 * MARGIN, 60)
                paragraph.drawOn(canvas, MARGIN, high - y * mm)
        canvas.restoreState()

    def frames(drop):
        return [
            Frame(MARGIN + i * (width + GAP), FOOT, width, high - FOOT - MARGIN - drop, 0, 0, 0, 0) for i in range(columns)
        ]

    target = DOCUMENTS / meta["out"]
    document = BaseDocTemplate(
        str(target), pagesize=A4, title=meta["title"], author="Brindlemere", subject=meta["subject"], invariant=1
    )
    first = PageTemplate("first", frames(max(top - MARGIN + 6 * mm, 0)), onPage=footer, autoNextPageTemplate="later")
    document.addPageTemplates([first, PageTemplate("later", frames(0), onPage=footer)])
    opening = [] if columns > 1 else [Paragraph(escape(meta["title"]), TITLE), Paragraph(escape(meta["subject"]), SUBJECT)]
    document.build(opening + list(story(text.splitlines(), width)))
    return target


if __name__ == "__main__":
    for source in sorted((HERE / "pdf_source").glob("*.txt")):
        sys.stdout.write(f"{make(source).relative_to(DOCUMENTS)}\n")
