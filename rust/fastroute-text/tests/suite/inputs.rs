//! Texts that tests share: a small corpus, and strings made to be awkward.

use proptest::prelude::*;

pub const CORPUS: [(&str, &str); 9] = [
    ("chinese", include_str!("../corpus/chinese.txt")),
    ("code", include_str!("../corpus/code.txt")),
    ("english", include_str!("../corpus/english.txt")),
    ("german", include_str!("../corpus/german.txt")),
    ("japanese", include_str!("../corpus/japanese.txt")),
    ("json", include_str!("../corpus/json.txt")),
    ("korean", include_str!("../corpus/korean.txt")),
    ("mixed", include_str!("../corpus/mixed.txt")),
    ("russian", include_str!("../corpus/russian.txt")),
];

/// Characters that one table or another treats specially.
const AWKWARD: &str = "aAbzZ09_'.,:;-#$ \t\n\r\0\u{b}\u{c}\u{1f}\u{7f}\u{85}\u{a0}\u{ad}ßẞéÉİıſKÅǅǆﬁﬀŉΐΣςσ\
    \u{300}\u{301}\u{308}\u{323}\u{344}\u{345}\u{315}\u{3099}\u{302e}\u{1d165}\u{1d160}\u{fb2c}\u{958}\u{93c}\u{5bc}\u{64b}\
    각가\u{1100}\u{1161}\u{11a8}的漢字㐀\u{20000}\u{2f800}\u{f900}あがカｶﾞー々สวัสดีລາວខ្មែរမြန်မာनमस्तेعربيשלום\
    😀👍🏽👩\u{200d}👧🇩🇪❤\u{fe0f}①Ⅷ½²ﷺ①«»“”‘’…。、！？·؟\u{200b}\u{2028}\u{3000}\u{feff}\u{fffd}\u{e000}\u{10ffff}\u{378}\u{1e9b}\u{110ba}ʼːꙮ𝐀𝟙";

/// Draws text of awkward characters, ASCII and anything at all.
pub fn text() -> impl Strategy<Value = String> {
    let awkward: Vec<char> = AWKWARD.chars().collect();
    let character = prop_oneof![
        4 => proptest::sample::select(awkward),
        3 => proptest::char::range(' ', '~'),
        1 => any::<char>(),
    ];
    proptest::collection::vec(character, 0..40).prop_map(|chars| chars.into_iter().collect())
}

/// Draws ASCII text, control characters included.
pub fn ascii() -> impl Strategy<Value = String> {
    proptest::collection::vec(0_u8..128, 0..80)
        .prop_map(|bytes| bytes.into_iter().map(char::from).collect())
}

/// Returns the seconds that this thread was running `work`, without those it waited for a core.
fn seconds(mut work: impl FnMut()) -> f64 {
    let started = cpu_time::ThreadTime::now();
    work();
    started.elapsed().as_secs_f64()
}

/// Asserts that time grows like the input: eight times the input may not take 32 times as long.
///
/// A quadratic algorithm would take 64 times. The fastest of several runs counts, in processor
/// time, since others share the machine.
pub fn assert_linear(name: &str, unit: &str, bytes: usize, mut work: impl FnMut(&str)) {
    let times = bytes / unit.len();
    let (small, large) = (unit.repeat(times), unit.repeat(8 * times));
    let (mut one, mut eight) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..12 {
        one = one
            .min(seconds(|| work(&small)))
            .min(seconds(|| work(&small)));
        eight = eight.min(seconds(|| work(&large)));
        // Below twenty microseconds, clocks and caches decide.
        if eight < 32.0 * one.max(20e-6) {
            return;
        }
    }
    panic!("{name} on repeats of {unit:?}: {one} s become {eight} s with eight times the input");
}

pub const UNITS: [&str; 18] = [
    "a", "A", " ", "\n", "0", "a ", "aA", ".", " \n", "'s", "的", "あ", "가", "😀", "\u{301}", "é",
    "e\u{301}", "\0",
];
