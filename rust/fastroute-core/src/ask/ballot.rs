//! How often a question is asked, and what the answers come to.
//!
//! One answer of a model may be chance. With `votes: 3` three are taken, and only a label that more
//! than half of them say is the answer; without such a label it is unknown. An answer that is no
//! label is asked for again, `ask_again` times in all, and after that it is a vote for nothing.
//!
//! Asking stops as soon as the rest of the votes cannot change the result. So a question costs at
//! most `votes + ask_again` calls.

use std::fmt;

use super::Question;

/// What a ballot wants next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Turn<'b> {
    /// Ask once more, and [cast](Ballot::cast) what came.
    Ask,
    /// The answer; unknown when absent.
    Done(Option<&'b str>),
}

/// The votes on one question.
///
/// # Examples
///
/// ```
/// use fastroute_core::{Ballot, Turn};
///
/// let mut ballot = Ballot::with(3, 1);
/// ballot.cast(Some("billing"));
/// ballot.cast(None); // no label: asked again
/// ballot.cast(Some("billing"));
/// assert_eq!(ballot.next(), Turn::Done(Some("billing")));
/// ```
#[derive(Clone)]
pub struct Ballot {
    votes: u32,
    ask_again: u32,
    cast: u32,
    counts: Vec<(String, u32)>,
}

impl Ballot {
    /// Makes the ballot of a question.
    #[must_use]
    pub fn new(question: &Question) -> Self {
        Self::with(question.votes, question.ask_again)
    }

    /// Makes a ballot of so many votes, of which one at least, and so many second chances.
    #[must_use]
    pub fn with(votes: u32, ask_again: u32) -> Self {
        Self {
            votes: votes.max(1),
            ask_again,
            cast: 0,
            counts: Vec::new(),
        }
    }

    /// Casts what one answer [says](Question::read); none when it is no label, came not at all, or
    /// too late. After the last vote it changes nothing.
    pub fn cast(&mut self, label: Option<&str>) {
        if self.is_done() {
            return;
        }
        let Some(label) = label else {
            if self.ask_again > 0 {
                self.ask_again -= 1;
            } else {
                self.cast += 1;
            }
            return;
        };
        self.cast += 1;
        match self.counts.iter_mut().find(|(known, _)| known == label) {
            Some((_, count)) => *count += 1,
            None => self.counts.push((label.to_owned(), 1)),
        }
    }

    /// Says whether to ask once more.
    #[must_use]
    pub fn next(&self) -> Turn<'_> {
        if self.is_done() {
            Turn::Done(self.label())
        } else {
            Turn::Ask
        }
    }

    /// Returns the label that more than half of the votes say, as far as they are cast.
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        self.leader()
            .filter(|(_, count)| u64::from(*count) * 2 > u64::from(self.votes))
            .map(|(label, _)| label)
    }

    fn leader(&self) -> Option<(&str, u32)> {
        let counts = self.counts.iter();
        counts
            .map(|(label, count)| (label.as_str(), *count))
            .max_by_key(|(_, count)| *count)
    }

    fn is_done(&self) -> bool {
        let left = self.votes - self.cast;
        let most = self.leader().map_or(0, |(_, count)| count) + left;
        left == 0 || self.label().is_some() || u64::from(most) * 2 <= u64::from(self.votes)
    }
}

impl fmt::Debug for Ballot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ballot")
            .field("votes", &self.votes)
            .field("cast", &self.cast)
            .field("labels", &self.counts.len())
            .finish_non_exhaustive()
    }
}
