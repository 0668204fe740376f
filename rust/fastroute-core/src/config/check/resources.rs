//! Files that a configuration names: readable, and of use.

use std::sync::Arc;

use fastroute_embed::encoder::StaticEncoder;
use fastroute_text::tokens::TokenCounter;
use sha2::{Digest, Sha256};

use super::Checker;
use crate::config::code::Code;
use crate::config::files::MAX_RESOURCE_BYTES;
use crate::config::parts::Fingerprint;
use crate::config::path::{Path, shorten};
use crate::config::read::without_bom;
use crate::config::shape::hint;

/// Largest file of lines, in bytes.
const MOST_LINES_BYTES: usize = 64 * 1024 * 1024;

impl Checker<'_, '_, '_> {
    /// The lines of a file, trimmed and without blank ones; empty, with an issue, when it cannot be used.
    pub(super) fn lines(&mut self, file: &str, path: &Path<'_>) -> Arc<[String]> {
        if let Some(lines) = self.files.lines.get(file) {
            return Arc::clone(lines);
        }
        let lines: Arc<[String]> = self.read_lines(file, path).into();
        self.files.lines.insert(file.to_owned(), Arc::clone(&lines));
        lines
    }

    fn read_lines(&mut self, file: &str, path: &Path<'_>) -> Vec<String> {
        let Some(bytes) = self.bytes(file, MOST_LINES_BYTES, path) else {
            return Vec::new();
        };
        let text = match std::str::from_utf8(&bytes) {
            Ok(text) => without_bom(text),
            Err(error) => {
                let line = bytes[..error.valid_up_to()]
                    .iter()
                    .filter(|byte| **byte == b'\n')
                    .count()
                    + 1;
                self.error(
                    Code::FileNotUtf8,
                    path,
                    format!("file `{}` is not UTF-8 in line {line}", shorten(file)),
                );
                return Vec::new();
            }
        };
        let lines: Vec<String> = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect();
        if lines.is_empty() {
            self.error(
                Code::EmptyFile,
                path,
                format!("file `{}` has no lines", shorten(file)),
            );
        }
        lines
    }

    /// Checks a tokenizer: a built-in name, or the path of a `tokenizer.json`.
    pub(super) fn tokenizer(&mut self, name: &str, path: &Path<'_>) {
        if TokenCounter::named(name).is_ok()
            || self.files.tokenizers.contains_key(name)
            || self.files.hashes.contains_key(name)
        {
            return;
        }
        if !name.contains(['/', '\\']) && !name.ends_with(".json") {
            let guess = hint(name, ["o200k", "cl100k", "qwen2", "estimate"]);
            let message = format!(
                "tokenizer `{}` is none of `o200k`, `cl100k`, `qwen2` and `estimate`, nor the path of a `tokenizer.json`{guess}",
                shorten(name)
            );
            return self.error(Code::UnknownTokenizer, path, message);
        }
        let Some(bytes) = self.bytes(name, MAX_RESOURCE_BYTES, path) else {
            return;
        };
        let hash = self.files.hashes.get(name).copied().unwrap_or_default();
        let known = self.known.tokenizers.get(&hash).cloned();
        match known.map_or_else(|| TokenCounter::from_tokenizer_json(&bytes), Ok) {
            Ok(counter) => {
                self.parts.tokenizers.insert(hash, counter.clone());
                self.files.tokenizers.insert(name.to_owned(), counter);
            }
            Err(error) => self.error(
                Code::InvalidTokenizer,
                path,
                format!("file `{}`: {error}", shorten(name)),
            ),
        }
    }

    /// Checks an encoder: `default`, or the path of a directory in the model2vec format.
    pub(super) fn encoder(&mut self, name: &str, path: &Path<'_>) {
        if name == "default" {
            return;
        }
        if name.trim().is_empty() {
            return self.not_blank(name, path);
        }
        let directory = name.trim_end_matches('/');
        let mut read =
            |file: &str| self.bytes(&format!("{directory}/{file}"), MAX_RESOURCE_BYTES, path);
        let files = (
            read("model.safetensors"),
            read("tokenizer.json"),
            read("config.json"),
        );
        let (Some(tensors), Some(tokenizer), Some(config)) = files else {
            return;
        };
        let mut hash = Sha256::new();
        for file in ["model.safetensors", "tokenizer.json", "config.json"] {
            let file = self.files.hashes.get(&format!("{directory}/{file}"));
            hash.update(file.copied().unwrap_or_default());
        }
        let hash: Fingerprint = hash.finalize().into();
        let known = self.known.encoder.as_ref().filter(|(of, _)| *of == hash);
        let encoder = match known {
            Some((_, encoder)) => Ok(Arc::clone(encoder)),
            None => StaticEncoder::from_bytes(tensors, tokenizer, config).map(Arc::new),
        };
        match encoder {
            Ok(encoder) => {
                self.parts.encoder = Some((hash, Arc::clone(&encoder)));
                self.files.encoder = Some(encoder);
            }
            Err(error) => self.error(Code::InvalidEncoder, path, error.to_string()),
        }
    }

    fn bytes(&mut self, file: &str, most: usize, path: &Path<'_>) -> Option<Vec<u8>> {
        if file.trim().is_empty() || file.contains('\0') {
            self.error(
                Code::UnreadableFile,
                path,
                "path is blank or holds a NUL character",
            );
            return None;
        }
        match self.resources.read(file) {
            Ok(bytes) if bytes.len() > most => {
                let message = format!(
                    "file `{}` has {} bytes, over the limit of {most}",
                    shorten(file),
                    bytes.len()
                );
                self.error(Code::FileTooLarge, path, message);
                None
            }
            Ok(bytes) => {
                self.files.note(file, &bytes);
                Some(bytes)
            }
            Err(reason) => {
                self.error(
                    Code::UnreadableFile,
                    path,
                    format!("file `{}` cannot be read: {reason}", shorten(file)),
                );
                None
            }
        }
    }
}
