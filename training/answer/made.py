"""Support pages of products that do not exist, made by rule: tables of codes, data sheets, steps and facts.

Every question names its product; the pages of other products say other things in the same words.
"""

from .examples import Asked, Passage, apart
from .words import laid_out

STARTS, ENDS = "Bra Cor Del Fen Gal Hol Jun Kel Lum Mar Nor Ost Pel Quil Ros Sar Tam Ul Ver Wil".split(), "ba da via ton ra lix mo nix by ro".split()
KINDS = ["router", "camera", "thermostat", "printer", "headset", "scale", "lock", "dishwasher", "backup service", "mail plan"]
CAUSES = [
    ("Water does not drain", "Clean the filter"), ("Sensor not found", "Check the plug of the sensor"),
    ("Battery low", "Charge it for two hours"), ("Login refused", "Enter user name and password again"),
    ("No signal", "Move it nearer to the base"), ("Door open", "Close the door until it clicks"),
    ("Memory full", "Delete old recordings"), ("Update failed", "Restart it and try again"),
    ("Overheated", "Let it cool down for 30 minutes"), ("Certificate expired", "Renew it in the settings"),
    ("Payment declined", "Use another card"), ("Too many users", "Remove a user or buy a larger plan"),
    ("Paper jam", "Open the rear cover and pull the paper out"), ("Clock not set", "Set date and time"),
    ("Motor blocked", "Unplug it and look for what blocks it"), ("Server not reached", "Check the address of the server"),
]
DATA = [
    ("Weight", "{} g", (80, 4000)), ("Power", "{} W", (5, 900)), ("Range", "{} m", (8, 300)), ("Storage", "{} GB", (4, 512)),
    ("Battery life", "{} hours", (3, 90)), ("Devices at the same time", "{}", (2, 250)), ("Noise", "{} dB", (18, 70)),
    ("Warranty", "{} months", (6, 60)), ("Price", "{} euros", (9, 900)), ("Operating temperature", "0 to {} °C", (25, 70)),
    ("Log retention", "{} days", (7, 400)), ("Upload limit", "{} MB", (10, 900)),
]
FACTS = [
    ("How long is the warranty of the {p}?", "The {p} has a warranty of {n} months from the day of delivery."),
    ("Can I return my {p}?", "A {p} can be returned within {n} days if it is complete."),
    ("how long does the {p} keep recordings", "Recordings of the {p} are kept for {n} days and then deleted."),
    ("How many people can use one {p}?", "Up to {n} people can use one {p} at the same time."),
    ("What does delivery of a {p} cost?", "Delivery of a {p} costs {n} euros, and nothing for orders above 150 euros."),
    ("When does support for the {p} answer?", "Questions about the {p} are answered within {n} hours on working days."),
    ("Which port does the {p} use?", "The {p} uses port {n}, which must be open in the firewall."),
    ("How often does the {p} make a backup?", "The {p} makes a backup every {n} minutes while it is online."),
    ("minimum password length {p}", "Passwords for the {p} need at least {n} characters."),
    ("What happens after wrong PINs on the {p}?", "After {n} wrong PINs the {p} is locked for an hour."),
    ("How do I cancel the {p}?", "The {p} can be canceled under Account > Contracts up to {n} days before it renews."),
    ("Does the {p} work without internet?", "Without internet the {p} works on for {n} hours, then it needs to connect again."),
]
STEPS = [
    "Hold the {c} button for {n} seconds.", "Wait until the light turns {c}.", "Open Settings > Device > {w}.",
    "Choose {w} and confirm with OK.", "Unplug the power and wait {n} seconds.", "Enter the code from the label.",
    "Scan the QR code on the back.", "Select the {c} profile.", "Press {w} twice within {n} seconds.",
    "Sign in with the address of your account.", "Close the cover until it clicks.", "Restart it when {w} is shown.",
]
TASKS = ["reset the {p}", "update the {p}", "connect the {p} to a phone", "change the name of the {p}", "calibrate the {p}",
         "move the {p} to another account", "turn off the light of the {p}", "export the data of the {p}"]
WORDS = "Reset Network Advanced Update Pairing Profile Backup Export Restore Identity Sharing Language".split()
COLORS = "red green blue white amber violet".split()


