//! A question in the words of a provider, and its answer back: OpenAI's chat API and Anthropic's messages.
//!
//! A model that has the capability `json_schema` is asked for structured output, so that it can say nothing but a label; of any
//! other the answer is text. Temperature is 0 either way. Of an answer only what the protocol promises is read,
//! and a field of another type is absent: an answer without text is no label, and counts that cannot be are no counts.

use fastroute_core::config::ProviderKind;
use fastroute_core::{Question, Usage};
use serde_json::{Value, json};

/// Name of the tool that holds Anthropic's structured output.
const TOOL: &str = "choose_label";

/// Most characters of an error's code that are looked at.
const MAX_CODE: usize = 64;

/// Where a provider's own service listens.
pub(super) const fn own_base(kind: ProviderKind) -> Option<&'static str> {
    match kind {
        ProviderKind::Anthropic => Some("https://api.anthropic.com"),
        ProviderKind::Openai => Some(OPENAI),
        ProviderKind::Callable => None,
    }
}

const OPENAI: &str = "https://api.openai.com/v1";

/// The base without what the path brings: Anthropic's is written with and without `/v1`, as its own clients write it.
pub(super) fn trimmed(kind: ProviderKind, base: &str) -> &str {
    let base = base.trim_end_matches('/');
    match kind {
        ProviderKind::Anthropic => base.strip_suffix("/v1").unwrap_or(base),
        ProviderKind::Callable | ProviderKind::Openai => base,
    }
}

/// Where questions go below the base.
pub(super) const fn path(kind: ProviderKind) -> &'static str {
    match kind {
        ProviderKind::Anthropic => "/v1/messages",
        ProviderKind::Callable | ProviderKind::Openai => "/chat/completions",
    }
}

/// Writes the body of a question; `model` is what the provider calls it.
pub(super) fn body(
    kind: ProviderKind,
    base: &str,
    model: &str,
    is_structured: bool,
    question: &Question,
) -> Value {
    match kind {
        ProviderKind::Anthropic => {
            let mut body = json!({
                "model": model,
                "max_tokens": question.max_output_tokens,
                "temperature": 0,
                "system": &*question.system,
                "messages": [{ "role": "user", "content": question.user }],
            });
            if is_structured {
                body["tools"] = json!([{ "name": TOOL, "description": "Says the label.", "input_schema": question.schema() }]);
                body["tool_choice"] = json!({ "type": "tool", "name": TOOL });
            }
            body
        }
        ProviderKind::Callable | ProviderKind::Openai => {
            // OpenAI's own models take only the newer name, most other servers only the older.
            let is_own = base.trim_end_matches('/') == OPENAI;
            let most = if is_own {
                "max_completion_tokens"
            } else {
                "max_tokens"
            };
            let mut body = json!({
                "model": model,
                most: question.max_output_tokens,
                "temperature": 0,
                "messages": [
                    { "role": "system", "content": &*question.system },
                    { "role": "user", "content": question.user },
                ],
            });
            if is_structured {
                body["response_format"] = json!({
                    "type": "json_schema",
                    "json_schema": { "name": "label", "strict": true, "schema": question.schema() },
                });
            }
            body
        }
    }
}

/// What an answer with a good status says.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Said {
    /// Its text; none when it holds none, or an error instead.
    pub text: Option<String>,
    pub usage: Option<Usage>,
    /// Whether it is an error inside, or nothing that can be read.
    pub is_broken: bool,
}

/// Reads an answer.
pub(super) fn read(kind: ProviderKind, body: &[u8]) -> Said {
    let Ok(answer @ Value::Object(_)) = serde_json::from_slice::<Value>(body) else {
        return Said {
            is_broken: true,
            ..Said::default()
        };
    };
    let is_error = answer["error"].is_object() || answer["type"] == "error";
    let (text, usage) = match kind {
        ProviderKind::Anthropic => anthropic(&answer),
        ProviderKind::Callable | ProviderKind::Openai => openai(&answer),
    };
    Said {
        text: text.filter(|_| !is_error),
        usage,
        is_broken: is_error,
    }
}

/// The code of an error's body, such as `insufficient_quota`.
pub(super) fn error_code(body: &[u8]) -> Option<String> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    let error = &answer["error"];
    let code = error["code"].as_str().or_else(|| error["type"].as_str())?;
    (code.len() <= MAX_CODE).then(|| code.to_owned())
}

fn openai(answer: &Value) -> (Option<String>, Option<Usage>) {
    let text = answer["choices"][0]["message"]["content"].as_str();
    let usage = &answer["usage"];
    let counted = counts(
        usage["prompt_tokens"].as_u64(),
        usage["prompt_tokens_details"]["cached_tokens"].as_u64(),
        usage["completion_tokens"].as_u64(),
    );
    (text.map(str::to_owned), counted)
}

