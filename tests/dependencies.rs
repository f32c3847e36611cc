//! Holds the dependency tree to permissive licences and to the promise that the program opens no network connection.

use std::process::Command;

use serde_json::Value;

/// Licences that may be linked, as SPDX identifiers.
const ALLOWED: &[&str] = &[
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "0BSD",
    "CC0-1.0",
    "Unicode-3.0",
    "BSL-1.0",
    "OFL-1.1",
    "Ubuntu-font-1.0",
];

/// Packages that open network connections for others.
const BANNED: &[&str] = &[
    "reqwest",
    "ureq",
    "hyper",
    "hyper-util",
    "curl",
    "curl-sys",
    "isahc",
    "attohttpc",
    "surf",
    "minreq",
    "h2",
    "tungstenite",
    "native-tls",
    "rustls",
    "openssl",
    "quinn",
    "hickory-resolver",
    "trust-dns-resolver",
];

/// Packages with known holes below these versions, and why.
const AT_LEAST: &[(&str, &str, &str)] = &[
    ("zip", "2.3.0", "RUSTSEC-2025-0168"),
    ("quick-xml", "0.41.0", "RUSTSEC-2026-0194 and -0195"),
    ("idna", "1.0.0", "RUSTSEC-2024-0421"),
    ("time", "0.3.47", "RUSTSEC-2026-0009"),
    ("memmap2", "0.9.11", "RUSTSEC-2026-0186"),
    ("regex", "1.5.5", "RUSTSEC-2022-0013"),
];

#[test]
fn licences_are_permissive() {
    let bad: Vec<String> = packages()
        .iter()
        .filter(|package| {
            let licence = package["license"]
                .as_str()
                .unwrap_or_default()
                .replace('/', " OR ");
            !Expression::new(&licence).evaluate()
        })
        .map(|package| {
            format!(
                "{} {}: {}",
                package["name"], package["version"], package["license"]
            )
        })
        .collect();
    assert!(bad.is_empty(), "licences to look at:\n{}", bad.join("\n"));
}

#[test]
fn nothing_in_the_tree_opens_connections() {
    let bad: Vec<String> = packages()
        .iter()
        .filter_map(|package| package["name"].as_str())
        .filter(|name| BANNED.contains(name))
        .map(str::to_owned)
        .collect();
    assert!(bad.is_empty(), "banned packages in the tree: {bad:?}");
}

#[test]
fn versions_with_known_holes_are_absent() {
    let parts = |version: &str| -> Vec<u64> {
        version
            .split(['.', '-', '+'])
            .map_while(|part| part.parse().ok())
            .collect()
    };
    for package in packages() {
        let (name, version) = (
            package["name"].as_str().unwrap_or_default(),
            package["version"].as_str().unwrap_or_default(),
        );
        for (bad, minimum, why) in AT_LEAST {
            assert!(
                name != *bad || parts(minimum) <= parts(version),
                "{name} {version} is below {minimum}: {why}"
            );
        }
    }
}

#[test]
fn licence_expressions_are_evaluated() {
    for (expression, is_allowed) in [
        ("MIT OR GPL-3.0", true),
        ("MIT AND GPL-3.0", false),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
        ("Apache-2.0 WITH LLVM-exception OR GPL-2.0", true),
        ("GPL-3.0", false),
        ("", false),
    ] {
        assert_eq!(
            Expression::new(expression).evaluate(),
            is_allowed,
            "{expression}"
        );
    }
}

/// Packages that are linked or built on the platforms that Headwater supports, as `cargo metadata` lists them.
fn packages() -> Vec<Value> {
    let mut found = std::collections::BTreeMap::new();
    for platform in [
        "x86_64-unknown-linux-gnu",
        "x86_64-pc-windows-msvc",
        "aarch64-apple-darwin",
    ] {
        let output = Command::new(env!("CARGO"))
            .args([
                "metadata",
                "--format-version=1",
                "--locked",
                "--filter-platform",
                platform,
            ])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .expect("cargo runs");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo writes JSON");
        let used: std::collections::BTreeSet<&str> = metadata["resolve"]["nodes"]
            .as_array()
            .expect("nodes are listed")
            .iter()
            .filter_map(|node| node["id"].as_str())
            .collect();
        for package in metadata["packages"]
            .as_array()
            .expect("packages are listed")
        {
            let id = package["id"].as_str().unwrap_or_default();
            if used.contains(id) {
                found.insert(id.to_owned(), package.clone());
            }
        }
    }
    assert!(100 < found.len(), "the dependency tree was not found");
    found.into_values().collect()
}

/// A recursive-descent evaluator of SPDX licence expressions; `WITH` binds tightest, then `AND`, then `OR`.
struct Expression {
    tokens: Vec<String>,
    next: usize,
}

impl Expression {
    fn new(text: &str) -> Self {
        let spaced = text.replace('(', " ( ").replace(')', " ) ");
        Self {
            tokens: spaced.split_whitespace().map(str::to_owned).collect(),
            next: 0,
        }
    }

    fn evaluate(mut self) -> bool {
        self.any() && self.next == self.tokens.len()
    }

    fn take(&mut self, token: &str) -> bool {
        let is_next = self.tokens.get(self.next).is_some_and(|next| next == token);
        self.next += usize::from(is_next);
        is_next
    }

    fn any(&mut self) -> bool {
        let mut allowed = self.all();
        while self.take("OR") {
            allowed |= self.all();
        }
        allowed
    }

    fn all(&mut self) -> bool {
        let mut allowed = self.single();
        while self.take("AND") {
            allowed &= self.single();
        }
        allowed
    }

    fn single(&mut self) -> bool {
        if self.take("(") {
            let allowed = self.any();
            return self.take(")") && allowed;
        }
        let Some(mut licence) = self.tokens.get(self.next).cloned() else {
            return false;
        };
        self.next += 1;
        if self.take("WITH") {
            licence = format!(
                "{licence} WITH {}",
                self.tokens.get(self.next).map_or("", String::as_str)
            );
            self.next += 1;
        }
        ALLOWED.contains(&licence.as_str())
    }
}
