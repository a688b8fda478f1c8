"""Where the sun stands at a date, a time and a place."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import asin, atan2, cos, degrees, radians, sin

from nodegraph.errors import CookError


def sun_at(date: str, hour: float, latitude: float, longitude: float, where: str = "") -> tuple[float, float]:
    """Azimuth from north over east and elevation of the sun, in degrees, at a UTC hour.

    The low-precision formulas of the Astronomical Almanac as J. Michalsky gives them (Solar Energy 40, 1988), good to
    0.01 degrees from 1950 to 2050; refraction by the air is added (G. Bennett, 1982), as it lifts the sun at the horizon
    by its own width.
    """
    try:
        day = datetime.strptime(date.strip(), "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise CookError(f"{date!r} is no date", where=f"{where}.date", hint="write 2026-06-21") from None
    moment = day + timedelta(hours=hour)
    n = (moment - datetime(2000, 1, 1, 12, tzinfo=UTC)).total_seconds() / 86400
    mean = radians((280.460 + 0.9856474 * n) % 360)
    anomaly = radians((357.528 + 0.9856003 * n) % 360)
    along = mean + radians(1.915 * sin(anomaly) + 0.020 * sin(2 * anomaly))
    tilt = radians(23.439 - 4e-7 * n)
    ascension = atan2(cos(tilt) * sin(along), cos(along))
    declination = asin(sin(tilt) * sin(along))
    sidereal = (6.697375 + 0.0657098242 * n + moment.hour + moment.minute / 60 + moment.second / 3600) % 24
    angle = radians((sidereal * 15 + longitude) % 360) - ascension
    north = radians(latitude)
    elevation = asin(sin(declination) * sin(north) + cos(declination) * cos(north) * cos(angle))
    azimuth = atan2(
        -cos(declination) * sin(angle), sin(declination) * cos(north) - cos(declination) * cos(angle) * sin(north)
    )
    high = degrees(elevation)
    apparent = radians(high + 10.3 / (high + 5.11)) if high > -1 else 1.0
    lifted = 1.02 / 60 * cos(apparent) / sin(apparent) if high > -1 else 0.0
    return degrees(azimuth) % 360, high + lifted
