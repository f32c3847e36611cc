//! How much of a hostile or huge file is read: each limit is a setting, and a message that names a limit names its setting.

use std::fmt;

/// One limit with the name of its setting. Shown as `1 MiB (setting limits.line)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The largest value that is accepted.
    pub value: u64,
    name: &'static str,
    about: &'static str,
    is_size: bool,
}

impl Limit {
    const fn bytes(name: &'static str, value: u64, about: &'static str) -> Self {
        Self {
            value,
            name,
            about,
            is_size: true,
        }
    }

    const fn count(name: &'static str, value: u64, about: &'static str) -> Self {
        Self {
            value,
            name,
            about,
            is_size: false,
        }
    }

    /// The name of the setting: `line`.
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// What it bounds, for people.
    pub const fn about(self) -> &'static str {
        self.about
    }

    /// True when `n` lies beyond the limit.
    pub const fn is_passed_by(self, n: u64) -> bool {
        self.value < n
    }

    /// The value as a `usize`.
    pub fn as_usize(self) -> usize {
        usize::try_from(self.value).unwrap_or(usize::MAX)
    }

    /// The value with its unit, as it is written in the settings: `1 MiB`.
    pub fn amount(self) -> String {
        const UNITS: [(&str, u32); 3] = [("GiB", 30), ("MiB", 20), ("KiB", 10)];
        let unit = UNITS.into_iter().find(|(_, bits)| {
            self.is_size && self.value != 0 && self.value.trailing_zeros() >= *bits
        });
        match unit {
            Some((unit, bits)) => format!("{} {unit}", self.value >> bits),
            None if self.is_size => format!("{} bytes", self.value),
            None => crate::base::text::thousands(self.value),
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (setting limits.{})", self.amount(), self.name)
    }
}

/// All limits of reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Size of a file as it lies there.
    pub input: Limit,
    /// What a compressed file or all members of an archive may become.
    pub decoded: Limit,
    /// One member of an archive.
    pub member: Limit,
    /// Members of an archive.
    pub members: Limit,
    /// Flows of one file.
    pub entries: Limit,
    /// Headers of one message.
    pub headers: Limit,
    /// One line of a log.
    pub line: Limit,
    /// Nesting of XML elements and of mitmproxy's items.
    pub depth: Limit,
    /// Attributes of one XML tag.
    pub attributes: Limit,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            input: Limit::bytes("input", 4 << 30, "size of a file"),
            decoded: Limit::bytes("decoded", 2 << 30, "size of a file once it is decompressed"),
            member: Limit::bytes("member", 512 << 20, "size of one file within an archive"),
            members: Limit::count("members", 200_000, "files within an archive"),
            entries: Limit::count("entries", 5_000_000, "requests in one file"),
            headers: Limit::count("headers", 10_000, "headers of one message"),
            line: Limit::bytes("line", 1 << 20, "length of a line of a log"),
            depth: Limit::count("depth", 256, "nesting within one request"),
            attributes: Limit::count("attributes", 256, "attributes of one XML tag"),
        }
    }
}

impl Limits {
    /// All limits in the order in which they are listed.
    pub const fn all(&self) -> [Limit; 9] {
        [
            self.input,
            self.decoded,
            self.member,
            self.members,
            self.entries,
            self.headers,
            self.line,
            self.depth,
            self.attributes,
        ]
    }

    /// Sets limits from the table `limits` of a settings file in TOML: `line = "4 MiB"`, `entries = 100`.
    ///
    /// Returns what in it makes no sense; everything else is set all the same.
    pub fn set_from_toml(&mut self, text: &str) -> Vec<String> {
        let settings: toml::Table = match text.parse() {
            Ok(settings) => settings,
            Err(error) => return vec![error.message().to_owned()],
        };
        let limits = settings.get("limits").and_then(toml::Value::as_table);
        let mut problems = Vec::new();
        for (name, value) in limits.into_iter().flatten() {
            let amount = match value {
                toml::Value::String(amount) => amount.clone(),
                other => other.to_string(),
            };
            problems.extend(self.set(name, &amount).err());
        }
        problems
    }

    /// The same limits, but of compressed content only as much as its beginning takes.
    #[must_use]
    pub const fn for_a_look(mut self) -> Self {
        self.decoded.value = 1 << 20;
        self
    }

    /// Sets the limit called `name` from text such as `64 MiB`, `1000000` or `8GiB`.
    pub fn set(&mut self, name: &str, amount: &str) -> Result<(), String> {
        let limits = [
            &mut self.input,
            &mut self.decoded,
            &mut self.member,
            &mut self.members,
            &mut self.entries,
            &mut self.headers,
            &mut self.line,
            &mut self.depth,
            &mut self.attributes,
        ];
        let limit = limits.into_iter().find(|limit| limit.name == name);
        let Some(limit) = limit else {
            let names = Self::default().all().map(Limit::name).join(", ");
            return Err(format!("there is no limit {name:?}; there are {names}"));
        };
        limit.value = parse_amount(amount)
            .ok_or_else(|| format!("{amount:?} is no amount such as 64 MiB or 1000000"))?;
        Ok(())
    }
}

fn parse_amount(text: &str) -> Option<u64> {
    let text = text.trim();
    let at = text
        .find(|c: char| !c.is_ascii_digit() && c != '_')
        .unwrap_or(text.len());
    let (digits, unit) = text.split_at(at);
    let factor: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" | "bytes" => 1,
        "k" | "kib" => 1 << 10,
        "m" | "mib" => 1 << 20,
        "g" | "gib" => 1 << 30,
        _ => return None,
    };
    let value: u64 = digits.replace('_', "").parse().ok()?;
    value.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_shown_as_it_is_set() {
        let mut limits = Limits::default();
        assert_eq!(limits.line.to_string(), "1 MiB (setting limits.line)");
        for limit in Limits::default().all() {
            limits.set(limit.name(), "7").expect("a known name");
            let amount = limit.amount().replace(',', "_");
            limits.set(limit.name(), &amount).expect(&amount);
        }
        assert_eq!(limits, Limits::default());
    }

    #[test]
    fn settings_say_what_makes_no_sense_and_set_the_rest() {
        let mut limits = Limits::default();
        let text = "[limits]\nline = \"4 MiB\"\nentries = 100\nlines = 3\nmember = true\n";
        assert_eq!(limits.set_from_toml(text).len(), 2);
        assert_eq!((limits.line.value, limits.entries.value), (4 << 20, 100));
        assert_eq!(limits.set_from_toml("[limits").len(), 1);
        assert_eq!(limits.set_from_toml("").len(), 0);
    }

    #[test]
    fn what_is_no_limit_is_refused() {
        let mut limits = Limits::default();
        assert!(limits.set("lines", "1").is_err());
        for amount in ["", "much", "1 TiB", "-1", "99999999999 GiB"] {
            assert!(limits.set("line", amount).is_err(), "{amount}");
        }
    }
}
