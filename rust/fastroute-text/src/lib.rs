//! The text part of fastroute.
