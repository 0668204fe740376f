//! Reading a request with warm buffers allocates nothing.

// Counting allocations needs an allocator, and implementing one is unsafe by its trait.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use fastroute_text::fold::Folded;
use fastroute_text::keywords::{KeywordSetBuilder, MatchKind};
use fastroute_text::patterns::PatternSetBuilder;
use fastroute_text::script::dominant;
use fastroute_text::structure::Structure;
use fastroute_text::tokens::{TokenCounter, Vocabulary};
use fastroute_text::wordpiece::{Options, WordPiece};
use fastroute_text::words::Words;

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: every call is passed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

#[test]
fn a_steady_request_allocates_nothing() {
    let mut builder = KeywordSetBuilder::new();
    for keyword in ["refund", "order number", "退款", "straße", "credit"] {
        builder.add(keyword, MatchKind::Word).expect("is accepted");
        builder
            .add(keyword, MatchKind::Substring)
            .expect("is accepted");
    }
    let keywords = builder.build().expect("builds");
    let mut builder = PatternSetBuilder::new();
    let pattern = builder.add(r"\d{4}-\d{3}").expect("compiles");
    let patterns = builder.build();
    let counters = Vocabulary::ALL.map(TokenCounter::from);
    let vocabulary = [
        "[UNK]", "re", "##fund", "order", "number", "##s", "die", "的",
    ];
    let pieces = WordPiece::from_vocab(vocabulary.into_iter().zip(0..), &Options::default())
        .expect("builds");
    let (mut folded, mut words, mut ids) = (Folded::new(), Words::new(), Vec::new());

    let texts = [
        include_str!("corpus/english.txt"),
        include_str!("corpus/german.txt"),
        include_str!("corpus/chinese.txt"),
        include_str!("corpus/json.txt"),
    ];
    let mut hits = 0;
    let mut read = |text: &str| {
        folded.set(text);
        keywords.find(&folded, &mut words, |_| hits += 1);
        ids.clear();
        pieces.encode(text, &mut ids);
        for counter in &counters {
            let _ = (counter.bounds(text), counter.estimate(text));
        }
        let _ = (
            Structure::of(text),
            dominant(text),
            patterns.is_match(pattern, text),
        );
    };
    for text in texts {
        read(text);
    }
    let before = ALLOCATIONS.get();
    for text in texts {
        read(text);
    }
    assert_eq!(ALLOCATIONS.get() - before, 0);
    assert!(hits > 0);

    // Exact counts of prose: pieces are short, and the vocabulary remembers them.
    for counter in &counters {
        let _ = counter.count(texts[0]);
        let before = ALLOCATIONS.get();
        let _ = counter.count(texts[0]);
        assert_eq!(ALLOCATIONS.get() - before, 0, "{counter:?}");
    }
}
