//! `schema`: prints the JSON Schema of what the program writes as JSON.

use std::io::Write;
use std::process::ExitCode;

use super::{Failure, Outcome};
use crate::reports::SCHEMAS;

/// Prints the schema called `name`; without a name, lists all.
pub(super) fn print(name: Option<&str>, out: &mut impl Write) -> Outcome {
    let Some(name) = name else {
        for schema in SCHEMAS {
            writeln!(out, "{:<10}{}", schema.name, schema.about)?;
        }
        return Ok(ExitCode::SUCCESS);
    };
    let schema = SCHEMAS.iter().find(|schema| schema.name == name);
    let schema = schema.ok_or_else(|| {
        let known: Vec<&str> = SCHEMAS.iter().map(|schema| schema.name).collect();
        Failure::Usage(format!(
            "there is no schema `{name}`; there are {}",
            known.join(", ")
        ))
    })?;
    out.write_all(schema.text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
