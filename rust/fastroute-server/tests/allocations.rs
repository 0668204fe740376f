//! Counts the heap allocations of one call on top of its decision, from the message to the answer.
//!
//! What is left are the strings of the answer, which leave as they are, and three small vectors that lend
//! the request. Counted on this thread alone, as the core counts its own.
#![allow(
    unsafe_code,
    reason = "a global allocator is unsafe to implement; this one only counts"
)]

mod calling;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Arc;
use std::time::Instant;

use calling::{RULED, context, engine, run, text};
use fastroute_core::{Now, Request, View, Workspace, decide};
use fastroute_proto::v1;
use fastroute_server::codec;
use fastroute_server::service;
use prost::Message;

/// Most allocations of a call beyond those of its decision: of a plan of three models, a prompt and
/// metadata of one value.
const MOST: usize = 20;

struct Counting;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = COUNT.try_with(|count| count.set(count.get() + 1));
        // SAFETY: the caller keeps `alloc`'s contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps `dealloc`'s contract.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let _ = COUNT.try_with(|count| count.set(count.get() + 1));
        // SAFETY: the caller keeps `realloc`'s contract.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

fn counted<T>(run: impl FnOnce() -> T) -> (T, usize) {
    let before = COUNT.get();
    let value = run();
    (value, COUNT.get() - before)
}

#[test]
fn a_call_allocates_little_more_than_its_answer() {
    let engine = engine(RULED);
    let context = context();
    let snapshot = Arc::clone(&engine.revisions.active().snapshot);
    let mut workspace = Workspace::new();
    let request = v1::RouteRequest {
        metadata: vec![v1::MetadataEntry {
            key: "tier".to_owned(),
            value: Some(v1::metadata_entry::Value::TextValue("free".to_owned())),
        }],
        ..text("Why was I charged twice?")
    };
    let bytes = request.encode_to_vec();
    let view = View::healthy();
    let decided = |workspace: &mut Workspace| {
        let request = Request::text("Why was I charged twice?");
        let step = decide(&snapshot, &request, &view, Now::default(), 0, workspace);
        step.expect("a decision")
    };
    let called = || {
        let request = codec::decode::<v1::RouteRequest>(&bytes).expect("a message");
        let (answer, count) = counted(|| {
            let mut answering = std::pin::pin!(service::route(&engine, request, &context));
            let mut nobody = std::task::Context::from_waker(std::task::Waker::noop());
            match answering.as_mut().poll(&mut nobody) {
                std::task::Poll::Ready(answer) => answer.expect("an answer"),
                std::task::Poll::Pending => panic!("a short request waits for nothing"),
            }
        });
        (answer.encode_to_vec().len(), count)
    };
    run(async {
        for _ in 0..100 {
            decided(&mut workspace);
            called();
        }
        let (_, own) = counted(|| decided(&mut workspace));
        let (length, whole) = called();
        eprintln!(
            "a decision allocates {own} times, a call {whole} times; its answer has {length} bytes"
        );
        assert!(
            whole - own <= MOST,
            "{whole} allocations, {own} of the decision"
        );
        let took = |run: &mut dyn FnMut()| {
            let start = Instant::now();
            (0..20_000).for_each(|_| run());
            start.elapsed() / 20_000
        };
        let alone = took(&mut || {
            std::hint::black_box(decided(&mut workspace));
        });
        let with_bytes = took(&mut || {
            std::hint::black_box(called());
        });
        eprintln!("deciding takes {alone:?}, a call from bytes to bytes {with_bytes:?}");
    });
}
