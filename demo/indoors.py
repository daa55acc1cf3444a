"""The rooms of the demo's film, painted."""

from __future__ import annotations

from math import cos, pi, sin

from demo.canvas import Canvas, spread


def kitchen(c: Canvas) -> None:
    c.gradient("#f0c878", "#d08a40", 0, 600)
    c.gradient("#8a4a24", "#5e2e14", 600, 720)
    for x in spread(0, 1280, 9):
        c.line("#c98f4a", 5, (x, 0), (640 + (x - 640) * 1.1, 600))
    c.oval("#b5362a", 620, 672, 470, 44)
    c.oval("#d2553a", 620, 670, 400, 32)
    c.box("#7b4320", 60, 130, 330, 600, 10)
    for y in (170, 300, 430):
        c.box("#5a2e14", 80, y, 310, y + 110)
        for x in (120, 195, 270):
            c.oval("#3f74b5", x, y + 62, 34)
            c.oval("#dbe7f0", x, y + 62, 21)
    c.box("#6b3a1c", 990, 110, 1230, 430, 120)
    c.box("#fbe9a0", 1010, 130, 1210, 415, 100)
    c.box("#6fb3c9", 1010, 310, 1210, 415)
    c.line("#6b3a1c", 10, (1110, 130), (1110, 415))
    c.polygon("#fff6e0", (1050, 330), (1050, 270), (1085, 330))
    c.box("#3a3634", 1000, 480, 1240, 660, 14)
    for x in (1050, 1120, 1190):
        c.oval("#5aa0e8", x, 482, 26, 9)
    c.box("#9a5c2c", 400, 560, 960, 586, 8)
    c.box("#7a4420", 430, 586, 456, 690)
    c.box("#7a4420", 904, 586, 930, 690)
    c.glow("#ffdf90", 1110, 280, 520, 0.35)
    c.layer((0, 2), 0.8)
    c.oval("#c9783a", 1110, 430, 66, 50)
    c.arc("#5e3416", 10, 1110, 395, 48, 180, 360)
    c.polygon("#c9783a", (1160, 420), (1222, 380), (1230, 396), (1165, 455))
    c.layer((5, 8), 2.2)
    for y, r in ((350, 16), (318, 22), (276, 30)):
        c.oval("#fff4dc", 1236 - (420 - y) / 3, y, r, r * 0.8)
    c.details |= {"kettle": (1090, 440, 470), "dresser": (200, 360, 480)}


def _lamp_room(
    c: Canvas, wall: tuple[str, str], sky: tuple[str, str], floor: str, frame: str, glass: str
) -> None:
    c.gradient(*wall)
    for x in (20, 250, 850, 1080):
        c.box(frame, x, 60, x + 190, 500, 12)
    c.gradient(sky[0], sky[1], 76, 486)
    for x0, x1 in ((0, 36), (194, 266), (424, 866), (1024, 1096), (1254, 1280)):
        c.box(frame, x0, 60, x1, 500)
    c.box(wall[1], 440, 60, 850, 500)
    c.box(frame, 0, 486, 1280, 520)
    c.gradient(floor, wall[1], 600, 720)
    c.box(frame, 560, 560, 740, 720)
    for i, y in enumerate(spread(110, 560, 13)):
        rx = 60 + 110 * sin(pi * (i + 1) / 14)
        c.oval(glass, 650, y, rx, 26)
        c.oval("#e6fff0" if i % 2 else frame, 650, y, rx * 0.86, 13)
    c.details |= {"lens": (650, 330, 560), "gallery": (1040, 190, 560)}


def lamp_room_day(c: Canvas) -> None:
    _lamp_room(c, ("#f6f4ec", "#dfe6e2"), ("#7cc4ea", "#c8ecf6"), "#b9c7c0", "#8fa8a0", "#79c9a4")
    for i in range(16):
        x, y = 80 + (i * 379) % 1130, 70 + (i * 223) % 520
        for j, colour in enumerate(("#f49a9a", "#f8dd8a", "#9ae0a8", "#94b8f2")):
            c.line(colour, 8, (x + j * 9, y), (x + 22 + j * 9, y + 44))
    c.layer((26, 10), 3.1)
    for i in range(7):
        x, y = 140 + (i * 431) % 1000, 130 + (i * 157) % 420
        for j, colour in enumerate(("#f07f7f", "#f6cf60", "#7fd694", "#7aa5f0")):
            c.line(colour, 7, (x + j * 8, y), (x + 18 + j * 8, y + 36))


def lamp_room_storm(c: Canvas) -> None:
    _lamp_room(c, ("#262019", "#3b2d1e"), ("#0b0d16", "#1a1f30"), "#1c150e", "#54402a", "#3d5a4c")
    c.glow("#ff9c3a", 650, 420, 620, 0.30)
    c.glow("#ffb658", 360, 560, 300, 0.4)
    c.box("#7a5a2a", 350, 610, 400, 690, 8)
    c.layer((2, 4), 0.5)
    c.oval("#ffcf6a", 375, 590, 13, 26)


