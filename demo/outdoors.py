"""The squares, woods and waters of the demo's film, painted."""

from __future__ import annotations

from math import cos, pi, sin

from demo.canvas import Canvas, spread


def _square(c: Canvas, sky: tuple[str, str], stone: tuple[str, str]) -> None:
    c.gradient(*sky, 0, 420)
    fronts = ("#e8705a", "#f4c95e", "#5fb6a6", "#f0e2c6", "#9ac25e", "#d98ab0")
    for i, colour in enumerate(fronts):
        x, top = i * 215 - 10, 120 + (i * 67) % 90
        c.box(colour, x, top, x + 206, 470)
        c.polygon("#9c4636", (x - 8, top), (x + 103, top - 84), (x + 214, top))
        for wx in (x + 36, x + 124):
            for wy in (top + 36, top + 140):
                c.box("#fdf6df", wx - 5, wy - 5, wx + 53, wy + 65)
                c.box("#4d6f86", wx, wy, wx + 48, wy + 60)
    c.gradient(*stone, 470, 720)


def market(c: Canvas) -> None:
    _square(c, ("#58b4ee", "#c4e8fa"), ("#e0c79a", "#b9955e"))
    for left, colour in ((20, "#d8342c"), (900, "#2f9a4c")):
        for i in range(8):
            c.polygon(colour if i % 2 else "#fff6ea", *(
                (left + i * 44, 300), (left + 44 + i * 44, 300), (left + 50 + i * 46, 386), (left + 2 + i * 46, 386)
            ))  # fmt: skip
        c.box("#7a4c24", left + 6, 386, left + 18, 640)
        c.box("#7a4c24", left + 350, 386, left + 362, 640)
        c.box("#a8703a", left, 540, left + 370, 640)
    for row, n in ((530, 9), (500, 8), (472, 6), (446, 4)):
        for x in spread(205 - n * 17, 205 + n * 17, n):
            c.oval("#f7d21c", x, row, 20, 17)
            c.oval("#fff08a", x - 6, row - 5, 6, 5)
    for row, n in ((524, 6), (484, 5), (446, 3)):
        for x in spread(1085 - n * 24, 1085 + n * 24, n):
            c.oval("#3f9a8a", x, row, 27)
            c.arc("#bfeadb", 4, x, row, 17, 190, 330)
    c.layer((5, 5), 0.7)
    for i, (x, y) in enumerate(((590, 330), (650, 290), (710, 320), (670, 370))):
        c.line("#7a4c24", 6, (650, 560), (x, y))
        for k in range(4):
            a = k * pi / 2 + i
            colour = ("#e23b7a", "#3b78e2", "#f2a51e", "#3bb46a")[k]
            c.polygon(
                colour,
                (x, y),
                (x + 44 * cos(a), y + 44 * sin(a)),
                (x + 30 * cos(a + 0.9), y + 30 * sin(a + 0.9)),
            )
    c.layer((8, 14), 4.0)
    for x, y in ((300, 60), (760, 40), (1100, 80)):
        c.oval("#ffffff", x, y, 90, 24)
        c.oval("#ffffff", x - 30, y - 16, 46, 26)
    c.details |= {"windmills": (650, 360, 430), "lemons": (205, 440, 500)}


def feast(c: Canvas) -> None:
    _square(c, ("#f7a35c", "#fbd9a0"), ("#c98f6a", "#8f5a4a"))
    c.glow("#ff9a3c", 640, 200, 900, 0.22)
    c.layer((4, 7), 2.6)
    c.line("#5a3a2a", 4, *((x, 150 + 90 * abs(sin(x / 200))) for x in spread(0, 1280, 60)))
    for i, x in enumerate(spread(30, 1250, 19)):
        y = 152 + 90 * abs(sin(x / 200))
        c.polygon(("#d8342c", "#f7d21c", "#2f7fc4", "#fff6ea")[i % 4], (x - 22, y), (x + 22, y), (x, y + 46))
    c.layer((0, 0), 1, before=True)
    c.box("#fff6ea", 0, 600, 1280, 720)
    for x in spread(0, 1280, 17):
        c.polygon("#e8d4c0", (x, 640), (x + 18, 720), (x - 18, 720))
    for i, x in enumerate(spread(60, 1220, 15)):
        c.oval("#c4702a", x, 602 - (i % 3) * 8, 44, 24)
        c.oval("#f0a83e", x, 594 - (i % 3) * 8, 36, 15)
    c.details["cakes"] = (760, 640, 300)


