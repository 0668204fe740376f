//! How many instructions each stage of a decision takes, and the whole, counted by callgrind.
//!
//! Question: did a change make a decision dearer? Input: 32 prompts spread over the reference
//! workload, each handled once on warm buffers. Fair because instructions are the same on a busy
//! machine and an idle one; the set-up, which decodes and trains for seconds, is not counted.
//!
//! What would make it lie: instruction counts ignore cache misses, and callgrind emulates a
//! processor of its own, so that kernels chosen at run time may be others than on the machine
//! (`head` uses fewer vector instructions there). Compare a figure with its own past only.
//!
//! Needs valgrind and `cargo install gungraun-runner --version 0.20.0`.

use std::{hint::black_box, sync::Arc};

use fastroute_benches::{
    messages::{RouteRequest, RouteResponse},
    reference::{self, Decider},
    stages::{Head, Keywords, Tokens, WordPieces, asserted, only_choose, only_rules},
};
use fastroute_core::Request;
use fastroute_embed::{EncodeScratch, Encoded, StaticEncoder};
use fastroute_text::fold::Folded;
use gungraun::prelude::*;
use prost::Message;

/// Every sixteenth prompt: the valgrind run of all of them would take minutes.
fn prompts() -> Vec<String> {
    reference::prompts().into_iter().step_by(16).collect()
}

/// A stage, warmed up on the prompts, and the prompts.
type Stage = (Box<dyn FnMut(&str)>, Vec<String>);

fn stage(name: &str) -> Stage {
    let mut work: Box<dyn FnMut(&str)> = match name {
        "fold" => {
            let mut folded = Folded::new();
            Box::new(move |text| folded.set(black_box(text)))
        }
        "keywords" => {
            let mut keywords = Keywords::new();
            Box::new(move |text| {
                black_box(keywords.count(text));
            })
        }
        "token_bounds" => {
            let tokens = Tokens::new();
            Box::new(move |text| {
                black_box(tokens.bounds(text));
            })
        }
        "wordpiece" => {
            let mut pieces = WordPieces::new();
            Box::new(move |text| {
                black_box(pieces.count(text));
            })
        }
        "encode" => {
            let (encoder, mut scratch, mut encoded) = (
                StaticEncoder::embedded(),
                EncodeScratch::default(),
                Encoded::default(),
            );
            Box::new(move |text| encoder.encode(black_box(text), &mut scratch, &mut encoded))
        }
        "head" => {
            let mut head = Head::new();
            Box::new(move |text| {
                black_box(head.best(text));
            })
        }
        "choose" => decision(&only_choose(&reference::configuration())),
        "rules" => decision(&only_rules(&reference::configuration())),
        "whole" => decision(&reference::configuration()),
        other => panic!("there is no stage `{other}`"),
    };
    let prompts = prompts();
    prompts.iter().for_each(|text| work(text));
    (work, prompts)
}

fn decision(configuration: &str) -> Box<dyn FnMut(&str)> {
    let mut decider = Decider::new(Arc::new(asserted(configuration)));
    Box::new(move |text| drop(black_box(decider.decide(&Request::text(text)))))
}

#[library_benchmark]
#[bench::fold(args = ("fold"), setup = stage)]
#[bench::keywords(args = ("keywords"), setup = stage)]
#[bench::token_bounds(args = ("token_bounds"), setup = stage)]
#[bench::wordpiece(args = ("wordpiece"), setup = stage)]
#[bench::encode(args = ("encode"), setup = stage)]
#[bench::head(args = ("head"), setup = stage)]
#[bench::choose(args = ("choose"), setup = stage)]
#[bench::rules_and_choose(args = ("rules"), setup = stage)]
#[bench::whole(args = ("whole"), setup = stage)]
fn stages((mut work, prompts): Stage) -> Stage {
    prompts.iter().for_each(|text| work(text));
    // Returned, so that taking it down is not counted.
    (work, prompts)
}

fn service() -> (Decider, Vec<Vec<u8>>) {
    let decider = Decider::new(Arc::new(asserted(&reference::configuration())));
    let requests = prompts()
        .into_iter()
        .map(|text| RouteRequest::text(&text, "pro"));
    end_to_end((
        decider,
        requests.map(|request| request.encode_to_vec()).collect(),
    ))
}

#[library_benchmark]
#[bench::bytes_to_bytes(setup = service)]
fn bytes((decider, wire): (Decider, Vec<Vec<u8>>)) -> (Decider, Vec<Vec<u8>>) {
    end_to_end((decider, wire))
}

fn end_to_end((mut decider, wire): (Decider, Vec<Vec<u8>>)) -> (Decider, Vec<Vec<u8>>) {
    for bytes in &wire {
        let request = RouteRequest::decode(bytes.as_slice()).expect("the bytes were encoded here");
        let response = request.with_core(|core| RouteResponse::from(&decider.decide(core)));
        black_box(response.encode_to_vec());
    }
    (decider, wire)
}

library_benchmark_group!(name = decide, benchmarks = [stages, bytes]);
main!(library_benchmark_groups = decide);
