//! How long does each part of the text pass take on prompts of about 300 bytes?
//!
//! `cargo run --release -p fastroute-text --example measure -- TOKENIZER_JSON LINES`
//!
//! LINES is a text file; its lines are joined to 512 different prompts, and its words make
//! the 10,000 keywords. TOKENIZER_JSON is BERT's or a kin's. Each figure is the fastest of
//! twenty rounds over all prompts. WordPiece must equal `tokenizers` on every prompt first. It would
//! mislead to compare figures of two runs: machines differ, and so does their load.

use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use fastroute_text::fold::Folded;
use fastroute_text::keywords::{KeywordSetBuilder, MatchKind};
use fastroute_text::script::dominant;
use fastroute_text::structure::Structure;
use fastroute_text::tokens::{TokenCounter, Vocabulary};
use fastroute_text::wordpiece::{Options, WordPiece};
use fastroute_text::words::Words;

const PROMPTS: usize = 512;
const PROMPT_BYTES: usize = 300;
const KEYWORDS: usize = 10_000;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, tokenizer_json, lines] = arguments.as_slice() else {
        return Err("usage: measure TOKENIZER_JSON LINES".into());
    };
    let lines = std::fs::read_to_string(lines)?;
    let prompts = prompts(&lines);
    let bytes: usize = prompts.iter().map(String::len).sum();
    println!(
        "{} prompts, {} bytes on average",
        prompts.len(),
        bytes / prompts.len().max(1)
    );
    measure_keywords(&prompts, &keywords(&lines))?;
    measure_wordpiece(&prompts, &std::fs::read(tokenizer_json)?)?;
    for vocabulary in Vocabulary::ALL {
        let counter = TokenCounter::from(vocabulary);
        let started = Instant::now();
        counter.prepare();
        println!(
            "{} unpacked in {:.0} ms",
            counter.name(),
            started.elapsed().as_secs_f64() * 1e3
        );
        report(&prompts, "count", |prompt| counter.count(prompt));
        report(&prompts, "bounds", |prompt| counter.bounds(prompt));
        report(&prompts, "estimate", |prompt| counter.estimate(prompt));
    }
    report(&prompts, "structure", Structure::of);
    report(&prompts, "script", dominant);
    Ok(())
}

/// Joins lines to prompts of about the same size.
fn prompts(lines: &str) -> Vec<String> {
    let mut prompts = vec![String::new()];
    for line in lines.lines() {
        let last = prompts.len() - 1;
        if prompts[last].len() + line.len() / 2 < PROMPT_BYTES {
            prompts[last].push_str(line);
            prompts[last].push(' ');
        } else if prompts.len() == PROMPTS {
            break;
        } else {
            prompts.push(format!("{line} "));
        }
    }
    prompts
}

/// Takes different words and pairs of words from the end of the file.
fn keywords(lines: &str) -> Vec<String> {
    let mut keywords = std::collections::BTreeSet::new();
    let words: Vec<&str> = lines.split_whitespace().rev().collect();
    for pair in words.windows(2) {
        if keywords.len() >= KEYWORDS {
            break;
        }
        keywords.insert(format!("{} {}", pair[1], pair[0]));
        if pair[0].len() > 5 {
            keywords.insert(pair[0].to_owned());
        }
    }
    keywords.into_iter().collect()
}

fn measure_keywords(prompts: &[String], keywords: &[String]) -> Result<(), Box<dyn Error>> {
    let (mut folded, mut words) = (Folded::new(), Words::new());
    report(prompts, "fold", |prompt| folded.set(prompt));
    let texts: Vec<String> = keywords
        .iter()
        .map(|keyword| {
            folded.set(keyword);
            folded.text().to_owned()
        })
        .collect();
    for kind in [
        AhoCorasickKind::NoncontiguousNFA,
        AhoCorasickKind::ContiguousNFA,
        AhoCorasickKind::DFA,
    ] {
        let started = Instant::now();
        let automaton = AhoCorasick::builder().kind(Some(kind)).build(&texts)?;
        println!(
            "{kind:?}: {} keywords built in {:.0} ms, {:.1} MB",
            texts.len(),
            started.elapsed().as_secs_f64() * 1e3,
            automaton.memory_usage() as f64 / 1e6
        );
        report(prompts, "  scan", |prompt| {
            automaton.find_overlapping_iter(prompt).count()
        });
    }
    let mut builder = KeywordSetBuilder::new();
    for keyword in keywords {
        builder.add(keyword, MatchKind::Word)?;
    }
    let started = Instant::now();
    let set = builder.build()?;
    println!("{set:?} in {:.0} ms", started.elapsed().as_secs_f64() * 1e3);
    let mut hits = 0;
    for prompt in prompts {
        folded.set(prompt);
        set.find(&folded, &mut words, |_| hits += 1);
    }
    println!(
        "{:.1} hits a prompt",
        f64::from(hits) / prompts.len() as f64
    );
    report(prompts, "fold and find", |prompt| {
        let mut hits = 0;
        folded.set(prompt);
        set.find(&folded, &mut words, |_| hits += 1);
        hits
    });
    Ok(())
}

fn measure_wordpiece(prompts: &[String], json: &[u8]) -> Result<(), Box<dyn Error>> {
    let tokenizer = tokenizers::Tokenizer::from_bytes(json).map_err(|error| error.to_string())?;
    let vocabulary = tokenizer.get_vocab(false);
    let started = Instant::now();
    let tokens = vocabulary.iter().map(|(token, &id)| (token.as_str(), id));
    let pieces = WordPiece::from_vocab(tokens, &Options::default())?;
    println!(
        "{pieces:?} built in {:.1} ms",
        started.elapsed().as_secs_f64() * 1e3
    );
    let mut ids = Vec::new();
    for prompt in prompts {
        ids.clear();
        pieces.encode(prompt, &mut ids);
        let encoding = tokenizer
            .encode_fast(prompt.as_str(), false)
            .map_err(|error| error.to_string())?;
        let same = encoding.get_ids().starts_with(&ids)
            && (ids.len() == encoding.len() || encoding.len() >= 128);
        assert!(
            same || ids.starts_with(encoding.get_ids()),
            "WordPiece differs from tokenizers"
        );
    }
    report(prompts, "wordpiece", |prompt| {
        ids.clear();
        pieces.encode(prompt, &mut ids);
        ids.len()
    });
    report(prompts, "tokenizers", |prompt| {
        tokenizer.encode_fast(prompt, false).map(|e| e.len()).ok()
    });
    Ok(())
}

fn report<'a, T>(prompts: &'a [String], name: &str, mut work: impl FnMut(&'a str) -> T) {
    let mut fastest = f64::INFINITY;
    for _ in 0..20 {
        let started = Instant::now();
        for prompt in prompts {
            black_box(work(black_box(prompt)));
        }
        fastest = fastest.min(started.elapsed().as_secs_f64());
    }
    println!(
        "{name:>16}: {:8.0} ns",
        fastest / prompts.len() as f64 * 1e9
    );
}
