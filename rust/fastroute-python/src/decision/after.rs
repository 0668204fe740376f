//! What a decision says about the time after it: when an answer is accepted, and what is done with
//! a text that is too long. Frozen values, the same from a router as from a server.

use fastroute_core::config::{AnswerFormat, Cascade as CoreCascade, ConfidenceSource};
use fastroute_proto::v1;
use pyo3::prelude::*;

use crate::explain::from_json;

/// What an answer must satisfy to be accepted: all that is given.
///
/// Else the next of the decision's `escalations` is called.
#[pyclass(frozen, eq, hash, module = "fastroute")]
#[derive(Eq, Hash, PartialEq)]
pub struct Cascade {
    min_ppm: Option<u32>,
    /// Where the confidence comes from: `log_probability`, `self_reported`, `verifier`, `agreement`
    /// or `function`; None when it does not matter.
    #[pyo3(get)]
    confidence_from: Option<String>,
    /// For `agreement`: answers to take from each model; else 0.
    #[pyo3(get)]
    samples: u32,
    /// For `verifier`: the model that judges.
    #[pyo3(get)]
    verifier: Option<String>,
    /// For `function`: its name at the caller.
    #[pyo3(get)]
    function: Option<String>,
    /// Form that it must have: `json`, `json_schema` or `python`; None when any will do.
    #[pyo3(get)]
    format: Option<String>,
    schema_json: Option<String>,
}

impl Cascade {
    /// Copies it out of the core.
    pub fn new(cascade: &CoreCascade) -> Self {
        let confidence = cascade.accept.answer_confidence.as_ref();
        let from = confidence.map(|confidence| confidence.from);
        let only = |source| confidence.filter(move |_| from == Some(source));
        let (format, schema_json) = match &cascade.accept.format {
            None => (None, None),
            Some(AnswerFormat::Json) => (Some("json"), None),
            Some(AnswerFormat::JsonSchema(schema)) => {
                (Some("json_schema"), Some(schema.to_string()))
            }
            Some(AnswerFormat::Python) => (Some("python"), None),
        };
        Self {
            min_ppm: confidence.map(|confidence| ppm(confidence.min)),
            confidence_from: from.map(|from| source(from).to_owned()),
            samples: only(ConfidenceSource::Agreement).map_or(0, |confidence| confidence.samples),
            verifier: only(ConfidenceSource::Verifier)
                .and_then(|confidence| confidence.model.clone()),
            function: only(ConfidenceSource::Function)
                .and_then(|confidence| confidence.function.clone()),
            format: format.map(ToOwned::to_owned),
            schema_json,
        }
    }

    /// Copies it out of a server's answer.
    pub fn read(cascade: &v1::Cascade) -> Self {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Self {
            min_ppm: cascade.min_confidence.map(ppm),
            confidence_from: some(&cascade.confidence_from),
            samples: cascade.samples,
            verifier: cascade.verifier.clone(),
            function: cascade.function.clone(),
            format: some(&cascade.format),
            schema_json: some(&cascade.schema_json),
        }
    }
}

#[pymethods]
impl Cascade {
    /// Least confidence in the answer, 0 to 1; None when it does not matter. An unknown one is not enough.
    #[getter]
    fn min_confidence(&self) -> Option<f64> {
        self.min_ppm.map(|min| f64::from(min) / 1e6)
    }

    /// For `json_schema`: the schema.
    #[getter]
    fn schema<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let schema = self.schema_json.as_deref();
        schema.map(|schema| from_json(py, schema)).transpose()
    }

    fn __repr__(&self) -> String {
        let mut said = Vec::new();
        if let (Some(min), Some(from)) = (self.min_confidence(), &self.confidence_from) {
            said.push(format!("min_confidence={min:?}, confidence_from='{from}'"));
        }
        if let Some(format) = &self.format {
            said.push(format!("format='{format}'"));
        }
        format!("Cascade({})", said.join(", "))
    }
}

/// What is done with a text that exceeds the window of every model of its route.
#[pyclass(frozen, eq, hash, get_all, module = "fastroute")]
#[derive(Eq, Hash, PartialEq)]
pub struct TooLong {
    /// `larger`: the plan has a model with a larger window; `split`: it is split, each part answered
    /// and the answers joined; `summarise`: it is summarised first.
    way: &'static str,
    /// For `split`: the model whose tokens count; for `summarise`: the model that summarises.
    model: Option<String>,
    /// For `split`: most tokens of one part.
    part_tokens: Option<u32>,
    /// For `split`: tokens that a part repeats of the one before.
    overlap_tokens: Option<u32>,
    /// For `split`: most parts.
    max_parts: Option<u32>,
    /// For `summarise`: most tokens of the summary.
    max_tokens: Option<u32>,
}

impl TooLong {
    /// Copies it out of the core; `name` names a model.
    pub fn new(
        too_long: fastroute_core::TooLong,
        name: impl FnOnce(fastroute_core::ModelId) -> String,
    ) -> Self {
        use fastroute_core::TooLong as Way;
        match too_long {
            Way::Larger => Self::way("larger"),
            Way::Split {
                model,
                part_tokens,
                overlap_tokens,
                max_parts,
            } => Self {
                model: Some(name(model)),
                part_tokens: Some(part_tokens),
                overlap_tokens: Some(overlap_tokens),
                max_parts: Some(max_parts),
                ..Self::way("split")
            },
            Way::Summarise { model, max_tokens } => Self {
                model: Some(name(model)),
                max_tokens: Some(max_tokens),
                ..Self::way("summarise")
            },
        }
    }

    /// Copies it out of a server's answer; None when it says nothing.
    pub fn read(too_long: &v1::TooLong) -> Option<Self> {
        use v1::too_long::Way;
        Some(match too_long.way.as_ref()? {
            Way::Larger(_) => Self::way("larger"),
            Way::Split(split) => Self {
                model: Some(split.model.clone()),
                part_tokens: Some(split.part_tokens),
                overlap_tokens: Some(split.overlap_tokens),
                max_parts: Some(split.max_parts),
                ..Self::way("split")
            },
            Way::Summarise(summarise) => Self {
                model: Some(summarise.model.clone()),
                max_tokens: Some(summarise.max_tokens),
                ..Self::way("summarise")
            },
        })
    }

    const fn way(way: &'static str) -> Self {
        Self {
            way,
            model: None,
            part_tokens: None,
            overlap_tokens: None,
            max_parts: None,
            max_tokens: None,
        }
    }
}

#[pymethods]
impl TooLong {
    fn __repr__(&self) -> String {
        let mut shown = format!("TooLong(way='{}'", self.way);
        if let Some(model) = &self.model {
            shown += &format!(", model={model:?}");
        }
        for (name, value) in [
            ("part_tokens", self.part_tokens),
            ("overlap_tokens", self.overlap_tokens),
            ("max_parts", self.max_parts),
            ("max_tokens", self.max_tokens),
        ] {
            if let Some(value) = value {
                shown += &format!(", {name}={value}");
            }
        }
        shown + ")"
    }
}

fn ppm(share: f32) -> u32 {
    (f64::from(share) * 1e6).round() as u32
}

const fn source(from: ConfidenceSource) -> &'static str {
    match from {
        ConfidenceSource::Agreement => "agreement",
        ConfidenceSource::Function => "function",
        ConfidenceSource::LogProbability => "log_probability",
        ConfidenceSource::SelfReported => "self_reported",
        ConfidenceSource::Verifier => "verifier",
    }
}
