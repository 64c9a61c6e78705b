"""Which of the 18,708 characters that the text recogniser knows can be on a plate, or tell a plate from other text.

It knows Latin letters with their accents, Greek, Chinese characters, kana and symbols. It knows no Cyrillic, Arabic,
Hebrew, Thai, Armenian, Georgian and Devanagari letter, and no Hangul.
"""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Sequence

_LETTERS = frozenset(string.digits + string.ascii_uppercase + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧÄÅÖÜØČŠŽĐÉÇ")
"""Kept as capital and as small letters; a small one on a photograph is most often a capital one."""

_GREEK = "ΓΔΘΛΞΠΣΦΨΩ"

_PUNCTUATION = " .,:;/-_·•'|()!?&@#%+*=\"°©®™"
"""In no plate's text, but it distinguishes a date, a time or a web address from a plate."""

_CHINA = "京沪津渝冀晋蒙辽吉黑苏浙皖闽赣鲁豫鄂湘粤桂琼川贵云藏陕甘青宁新" + "港澳学警挂领使临试超应急民航消边通森金电"
"""The signs of the provinces (GA 36-2018), and what stands at the end of special plates or before their number."""

_CHINESE_FORCES = "军海空北沈兰济南广成"

_TAIWAN = "臺台灣省北高雄市福建金門連江電動車試領使外臨"

_JAPANESE_KANA = "あいうえかきくけこさすせそたちつてとなにぬねのはひふほまみむめもやゆよらりるれろわを"
"""Of the use of a vehicle: all but the four that plates leave out."""

_JAPANESE_OFFICES = (
    "札幌 函館 旭川 室蘭 苫小牧 釧路 知床 帯広 十勝 北見 青森 弘前 八戸 岩手 盛岡 平泉 宮城 仙台 秋田 山形 庄内 "
    "福島 会津 郡山 白河 いわき 水戸 土浦 つくば 宇都宮 那須 日光 とちぎ 群馬 前橋 高崎 大宮 川口 所沢 川越 熊谷 "
    "春日部 越谷 千葉 成田 習志野 市川 船橋 袖ヶ浦 市原 野田 柏 松戸 品川 世田谷 練馬 杉並 板橋 足立 江東 江戸川 "
    "葛飾 八王子 多摩 横浜 川崎 湘南 相模 山梨 富士山 新潟 長岡 上越 富山 石川 金沢 福井 長野 松本 諏訪 安曇野 "
    "南信州 岐阜 飛騨 静岡 浜松 沼津 伊豆 名古屋 豊橋 三河 岡崎 豊田 尾張小牧 一宮 春日井 三重 鈴鹿 四日市 "
    "伊勢志摩 滋賀 京都 大阪 なにわ 和泉 堺 奈良 飛鳥 和歌山 神戸 姫路 鳥取 島根 出雲 岡山 倉敷 広島 福山 山口 "
    "下関 徳島 香川 高松 愛媛 高知 福岡 北九州 久留米 筑豊 佐賀 長崎 佐世保 熊本 大分 宮崎 鹿児島 奄美 沖縄"
)
"""Places of registration, at the beginning of a plate's upper line."""

_NAMES = ("HIRAGANA LETTER", "KATAKANA LETTER", "LATIN SMALL LETTER")
"""How the Unicode names of further characters begin that are no plate's."""

OTHER = "\N{GETA MARK}"
"""Stands for any character of `pooled`, as it does in print for one that the printer does not have."""

_KEPT = frozenset(
    _GREEK + _PUNCTUATION + _CHINA + _CHINESE_FORCES + _TAIWAN + _JAPANESE_KANA + _JAPANESE_OFFICES.replace(" ", "")
)


def kept(known: Sequence[str]) -> list[int]:
    """Return the places of the characters to keep among those that the recogniser knows, in their order.

    Args:
        known: each class's character; the first one, the blank of CTC, is always kept.
    """
    return [
        place
        for place, character in enumerate(known)
        if place == 0 or character in _KEPT or character.upper() in _LETTERS or _is_accented_capital(character)
    ]


def pooled(known: Sequence[str]) -> list[int]:
    """Return the places of the characters that are not kept, but are to be known for none of those that are.

    These are kana, small letters with accents, and the commonest 3,755 Chinese characters, level 1 of GB/T 2312.
    Without them, shop signs, and Hangul that looks like them, would be taken for letters and digits.

    Args:
        known: each class's character.
    """
    left = sorted(set(range(len(known))) - set(kept(known)))
    rows = b"".join(bytes((row, column)) for row in range(0xB0, 0xD8) for column in range(0xA1, 0xFF))
    common = frozenset(rows.decode("gb2312", "ignore"))
    return [place for place in left if known[place] in common or _name(known[place]).startswith(_NAMES)]


def _is_accented_capital(character: str) -> bool:
    decomposed = unicodedata.normalize("NFD", character)
    return len(decomposed) > 1 and decomposed[0] in string.ascii_uppercase


def _name(character: str) -> str:
    return unicodedata.name(character, "") if len(character) == 1 else ""
