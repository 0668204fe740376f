"""Writes counts.json: how many tokens the original tokenizers make of hard inputs.

The oracle is OpenAI's `tiktoken`, with the vocabularies its authors publish. Qwen's own
tokenizer is that package too, over `qwen.tiktoken`, after Unicode composition (NFC).

    TIKTOKEN_CACHE_DIR=DIR python make_counts.py QWEN_TIKTOKEN > counts.json

DIR holds `o200k_base` and `cl100k_base` under the names that tiktoken caches them by; the
PyPI package `llama-index-core` carries such a directory, `dashscope` carries `qwen.tiktoken`.

Long inputs are recipes, so that the fixture stays small: `repeat` is a text and a number of
times, `corpus` a file beside and a number of bytes to fill with it, `random` an alphabet, a
number of characters and a seed for the generator in `draw`.
"""

import base64
import json
import pathlib
import sys
import unicodedata

import tiktoken

HERE = pathlib.Path(__file__).resolve().parent
CORPUS = HERE.parent / "corpus"

QWEN_PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)

LITERALS = [
    "", " ", "\n", "\0", "a", "hello world", "Hello, World!", "don't we'll I'VE it'S", "''s'''t",
    "  leading", "trailing  ", "trailing \n", "trailing \n  ", "a\r\n\r\nb", "\n  \n\t x", "\t\t\tx", "x\n\n\n   ",
    " \n \n \n", "   \r   ", "a \u00a0 b", "\u2003\u2003x", "\u0085x", "\u2028\u2029",
    "1", "12", "123", "1234", "1234567890", "3.14159", "１２３４", "٣٤٥", "½⅓", "x1y22z333", "2024-01-01T00:00:00Z",
    "你好，世界", "日本語のテキスト", "カタカナ", "안녕하세요", "สวัสดี", "नमस्ते दुनिया", "مرحبا", "Привет",
    "é", "e\u0301", "\u212b", "\u0958", "\ufb2c", "\u1e9b\u0323", "ǖ\u0323", "\u1100\u1161\u11a8", "각", "\U0001d160", "\u0344",
    "😀", "👩‍👩‍👧‍👦", "👍🏽", "🇩🇪🇫🇷", "❤️", "a😀b", "\u200d\u200d", "\ufeffbom", "\ufffd\ufffd", "\ue000",
    "fooBarBaz HTTPServer XMLHttpRequest", "snake_case_name", "SCREAMING_CASE", "if(x){return y;}", "a/b//c///",
    "//\n//\n", "...\n/", "!!!???", "---", "==>", "<|endoftext|>", "<|im_start|>user<|im_end|>", "<|fim_prefix|>",
    "https://example.com/a?b=c&d=e#f", "a@b.c", "C:\\Windows\\System32", "\\alpha\\beta", "ÀÉÎÕÜ", "ß ẞ", "ıİ", "ǅ ǈ", "ʰʲ", "ªº",
    "A\u0301B\u0302", "\u0301", " \u0301", "x\u0301\u0302\u0303", "ﷺ", "ﬀ", "Ⅷ", "①②", "‘s ’s don’t", "\u180e", "\u3000x",
]

UNITS = [
    "a", "A", "ab", " ", "\n", "\t", "\r\n", " \n", "0", "123", "a1", "aA", ".", "!?", "/", "_", "-", "=", "'", "'s", "a'", "a ", " a",
    "的", "你好", "あ", "ア", "가", "😀", "👩‍👩‍👧‍👦", "\u0301", "e\u0301", "\u200d", "é", "ß", "я", "ع", "न", "\u00a0", "\u3000", "the ", "aaaab", "\0", "\ufffd", "<|endoftext|>",
]

ALPHABETS = [
    "abcdefghijklmnopqrstuvwxyz", "abc ABC'", "aA1 .\n'", " \n\t\r", "的一是不了人我在有他这为之大来以个中上们", "ab 的あアé1😀\u0301\n",
    "(){}[]<>;:=+-*/\\\"'#!?.,_ \n", "0123456789 .,", "éèàüöäßñç æøå", "яжшщ её", "😀👍🏽\u200d❤️🇩🇪 ",
]


def draw(alphabet, length, seed):
    """Draws characters by a linear congruential generator that the tests repeat."""
    state, drawn = seed, []
    for _ in range(length):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        drawn.append(alphabet[(state >> 33) % len(alphabet)])
    return "".join(drawn)


def fill(name, size):
    """Repeats a corpus file up to a number of bytes, cut at a character."""
    data = (CORPUS / f"{name}.txt").read_bytes()
    return (data * (size // len(data) + 1))[:size].decode(errors="ignore")


def recipes():
    for text in LITERALS:
        yield {"text": text}, text
    for unit in UNITS:
        for times in (2, 3, 7, 31, 32, 33, 100, 1000, 9000 // len(unit.encode())):
            yield {"repeat": [unit, times]}, unit * times
    for name in sorted(p.stem for p in CORPUS.glob("*.txt")):
        for size in (100, 300, 1000, 32 * 1024):
            yield {"corpus": [name, size]}, fill(name, size)
    for number, alphabet in enumerate(ALPHABETS):
        for length, seed in ((10, 1), (50, 2), (300, 3), (300, 4), (4000, 5), (12000, 6)):
            yield {"random": [alphabet, length, seed + number]}, draw(alphabet, length, seed + number)


def qwen(path):
    lines = pathlib.Path(path).read_bytes().splitlines()
    ranks = {base64.b64decode(token): int(rank) for token, rank in (line.split() for line in lines if line)}
    return tiktoken.Encoding("qwen2", pat_str=QWEN_PATTERN, mergeable_ranks=ranks, special_tokens={})


def main():
    o200k, cl100k = tiktoken.get_encoding("o200k_base"), tiktoken.get_encoding("cl100k_base")
    qwen2 = qwen(sys.argv[1])
    cases = []
    for recipe, text in recipes():
        composed = unicodedata.normalize("NFC", text)
        counts = [len(e.encode_ordinary(t)) for e, t in ((o200k, text), (cl100k, text), (qwen2, composed))]
        cases.append({**recipe, "bytes": len(text.encode()), "counts": counts})
    lines = ",\n".join(json.dumps(case, ensure_ascii=True) for case in cases)
    print(f'{{"vocabularies": ["o200k", "cl100k", "qwen2"], "cases": [\n{lines}\n]}}')


if __name__ == "__main__":
    main()
