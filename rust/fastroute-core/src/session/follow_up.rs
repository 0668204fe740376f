//! Whether a turn has content of its own, or only goes on with what was said ("yes, do that").
//!
//! The rule is a closed list. A turn follows up when it has at most [`MOST_WORDS`] words and each of
//! them is in the list: words of assent, refusal, thanks, politeness and continuation that name no
//! matter. One word beyond the list is content, so "yes, translate it" is a request of its own, and so
//! is everything in a language that the list does not have. Case and marks do not count. Scripts
//! without spaces are looked up as whole phrases.
//!
//! Wrong in one direction only: what the list does not know is classified as any other request.

const MOST_WORDS: usize = 8;

/// Bytes beyond which no text is read for it.
const MOST_BYTES: usize = 120;

/// Words that name no matter, sorted. English, German, French, Spanish, Italian, Portuguese, Dutch,
/// Polish, Swedish, Turkish, Russian, Ukrainian; whole phrases of Chinese, Japanese and Korean.
#[rustfmt::skip]
const WORDS: [&str; 363] = [
    "a", "absolutely", "adelante", "again", "agreed", "ah", "ahead", "all", "allez", "alright",
    "also", "ancora", "and", "another", "anything", "auch", "avanti", "bedankt", "bene", "bien",
    "bitte", "bom", "bon", "both", "bra", "bueno", "but", "c'est", "ca", "carry", "cela",
    "certainly", "certo", "claro", "come", "comment", "continua", "continue", "continuez",
    "continui", "continúa", "cool", "correct", "correcto", "course", "d'accord", "daccord",
    "dalej", "dank", "danke", "dann", "das", "dat", "definitely", "devam", "did", "dies",
    "dlaczego", "do", "dobrze", "doch", "doe", "does", "don't", "door", "dzięki", "dziękuję",
    "e", "een", "eins", "else", "encore", "entonces", "es", "esatto", "eso", "esto", "et",
    "evet", "exactement", "exactly", "exacto", "favor", "faz", "faça", "fine", "first",
    "fortfahren", "fortsätt", "ga", "genau", "gern", "gerne", "giusto", "go", "goed", "going",
    "good", "graag", "gracias", "grazie", "great", "gut", "gärna", "hayır", "hazlo", "here",
    "hm", "hmm", "hoe", "how", "i", "i'd", "igen", "indeed", "is", "isso", "it", "it's", "its",
    "ja", "jasne", "je", "jeszcze", "just", "k", "keep", "keer", "klar", "klopt", "la", "last",
    "let", "let's", "like", "lo", "los", "lütfen", "mach", "mache", "machen", "mais", "mal",
    "mas", "maybe", "me", "mehr", "merci", "more", "más", "nah", "nao", "natürlich", "nee",
    "nein", "nej", "next", "nice", "nie", "no", "noch", "nochmal", "nog", "non", "nope", "not",
    "nothing", "now", "nur", "não", "obrigada", "obrigado", "of", "oh", "ok", "okay", "on",
    "one", "ones", "only", "or", "otra", "otro", "oui", "outra", "parfait", "perché", "perfect",
    "perfecto", "perfeito", "perfetto", "plait", "plaît", "please", "plus", "pode", "poi",
    "por", "pourquoi", "prego", "prima", "proceed", "proszę", "puis", "quello", "questo", "raz",
    "really", "richtig", "right", "s'il", "same", "second", "show", "si", "sicher", "siga",
    "sigue", "sim", "so", "something", "stimmt", "suite", "sure", "sì", "sí", "tack", "tak",
    "tamam", "te", "tell", "teşekkürler", "thank", "thanks", "that", "that's", "the", "then",
    "there", "these", "this", "those", "too", "try", "u", "uh", "und", "us", "va", "vale",
    "varför", "vas", "verder", "vez", "vous", "waarom", "warum", "weiter", "weitermachen",
    "well", "what", "when", "where", "why", "wie", "wieso", "would", "wow", "y", "yeah", "yep",
    "yes", "yo", "you", "yup", "ça", "ótimo", "верно", "да", "давай", "дальше", "далі", "добре",
    "дякую", "еще", "ещё", "и", "как", "конечно", "ладно", "нет", "ні", "ок", "пожалуйста",
    "понятно", "почему", "продолжай", "раз", "спасибо", "так", "точно", "хорошо", "чому", "ще",
    "это", "ありがとう", "ありがとうございます", "いいえ", "うん", "ええ", "お願いします", "そうしてください", "そうです", "どうして", "なぜ",
    "はい", "もう一度", "もっと", "不", "不对", "不是", "不用", "不用了", "不要", "为什么", "了解", "再来一个", "再来一次", "可以",
    "嗯", "好", "好吧", "好的", "对", "对的", "就这么做", "就这样", "当然", "是", "是的", "没错", "然后呢", "続けて",
    "続けてください", "继续", "行", "请继续", "谢谢", "还有吗", "감사합니다", "계속", "계속해", "계속해줘", "고마워", "그래", "네",
    "다시", "아니요", "예", "왜", "응", "좋아", "좋아요",
];

/// Whether a text only goes on with what was said.
pub(crate) fn is_follow_up(text: &str) -> bool {
    if text.len() > MOST_BYTES {
        return false;
    }
    let folded = text.to_lowercase().replace('’', "'");
    let is_mark = |letter: char| !letter.is_alphanumeric() && letter != '\'';
    let mut count = 0;
    let are_known = folded
        .split(is_mark)
        .filter(|word| !word.is_empty())
        .all(|word| {
            count += 1;
            count <= MOST_WORDS && WORDS.binary_search(&word).is_ok()
        });
    are_known && count > 0
}

#[cfg(test)]
mod tests {
    use super::{WORDS, is_follow_up};

    #[test]
    fn the_list_is_sorted_so_that_it_can_be_searched() {
        assert!(WORDS.is_sorted_by(|left, right| left < right));
    }

    #[test]
    fn a_turn_follows_up_when_no_word_of_it_names_a_matter() {
        let following = [
            "yes, do that",
            "OK!",
            "Tell me more…",
            "That’s right, go on.",
            "ja, bitte weiter",
            "Sí, por favor",
            "да, продолжай",
            "好的，继续",
            "はい、お願いします。",
            "why?",
        ];
        for text in following {
            assert!(is_follow_up(text), "{text}");
        }
        let others = [
            "",
            "?!",
            "👍",
            "yes, translate it",
            "refund",
            "yes yes yes yes yes yes yes yes yes",
            "好的，翻译",
            "ok 42",
        ];
        for text in others {
            assert!(!is_follow_up(text), "{text}");
        }
    }
}
