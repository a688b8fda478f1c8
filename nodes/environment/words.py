"""What words say of a world: the vocabulary of environment.prompt, in the open.

Each phrase sets numbers of a world. "Very", "slightly" and their like scale how far from NEUTRAL it goes; "more" and
"less" move half the way there or back; "no" and "without" go back.
"""

from __future__ import annotations

from collections.abc import Mapping

Values = Mapping[str, float | str]

#: Where each number lies when nothing is said for it, and where "no ..." brings it.
NEUTRAL: dict[str, float] = {
    "cloud_cover": 0.0, "cloud_weight": 0.1, "cirrus": 0.0, "wind": 0.1, "fog": 0.0, "moon": 0.0, "snow": 0.0, "wet": 0.0,
    "green": 0.0, "relief": 0.2, "turbidity": 2.5, "warmth": 0.0, "colourful": 1.0, "exposure": 0.0, "key": 0.0,
    "key_stops": 0.0, "key_warmth": 0.0, "stars": 0.0,
}  # fmt: skip

TIMES: dict[str, Values] = {
    "dawn": {"sun_elevation": -1.5, "warmth": 0.1, "turbidity": 3.0},
    "daybreak": {"sun_elevation": -1.5, "warmth": 0.1},
    "sunrise": {"sun_elevation": 3.0, "warmth": 0.2, "turbidity": 3.0},
    "early morning": {"sun_elevation": 10.0, "warmth": 0.15},
    "morning": {"sun_elevation": 22.0, "warmth": 0.05},
    "forenoon": {"sun_elevation": 40.0},
    "noon": {"sun_elevation": 62.0},
    "midday": {"sun_elevation": 62.0},
    "day": {"sun_elevation": 40.0},
    "daylight": {"sun_elevation": 40.0},
    "afternoon": {"sun_elevation": 32.0, "warmth": 0.05},
    "late afternoon": {"sun_elevation": 15.0, "warmth": 0.15},
    "golden hour": {"sun_elevation": 6.0, "warmth": 0.35, "turbidity": 3.5},
    "magic hour": {"sun_elevation": 2.0, "warmth": 0.25, "turbidity": 3.5},
    "evening": {"sun_elevation": 5.0, "warmth": 0.25},
    "sunset": {"sun_elevation": 2.5, "warmth": 0.3, "turbidity": 4.0},
    "sundown": {"sun_elevation": 1.0, "warmth": 0.3, "turbidity": 4.0},
    "dusk": {"sun_elevation": -0.5, "warmth": 0.1, "turbidity": 3.5},
    "twilight": {"sun_elevation": -4.0, "stars": 0.6},
    "blue hour": {"sun_elevation": -5.5, "warmth": -0.15, "stars": 0.6},
    "nightfall": {"sun_elevation": -8.0, "stars": 0.8, "moon": 0.5},
    "night": {"sun_elevation": -18.0, "moon": 0.7, "stars": 1.0, "warmth": -0.15},
    "midnight": {"sun_elevation": -20.0, "moon": 0.6, "stars": 1.0, "warmth": -0.15},
    "moonlit": {"sun_elevation": -18.0, "moon": 1.0, "stars": 0.8, "warmth": -0.15},
    "moonlight": {"sun_elevation": -18.0, "moon": 1.0, "stars": 0.8, "warmth": -0.15},
    "full moon": {"sun_elevation": -18.0, "moon": 1.0, "stars": 0.7, "moon_elevation": 22.0},
    "starry": {"sun_elevation": -19.0, "stars": 1.0, "cloud_cover": 0.05, "moon": 0.0},
}

