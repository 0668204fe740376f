//! Reads OpenMetrics text as strictly as its specification writes it, so that a test fails where Prometheus would.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::collections::BTreeMap;

/// A text, read.
#[derive(Debug, Default)]
pub struct Exposition {
    /// Families by name.
    pub families: BTreeMap<String, Family>,
}

/// One family.
#[derive(Debug, Default)]
pub struct Family {
    /// `counter`, `gauge`, `histogram` or `info`.
    pub kind: String,
    /// Samples: name, labels, value.
    pub samples: Vec<(String, Labels, f64)>,
}

/// Labels of a sample.
pub type Labels = BTreeMap<String, String>;

impl Exposition {
    /// The value of one series.
    pub fn value(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let wanted: Labels = owned(labels);
        let samples = self.families.values().flat_map(|family| &family.samples);
        let mut found = samples.filter(|(sample, labels, _)| sample == name && *labels == wanted);
        found.next().map(|(_, _, value)| *value)
    }

    /// Every value of a name, added up.
    pub fn sum(&self, name: &str) -> f64 {
        self.series(name).iter().map(|(_, value)| value).sum()
    }

    /// Every series of a name.
    pub fn series(&self, name: &str) -> Vec<(Labels, f64)> {
        let samples = self.families.values().flat_map(|family| &family.samples);
        let found = samples.filter(|(sample, _, _)| sample == name);
        found
            .map(|(_, labels, value)| (labels.clone(), *value))
            .collect()
    }
}

fn owned(labels: &[(&str, &str)]) -> Labels {
    let pairs = labels
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    pairs.collect()
}

/// Reads a text, or says which line is wrong.
pub fn parse(text: &str) -> Result<Exposition, String> {
    let mut exposition = Exposition::default();
    let mut current = String::new();
    let body = text
        .strip_suffix("# EOF\n")
        .ok_or("no `# EOF` at the end")?;
    for line in body.lines() {
        let wrong = |why: &str| format!("{why}: {line}");
        if let Some(comment) = line.strip_prefix("# ") {
            let mut words = comment.splitn(3, ' ');
            let (word, name) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
            let rest = words
                .next()
                .ok_or_else(|| wrong("a comment without a text"))?;
            if name != current {
                if exposition.families.contains_key(name) || !is_name(name) {
                    return Err(wrong("a family in two places, or no name"));
                }
                current = name.to_owned();
                exposition
                    .families
                    .insert(current.clone(), Family::default());
            }
            let family = exposition
                .families
                .get_mut(name)
                .ok_or_else(|| wrong("no family"))?;
            if !family.samples.is_empty() {
                return Err(wrong("a comment after its samples"));
            }
            match word {
                "HELP" => {}
                "TYPE" if family.kind.is_empty() => rest.clone_into(&mut family.kind),
                "UNIT" if name.ends_with(&format!("_{rest}")) => {}
                _ => return Err(wrong("an unexpected comment")),
            }
            continue;
        }
        let (name, labels, value) = sample(line).ok_or_else(|| wrong("no sample"))?;
        let family = exposition
            .families
            .get_mut(&current)
            .ok_or_else(|| wrong("no family"))?;
        let suffix = name
            .strip_prefix(&*current)
            .ok_or_else(|| wrong("of another family"))?;
        let suits = match &*family.kind {
            "counter" => suffix == "_total" && value >= 0.0,
            "gauge" => suffix.is_empty(),
            "histogram" => matches!(suffix, "_sum" | "_count" | "_bucket"),
            "info" => suffix == "_info" && value == 1.0,
            _ => false,
        };
        if !suits {
            return Err(wrong("not a sample of its type"));
        }
        if family
            .samples
            .iter()
            .any(|(other, known, _)| *other == name && *known == labels)
        {
            return Err(wrong("a series that is there twice"));
        }
        family.samples.push((name, labels, value));
    }
    exposition.families.iter().try_for_each(check_histogram)?;
    Ok(exposition)
}

/// Buckets rise and end with the count, in `+Inf`.
fn check_histogram((name, family): (&String, &Family)) -> Result<(), String> {
    if family.kind != "histogram" {
        return Ok(());
    }
    let mut last: BTreeMap<Labels, (f64, f64)> = BTreeMap::new();
    for (sample, labels, value) in &family.samples {
        if !sample.ends_with("_bucket") {
            continue;
        }
        let mut of = labels.clone();
        let bound = of.remove("le").ok_or("a bucket without a bound")?;
        let bound = match &*bound {
            "+Inf" => f64::INFINITY,
            bound => bound.parse().map_err(|_| "a bound that is no number")?,
        };
        let (before, count) = last.get(&of).copied().unwrap_or((f64::NEG_INFINITY, 0.0));
        if bound <= before || *value < count {
            return Err(format!("buckets of {name} do not rise"));
        }
        last.insert(of, (bound, *value));
    }
    for (labels, (bound, count)) in last {
        let total = format!("{name}_count");
        let counted = family
            .samples
            .iter()
            .find(|(sample, of, _)| *sample == total && *of == labels);
        if bound != f64::INFINITY || counted.map(|(_, _, value)| *value) != Some(count) {
            return Err(format!("the last bucket of {name} is not its count"));
        }
    }
    Ok(())
}

fn is_name(name: &str) -> bool {
    let mut characters = name.chars();
    characters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && characters.all(|next| next.is_ascii_alphanumeric() || next == '_')
}

fn sample(line: &str) -> Option<(String, Labels, f64)> {
    let end = line.find(['{', ' '])?;
    let (name, mut rest) = line.split_at(end);
    let mut labels = Labels::new();
    if let Some(inside) = rest.strip_prefix('{') {
        rest = inside;
        while !rest.starts_with('}') {
            rest = rest.strip_prefix(',').unwrap_or(rest);
            let (label, after) = rest.split_once("=\"")?;
            let (value, after) = quoted(after)?;
            if !is_name(label) || labels.insert(label.to_owned(), value).is_some() {
                return None;
            }
            rest = after;
        }
        rest = &rest[1..];
    }
    let value = rest.strip_prefix(' ')?;
    is_name(name).then(|| Some((name.to_owned(), labels, value.parse().ok()?)))?
}

/// The inside of a quoted value, and what follows its quote.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => value.push(match characters.next()?.1 {
                'n' => '\n',
                escaped @ ('"' | '\\') => escaped,
                _ => return None,
            }),
            character => value.push(character),
        }
    }
    None
}
