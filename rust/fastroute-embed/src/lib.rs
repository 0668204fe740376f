//! The embed part of fastroute.