WEATHER: dict[str, Values] = {
    "clear": {"cloud_cover": 0.0, "cirrus": 0.05, "fog": 0.0, "turbidity": 2.2},
    "cloudless": {"cloud_cover": 0.0, "cirrus": 0.0},
    "sunny": {"cloud_cover": 0.15, "fog": 0.0, "turbidity": 2.5},
    "fair": {"cloud_cover": 0.25, "cloud_weight": 0.1},
    "clouds": {"cloud_cover": 0.5, "cloud_weight": 0.3},
    "cloudy": {"cloud_cover": 0.7, "cloud_weight": 0.35},
    "cumulus": {"cloud_cover": 0.4, "cloud_weight": 0.25},
    "overcast": {"cloud_cover": 0.97, "cloud_weight": 0.45, "colourful": 0.8},
    "grey": {"cloud_cover": 0.95, "cloud_weight": 0.4, "colourful": 0.6},
    "cirrus": {"cirrus": 0.8},
    "wispy": {"cirrus": 0.8, "cloud_cover": 0.1},
    "hazy": {"turbidity": 6.5, "fog": 0.12},
    "haze": {"turbidity": 6.5, "fog": 0.12},
    "dusty": {"turbidity": 8.0, "warmth": 0.25, "fog": 0.2},
    "smog": {"turbidity": 9.0, "warmth": 0.2, "fog": 0.3},
    "misty": {"fog": 0.38},
    "mist": {"fog": 0.38},
    "foggy": {"fog": 0.62},
    "fog": {"fog": 0.62},
    "rain": {"cloud_cover": 0.96, "cloud_weight": 0.7, "wet": 0.9, "fog": 0.25, "colourful": 0.75},
    "rainy": {"cloud_cover": 0.96, "cloud_weight": 0.7, "wet": 0.9, "fog": 0.25, "colourful": 0.75},
    "drizzle": {"cloud_cover": 0.95, "cloud_weight": 0.5, "wet": 0.6, "fog": 0.3},
    "wet": {"wet": 0.9},
    "storm": {"cloud_cover": 0.88, "cloud_weight": 0.9, "wind": 0.85, "wet": 0.6, "fog": 0.12, "colourful": 0.85},
    "stormy": {"cloud_cover": 0.88, "cloud_weight": 0.9, "wind": 0.85, "wet": 0.6, "fog": 0.12, "colourful": 0.85},
    "thunderstorm": {
        "cloud_cover": 0.94,
        "cloud_weight": 1.0,
        "wind": 0.9,
        "wet": 0.8,
        "fog": 0.18,
        "colourful": 0.75,
        "exposure": -0.4,
    },
    "thunder": {"cloud_cover": 0.92, "cloud_weight": 1.0, "wind": 0.8},
    "tempest": {"cloud_cover": 0.95, "cloud_weight": 1.0, "wind": 1.0, "wet": 0.8},
    "dark clouds": {"cloud_cover": 0.85, "cloud_weight": 0.9},
    "heavy clouds": {"cloud_cover": 0.85, "cloud_weight": 0.8},
    "few clouds": {"cloud_cover": 0.2, "cloud_weight": 0.15},
    "scattered clouds": {"cloud_cover": 0.4, "cloud_weight": 0.2},
    "windy": {"wind": 0.8},
    "wind": {"wind": 0.7},
    "calm": {"wind": 0.05},
    "snow": {"snow": 0.85, "green": 0.1},
    "snowy": {"snow": 0.85, "green": 0.1},
    "snowing": {"snow": 0.9, "fog": 0.45, "cloud_cover": 1.0, "cloud_weight": 0.3},
    "blizzard": {"snow": 1.0, "fog": 0.75, "cloud_cover": 1.0, "wind": 1.0},
    "winter": {"snow": 0.8, "green": 0.1, "warmth": -0.2},
    "spring": {"green": 0.75, "warmth": 0.05},
    "summer": {"green": 0.6, "warmth": 0.15, "cloud_cover": 0.15},
    "autumn": {"green": 0.2, "warmth": 0.25, "fog": 0.15},
    "drought": {"green": 0.0, "wet": 0.0, "warmth": 0.2, "turbidity": 4.0},
    "hot": {"warmth": 0.3, "turbidity": 4.0, "cloud_cover": 0.05},
    "scorching": {"warmth": 0.4, "turbidity": 4.5, "cloud_cover": 0.0},
    "frosty": {"snow": 0.4, "warmth": -0.25},
}

