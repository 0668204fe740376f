//! Who may call, how often, and how much at once: decided before a message is read.
//!
//! - [`access`]: the method of a path, and what a caller needs for it.
//! - [`admission`]: how many calls run at once.
//! - [`authenticate`]: who a token or a certificate belongs to.
//! - [`callers`]: the file of callers, checked as a whole.
//! - [`certificate`]: the names in a client's certificate.
//! - [`rate`]: how often a caller may call.
//!
//! A caller comes from a token or a certificate and from nothing else: metadata that names one is not
//! read. The table of callers is replaced as a whole by one pointer; a file that is refused changes
//! nothing.

pub mod access;
pub mod admission;
pub mod authenticate;
pub mod callers;
pub mod certificate;
pub mod rate;

pub use access::{Access, Method, Weight};
pub use admission::Admission;
pub use authenticate::{Authentication, Memory};
pub use certificate::Certificate;
pub use rate::Rate;
