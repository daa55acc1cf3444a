"""The places of the demo's film by name."""

from __future__ import annotations

from collections.abc import Callable
from zlib import crc32

from demo import indoors, outdoors
from demo.canvas import Canvas, Painting

SETS: dict[str, Callable[[Canvas], None]] = {
    paint_set.__name__: paint_set
    for paint_set in (
        indoors.kitchen,
        indoors.lamp_room_day,
        indoors.lamp_room_storm,
        indoors.lamp_room_dusk,
        indoors.clock_shop,
        indoors.coach,
        indoors.customs,
        indoors.gaol,
        indoors.cabin,
        indoors.church,
        outdoors.market,
        outdoors.feast,
        outdoors.quay,
        outdoors.wood,
        outdoors.tower_night,
        outdoors.wreck,
        outdoors.surf,
        outdoors.beach,
    )
}


def paint(place: str) -> Painting:
    """Paint a set; the same name gives the same picture."""
    canvas = Canvas()
    SETS[place](canvas)
    return canvas.finish(crc32(place.encode()))