fn anthropic(answer: &Value) -> (Option<String>, Option<Usage>) {
    let blocks = answer["content"].as_array().map_or(&[][..], Vec::as_slice);
    let chosen = blocks
        .iter()
        .find(|block| block["type"] == "tool_use" && block["name"] == TOOL);
    let text = match chosen {
        Some(block) => Some(block["input"].to_string()),
        None => {
            let texts = blocks.iter().filter_map(|block| block["text"].as_str());
            let joined: String = texts.collect();
            (!joined.is_empty()).then_some(joined)
        }
    };
    let usage = &answer["usage"];
    let cached = usage["cache_read_input_tokens"].as_u64();
    let written = usage["cache_creation_input_tokens"].as_u64().unwrap_or(0);
    let fresh = usage["input_tokens"].as_u64();
    let input = fresh.map(|fresh| {
        fresh
            .saturating_add(cached.unwrap_or(0))
            .saturating_add(written)
    });
    (text, counts(input, cached, usage["output_tokens"].as_u64()))
}

fn counts(input: Option<u64>, cached: Option<u64>, output: Option<u64>) -> Option<Usage> {
    let input_tokens = input?;
    Some(Usage {
        input_tokens,
        cached_tokens: cached.unwrap_or(0).min(input_tokens),
        output_tokens: output?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(kind: ProviderKind, body: &Value) -> Option<String> {
        read(kind, body.to_string().as_bytes()).text
    }

    #[test]
    fn the_text_of_an_answer_is_found_and_nothing_else_is_one() {
        let openai = json!({ "choices": [{ "message": { "content": "billing" } }] });
        assert_eq!(
            text(ProviderKind::Openai, &openai).as_deref(),
            Some("billing")
        );
        let chosen = json!({ "content": [{ "type": "text", "text": "I choose" },
            { "type": "tool_use", "name": TOOL, "input": { "label": "billing" } }] });
        assert_eq!(
            text(ProviderKind::Anthropic, &chosen).as_deref(),
            Some(r#"{"label":"billing"}"#)
        );
        let said = json!({ "content": [{ "type": "text", "text": "bil" }, { "type": "text", "text": "ling" }] });
        assert_eq!(
            text(ProviderKind::Anthropic, &said).as_deref(),
            Some("billing")
        );
        for none in [
            json!({}),
            json!({ "choices": [] }),
            json!({ "choices": [{ "message": { "content": 7 } }] }),
            json!({ "content": "billing" }),
        ] {
            assert_eq!(text(ProviderKind::Openai, &none), None, "{none}");
            assert_eq!(text(ProviderKind::Anthropic, &none), None, "{none}");
        }
    }

    #[test]
    fn an_error_inside_and_what_is_no_object_are_broken() {
        for body in [
            r#"{"error": {"code": "overloaded"}, "choices": [{"message": {"content": "billing"}}]}"#,
            r#"{"type": "error", "error": {"type": "overloaded_error"}}"#,
            "[]",
            "{",
            "",
        ] {
            for kind in [ProviderKind::Openai, ProviderKind::Anthropic] {
                let said = read(kind, body.as_bytes());
                assert!(said.is_broken && said.text.is_none(), "{body}");
            }
        }
    }

    #[test]
    fn counts_are_read_whole_or_not_at_all() {
        let usage = |kind, body: Value| read(kind, body.to_string().as_bytes()).usage;
        let cached = json!({ "usage": { "prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": { "cached_tokens": 50 } } });
        let expected = Usage {
            input_tokens: 9,
            cached_tokens: 9,
            output_tokens: 2,
        };
        assert_eq!(usage(ProviderKind::Openai, cached), Some(expected));
        let anthropic = json!({ "usage": { "input_tokens": 3, "cache_read_input_tokens": 4, "cache_creation_input_tokens": 5, "output_tokens": 1 } });
        let expected = Usage {
            input_tokens: 12,
            cached_tokens: 4,
            output_tokens: 1,
        };
        assert_eq!(usage(ProviderKind::Anthropic, anthropic), Some(expected));
        for lies in [
            json!({ "prompt_tokens": -1, "completion_tokens": 2 }),
            json!({ "prompt_tokens": 1 }),
            json!("x"),
        ] {
            assert_eq!(usage(ProviderKind::Openai, json!({ "usage": lies })), None);
        }
    }

    #[test]
    fn the_code_of_an_error_is_its_code_else_its_type() {
        assert_eq!(
            error_code(br#"{"error": {"code": "a", "type": "b"}}"#).as_deref(),
            Some("a")
        );
        assert_eq!(
            error_code(br#"{"error": {"code": null, "type": "b"}}"#).as_deref(),
            Some("b")
        );
        assert_eq!(error_code(br#"{"error": "down"}"#), None);
        let long = format!(r#"{{"error": {{"code": "{}"}}}}"#, "x".repeat(100));
        assert_eq!(error_code(long.as_bytes()), None);
    }
}