PLACES: dict[str, Values] = {
    "desert": {"ground": "desert", "green": 0.0},
    "dunes": {"ground": "desert", "green": 0.0, "relief": 0.7},
    "sahara": {"ground": "desert", "green": 0.0, "relief": 0.6},
    "sand": {"ground": "desert", "green": 0.0},
    "mars": {"ground": "desert", "tint": "mars", "turbidity": 7.0, "cloud_cover": 0.0},
    "sea": {"ground": "sea"},
    "ocean": {"ground": "sea"},
    "seaside": {"ground": "sea"},
    "beach": {"ground": "sea", "wind": 0.25},
    "water": {"ground": "sea"},
    "lake": {"ground": "sea", "wind": 0.05},
    "mountains": {"ground": "mountains", "relief": 0.65},
    "mountain": {"ground": "mountains", "relief": 0.65},
    "alps": {"ground": "mountains", "relief": 0.85, "snow": 0.5},
    "peaks": {"ground": "mountains", "relief": 0.8},
    "canyon": {"ground": "mountains", "relief": 0.5, "green": 0.0, "warmth": 0.2},
    "hills": {"ground": "plain", "relief": 0.8},
    "plain": {"ground": "plain", "relief": 0.3},
    "plains": {"ground": "plain", "relief": 0.3},
    "field": {"ground": "plain", "relief": 0.35, "green": 0.6},
    "fields": {"ground": "plain", "relief": 0.35, "green": 0.6},
    "meadow": {"ground": "plain", "green": 0.9},
    "grassland": {"ground": "plain", "green": 0.7},
    "steppe": {"ground": "plain", "green": 0.15, "relief": 0.3},
    "savanna": {"ground": "plain", "green": 0.2, "warmth": 0.15},
    "tundra": {"ground": "plain", "green": 0.3, "snow": 0.35},
    "city": {"ground": "city"},
    "skyline": {"ground": "city", "relief": 0.7},
    "downtown": {"ground": "city", "relief": 0.8},
    "town": {"ground": "city", "relief": 0.2},
    "forest": {"ground": "forest", "green": 0.8},
    "woods": {"ground": "forest", "green": 0.8},
    "jungle": {"ground": "forest", "green": 1.0, "fog": 0.3},
    "only sky": {"ground": "none"},
}

MOODS: dict[str, Values] = {
    "gloomy": {"exposure": -0.8, "cloud_cover": 0.9, "cloud_weight": 0.6, "colourful": 0.7},
    "dramatic": {"cloud_weight": 0.75, "cloud_cover": 0.6},
    "serene": {"wind": 0.05, "cloud_cover": 0.2, "warmth": 0.1},
    "peaceful": {"wind": 0.05, "cloud_cover": 0.2, "warmth": 0.1},
    "dreamy": {"fog": 0.3, "warmth": 0.2, "turbidity": 5.0},
    "epic": {"cloud_weight": 0.7, "cloud_cover": 0.55, "relief": 0.9},
    "ominous": {"cloud_cover": 0.9, "cloud_weight": 0.95, "exposure": -0.8, "colourful": 0.7},
    "eerie": {"fog": 0.5, "colourful": 0.55, "exposure": -0.6},
    "romantic": {"warmth": 0.35, "sun_elevation": 3.0, "cirrus": 0.4},
    "cheerful": {"exposure": 0.3, "cloud_cover": 0.25, "colourful": 1.15},
    "bleak": {"colourful": 0.45, "cloud_cover": 0.95, "warmth": -0.15},
    "dark": {"exposure": -1.0},
    "dim": {"exposure": -0.7},
    "bright": {"exposure": 0.6},
    "vivid": {"colourful": 1.4},
    "colourful": {"colourful": 1.4},
    "muted": {"colourful": 0.6},
    "black and white": {"colourful": 0.0},
    "warm": {"warmth": 0.4},
    "golden": {"warmth": 0.5},
    "cold": {"warmth": -0.4},
    "cool": {"warmth": -0.3},
    "icy": {"warmth": -0.6, "snow": 0.5},
    "red": {"tint": "red"},
    "crimson": {"tint": "red"},
    "orange": {"tint": "orange"},
    "amber": {"tint": "orange"},
    "pink": {"tint": "pink"},
    "purple": {"tint": "purple"},
    "violet": {"tint": "purple"},
    "blue": {"tint": "blue"},
    "teal": {"tint": "teal"},
    "green tint": {"tint": "green"},
    "moonless": {"moon": 0.0},
    "lush": {"green": 1.0},
    "dry": {"green": 0.05, "wet": 0.0},
    "flat": {"relief": 0.1},
    "high waves": {"wind": 0.9},
}

TINTS: dict[str, tuple[float, float, float]] = {
    "red": (1.7, 0.8, 0.7), "orange": (1.5, 0.95, 0.6), "pink": (1.35, 0.88, 1.0), "purple": (1.15, 0.82, 1.35),
    "blue": (0.75, 0.95, 1.5), "teal": (0.7, 1.05, 1.15), "green": (0.85, 1.1, 0.8), "mars": (1.6, 0.9, 0.6),
}  # fmt: skip

PHRASES: dict[str, Values] = {**TIMES, **WEATHER, **PLACES, **MOODS}