def quay(c: Canvas) -> None:
    c.gradient("#8c9aa6", "#b9c2c6", 0, 360)
    for i in range(8):
        x, top = i * 165.0 - 20, 190 + (i * 53) % 70
        c.box("#6f7d88", x, top, x + 150, 360)
        c.polygon("#56636e", (x - 6, top), (x + 75, top - 60), (x + 156, top))
    c.gradient("#55707c", "#3d5560", 360, 580)
    c.gradient("#7d7870", "#57534d", 580, 720)
    for x in spread(-40, 1300, 14):
        c.line("#4a4640", 4, (x, 580), (x - 40, 720))
    for i, x in enumerate((60, 980)):
        c.line("#3a3832", 7, (x, 380), (x, 640))
        c.line("#3a3832", 7, (x + 240, 380), (x + 240, 640))
        for k in range(9):
            c.line("#a4916a", 3, (x, 400 + k * 18), (x + 120, 440 + k * 20), (x + 240, 400 + k * 18))
            c.line("#a4916a", 3, (x + k * 28, 400), (x + k * 28 + 16 * i, 600))
    c.layer((5, 6), 2.8)
    for x, hull, sail in (
        (380, "#8a3a2c", "#7a5a40"),
        (760, "#2f5a4a", "#8a6a48"),
        (1120, "#3a4a70", "#6a4a34"),
    ):
        c.polygon(hull, (x - 90, 470), (x + 90, 470), (x + 60, 530), (x - 66, 530))
        c.line("#3a2a1c", 8, (x, 470), (x, 240))
        c.polygon(sail, (x + 8, 250), (x + 8, 440), (x + 86, 440))
    c.rain = True
    c.details["boats"] = (1110, 400, 400)


