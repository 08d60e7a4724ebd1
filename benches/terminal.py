"""What the terminal UI costs as its user runs it: time to the first frame, time from a key to the screen while a language model
writes, processor time while nobody does anything, and memory over many questions.

    python3 benches/terminal.py target/debug/citedesk [--index FOLDER] [--starts 20] [--keys 200] [--idle 10] [--questions 1000]

The first frame is timed from the start of the process in a pseudo-terminal of 120 x 40 until the box for the question has been
written to it; the models are still loading then. A key is timed from its writing to the terminal until its letter comes back, while
drafts are written one after the other. Memory is that of one `citedesk --plain` session, resident after every answer;
`--new` begins a new conversation after each question. The frames of a long conversation are in tui/benches/frames.rs.
"""

import argparse
import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import subprocess
import termios
import time

QUESTIONS = "src/sample_questions.txt"
# The title of the box for the question, on the first frame.
FRAME = b"Question"
READY = b"documents"
# A letter that nothing else on the screen has.
LETTER = "Ŵ".encode()


def start(command):
    """The program in a pseudo-terminal: its process and the other end."""
    pid, screen = pty.fork()
    if pid == 0:
        os.execvp(command[0], command)
    fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    return pid, screen


def stop(pid, screen):
    os.kill(pid, signal.SIGTERM)
    while True:
        try:
            if not os.read(screen, 1 << 16):
                break
        except OSError:
            break
    os.waitpid(pid, 0)
    os.close(screen)


def until(screen, text, seconds=120):
    """Reads until `text` was written to the screen; whether it was."""
    seen, end = b"", time.perf_counter() + seconds
    while text not in seen:
        if not select.select([screen], [], [], max(0, end - time.perf_counter()))[0]:
            return False
        seen = seen[-64:] + os.read(screen, 1 << 16)
    return True


def keys(command, count):
    """Milliseconds from each of `count` keys to its letter on the screen, while a language model writes."""
    os.environ["CITEDESK_ANSWER_MODE"] = "draft"
    questions = [line.strip() for line in open(QUESTIONS) if line.strip()]
    pid, screen = start(command)
    until(screen, READY)
    times = []
    for question in questions:
        os.write(screen, question.encode() + b"\r")
        # "writing… 3 tokens, shown once they are checked"
        if until(screen, b"are checked", 60):
            for _ in range(min(20, count - len(times))):
                begun = time.perf_counter()
                os.write(screen, LETTER)
                until(screen, LETTER)
                times.append(1000 * (time.perf_counter() - begun))
                time.sleep(0.02)
            # Stops the answer; what was typed meanwhile stays in the box.
            os.write(screen, b"\x1b")
            until(screen, b"stopped", 20)
        os.write(screen, b"\x7f" * 20)
        if len(times) >= count:
            break
    stop(pid, screen)
    del os.environ["CITEDESK_ANSWER_MODE"]
    return times


def idle(command, seconds):
    """Share of a processor that is used while nothing happens."""
    pid, screen = start(command)
    until(screen, READY)
    time.sleep(2)
    used = lambda: sum(int(field) for field in open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[11:13])
    before = used()
    time.sleep(seconds)
    share = (used() - before) / os.sysconf("SC_CLK_TCK") / seconds
    stop(pid, screen)
    return share


def first_frame(command):
    """Milliseconds until the first frame, and until the models were ready."""
    begun = time.perf_counter()
    pid, screen = start(command)
    seen, frame, ready = b"", None, None
    while ready is None and select.select([screen], [], [], 120)[0]:
        seen += os.read(screen, 1 << 16)
        elapsed = 1000 * (time.perf_counter() - begun)
        if frame is None and FRAME in seen:
            frame = elapsed
        if READY in seen:
            ready = elapsed
    stop(pid, screen)
    return frame, ready


def resident(pid):
    """Resident memory of process `pid` in MB, without the pages of files that the system can drop."""
    fields = dict(line.split(":", 1) for line in open(f"/proc/{pid}/status") if ":" in line)
    return int(fields["RssAnon"].split()[0]) / 1024, int(fields["VmRSS"].split()[0]) / 1024


def memory(command, count, anew):
    questions = [line.strip() for line in open(QUESTIONS) if line.strip()]
    program = subprocess.Popen([*command, "--plain"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    marks = {1, 10, 50, *range(100, count + 1, 100)}
    for number in range(1, count + 1):
        question = questions[number % len(questions)]
        # What comes last tells that all before it was said.
        lines = f"{question}\n/new\n/nothing\n" if anew else f"{question}\n/nothing\n"
        program.stdin.write(lines.encode())
        program.stdin.flush()
        while b"no command /nothing" not in program.stdout.readline():
            pass
        if number in marks:
            anonymous, all_of_it = resident(program.pid)
            print(f"  after {number:>5} questions {anonymous:>7.1f} MB of its own, {all_of_it:>7.1f} MB with files", flush=True)
    program.stdin.close()
    program.wait()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--index")
    parser.add_argument("--starts", type=int, default=20)
    parser.add_argument("--keys", type=int, default=200)
    parser.add_argument("--idle", type=int, default=10, help="seconds")
    parser.add_argument("--questions", type=int, default=1000)
    parser.add_argument("--new", action="store_true")
    options = parser.parse_args()
    command = [os.path.abspath(options.program), *(["--index", options.index] if options.index else [])]
    os.environ["CITEDESK_RECORDS_ENABLED"] = "false"
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    if options.starts:
        frames, readies = zip(*(first_frame(command) for _ in range(options.starts)))
        for name, times in [("first frame", frames), ("ready", readies)]:
            times = sorted(times)
            print(f"{name:<12} p50 {statistics.median(times):>6.0f} ms  least {times[0]:>6.0f}  most {times[-1]:>6.0f}")
    if options.keys:
        times = sorted(keys(command, options.keys))
        at = lambda share: times[int((len(times) - 1) * share)]
        print(f"key to screen while a model writes: p50 {at(0.5):.1f} ms, p99 {at(0.99):.1f}, most {times[-1]:.1f}, of {len(times)} keys")
    if options.idle:
        print(f"idle: {100 * idle(command, options.idle):.2f} % of a processor over {options.idle} s")
    if options.questions:
        print("a new conversation after each question" if options.new else "one conversation")
        memory(command, options.questions, options.new)
    print(f"load average {os.getloadavg()[0]:.1f}")


main()
