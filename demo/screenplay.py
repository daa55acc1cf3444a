"""The demo's film as it was shot: scene by scene, what is seen, said and played.

The film takes liberties, as films do: it begins with a wreck that the book only reports, goes to a coach,
a gaol and a church where the book never goes, leaves out chapter 4, and shortens and rewords what is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Shot:
    """What the camera sees: `view` is wide, two, somebody of the cast or a detail of the set.

    `move`: hold, push (nearer), pull (away), left, right or up.
    """

    view: str
    seconds: float
    move: str = "hold"


@dataclass(frozen=True)
class Music:
    """An excerpt of the album: from `offset_s` of the track, `delay_s` after the scene begins.

    It may run on into the next scene. `gain_db` is its loudness against that of speech.
    """

    track_no: int
    offset_s: float
    delay_s: float
    seconds: float
    gain_db: float


@dataclass(frozen=True)
class Scene:
    """A stretch of shots in one place.

    Attributes
    ----------
    place : str
        Name of a set.
    chapter_no : int or None
        The chapter that it tells; None for an invention of the film.
    cast : dict
        Where each figure stands, in shares of the set's width.
    camera : str
        The shots: ``view seconds move`` each.
    lines : tuple of str
        ``who: what``; a name in capitals is marked in the subtitles too, `` / `` breaks a line into two cues.
    """

    place: str
    chapter_no: int | None
    cast: dict[str, float]
    camera: str
    lines: tuple[str, ...]
    music: Music | None = None

    @property
    def shots(self) -> list[Shot]:
        words = (shot.split() for shot in self.camera.split(", "))
        return [Shot(view, float(seconds), *move) for view, seconds, *move in words]

    @property
    def seconds(self) -> float:
        return sum(shot.seconds for shot in self.shots)


SCENES = (
    Scene(
        "wreck",
        None,
        {},
        "wide 5 push, ship 4, rocks 3 right, ship 2 pull, wide 3 left",
        (
            "MATE: Hold her off, she will not answer the wheel!",
            "mate: Breakers under the starboard bow!",
            "HELMSMAN: Where in God's name is the beacon?",
            "mate: Every man to the ropes. Now jump!",
        ),
        Music(3, 2.0, 0.5, 14.0, -2.0),
    ),
    Scene(
        "kitchen",
        1,
        {"bram": 0.57, "otty": 0.38, "jackdaw": 0.72},
        "kettle 3.5 pull, wide 4.5 push, bram 4, otty 3.5, jackdaw 2.5 push",
        (
            "bram: One out, one in!",
            "otty: And none of us in the dark. / You smell of whales, Papa.",
            "bram: Elbow grease. There's been no whale in that can / since your grandmother was a bride.",
            "bram: Is this porridge, or are we mending a roof?",
            "otty: He has eleven invisible children.",
        ),
        Music(1, 4.0, 1.0, 30.0, -6.0),
    ),
    Scene(
        "lamp_room_day",
        1,
        {"otty": 0.26, "bram": 0.74},
        "lens 4 push, wide 4, otty 2.5, bram 4, gallery 2 right",
        (
            "bram: Mother always said a lens is just a window / that has learned to shout.",
            "otty: What does ours shout, then?",
            "bram: The only two words a sailor wants / on a dirty night. Come home.",
            "bram: They're sending an inspector, Thursday week.",
        ),
    ),
    Scene(
        "market",
        2,
        {"tobias": 0.44, "otty": 0.6, "fishwife": 0.84},
        "wide 4.5 right, windmills 2.5, tobias 3.5, otty 3, lemons 3 left",
        (
            "FISHWIFE: Fresh mackerel, as blue as the bay!",
            "tobias: Close your eyes, Otty, and open your beak.",
            "tobias: I dropped cardamom in the batch. / Father takes it for weevils!",
            "otty: That is the finest weevil I ever tasted.",
            "tobias: Well, come on! They're dancing.",
        ),
        Music(2, 3.0, 0.0, 15.5, -2.0),
    ),
    Scene(
        "clock_shop",
        2,
        {"quillfeather": 0.62, "otty": 0.26},
        "clocks 3 left, wide 4 push, quillfeather 4.5, otty 2.5, bench 2.5",
        (
            "quillfeather: You're late, or else you are early.",
            "otty: It's stuck. It points at Tempest all day long.",
            "quillfeather: It is not broken, child. It is frightened.",
            "otty: Frightened of what, Mr. Quillfeather?",
            "quillfeather: Your mother left me this. / I never learned what it opens.",
        ),
    ),
    Scene(
        "coach",
        None,
        {"stranger": 0.27, "driver": 0.74},
        "window 3 right, wide 4, driver 2.5, stranger 3, window 2 left",
        (
            "DRIVER: You have not touched your sandwich, your honour.",
            "STRANGER: I take no nourishment on a moving vehicle.",
            "driver: My wife's brother was seasick in a hammock once.",
            "stranger: Kindly cease to describe him.",
        ),
        Music(4, 3.0, 0.5, 13.0, -2.0),
    ),
    Scene(
        "quay",
        3,
        {"pym": 0.4, "bram": 0.64, "crake": 0.24},
        "boats 3 right, wide 3.5 push, pym 3.5, bram 2.5, crake 2",
        (
            "pym: You are Bram Marsh, / keeper of this light for nineteen years.",
            "bram: Twenty come Michaelmas, sir.",
            "PYM: I think not. Bring him along, Crake.",
            "crake: Mind the puddle, Mr. Marsh.",
        ),
    ),
    Scene(
        "customs",
        3,
        {"pym": 0.52, "bram": 0.28, "otty": 0.16, "crake": 0.82},
        "portrait 2.5 push, wide 5, pym 5 push, bram 3.5, otty 4, green_lamp 3",
        (
            "pym: On the ninth of November, the barque Corvina / broke her back upon the Harrow rocks.",
            "pym: Her mate has sworn there was no light whatever.",
            "bram: I was on my feet beside that lamp till daybreak!",
            "otty: A wicked lie! / I trimmed the wick that night with my own scissors.",
            "pym: The child will be silent, or the child will be removed.",
            "pym: A bell requires neither wages nor sleep.",
        ),
        Music(4, 22.0, 2.0, 19.0, -5.0),
    ),
    Scene(
        "gaol",
        None,
        {"prisoner": 0.42, "warder": 0.76},
        "moon 2.5 push, wide 4, prisoner 3, warder 2.5, moon 2.5 pull",
        (
            "WARDER: Supper. Mind, the spoon is chained to the wall.",
            "PRISONER: Which way does that grating face, friend?",
            "warder: Towards the chapel, same as all of them.",
            "prisoner: A pity. I could have told you the weather.",
        ),
        Music(5, 4.0, 0.0, 14.5, 0.0),
    ),
    Scene(
        "wood",
        5,
        {"otty": 0.56, "tobias": 0.4},
        "wide 5 push, tobias 3.5, toadstools 2.5 pull, otty 2.5, owl 2",
        (
            "tobias: If we're eaten, I'm going to be / dreadfully annoyed with you.",
            "otty: Then walk faster.",
            "tobias: Trees don't have faces. / I am only mentioning it to that one.",
            "otty: Look, Tobias! There's smoke.",
        ),
    ),
    Scene(
        "cabin",
        5,
        {"fenn": 0.66, "otty": 0.36, "tobias": 0.49},
        "fire 3 pull, fenn 4.5, wide 4.5 push, otty 3, geraniums 2.5, fenn 4.5 push",
        (
            "fenn: Sit down, Marsh. / You've your mother's way of breathing.",
            "FENN: I sold the twin of that for forty guineas / to a gentleman in a buttoned coat.",
            "otty: It was Pym. Why would anybody drown a ship?",
            "fenn: Insurance, poppet. A rotten barque fetches more / at the bottom of the sea.",
            "fenn: I've sat ten years under these trees being ashamed.",
            "fenn: But first, a hornpipe!",
        ),
        Music(6, 5.0, 1.0, 20.0, -4.0),
    ),
    Scene(
        "tower_night",
        6,
        {"otty": 0.5, "tobias": 0.36, "fenn": 0.66},
        "wide 3.5 push, fenn 2.5, door 2, tobias 2.5, lantern 2.5 up",
        (
            "FENN: Put your backs into that oar!",
            "tobias: Two hundred and eleven steps, / and not a lamp on one of them.",
            "otty: Don't count them. Run!",
        ),
        Music(7, 2.0, 0.0, 12.0, -1.0),
    ),
    Scene(
        "lamp_room_storm",
        6,
        {"otty": 0.26, "tobias": 0.76},
        "wide 4, otty 3, tobias 3, lens 3 push, gallery 3 right",
        (
            "otty: Empty! They've taken every drop of it, / there isn't enough to grease a hinge.",
            "tobias: How much does the great brute drink?",
            "otty: Four gallons and a half in a gale.",
            "tobias: Butter, if you want it! / And eleven pounds of Sunday candles.",
        ),
    ),
    Scene(
        "church",
        None,
        {"vicar": 0.44, "sexton": 0.7},
        "glass 3 pull, wide 3.5, vicar 2.5, sexton 2.5, candles 2",
        (
            "VICAR: Haul, Barnaby! Let them hear us in Jerusalem!",
            "SEXTON: The rope's wet through, your reverence.",
            "vicar: So was Jonah. Haul away!",
        ),
        Music(3, 69.0, 0.5, 12.5, -3.0),
    ),
    Scene(
        "surf",
        6,
        {},
        "wide 4.5 left, rowing 3.5, packet 3 push, wide 3 push, rowing 2.5 pull",
        (
            "OTTY: Come home! Come home, come home!",
            "FENN: Up with her bows! I've got him by the collar!",
            "OTTY: Captain, behind you, the wave!",
        ),
        Music(7, 37.0, 1.0, 15.0, -1.0),
    ),
    Scene(
        "beach",
        7,
        {"otty": 0.44, "bram": 0.54, "fenn": 0.78, "pym": 0.9},
        "wide 5 right, two 4, fenn 3.5, stranded 2.5, pym 4.5",
        (
            "bram: There she is. There's my herring!",
            "bram: I saw it come through the porthole, and I told them: / that is my girl, put your helm down.",
            "fenn: Do you suppose I'd drown on an empty stomach?",
            "pym: I heard the rocks, and I prayed for any light. / I should like to make a statement.",
            "CRAKE: With the greatest of pleasure, sir.",
        ),
        Music(8, 38.0, 0.0, 26.0, -6.0),
    ),
    Scene(
        "feast",
        7,
        {"quillfeather": 0.3, "otty": 0.46, "tobias": 0.6, "fishwife": 0.78},
        "wide 4 left, tobias 3, quillfeather 3.5, otty 3, cakes 2.5",
        (
            "tobias: Four hundred honey cakes, and mind the weevils!",
            "quillfeather: What has become of that timid barometer?",
            "otty: It's fast asleep, Mr. Quillfeather. / Nothing will wake it.",
        ),
    ),
    Scene(
        "lamp_room_dusk",
        7,
        {"bram": 0.74, "otty": 0.28},
        "wide 3.5 push, bram 2.5, otty 2.5, gallery 2, lens 4.5 pull",
        (
            "bram: Your match, keeper. One in.",
            "otty: And none of us in the dark.",
        ),
        Music(1, 37.0, 0.5, 12.5, -2.0),
    ),
)


def timed() -> Iterator[tuple[float, Scene]]:
    """The scenes with the times at which they begin."""
    start_s = 0.0
    for scene in SCENES:
        yield start_s, scene
        start_s += scene.seconds