def lamp_room_dusk(c: Canvas) -> None:
    _lamp_room(c, ("#2f3f78", "#4a4f96"), ("#e87a5a", "#5a3f86"), "#252c5e", "#1f2a5a", "#58e0a0")
    c.glow("#b8ffb0", 650, 330, 420, 0.55)
    c.layer((46, 0), 5.0)
    for side in (-1, 1):
        x = 650 + side * 150
        c.polygon("#e6ffb044", (x, 320), (650 + side * 900, 190), (650 + side * 900, 470), (x, 350))


def clock_shop(c: Canvas) -> None:
    c.gradient("#4a2a14", "#2c170a", 0, 610)
    c.gradient("#241207", "#150a04", 610, 720)
    for i in range(27):
        x, y, r = 70 + (i % 9) * 142, 80 + (i // 9) * 160 + (i * 37) % 50, 34 + (i * 7) % 26
        c.box("#8a5a22", x - r - 10, y - r - 10, x + r + 10, y + r + 10, 8 if i % 2 else r)
        c.oval("#e8c97a" if i % 3 else "#f6ecd2", x, y, r)
        a, b = i * 1.7, i * 0.6 + 1
        c.line("#2a1608", 5, (x, y), (x + r * 0.55 * cos(a), y + r * 0.55 * sin(a)))
        c.line("#2a1608", 3, (x, y), (x + r * 0.8 * cos(b), y + r * 0.8 * sin(b)))
    c.box("#96622c", 330, 560, 1000, 600, 8)
    c.box("#6b421a", 360, 600, 970, 720)
    c.oval("#d9a43a", 470, 530, 46)
    c.oval("#f8eeda", 470, 530, 34)
    c.line("#a02a1a", 5, (470, 530), (446, 510))
    c.glow("#ffb84a", 560, 400, 480, 0.32)
    c.layer((16, 0), 1.0)
    for x, y in ((141, 440), (1135, 430), (851, 140), (283, 130)):
        c.line("#d9a43a", 5, (x, y), (x, y + 110))
        c.oval("#f2c65a", x, y + 116, 20)
    c.details |= {"clocks": (300, 250, 540), "bench": (560, 540, 400)}


def coach(c: Canvas) -> None:
    c.gradient("#8f3f7c", "#5e2452")
    for row in range(6):
        for x in spread(40 + (row % 2) * 45, 1240, 14):
            c.oval("#b8649f", x, 60 + row * 90, 9)
            c.line("#76306a", 4, (x, 60 + row * 90), (x + 45, 150 + row * 90))
    c.box("#23091c", 430, 70, 850, 480, 30)
    c.box("#c58ad0", 450, 90, 830, 460, 20)
    c.layer((30, 3), 2.4)
    c.polygon("#7a4a90", (452, 330), (540, 250), (640, 320), (730, 230), (828, 300), (828, 458), (452, 458))
    c.polygon("#4c2c66", (452, 400), (600, 350), (828, 410), (828, 458), (452, 458))
    c.oval("#fff0c8", 560, 170, 34)
    c.layer((0, 0), 1, before=False)
    c.box("#23091c", 412, 70, 452, 480)
    c.box("#23091c", 828, 70, 868, 480)
    c.line("#23091c", 14, (640, 80), (640, 470))
    c.layer((0, 3), 0.4, before=True)
    c.polygon("#a8487f", (0, 590), (420, 570), (470, 720), (0, 720))
    c.polygon("#a8487f", (1280, 590), (860, 570), (810, 720), (1280, 720))
    c.details["window"] = (640, 280, 760)


def customs(c: Canvas) -> None:
    c.gradient("#66705a", "#4a5242", 0, 600)
    c.gradient("#3a3a30", "#26261f", 600, 720)
    for row in range(6):
        for column in range(8):
            x, y = 740 + column * 64, 70 + row * 66
            c.box("#2f3228", x, y, x + 56, y + 58)
            if (row * 5 + column * 3) % 4:
                c.box("#d8d2b0", x + 8, y + 24 - (row + column) % 3 * 6, x + 46, y + 54)
    c.box("#8a7436", 120, 60, 370, 380, 6)
    c.box("#1f211a", 144, 84, 346, 356)
    c.oval("#c9b898", 245, 200, 52, 68)
    c.box("#15160f", 190, 270, 300, 356, 30)
    for x in (226, 264):
        c.oval("#f4f0dc", x, 190, 13, 9)
        c.oval("#7a1010", x, 190, 6)
    c.line("#6a3a30", 5, (224, 236), (266, 236))
    c.glow("#7fe0a0", 610, 400, 420, 0.35)
    c.layer((0, 0), 1, before=True)
    c.box("#5a3c22", 330, 590, 1040, 622, 6)
    c.box("#452c18", 360, 622, 1010, 720)
    c.polygon("#f2efdf", (560, 588), (700, 588), (716, 600), (548, 600))
    c.box("#b08a3a", 886, 500, 900, 590)
    c.polygon("#2f9a62", (820, 506), (966, 506), (934, 440), (852, 440))
    c.details |= {"portrait": (245, 210, 470), "green_lamp": (880, 520, 440)}


def gaol(c: Canvas) -> None:
    c.gradient("#2a3a5c", "#182440", 0, 620)
    c.gradient("#141c30", "#0c1120", 620, 720)
    for row in range(10):
        for column in range(11):
            x, y = column * 128.0 - (row % 2) * 64, row * 62.0
            shade = ("#30426a", "#293a5e", "#344870", "#243352")[(row * 3 + column * 5) % 4]
            c.box(shade, x + 3, y + 3, x + 123, y + 57, 6)
    c.box("#0e1526", 180, 90, 440, 370, 12)
    c.box("#5a86c8", 200, 110, 420, 350)
    c.oval("#f6f4dc", 330, 190, 42)
    for x in (232, 274, 316, 358, 400):
        c.box("#101622", x - 7, 100, x + 7, 360)
    c.box("#a8925a", 60, 600, 420, 660, 20)
    for x in spread(70, 410, 24):
        c.line("#d0b878", 3, (x, 600), (x + 12, 584))
    c.box("#151d30", 950, 130, 1200, 640, 10)
    for x in (990, 1075, 1160):
        c.box("#4a5674", x - 6, 140, x + 6, 630)
    c.glow("#9cc4ff", 320, 240, 420, 0.25)
    c.layer((6, 0), 7)
    c.polygon("#8fb6ee44", (200, 350), (420, 350), (760, 720), (420, 720))
    c.layer((3, 0), 3)
    for y in spread(420, 560, 8):
        c.oval("#7c8aa8", 700, y, 7, 11)
    c.details["moon"] = (320, 240, 480)


def cabin(c: Canvas) -> None:
    c.gradient("#7a2016", "#4a120c")
    for i, y in enumerate(spread(-260, 560, 12)):
        c.arc("#93301c" if i % 2 else "#5f190f", 26, 640, y + 900, 900, 180, 360)
    c.gradient("#3a140a", "#240b05", 610, 720)
    c.box("#2a0f08", 60, 330, 370, 640, 16)
    c.box("#120503", 95, 390, 335, 640, 60)
    c.box("#c98a3a", 1090, 180, 1210, 300, 60)
    c.oval("#ffb060", 1150, 240, 46)
    for x in spread(900, 1210, 7):
        c.box("#a84a24", x - 20, 470, x + 20, 520, 4)
        c.oval("#3f7a34", x, 455, 30, 22)
        for dx, dy in ((-14, -16), (10, -24), (18, -4), (-4, -2)):
            c.oval("#ff4a5a", x + dx, 446 + dy, 11)
    c.box("#6b3418", 870, 520, 1240, 544)
    for y in (120, 150):
        c.line("#b8843f", 12, (120, y), (780, y - 40))
        c.oval("#b8843f", 790, y - 40, 56, 16)
    c.glow("#ff7a28", 215, 520, 560, 0.55)
    c.layer((5, 5), 0.6)
    for x, h, colour in (
        (160, 130, "#ff6a1a"),
        (215, 190, "#ff8c22"),
        (270, 120, "#ff5a14"),
        (215, 110, "#ffd75a"),
    ):
        c.polygon(colour, (x - 44, 636), (x - 30, 590), (x, 636 - h), (x + 30, 590), (x + 44, 636))
    c.details |= {"fire": (215, 500, 480), "geraniums": (1050, 440, 440)}


def church(c: Canvas) -> None:
    c.gradient("#4a3f7a", "#2e2656", 0, 620)
    c.gradient("#211a3e", "#150f2a", 620, 720)
    for x in (70.0, 480.0, 830.0, 1210.0):
        c.box("#6a5e9c", x - 34, 0, x + 34, 640)
        c.box("#8478b4", x - 34, 0, x - 20, 640)
    c.box("#1d1638", 150, 40, 410, 480, 130)
    colours = ("#e2544a", "#f2c23c", "#4ab0e2", "#5ac47a", "#c46ad8")
    for i in range(7):
        for j in range(4):
            c.polygon(colours[(i * 3 + j * 2) % 5], *(
                (172 + j * 56, 130 + i * 48), (222 + j * 56, 130 + i * 48), (222 + j * 56, 172 + i * 48), (172 + j * 56, 172 + i * 48)
            ))  # fmt: skip
    c.oval("#f6e8b0", 280, 96, 40)
    for x in spread(900, 1150, 6):
        c.box("#f2ead2", x - 11, 500, x + 11, 600, 4)
    c.box("#7a5a34", 870, 600, 1180, 640)
    c.glow("#ffb45a", 1020, 480, 320, 0.25)
    c.layer((0, 16), 1.8)
    for x in (600, 680):
        c.line("#d2b48a", 9, (x, -40), (x, 470))
        c.box("#c4483c", x - 9, 380, x + 9, 460, 8)
    c.layer((2, 3), 0.7)
    for x in spread(900, 1150, 6):
        c.oval("#ffd76a", x, 482, 10, 21)
    c.details |= {"glass": (280, 270, 600), "candles": (1025, 520, 440)}
