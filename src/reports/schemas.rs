//! The published JSON Schemas of what is written as JSON.

/// One schema.
#[derive(Clone, Copy, Debug)]
pub struct Schema {
    /// What it is called: `flows`.
    pub name: &'static str,
    /// What it describes.
    pub about: &'static str,
    /// Itself, as JSON.
    pub text: &'static str,
}

/// All schemas.
pub const SCHEMAS: &[Schema] = &[
    Schema {
        name: "flows",
        about: "headwater flows --as json",
        text: include_str!("../../assets/schema/flows.schema.json"),
    },
    Schema {
        name: "verdicts",
        about: "headwater verdicts --as json",
        text: include_str!("../../assets/schema/verdicts.schema.json"),
    },
    Schema {
        name: "hosts",
        about: "headwater hosts --as json",
        text: include_str!("../../assets/schema/hosts.schema.json"),
    },
    Schema {
        name: "report",
        about: "headwater report --as json",
        text: include_str!("../../assets/schema/report.schema.json"),
    },
    Schema {
        name: "manifest",
        about: "manifest.json of headwater report --as bundle",
        text: include_str!("../../assets/schema/manifest.schema.json"),
    },
];
