//! How an explanation shows what was measured, and how it prints as text.
//!
//! Counts, names and metadata numbers are shown; what a user wrote is not, nor a metadata text,
//! which may be anything: of that only its length.

use std::fmt;

use serde_json::{Value, json};

use super::{Explanation, SignalLine};
use crate::config::Reads;
use crate::facts::Facts;
use crate::request::{Request, Value as Metadata};
use crate::signal::{Signal, Texts};
use crate::snapshot::Snapshot;

/// Lists every signal with what was measured for it.
pub(super) fn signals(
    snapshot: &Snapshot,
    request: &Request<'_>,
    facts: &Facts,
    texts: &Texts<'_>,
) -> Vec<SignalLine> {
    let signals = &snapshot.signals;
    let lines = signals
        .all
        .iter()
        .zip(&signals.labels)
        .zip(&facts.measured.truths)
        .map(|((signal, label), truth)| SignalLine {
            signal: label.to_string(),
            reads: signal.reads(),
            value: value(snapshot, signal, request, facts, texts),
            truth: *truth,
        });
    lines.collect()
}

fn value(
    snapshot: &Snapshot,
    signal: &Signal,
    request: &Request<'_>,
    facts: &Facts,
    texts: &Texts<'_>,
) -> Value {
    let of = |reads: Reads| &facts.measured.roles[reads as usize];
    match signal {
        Signal::Characters { reads, .. } => json!(of(*reads).characters),
        Signal::Code { reads, .. } => json!(of(*reads).has_code),
        Signal::Difficulty { .. } => json!(facts.measured.clone().take_difficulty(None)),
        Signal::Keywords { .. } | Signal::Regex { .. } => Value::Null,
        Signal::Metadata { key, .. } => {
            let key = snapshot.signals.metadata_keys.get(usize::from(*key));
            match request
                .metadata
                .iter()
                .rev()
                .find(|(name, _)| key.is_some_and(|key| **key == **name))
            {
                Some((_, Metadata::Bool(value))) => json!(value),
                Some((_, Metadata::Number(value))) => json!(value),
                Some((_, Metadata::Text(value))) => {
                    json!(format!("text of {} characters", value.chars().count()))
                }
                None => Value::Null,
            }
        }
        Signal::Script { reads, .. } => json!(of(*reads).script.map(|script| script.name())),
        Signal::Task { .. } => json!(request.task),
        Signal::Tokens {
            reads, tokenizer, ..
        } => {
            let said = texts.view(*reads);
            if said.unreadable {
                Value::Null
            } else {
                json!(snapshot.tokenizers.counters[usize::from(*tokenizer)].count(said.text))
            }
        }
        Signal::Turns { .. } => json!(facts.measured.turns),
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} [{}]", self.reason, self.code)?;
        for note in &self.notes {
            writeln!(f, "  note: {note}")?;
        }
        writeln!(f, "\nstages")?;
        for line in &self.stages {
            writeln!(
                f,
                "  {:<11} {:<12} {}",
                line.stage, line.result, line.detail
            )?;
        }
        if !self.signals.is_empty() {
            writeln!(f, "\nsignals")?;
        }
        for line in &self.signals {
            let value = if line.value.is_null() {
                String::new()
            } else {
                format!(" = {}", line.value)
            };
            writeln!(f, "  {:<8} {}{value}", line.truth.as_str(), line.signal)?;
        }
        if !self.rules.is_empty() {
            writeln!(f, "\nrules")?;
        }
        for line in &self.rules {
            writeln!(
                f,
                "  {:<8} {}  {}",
                line.value.as_str(),
                line.rule,
                line.decided.join(", ")
            )?;
        }
        if let Some(similarity) = &self.similarity {
            writeln!(
                f,
                "\nsimilarity (none of them {:.3}, margin {:.3})",
                similarity.background, similarity.margin
            )?;
            for line in &similarity.routes {
                writeln!(
                    f,
                    "  {:.3} of {:.3}  {}",
                    line.probability, line.threshold, line.route
                )?;
            }
            for line in &similarity.nearest {
                writeln!(
                    f,
                    "  example {:.3}  {}: {}",
                    line.similarity, line.route, line.example
                )?;
            }
        }
        if !self.models.is_empty() {
            writeln!(f, "\nmodels")?;
        }
        for line in &self.models {
            write!(f, "  {:<12} {}", line.role, line.model)?;
            if let (Some(score), Some(quality), Some(cost), Some(latency)) =
                (line.score, line.quality, line.cost_usd, line.latency_ms)
            {
                write!(
                    f,
                    "  score {score:.4}, quality {quality:.3}, ${cost:.6}, {latency:.0}ms"
                )?;
            }
            for lack in &line.missing {
                write!(f, "  {} [{}]", lack.message, lack.code)?;
            }
            writeln!(f)?;
        }
        if !self.nearly.is_empty() {
            writeln!(f, "\nnearly")?;
        }
        for line in &self.nearly {
            writeln!(f, "  {line}")?;
        }
        if !self.changes.is_empty() {
            writeln!(f, "\nwhat would change it, smallest first")?;
        }
        for change in &self.changes {
            let to =
                [change.route.as_deref(), change.model.as_deref()].map(|name| name.unwrap_or("-"));
            writeln!(
                f,
                "  {:.3}  {} -> {} {} {}",
                change.size, change.change, change.outcome, to[0], to[1]
            )?;
        }
        Ok(())
    }
}
