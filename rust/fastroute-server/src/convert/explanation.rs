//! An explanation as a message: the decision, every line of it, and both of its written forms.

use fastroute_core::{
    Change, ExampleLine, Explanation, LackLine, ModelLine, RouteLine, RuleLine, SignalLine,
    SimilarityLines, StageLine, Truth,
};
use fastroute_proto::v1;
use serde_json::Value;

use super::time::duration;

/// Writes an explanation of a decision, which comes in the full view.
#[must_use]
pub fn explanation(decision: v1::Decision, explanation: Explanation) -> v1::Explanation {
    let text = explanation.to_string();
    // Serialising fails only for maps whose keys are no strings, and it has none.
    let json = serde_json::to_string(&explanation).unwrap_or_default();
    v1::Explanation {
        decision: Some(decision),
        stages: explanation.stages.into_iter().map(stage).collect(),
        signals: explanation.signals.into_iter().map(signal).collect(),
        rules: explanation.rules.into_iter().map(rule).collect(),
        similarity: explanation.similarity.map(similarity),
        models: explanation.models.into_iter().map(model).collect(),
        nearly: explanation.nearly,
        changes: explanation.changes.into_iter().map(change).collect(),
        text,
        json,
    }
}

fn stage(line: StageLine) -> v1::StageLine {
    v1::StageLine {
        stage: line.stage.to_owned(),
        result: line.result.to_owned(),
        detail: line.detail,
    }
}

fn signal(line: SignalLine) -> v1::SignalLine {
    let reads = serde_json::to_value(line.reads).unwrap_or_default();
    v1::SignalLine {
        signal: line.signal,
        reads: reads.as_str().unwrap_or_default().to_owned(),
        value_json: match line.value {
            Value::Null => String::new(),
            value => value.to_string(),
        },
        truth: truth(line.truth).into(),
    }
}

fn rule(line: RuleLine) -> v1::RuleLine {
    v1::RuleLine {
        rule: line.rule,
        value: truth(line.value).into(),
        decided: line.decided.into_iter().map(str::to_owned).collect(),
    }
}

fn truth(truth: Truth) -> v1::Truth {
    match truth {
        Truth::False => v1::Truth::False,
        Truth::True => v1::Truth::True,
        Truth::Unknown => v1::Truth::Unknown,
    }
}

fn similarity(lines: SimilarityLines) -> v1::SimilarityLines {
    v1::SimilarityLines {
        is_known: lines.is_known,
        routes: lines.routes.into_iter().map(route).collect(),
        background: lines.background,
        margin: lines.margin,
        nearest: lines.nearest.into_iter().map(example).collect(),
    }
}

fn route(line: RouteLine) -> v1::RouteLine {
    v1::RouteLine {
        route: line.route,
        probability: line.probability,
        threshold: line.threshold,
    }
}

fn example(line: ExampleLine) -> v1::ExampleLine {
    v1::ExampleLine {
        route: line.route,
        example: line.example,
        similarity: line.similarity,
    }
}

fn model(line: ModelLine) -> v1::ModelLine {
    let name = line.model;
    let missing = line
        .missing
        .into_iter()
        .map(|LackLine { code, message }| v1::Missing {
            model: name.clone(),
            code: code.to_owned(),
            message,
            retry_after: None,
        });
    v1::ModelLine {
        missing: missing.collect(),
        model: name,
        role: line.role.to_owned(),
        score: line.score,
        quality: line.quality,
        cost_usd: line.cost_usd,
        latency: line.latency_ms.map(|ms| {
            // The core's figure is whole microseconds, written as milliseconds.
            duration(std::time::Duration::from_micros((ms * 1e3).round() as u64))
        }),
    }
}

fn change(change: Change) -> v1::Change {
    let outcome = match change.outcome {
        "routed" => v1::Outcome::Routed,
        "rejected" => v1::Outcome::Rejected,
        "nothing_fits" => v1::Outcome::NothingFits,
        "over_budget" => v1::Outcome::OverBudget,
        _ => v1::Outcome::Unspecified,
    };
    v1::Change {
        change: change.change,
        size: change.size,
        outcome: outcome.into(),
        route: change.route,
        model: change.model,
        prompt: change.prompt,
    }
}
