//! Nothing is allocated once the buffers have grown: encode, score, search.

#![allow(clippy::unwrap_used, unsafe_code)]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicU64, Ordering},
};

use fastroute_embed::{
    EncodeScratch, Encoded, Example, ExampleIndex, Head, HeadOptions, StaticEncoder,
};

struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

// The only test of this binary: another one beside it would be counted too.
#[test]
fn the_steady_path_allocates_nothing() {
    let encoder = StaticEncoder::embedded();
    let mut scratch = EncodeScratch::new();
    let texts = [
        "Why was I charged twice for the same order last month?",
        "Écrivez un résumé de ce café, s'il vous plaît",
        "東京の天気はどうですか",
        "translate good morning into french, please",
        "",
    ];
    let encoded: Vec<Encoded> = texts
        .iter()
        .map(|text| {
            let mut encoded = Encoded::default();
            encoder.encode(text, &mut scratch, &mut encoded);
            encoded
        })
        .collect();
    let examples: Vec<Example<'_>> = encoded
        .iter()
        .enumerate()
        .map(|(place, encoded)| Example {
            route: place as u16 % 3,
            vector: &encoded.vector,
        })
        .collect();
    let background = [encoded[3].vector.as_slice()];
    let head = Head::fit(&examples, 3, &background, &HeadOptions::default()).unwrap();
    let index = ExampleIndex::build(
        encoder.dimensions(),
        3,
        encoded
            .iter()
            .enumerate()
            .map(|(place, encoded)| (place as u16 % 3, encoded)),
    )
    .unwrap();

    let mut query = Encoded::default();
    let (mut scores, mut probabilities, mut neighbours) = (Vec::new(), Vec::new(), Vec::new());
    let mut decide = || {
        for text in &texts {
            encoder.encode(text, &mut scratch, &mut query);
            head.scores(&query, &mut scores);
            head.probabilities(&query, &mut probabilities);
            index.nearest(&query, 3, &mut neighbours);
            index.route_scores(&query, 3, &mut scores);
        }
    };
    decide();
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    decide();
    assert_eq!(ALLOCATIONS.load(Ordering::Relaxed) - before, 0);
}
