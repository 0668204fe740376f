//! Who asks: what the host in process says of its caller.

use fastroute_core::Caller;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyMapping;

use super::text::{Text, read_text};
use crate::error;

/// Who asks, as Python gave it.
#[derive(Default)]
pub struct Who {
    organisation: Option<Text>,
    team: Option<Text>,
    application: Option<Text>,
}

impl Who {
    /// Reads a mapping with some of the keys `organisation`, `team` and `application`; a value of
    /// None is an absent key.
    pub fn read(caller: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let mut who = Self::default();
        let Some(caller) = caller else {
            return Ok(who);
        };
        let caller = caller
            .cast::<PyMapping>()
            .map_err(|_| PyTypeError::new_err("`caller` must be a mapping"))?;
        for item in caller.items()? {
            let (key, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = item.extract()?;
            let key = read_text(&key, "caller key")?;
            let field = match &*key {
                "organisation" => &mut who.organisation,
                "team" => &mut who.team,
                "application" => &mut who.application,
                _ => {
                    let key = key.escape_debug();
                    let message = format!(
                        "caller key `{key}` is none of `organisation`, `team` and `application`"
                    );
                    return Err(error::request("INVALID_CALLER", message));
                }
            };
            if !value.is_none() {
                *field = Some(read_text(&value, "caller")?);
            }
        }
        Ok(who)
    }

    /// Lends it to the core.
    pub fn lend(&self) -> Caller<'_> {
        Caller {
            organisation: self.organisation.as_deref(),
            team: self.team.as_deref(),
            application: self.application.as_deref(),
        }
    }
}
