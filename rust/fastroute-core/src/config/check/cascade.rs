//! Cascades and long texts: something that can be accepted, and parts that fit.

use super::Checker;
use crate::config::code::Code;
use crate::config::json_schema;
use crate::config::model::{
    AnswerConfidence, AnswerFormat, ConfidenceSource, Model, OnTooLong, Route,
};
use crate::config::path::Path;

impl Checker<'_, '_, '_> {
    pub(super) fn cascade(&mut self, route: &Route, path: &Path<'_>) {
        let Some(cascade) = &route.cascade else {
            return;
        };
        let path = path.key("cascade");
        let path = path.key("accept");
        let accept = &cascade.accept;
        if accept.answer_confidence.is_none() && accept.format.is_none() {
            self.error(
                Code::AcceptEmpty,
                &path,
                "neither `answer_confidence` nor `format` is given; at least one is expected",
            );
        }
        if let Some(confidence) = &accept.answer_confidence {
            self.answer_confidence(confidence, &path.key("answer_confidence"));
        }
        if let Some(AnswerFormat::JsonSchema(schema)) = &accept.format
            && let Err(reason) = json_schema::compile(schema)
        {
            let path = path.key("format");
            let message = format!("the JSON Schema cannot be used: {reason}");
            self.error(Code::InvalidJsonSchema, &path.key("json_schema"), message);
        }
    }

    fn answer_confidence(&mut self, confidence: &AnswerConfidence, path: &Path<'_>) {
        let source = confidence.from;
        for (key, of, is_given) in [
            (
                "model",
                ConfidenceSource::Verifier,
                confidence.model.is_some(),
            ),
            (
                "function",
                ConfidenceSource::Function,
                confidence.function.is_some(),
            ),
        ] {
            if source == of && !is_given {
                let message = format!("key `{key}` is missing, which `from` needs here");
                self.error(Code::MissingKey, path, message);
            }
        }
        for (key, of) in [
            ("model", ConfidenceSource::Verifier),
            ("function", ConfidenceSource::Function),
            ("samples", ConfidenceSource::Agreement),
        ] {
            let path = path.key(key);
            // Whether a key with a default is given, only the file says.
            if source != of && self.tree.has(&path) {
                let at = self.tree.locate_key(&path);
                let message = format!("`{key}` has no effect beside another `from`");
                self.report
                    .warning(Code::ConfidenceKeyUnused, at, &path, message);
            }
        }
        if let Some(model) = &confidence.model {
            self.model(model, &path.key("model"));
        }
        if let Some(function) = &confidence.function {
            self.not_blank(function, &path.key("function"));
        }
    }

    pub(super) fn too_long(&mut self, route: &Route, path: &Path<'_>) {
        let path = path.key("on_too_long");
        match &route.on_too_long {
            OnTooLong::Larger | OnTooLong::Reject => {}
            OnTooLong::Split(split) => {
                let path = path.key("split");
                self.not_blank(&split.reduce, &path.key("reduce"));
                let taken = split
                    .overlap_tokens
                    .saturating_add(route.expected_output_tokens);
                let narrowest = self
                    .candidates_of(route)
                    .map(|model| model.context_window)
                    .min();
                if let Some(window) = narrowest.filter(|window| *window <= taken) {
                    let message = format!(
                        "`overlap_tokens` of {} beside {} tokens of output leave no room in the context window of {window} of a candidate",
                        split.overlap_tokens, route.expected_output_tokens
                    );
                    self.error(
                        Code::OverlapOverWindow,
                        &path.key("overlap_tokens"),
                        message,
                    );
                }
            }
            OnTooLong::Summarise(summarise) => {
                let path = path.key("summarise");
                self.model(&summarise.model, &path.key("model"));
                let taken = summarise
                    .max_tokens
                    .saturating_add(route.expected_output_tokens);
                let widest = self
                    .candidates_of(route)
                    .map(|model| model.context_window)
                    .max();
                if widest.is_some_and(|window| window <= taken) {
                    let message = format!(
                        "no candidate can hold a summary of {} tokens and {} of output",
                        summarise.max_tokens, route.expected_output_tokens
                    );
                    self.error(
                        Code::SummaryOverCandidates,
                        &path.key("max_tokens"),
                        message,
                    );
                }
            }
        }
    }

    /// The candidates of a route, without its fallbacks; names that resolve to nothing are left out.
    fn candidates_of<'s>(&'s self, route: &'s Route) -> Box<dyn Iterator<Item = &'s Model> + 's> {
        match &route.choose {
            None => Box::new(self.config.models.iter()),
            Some(names) => Box::new(names.iter().filter_map(|name| {
                let index = self.names.models.get(name.as_str())?;
                Some(&self.config.models[*index])
            })),
        }
    }
}
