"""What cameras, recorders and people write into pictures: two lists without a text in common.

In a pattern `#` stands for a digit, `@` for a letter. What looks like a plate is there on purpose: every text that is
drawn is counted, and one that no engine would take for a plate makes the figure better than it is.
"""

from __future__ import annotations

import random
import string

DEVELOPMENT = (
    "CAM##",
    "CAM #",
    "FPS ##",
    "GATE #",
    "IPC#",
    "IPC###",
    "RLC###@",
    "## KM/H",
    "CH0#",
    "LANE #",
    "DS-2CD####",
    "NVR##",
    "DOOR #",
    "ZONE @#",
    "EXIT ##",
    "HD####P",
    "ID ######",
    "@@@###",
    "@@ #### @",
    "@@-###-@@",
    "####@@",
    "@##@@@",
    "N##.####",
    "##° @",
    "REC ##",
    "20##-0#-1#",
    "0#:##:2#",
    "UNIT ###",
    "KM ###",
)

HELD = (
    "PTZ##",
    "VIEW ##",
    "ISO###",
    "BAY ##",
    "DVR####",
    "HIK###",
    "DH@###",
    "## MPH",
    "PORT #",
    "RAMP @#",
    "AXIS P####",
    "SITE ##@",
    "TRUCK #",
    "P#-@##",
    "BUS ###",
    "WDR##",
    "F/#.#",
    "E##.#### S##",
    "SPD ### KMH",
    "LOT @##",
    "@@##@@@",
    "@@@-####",
    "##@####",
    "#@@@###",
    "@@ ## @@@",
    "### @@@ ##",
    "1#/0#/20##",
    "1#:##",
    "ROUTE ##",
    "TEMP ##C",
    "WEST ROAD #",
    "A## LINK",
)


def draw_text(dice: random.Random, held: bool) -> str:
    """Return a text from one of the lists, its digits and letters thrown anew; sometimes in small letters."""
    pattern = dice.choice(HELD if held else DEVELOPMENT)
    kinds = {"#": string.digits, "@": string.ascii_uppercase}
    text = "".join(dice.choice(kinds[c]) if c in kinds else c for c in pattern)
    return text.title() if dice.random() < 0.1 else text
