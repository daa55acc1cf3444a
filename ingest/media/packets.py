"""The packets of a film's streams."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from av.container import InputContainer


def packets(container: InputContainer, *streams: Any) -> Iterator[Any]:
    """Packets of some streams, or of all, as they lie in the file, and those that empty the decoders.

    Damage can look like a new stream; PyAV stumbles over it once it has emptied the decoders of all that
    were there when it opened the file (`InputContainer.demux`, PyAV 18).

    Parameters
    ----------
    container : av.container.InputContainer
    *streams : av.stream.Stream
        None: all.

    Yields
    ------
    av.packet.Packet
    """
    try:
        yield from container.demux(*streams)
    except IndexError:
        return
