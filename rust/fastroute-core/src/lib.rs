//! The core part of fastroute.
