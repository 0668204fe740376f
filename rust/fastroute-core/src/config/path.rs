//! Where in a configuration a value stands, written like `routes[2].threshold`.
//!
//! A path is a chain of borrowed steps on the stack: walking a good file allocates nothing, and
//! only an issue turns its path into text.

use std::fmt;

/// A value's place below the root.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Path<'a> {
    /// The whole document.
    Root,
    /// The value of a key.
    Key(&'a Path<'a>, &'a str),
    /// An item of a list, from 0.
    Index(&'a Path<'a>, usize),
}

impl<'a> Path<'a> {
    pub(crate) fn key(&'a self, key: &'a str) -> Path<'a> {
        Path::Key(self, key)
    }

    pub(crate) fn index(&'a self, index: usize) -> Path<'a> {
        Path::Index(self, index)
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Root => Ok(()),
            Path::Key(parent, key) => {
                parent.fmt(f)?;
                if !matches!(parent, Path::Root) {
                    f.write_str(".")?;
                }
                if is_plain(key) {
                    f.write_str(key)
                } else {
                    write!(f, "{:?}", shorten(key))
                }
            }
            Path::Index(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

fn is_plain(key: &str) -> bool {
    !key.is_empty()
        && key.len() <= 100
        && key
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
}

/// At most the first 60 characters of a text, with an ellipsis when some are left out.
pub(crate) fn shorten(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_like_code_and_quotes_odd_keys() {
        let routes = Path::Root.key("routes");
        let second = routes.index(2);
        assert_eq!(second.key("threshold").to_string(), "routes[2].threshold");
        assert_eq!(second.key("a b").to_string(), "routes[2].\"a b\"");
        assert_eq!(second.key("").to_string(), "routes[2].\"\"");
        assert_eq!(Path::Root.to_string(), "");
    }
}
