//! Reads the answer to a question: strictly, because what is not a listed label is not a route.
//!
//! Accepted are the label alone and the object that [`Question::schema`] asks for, each bare or as
//! the whole of one fenced block, white space around them aside. A sentence that mentions a label,
//! a label in another case, a list, a second key: all of it is no answer.

use serde::Deserialize;
use serde_json::{Value, json};

use super::Question;

/// The object that structured output gives. A second key, or the same one twice, is refused.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Structured {
    label: String,
}

impl Question {
    /// Returns the JSON Schema of an answer, for providers that take one: an object with one of the
    /// labels.
    #[must_use]
    pub fn schema(&self) -> Value {
        label_schema(&self.labels)
    }

    /// Returns the label that a model's answer says, or none when it says no label and nothing else.
    ///
    /// Linear in the answer and in the labels.
    #[must_use]
    pub fn read(&self, answer: &str) -> Option<&str> {
        read_label(&self.labels, answer)
    }
}

/// Returns the JSON Schema of an answer that is one of the labels.
#[must_use]
pub fn label_schema(labels: &[String]) -> Value {
    json!({
        "type": "object",
        "properties": { "label": { "type": "string", "enum": labels } },
        "required": ["label"],
        "additionalProperties": false,
    })
}

/// Returns the label that an answer says, or none when it says no label and nothing else; what
/// [`Question::read`] does, for a host that has only the labels of a question.
#[must_use]
pub fn read_label<'q>(labels: &'q [String], answer: &str) -> Option<&'q str> {
    let listed = |answer: &str| {
        let mut labels = labels.iter();
        labels.find(|listed| *listed == answer).map(String::as_str)
    };
    let answer = unfenced(answer);
    if let Some(label) = listed(answer) {
        return Some(label);
    }
    // A list of one label would read as the object too.
    let object = Some(answer).filter(|answer| answer.starts_with('{'))?;
    let structured: Structured = serde_json::from_str(object).ok()?;
    listed(structured.label.trim())
}

/// The content of a text that is one fenced block and nothing else; any other text, trimmed.
pub(crate) fn unfenced(text: &str) -> &str {
    let text = text.trim();
    let content = text
        .strip_prefix("```")
        .and_then(|rest| rest.strip_suffix("```"))
        .and_then(|inside| inside.split_once('\n'))
        .filter(|(language, content)| {
            language.trim().chars().all(char::is_alphanumeric) && !content.contains("```")
        });
    content.map_or(text, |(_, content)| content.trim())
}

#[cfg(test)]
mod tests {
    use super::unfenced;

    #[test]
    fn a_fence_is_taken_off_only_when_it_is_the_whole() {
        for (text, content) in [
            ("```json\n{}\n```", "{}"),
            (" ```\nbilling\n``` \n", "billing"),
            ("```\n```", ""),
            ("see ```\nbilling\n```", "see ```\nbilling\n```"),
            ("```\na\n```\n```\nb\n```", "```\na\n```\n```\nb\n```"),
            ("``````", "``````"),
            ("```", "```"),
            ("```a b\nc\n```", "```a b\nc\n```"),
            ("", ""),
        ] {
            assert_eq!(unfenced(text), content, "{text}");
        }
    }
}