def page(rng, product, kind):
    """(heading, text, [(question, [said with where it stands])], [questions that it leaves open])."""
    if kind == "codes":
        letter, count = rng.choice("EFWXK"), rng.randint(3, 8)
        numbers = rng.sample(range(10, 700), count + 2)
        codes = [f"{letter}{rng.choice(['', '-'])}{number}" for number in numbers]
        rows = [(code, *cause) for code, cause in zip(codes, rng.sample(CAUSES, count))]
        asks = ["What does {c} mean on the {p}?", "{p} shows {c}", "error {c} {p}", "The {p} of a customer shows {c}, what to do?"]
        ask = lambda code: rng.choice(asks).format(c=code, p=product)
        lines = [("Code | Meaning | What to do", None)] + [(" | ".join(r), f"{r[0]}: {r[1]}. {r[2]}.") for r in rows]
        questions = [(ask(row[0]), [i + 1]) for i, row in enumerate(rows)]
        heading, open_ = "Error codes", [ask(code) for code in codes[count:]]
    elif kind == "data":
        rows = [(name, form.format(rng.randint(*ends))) for name, form, ends in rng.sample(DATA, rng.randint(4, 8))]
        ask = lambda name: rng.choice(["What is the {n} of the {p}?", "{p} {n}", "{n} {p}?"]).format(n=name.lower(), p=product)
        lines = [(" | ".join(row), f"{row[0]}: {row[1]}.") for row in rows]
        questions = [(ask(row[0]), [i]) for i, row in enumerate(rows)]
        heading, open_ = "Technical data", [ask(name) for name, *_ in DATA if name not in {row[0] for row in rows}][:2]
    elif kind == "steps":
        task, other = (one.format(p=product) for one in rng.sample(TASKS, 2))
        steps = rng.sample(STEPS, rng.randint(2, 4))
        fill = lambda text: text.format(c=rng.choice(COLORS), n=rng.randint(2, 40), w=rng.choice(WORDS))
        lines = [(f"{i + 1}. {text}", text) for i, text in enumerate(map(fill, steps))]
        questions = [(rng.choice(["How do I {}?", "{}", "How can I {}"]).format(task), list(range(len(lines)))[:4])]
        heading, open_ = task[:1].upper() + task[1:], [f"How do I {other}?"]
    else:
        found = rng.sample(FACTS, rng.randint(3, 6) + 1)
        texts = [said.format(p=product, n=rng.randint(2, 96)) for _, said in found[:-1]]
        lines = [(text, text) for text in texts]
        questions = [(ask.format(p=product), [i]) for i, (ask, _) in enumerate(found[:-1])]
        heading, open_ = rng.choice(["Questions and answers", "Good to know", ""]), [found[-1][0].format(p=product)]
    between = " " if kind == "facts" and rng.random() < 0.6 else "\n"
    text = between.join(line for line, _ in lines)
    place = lambda i: (text.index(lines[i][0]), text.index(lines[i][0]) + len(lines[i][0]))
    answered = [(question, [(laid_out(lines[i][1]), place(i)) for i in which]) for question, which in questions]
    return heading, text, answered, open_


def made(dev, hidden, rng):
    corpus, asked, seen = {}, [], set()
    for at in range(420):
        product = rng.choice(STARTS) + rng.choice(ENDS) + rng.choice(["", " Pro", " Mini", " 2", f" {rng.choice('ABCX')}{rng.randint(1, 90)}"])
        if product in seen or apart(product.split()[0]) != hidden:
            continue
        seen.add(product)
        kinds = rng.sample(["codes", "data", "steps", "facts"], 3)
        what = rng.choice(KINDS)
        for kind in kinds:
            heading, text, answered, left_open = page(rng, product, kind)
            key = ("made", at, kind)
            corpus[key] = Passage(f"{product} {rng.choice([what, 'help', 'manual'])}", text, heading)
            for question, said in rng.sample(answered, min(2, len(answered))):
                asked.append(Asked(question, [key], [(text, key, place) for text, place in said]))
            asked += [Asked(question, [key]) for question in left_open[:1]]
    return asked, corpus