def wood(c: Canvas) -> None:
    c.gradient("#b8c8a4", "#7d9a74", 0, 600)
    c.gradient("#4f7a3c", "#2f5226", 600, 720)
    for depth, (n, colour, width) in enumerate(((13, "#93aa88", 26), (9, "#6d8a66", 40), (6, "#3f5a3c", 62))):
        for x in spread(-20, 1290, n):
            x += (depth * 137 + x * 7) % 61
            c.polygon(
                colour, (x - width / 2, 640), (x - width / 3, 0), (x + width / 3, 0), (x + width / 1.6, 640)
            )
            c.line(colour, width / 4, (x, 240 + depth * 40), (x + 80, 120 + depth * 30))
    for i in range(9):
        x, y = 800 + 46 * (i % 5), 640 + 22 * (i // 5)
        c.box("#f2e8d8", x - 7, y - 26, x + 7, y + 4, 4)
        c.oval("#d8c8b4", x, y - 26, 24, 13)
        c.oval("#b03a2c", x, y - 30, 22, 11)
    c.layer((0, 4), 3.0)
    c.oval("#6b4c30", 220, 210, 48, 66)
    c.oval("#9a744a", 220, 230, 30, 42)
    for x in (202, 238):
        c.oval("#f7e9a0", x, 180, 17)
        c.oval("#1c140c", x, 180, 8)
    c.polygon("#e0a030", (214, 194), (226, 194), (220, 210))
    c.line("#3f5a3c", 22, (90, 284), (380, 272))
    c.layer((40, 3), 9.0, before=True)
    for y, x in ((330, 250), (470, 900), (560, 420)):
        c.oval("#e6eede50", x, y, 420, 34)
    c.details |= {"toadstools": (900, 630, 400), "owl": (230, 220, 420)}


def tower_night(c: Canvas) -> None:
    c.gradient("#101b34", "#22405a", 0, 600)
    c.gradient("#18301f", "#0e1c14", 600, 720)
    for x, y in ((200.0, 130.0), (960, 100), (1150, 210)):
        c.oval("#2c4a66", x, y, 190, 44)
        c.oval("#1b3048", x + 60, y + 30, 200, 36)
    c.polygon("#8b96a0", (440, 650), (520, 120), (760, 120), (840, 650))
    c.polygon("#67727e", (660, 650), (650, 120), (760, 120), (840, 650))
    for y in spread(170, 600, 8):
        c.line("#58626e", 3, (470, y), (806, y))
    c.box("#39434f", 490, 84, 790, 124, 6)
    c.box("#20262e", 540, 10, 740, 84, 10)
    c.box("#0c1016", 556, 22, 724, 84)
    c.box("#2a1c12", 560, 420, 716, 656, 70)
    c.box("#6b4526", 574, 436, 702, 656, 60)
    for y in (470, 530, 590):
        c.polygon("#c9a878", (544, y), (730, y - 24), (732, y + 4), (546, y + 28))
    c.box("#0e141c", 596, 240, 616, 300, 8)
    c.layer((6, 2), 1.4, before=True)
    for x in spread(10, 1270, 60):
        c.polygon("#2a5434", (x - 9, 720), (x + 14, 664), (x + 9, 720))
    c.rain = True
    c.details |= {"door": (640, 520, 430), "lantern": (640, 140, 500)}


def _storm_sea(c: Canvas, sky: tuple[str, str], water: tuple[str, str, str], crest: str) -> None:
    c.gradient(*sky, 0, 420)
    for i in range(7):
        c.oval(sky[1], 90 + i * 190, 60 + (i * 47) % 90, 170, 40)
    c.gradient(water[0], water[1], 420, 720)
    c.layer((26, 9), 3.4)
    c.waves(water[0], crest, 440, 34, 150)
    c.rain = True


def _sea_front(c: Canvas, water: tuple[str, str, str], crest: str) -> None:
    c.layer((38, 12), 2.9, before=True)
    c.waves(water[1], crest, 560, 46, 210)
    c.layer((50, 14), 2.3, before=True)
    c.waves(water[2], crest, 660, 52, 260)


def wreck(c: Canvas) -> None:
    water = ("#26486a", "#1c3858", "#122844")
    _storm_sea(c, ("#141a38", "#3a4468"), water, "#b4cbe0")
    for x, y, r in ((980, 440, 90), (1080, 400, 110), (1190, 450, 100)):
        c.polygon("#0b0e18", (x - r, 640), (x - r / 3, y - r), (x + r / 5, y - r / 2), (x + r, 640))
    c.layer((14, 16), 3.0)
    c.polygon("#4a2c1c", (250, 440), (690, 390), (640, 520), (300, 530))
    for x, top in ((360, 110), (470, 70), (580, 120)):
        c.line("#2a1a10", 12, (x + 10, 430), (x - 20, top))
        c.polygon("#c9bfa6", (x - 14, top + 20), (x + 70, top + 60), (x + 66, top + 190), (x - 4, top + 170))
        c.polygon("#a59a80", (x - 2, top + 190), (x + 74, top + 210), (x + 66, top + 300), (x + 4, top + 290))
    c.line("#2a1a10", 9, (680, 400), (800, 340))
    _sea_front(c, water, "#b4cbe0")
    c.details |= {"ship": (480, 290, 560), "rocks": (1060, 460, 460)}


def surf(c: Canvas) -> None:
    water = ("#1c4a44", "#123a36", "#0a2a28")
    _storm_sea(c, ("#06100f", "#18302c"), water, "#d6f2e4")
    c.layer((90, 0), 6.0)
    c.polygon("#f4ffe070", (-60, 60), (1400, 190), (1400, 470), (-60, 90))
    c.layer((10, 12), 3.3)
    c.polygon("#3a3f44", (880, 420), (1200, 395), (1170, 480), (900, 490))
    c.box("#6a6f70", 970, 360, 1110, 410)
    c.polygon("#a8402c", (1010, 362), (1030, 270), (1066, 270), (1052, 362))
    for x in (985, 1030, 1075):
        c.oval("#ffd76a", x + 4, 386, 10)
    c.layer((20, 22), 2.5)
    c.polygon("#7a4a28", (250, 520), (510, 520), (460, 590), (300, 590))
    c.line("#d8b070", 8, (330, 480), (190, 570))
    c.line("#d8b070", 8, (430, 480), (570, 570))
    c.polygon("#d0281e", (340, 530), (356, 420), (410, 420), (424, 530))
    c.oval("#e6b890", 383, 392, 27)
    c.oval("#f4f1ea", 383, 376, 27, 17)
    _sea_front(c, water, "#d6f2e4")
    c.details |= {"rowing": (390, 470, 470), "packet": (1040, 390, 480)}


def beach(c: Canvas) -> None:
    c.gradient("#ffd9a0", "#ffeccb", 0, 330)
    c.oval("#fff8d8", 270, 200, 70)
    c.gradient("#8fd0d4", "#c2ecea", 330, 430)
    c.gradient("#f4d59a", "#d9ad68", 430, 720)
    for y in (448, 470, 500):
        c.line("#fffaf0", 6, *((x, y + 9 * sin(x / 60 + y)) for x in spread(0, 1280, 70)))
    c.polygon("#5a4438", (860, 250), (1200, 300), (1170, 430), (900, 420))
    c.polygon("#8a6a54", (872, 262), (1196, 308), (1192, 330), (876, 290))
    c.polygon("#b8492e", (1000, 280), (1034, 150), (1078, 158), (1060, 288))
    for x in (930, 990, 1050, 1110):
        c.oval("#f0d890", x, 350 + (x - 930) / 10, 13)
    for i in range(15):
        c.oval("#f58a1e", 60 + (i * 173) % 1180, 520 + (i * 61) % 170, 13)
    c.box("#7a4c2a", 120, 420, 132, 610)
    c.box("#7a4c2a", 120, 520, 220, 534)
    c.box("#7a4c2a", 208, 530, 220, 610)
    c.glow("#ffe9a8", 270, 200, 600, 0.1)
    c.layer((30, 6), 3.6)
    for x, y in ((420, 130), (520, 90), (640, 150), (760, 110)):
        c.arc("#ffffff", 6, x - 20, y, 22, 200, 340)
        c.arc("#ffffff", 6, x + 20, y, 22, 200, 340)
    c.details["stranded"] = (1040, 230, 400)
