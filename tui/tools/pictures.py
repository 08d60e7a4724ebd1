"""Takes the pictures of the terminal UI in docs/pictures: the real program, in a real terminal, over the sample knowledge base.

    python3 tui/tools/pictures.py target/debug/citedesk docs/pictures

Needs tmux, chromium, the font DejaVu Sans Mono and Pillow. `citedesk demo --no-tui` must have been run before.
"""

import html
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

COLUMNS, ROWS = 120, 30
FONT, ADVANCE, LEADING, MARGIN = 15, 9.03, 17.5, 14
BACKGROUND, FOREGROUND = "#15181e", "#d5d9e0"
# The sixteen colors that a terminal has of its own.
BASE = [
    "#2b303b", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#d5d9e0",
    "#6b7280", "#ef8891", "#b5dd96", "#f0d399", "#84c3f5", "#d79bea", "#7fcfd8", "#ffffff",
]
LONGEST = 120

# A picture is what one types and presses, and what has to be on the screen before one goes on.
PICTURES = {
    "answer": [
        ("type", "Within how many days can a private customer return a router?"),
        ("press", "Enter"),
        ("see", "Sources"),
        ("press", "Tab", "c"),
        ("see", "┏ ["),
    ],
    "refusal": [
        ("type", "Can Barn back up Microsoft 365 mailboxes?"),
        ("press", "Enter"),
        ("see", "No grounded answer"),
        ("press", "Tab", "1"),
        ("see", "┏ [1]"),
    ],
}


class Terminal:
    """The program in a terminal that nobody looks at."""

    def __init__(self, program, folder):
        self.socket = f"{folder}/socket"
        config = Path(folder, "tmux.conf")
        config.write_text('set -g default-terminal tmux-256color\nset -ga terminal-overrides ",*:Tc"\nset -g status off\n')
        env = dict(
            os.environ, COLORTERM="truecolor", CITEDESK_TUI_THEME="dark", CITEDESK_RECORDS_ENABLED="false"
        )
        index = subprocess.run([program, "config", "show"], capture_output=True, text=True, check=True).stdout
        index = Path(re.search(r'index\.path\s*=?\s*"([^"]+)"', index)[1]).parent / "demo/index"
        size = ["-x", str(COLUMNS), "-y", str(ROWS)]
        command = [program, "--index", str(index)]
        subprocess.run(["tmux", "-S", self.socket, "-f", config, "new-session", "-d", *size, *command], env=env, check=True)

    def tmux(self, *arguments):
        command = ["tmux", "-S", self.socket, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def see(self, text):
        for _ in range(LONGEST * 10):
            if text in self.tmux("capture-pane", "-p"):
                return
            time.sleep(0.1)
        sys.exit(f"{text!r} never came:\n{self.tmux('capture-pane', '-p')}")

    def picture(self, steps):
        self.see(" documents")
        for step, *arguments in steps:
            if step == "type":
                self.tmux("send-keys", "-l", "--", *arguments)
            elif step == "press":
                self.tmux("send-keys", "--", *arguments)
            else:
                self.see(*arguments)
        # The keys' last frame.
        time.sleep(0.5)
        return self.tmux("capture-pane", "-p", "-e")


def color(codes):
    """The color that begins a list of codes: `5;N` or `2;R;G;B`."""
    if codes.pop(0) == 2:
        return "#" + "".join(f"{codes.pop(0):02x}" for _ in range(3))
    number = codes.pop(0)
    if number < 16:
        return BASE[number]
    if number < 232:
        parts = [(number - 16) // step % 6 for step in (36, 6, 1)]
        return "#" + "".join(f"{55 + 40 * part if part else 0:02x}" for part in parts)
    return "#" + f"{8 + 10 * (number - 232):02x}" * 3


def restyle(style, codes):
    """`style` after a sequence of codes (ECMA-48, SGR)."""
    style = dict(style)
    codes = [int(code or 0) for code in re.split("[;:]", codes)]
    while codes:
        code = codes.pop(0)
        names = {1: "bold", 2: "dim", 3: "italic", 4: "underline", 7: "reverse"}
        if code == 0:
            style = {}
        elif code in names:
            style[names[code]] = True
        elif code == 22:
            style.pop("bold", None), style.pop("dim", None)
        elif code in (23, 24, 27):
            style.pop(names[code - 20], None)
        elif 30 <= code <= 37 or 90 <= code <= 97:
            style["fg"] = BASE[code - 30 if code < 90 else code - 82]
        elif 40 <= code <= 47 or 100 <= code <= 107:
            style["bg"] = BASE[code - 40 if code < 100 else code - 92]
        elif code in (38, 48):
            style["fg" if code == 38 else "bg"] = color(codes)
        elif code in (39, 49):
            style.pop("fg" if code == 39 else "bg", None)
        elif code == 58:
            color(codes)
    return style


def css(style):
    fg, bg = style.get("fg", FOREGROUND), style.get("bg")
    if style.get("reverse"):
        fg, bg = bg or BACKGROUND, fg
    rules = [f"color:{fg}"]
    if bg:
        rules.append(f"background:{bg}")
    for name, rule in [
        ("bold", "font-weight:bold"),
        ("dim", "opacity:.6"),
        ("italic", "font-style:italic"),
        ("underline", "text-decoration:underline"),
    ]:
        if style.get(name):
            rules.append(rule)
    return ";".join(rules)


def page(captured):
    style, out = {}, []
    for row in captured.rstrip("\n").split("\n"):
        for part in re.split("(\x1b\\[[0-9;:]*m)", row):
            if part.startswith("\x1b["):
                style = restyle(style, part[2:-1])
            elif part:
                out.append(f'<span style="{css(style)}">{html.escape(part)}</span>')
        out.append("\n")
    return (
        f"<meta charset=utf-8><style>body{{margin:{MARGIN}px;background:{BACKGROUND}}}"
        f"pre{{margin:0;font:{FONT}px/{LEADING}px 'DejaVu Sans Mono'}}</style><pre>{''.join(out)}</pre>"
    )


def shoot(captured, file, folder):
    source, raw = Path(folder, "page.html"), Path(folder, "raw.png")
    source.write_text(page(captured))
    size = f"{round(COLUMNS * ADVANCE) + 2 * MARGIN},{round(ROWS * LEADING) + 2 * MARGIN}"
    subprocess.run(
        ["chromium", "--headless", "--no-sandbox", "--hide-scrollbars", "--force-device-scale-factor=1.25",
         f"--window-size={size}", f"--screenshot={raw}", source.as_uri()],
        check=True, stderr=subprocess.DEVNULL,
    )
    # A terminal has few colors.
    Image.open(raw).convert("RGB").quantize(64, method=Image.Quantize.MAXCOVERAGE).save(file, optimize=True)


def main(program, folder):
    program = os.path.abspath(program)
    Path(folder).mkdir(parents=True, exist_ok=True)
    for name, steps in PICTURES.items():
        with tempfile.TemporaryDirectory() as scratch:
            terminal = Terminal(program, scratch)
            try:
                shoot(terminal.picture(steps), Path(folder, f"{name}.png"), scratch)
            finally:
                terminal.tmux("kill-server")


main(*sys.argv[1:])
