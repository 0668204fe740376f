//! What a reload costs when one rule was edited: load, build, self-test, in microseconds of CPU.
//!
//! Question: how much of a core does a service lose that swaps an edit in every second? Input: the
//! reference workload, in which a keyword of one rule, a bound of another or what follows from a rule
//! changes each time, written as JSON and read as JSON and as YAML. Reported are the medians of the
//! thread's CPU time, which other processes lengthen little. Every snapshot passes its self-test.
//!
//! What would make it lie: warm caches between rounds that a loaded service would not have. Run it
//! beside load to see that.
//!
//!     cargo run --release -p fastroute-benches --bin reload [ROUNDS [EDIT [FORMAT]]]

use std::{error::Error, sync::Arc};

use fastroute_benches::reference;
use fastroute_core::{
    Snapshot,
    config::{self, Format, NoFiles, Source},
};
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

fn cpu_us() -> f64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    now.tv_sec as f64 * 1e6 + now.tv_nsec as f64 / 1e3
}

/// The workload with one thing changed.
fn edited(original: &Value, kind: &str, round: usize) -> String {
    let mut edited = original.clone();
    match kind {
        "keyword" => {
            edited["rules"][3]["when"]["keywords"]["any"][0] = json!(format!("edited {round}"));
        }
        "number" => {
            let rules = edited["rules"].as_array_mut().expect("rules");
            let rule = rules
                .iter_mut()
                .find(|rule| rule["when"]["characters"].is_object());
            rule.expect("a rule over lengths")["when"]["characters"]["max"] = json!(400 + round);
        }
        "then" => edited["rules"][3]["then"]["difficulty"] = json!(0.001 * (round % 1000) as f64),
        other => panic!("there is no edit `{other}`"),
    }
    edited.to_string()
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

fn main() -> Result<(), Box<dyn Error>> {
    let rounds: usize = std::env::args()
        .nth(1)
        .map_or(Ok(20), |text| text.parse())?;
    let original: Value = serde_json::from_str(&reference::configuration())?;
    println!("edit      format    load   build    test  (us of CPU, medians of {rounds})");
    let (only_kind, only_format) = (std::env::args().nth(2), std::env::args().nth(3));
    let is_wanted =
        |only: &Option<String>, name: &str| only.as_deref().is_none_or(|only| only == name);
    for kind in ["keyword", "number", "then"]
        .into_iter()
        .filter(|kind| is_wanted(&only_kind, kind))
    {
        for format in [Format::Json, Format::Yaml] {
            if !is_wanted(&only_format, &format!("{format:?}")) {
                continue;
            }
            let mut previous: Option<Arc<Snapshot>> = None;
            let (mut loads, mut builds, mut tests) = (Vec::new(), Vec::new(), Vec::new());
            for round in 0..=rounds {
                let text = edited(&original, kind, round);
                let source = Source {
                    name: "fastroute",
                    text: &text,
                    format,
                };
                let start = cpu_us();
                let parts = previous.as_ref().map(|snapshot| snapshot.parts().clone());
                let loaded = config::load_after(&source, &NoFiles, &parts.unwrap_or_default())?;
                let read = cpu_us();
                let snapshot = Arc::new(Snapshot::build(&loaded, previous.as_deref())?);
                let built = cpu_us();
                snapshot.self_test()?;
                let tested = cpu_us();
                if round > 0 {
                    loads.push(read - start);
                    builds.push(built - read);
                    tests.push(tested - built);
                }
                previous = Some(snapshot);
            }
            let [load, build, test] = [loads, builds, tests].map(median);
            println!("{kind:<9} {format:<6?} {load:>7.0} {build:>7.0} {test:>7.0}");
        }
    }
    Ok(())
}
