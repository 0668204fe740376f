//! Budgets and rates on given time, through the doors that hosts use.
//!
//! `ledger` compares random calls with a list of all of them, `rates` with a bucket that is refilled,
//! `parallel` runs a thousand calls at once; `rules` and `view` hold a test for each rule.

mod ledger;
mod parallel;
mod rates;
mod rules;
mod support;
mod view;
