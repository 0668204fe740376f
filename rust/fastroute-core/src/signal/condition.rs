//! Conditions as trees over signals, evaluated with three values.

use super::SignalId;
use crate::truth::Truth;

/// A compiled condition.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    All(Box<[Node]>),
    Any(Box<[Node]>),
    Not(Box<Node>),
    Signal(SignalId),
}

impl Node {
    /// Evaluates the condition over the truth of each signal.
    ///
    /// Stops at the first operand that settles it. Configuration bounds the depth.
    pub fn evaluate(&self, truths: &[Truth]) -> Truth {
        match self {
            Self::All(nodes) => {
                let mut least = Truth::True;
                for node in nodes {
                    least = least.min(node.evaluate(truths));
                    if least == Truth::False {
                        break;
                    }
                }
                least
            }
            Self::Any(nodes) => {
                let mut greatest = Truth::False;
                for node in nodes {
                    greatest = greatest.max(node.evaluate(truths));
                    if greatest == Truth::True {
                        break;
                    }
                }
                greatest
            }
            Self::Not(node) => node.evaluate(truths).negate(),
            Self::Signal(id) => truths[id.0 as usize],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Truth::{False, True, Unknown};

    fn signal(id: u32) -> Node {
        Node::Signal(SignalId(id))
    }

    #[test]
    fn operators_follow_kleenes_tables() {
        for (left, right, all, any) in [
            (True, True, True, True),
            (True, Unknown, Unknown, True),
            (True, False, False, True),
            (Unknown, Unknown, Unknown, Unknown),
            (Unknown, False, False, Unknown),
            (False, False, False, False),
        ] {
            for truths in [[left, right], [right, left]] {
                let operands = || [signal(0), signal(1)].into();
                assert_eq!(Node::All(operands()).evaluate(&truths), all);
                assert_eq!(Node::Any(operands()).evaluate(&truths), any);
            }
        }
    }

    #[test]
    fn the_opposite_of_unknown_is_unknown() {
        assert_eq!(Node::Not(signal(0).into()).evaluate(&[Unknown]), Unknown);
        assert_eq!(Node::Not(signal(0).into()).evaluate(&[True]), False);
    }
}