#: One step of a comparative.
STEPS: dict[str, tuple[str, float]] = {
    "darker": ("exposure", -0.8), "brighter": ("exposure", 0.8), "lighter": ("exposure", 0.6), "warmer": ("warmth", 0.3),
    "colder": ("warmth", -0.3), "cooler": ("warmth", -0.3), "later": ("sun_elevation", -6.0), "hazier": ("turbidity", 2.0),
    "clearer": ("turbidity", -1.5), "foggier": ("fog", 0.2), "cloudier": ("cloud_cover", 0.2), "stormier": ("cloud_weight", 0.25),
    "windier": ("wind", 0.3), "calmer": ("wind", -0.3), "greener": ("green", 0.3), "drier": ("wet", -0.4), "wetter": ("wet", 0.4),
    "snowier": ("snow", 0.3), "steeper": ("relief", 0.25), "flatter": ("relief", -0.25),
}  # fmt: skip

#: How much of a phrase is meant.
DEGREES: dict[str, float] = {
    "slightly": 0.4, "a bit": 0.5, "a little": 0.5, "somewhat": 0.6, "lightly": 0.5, "half": 0.5, "quite": 0.85, "rather": 0.85,
    "much": 1.5, "very": 1.4, "heavily": 1.4, "heavy": 1.3, "thick": 1.35, "dense": 1.35, "strong": 1.3, "light": 0.6,
    "extremely": 1.8, "thin": 0.5, "deep": 1.3,
}  # fmt: skip
NUMBERS = {
    "one": 1.0,
    "two": 2.0,
    "three": 3.0,
    "four": 4.0,
    "half": 0.5,
    "ten": 10.0,
    "twenty": 20.0,
    "thirty": 30.0,
    "forty": 40.0,
    "sixty": 60.0,
    "ninety": 90.0,
}

#: What stands or shines somewhere: the fields of its azimuth and elevation.
BODIES: dict[str, tuple[str, str]] = {
    "sun": ("sun_azimuth", "sun_elevation"), "moonlit": ("moon_azimuth", "moon_elevation"),
    "full moon": ("moon_azimuth", "moon_elevation"), "sunlight": ("sun_azimuth", "sun_elevation"), "moon": ("moon_azimuth", "moon_elevation"),
    "key light": ("key_azimuth", "key_elevation"), "key": ("key_azimuth", "key_elevation"), "light": ("key_azimuth", "key_elevation"),
    "lit": ("key_azimuth", "key_elevation"), "light her": ("key_azimuth", "key_elevation"), "light him": ("key_azimuth", "key_elevation"),
    "light them": ("key_azimuth", "key_elevation"), "light it": ("key_azimuth", "key_elevation"),
    "storm": ("storm", ""), "clouds": ("storm", ""), "thunderstorm": ("storm", ""),
}  # fmt: skip
#: What is said of a light just before it is named.
KEYS: dict[str, tuple[str, float]] = {
    "warm": ("key_warmth", 0.6), "golden": ("key_warmth", 0.8), "cold": ("key_warmth", -0.6), "cool": ("key_warmth", -0.5),
    "bright": ("key_stops", 1.0), "strong": ("key_stops", 0.8), "dim": ("key_stops", -1.0), "hard": ("key_stops", 0.5),
    "soft": ("key_stops", -0.3),
}  # fmt: skip
#: Azimuths of the sun and the moon, which are seen, and of a key, which shines on the actor from before him.
SIDES: dict[str, tuple[float, float]] = {
    "from the left": (-75.0, -125.0), "from left": (-75.0, -125.0), "on the left": (-40.0, -125.0), "to the left": (-40.0, -125.0),
    "left": (-60.0, -125.0), "from the right": (75.0, 125.0), "from right": (75.0, 125.0), "on the right": (40.0, 125.0),
    "to the right": (40.0, 125.0), "right": (60.0, 125.0), "from behind": (8.0, 0.0), "behind her": (8.0, 0.0), "behind him": (8.0, 0.0),
    "behind them": (8.0, 0.0), "behind the actor": (8.0, 0.0), "backlit": (8.0, 0.0), "backlight": (8.0, 0.0),
    "from the front": (175.0, 180.0), "frontal": (175.0, 180.0), "behind the camera": (178.0, 180.0),
}  # fmt: skip
HEIGHTS: dict[str, float] = {
    "from above": 70.0, "overhead": 75.0, "high": 55.0, "low": 5.0, "from below": -25.0, "at the horizon": 1.5, "on the horizon": 1.5,
}  # fmt: skip
#: Words that say nothing.
SILENT = frozenset(
    """a an the of in at on over under with and or by into to is are it its this that there her him them she he actor some
    sky weather world scene time landscape view background plate make give put let please as for through above across near
    beautiful behind from be day's very's hour during under then now wide vast distant far big large little around up
    """.split()
)
