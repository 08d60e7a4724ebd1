"""How names of other scripts are written in Latin letters, and other ways to write those that are."""

import re
import unicodedata

import anyascii

LATIN = re.compile(r"[\x00-\u024f\u1e00-\u1eff'’ .-]+")
# Signs of the blocks for Indian scripts, which have one order (ISCII), by their place in a block of 128.
INDIC = """01n 02n 03h 05a 06a 07i 08i 09u 0au 0bri 0ee 0fe 10ai 12o 13o 14au 15k 16kh 17g 18gh 19n 1ach 1bchh 1cj 1djh 1en
1ft 20th 21d 22dh 23n 24t 25th 26d 27dh 28n 29n 2ap 2bph 2cb 2dbh 2em 2fy 30r 31r 32l 33l 34zh 35v 36sh 37sh 38s 39h
3ea 3fi 40i 41u 42u 43ri 46e 47e 48ai 4ao 4bo 4cau 4et 58q 59kh 5ag 5bz 5cr 5drh 5ef 5fy"""
SINHALA = """02n 05a 06a 07a 08a 09i 0ai 0bu 0cu 11e 12e 13ai 14o 15o 16au 1ak 1bkh 1cg 1dgh 1en 1fng 20ch 21ch 22j 23j 24n 25gn
27t 28t 29d 2ad 2bn 2cnd 2dth 2eth 2fd 30dh 31n 33nd 34p 35ph 36b 37bh 38m 39mb 3ay 3br 3dl 40w 41sh 42sh 43s 44h 45l 46f
4fa 50a 51a 52i 53i 54u 56u 58ru 59e 5ae 5bai 5co 5do 5eau"""
VOWELS = set("aeiou")


def signs(table):
    return {int(sign[:2], 16): sign[2:] for sign in table.split()}


def latin(name):
    """`name` in Latin letters, as most who bear it write it."""
    out = ""
    for word in name.split():
        block = ord(word[0]) & ~0x7F
        if 0x900 <= block <= 0xD80:
            out += " " + indic(word, block)
        elif not LATIN.fullmatch(word):
            out += " " + by_letter(word)
        else:
            out += " " + word
    return out.strip().title()


def by_letter(name):
    """`name` in Latin letters as programs write it that take letter for letter."""
    return re.sub("['’]", "", anyascii.anyascii(name)).title()


def indic(word, block):
    """A consonant has a vowel of its own, which Indian scripts do not write, unless another or none is marked."""
    sinhala = block == 0xD80
    table, silent = (signs(SINHALA), 0x4A) if sinhala else (signs(INDIC), 0x4D)
    places = [ord(c) - block for c in unicodedata.normalize("NFC", word) if ord(c) & ~0x7F == block]
    places = [place for place in places if place in table or place == silent]
    out = ""
    for at, place in enumerate(places):
        sound = table.get(place, "")
        out += sound
        if not sound or sound[0] in VOWELS or place < 0x05 or sound == "ri":
            continue
        following = places[at + 1] if at + 1 < len(places) else None
        if following is None:
            # At the end it is not spoken in the north.
            out += "a" if sinhala or block == 0xB80 else ""
        elif following != silent and (following < 0x05 or table[following][0] not in VOWELS and table[following] != "ri" or following < 0x15):
            out += "a"
    return out


def plain(name):
    """`name` without its accents, as keyboards without them write it."""
    return anyascii.anyascii(name) if LATIN.fullmatch(name) else name


def misspelled(draw, name):
    """`name` with a letter left out, doubled or in the wrong place."""
    if len(name) < 5 or not LATIN.fullmatch(name):
        return name
    at = draw.randrange(1, len(name) - 1)
    form = draw.random()
    if form < 0.5:
        return name[:at] + name[at + 1 :]
    if form < 0.75:
        return name[:at] + name[at] + name[at:]
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :]


def blended(draw, one, other):
    """A name that begins as `one` and ends as `other`."""
    if min(len(one), len(other)) < 4 or not (LATIN.fullmatch(one) and other.isalpha() and LATIN.fullmatch(other)):
        return one
    return one[: draw.randrange(2, len(one))] + other[-draw.randrange(2, len(other)) :].lower()
