"""Names with their capital letters, for words that were heard without them."""

from functools import lru_cache

_STATES = [
    "Alabama",
    "Alaska",
    "Arizona",
    "Arkansas",
    "California",
    "Colorado",
    "Connecticut",
    "Delaware",
    "Florida",
    "Georgia",
    "Hawaii",
    "Idaho",
    "Illinois",
    "Indiana",
    "Iowa",
    "Kansas",
    "Kentucky",
    "Louisiana",
    "Maine",
    "Maryland",
    "Massachusetts",
    "Michigan",
    "Minnesota",
    "Mississippi",
    "Missouri",
    "Montana",
    "Nebraska",
    "Nevada",
    "Ohio",
    "Oklahoma",
    "Oregon",
    "Pennsylvania",
    "Tennessee",
    "Texas",
    "Utah",
    "Vermont",
    "Virginia",
    "Washington",
    "Wisconsin",
    "Wyoming",
]
_DAYS = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
    "January",
    "February",
    "April",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
    "Interstate",
    "Highway",
    "Route",
    "Carolina",
    "Dakota",
    "Hampshire",
    "Jersey",
    "Mexico",
    "York",
]
# The largest, and those that freight runs through; others are written as they are heard.
_TOWNS = [
    "Albuquerque",
    "Amarillo",
    "Atlanta",
    "Austin",
    "Bakersfield",
    "Baltimore",
    "Birmingham",
    "Boise",
    "Boston",
    "Buffalo",
    "Charlotte",
    "Chattanooga",
    "Cheyenne",
    "Chicago",
    "Cincinnati",
    "Cleveland",
    "Columbus",
    "Dallas",
    "Denver",
    "Detroit",
    "Elko",
    "Fresno",
    "Gary",
    "Houston",
    "Indianapolis",
    "Jacksonville",
    "Joliet",
    "Joplin",
    "Knoxville",
    "Laredo",
    "Louisville",
    "Macon",
    "Manitowoc",
    "Memphis",
    "Miami",
    "Milwaukee",
    "Minneapolis",
    "Nashville",
    "Newark",
    "Norfolk",
    "Oakland",
    "Omaha",
    "Orlando",
    "Pendleton",
    "Philadelphia",
    "Phoenix",
    "Pittsburgh",
    "Portland",
    "Raleigh",
    "Reno",
    "Richmond",
    "Rockford",
    "Sacramento",
    "Savannah",
    "Seattle",
    "Shreveport",
    "Spokane",
    "Springdale",
    "Stockton",
    "Tacoma",
    "Tampa",
    "Toledo",
    "Topeka",
    "Tucson",
    "Tulsa",
    "Wichita",
    "Yakima",
]
_ALWAYS = {word.lower(): word for word in (*_STATES, *_DAYS, *_TOWNS)} | {"i": "I", "ok": "okay"}
STATES = frozenset(word.lower() for word in _STATES)
PLACES = STATES | {word.lower() for word in _TOWNS}


@lru_cache(maxsize=200)
def spellings(names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Pair heard words with how they are written."""
    return tuple({**{word.lower(): word for name in names for word in name.split()}, **_ALWAYS}.items())


def with_places(text: str) -> str:
    """Write a town before its state with capital letter and comma: `springdale Arkansas` is Springdale, Arkansas."""
    words = text.split()
    if len(words) > 1 and words[0].isalpha() and words[1] in _AFTER_TOWN and words[0] not in _AFTER_TOWN:
        words[0] = words[0].capitalize()
    for place, word in enumerate(words):
        if (
            word.rstrip(",").lower() in STATES
            and place
            and words[place - 1].isalpha()
            and words[place - 1] not in _NO_TOWN
        ):
            words[place - 1] = f"{words[place - 1].capitalize()},"
            if place > 1 and words[place - 2] in _FIRST_OF_TOWN:
                words[place - 2] = words[place - 2].capitalize()
            if place + 1 < len(words) and not word.endswith(","):
                words[place] = f"{word},"
    return " ".join(words)


_AFTER_TOWN = frozenset(["tomorrow", "today", "tonight", "this", "next"])
_NO_TOWN = frozenset(["in", "is", "at", "to", "from", "the", "and", "of", "near", "north", "south", "east", "west"])
_FIRST_OF_TOWN = frozenset(
    [
        "fort",
        "saint",
        "new",
        "san",
        "los",
        "las",
        "el",
        "des",
        "grand",
        "green",
        "salt",
        "oklahoma",
        "kansas",
        "sioux",
        "cedar",
        "little",
        "baton",
        "north",
        "west",
        "east",
        "south",
        "santa",
        "lake",
        "palm",
        "long",
        "council",
        "colorado",
        "rapid",
        "iowa",
        "bowling",
        "mount",
        "port",
        "corpus",
    ]
)
