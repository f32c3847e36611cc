//! Host names: suffixes at label boundaries, the longest first, with an optional region or free part in one label.

use std::collections::HashMap;

use super::rule::HostRule;

/// All host rules, found by the fixed end of their patterns.
#[derive(Debug, Default)]
pub(super) struct HostMap {
    by_tail: HashMap<String, Vec<Pattern>>,
    rules: Vec<HostRule>,
}

/// What stands before the fixed end of a suffix: nothing, or a label with an open part and fixed labels before it.
#[derive(Debug)]
struct Pattern {
    /// Fixed labels before the open one, without the dot between: `s3` in `s3.{region}.amazonaws.com`.
    before: String,
    /// The label with an open part; `None` for a pattern without one.
    open: Option<OpenLabel>,
    rule: usize,
}

/// A label of which only the beginning and the end are fixed: `s3-{region}`, `{any}-nsu`.
#[derive(Debug)]
struct OpenLabel {
    start: String,
    end: String,
    /// True when the open part names the region.
    is_region: bool,
}

impl OpenLabel {
    fn parse(label: &str) -> Option<Self> {
        let is_region = label.contains("{region}");
        let (start, end) = label.split_once(if is_region { "{region}" } else { "{any}" })?;
        let is_single = !start.contains('{') && !end.contains('{');
        is_single.then(|| Self {
            start: start.to_owned(),
            end: end.to_owned(),
            is_region,
        })
    }

    /// The open part of `label`, if the fixed parts are there.
    fn part<'a>(&self, label: &'a str) -> Option<&'a str> {
        let part = label
            .strip_prefix(self.start.as_str())?
            .strip_suffix(self.end.as_str())?;
        let is_word = !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        is_word.then_some(part)
    }
}

/// A host rule that applies to a name.
#[derive(Clone, Copy, Debug)]
pub struct HostMatch<'a> {
    /// The rule.
    pub rule: &'a HostRule,
    /// The region that the name holds.
    pub region: Option<&'a str>,
}

impl HostMap {
    /// Adds a rule for the suffix `pattern`.
    pub(super) fn add(&mut self, pattern: &str, rule: HostRule) -> Result<(), String> {
        let index = self.rules.len();
        let mut labels: Vec<&str> = pattern.split('.').collect();
        if pattern != pattern.to_ascii_lowercase() || labels.iter().any(|label| label.is_empty()) {
            return Err(format!(
                "host pattern is not a lower-case suffix: {pattern}"
            ));
        }
        let at = labels.iter().position(|label| label.contains('{'));
        let (tail, open) = match at {
            None => (std::mem::take(&mut labels).join("."), None),
            Some(at) => {
                let tail = labels.split_off(at + 1).join(".");
                (tail, labels.pop().and_then(OpenLabel::parse))
            }
        };
        let is_understood = at.is_some() == open.is_some();
        if !is_understood || tail.is_empty() || tail.contains('{') {
            return Err(format!(
                "host pattern needs a fixed end and at most one {{region}} or {{any}}: {pattern}"
            ));
        }
        let pattern = Pattern {
            before: labels.join("."),
            open,
            rule: index,
        };
        self.by_tail.entry(tail).or_default().push(pattern);
        self.rules.push(rule);
        Ok(())
    }

    /// The rules of the most specific suffix of `host` (lower case); none for a host of nobody.
    pub(super) fn find<'a>(&'a self, host: &'a str) -> Vec<HostMatch<'a>> {
        let mut best = Vec::new();
        let mut best_rank = (0, false);
        for (at, tail) in tails(host) {
            let Some(patterns) = self.by_tail.get(tail) else {
                continue;
            };
            let head = host[..at].strip_suffix('.').unwrap_or(&host[..at]);
            for pattern in patterns {
                let Some((region, extra)) = pattern.fits(head) else {
                    continue;
                };
                let rank = (tail.len() + extra, pattern.open.is_none());
                if best_rank < rank {
                    best.clear();
                    best_rank = rank;
                }
                if best_rank == rank {
                    best.push(HostMatch {
                        rule: &self.rules[pattern.rule],
                        region,
                    });
                }
            }
        }
        best
    }
}

impl Pattern {
    /// The region in `head` (what stands before the fixed end) and the length that the pattern takes of it.
    fn fits<'a>(&self, head: &'a str) -> Option<(Option<&'a str>, usize)> {
        let Some(open) = &self.open else {
            return Some((None, 0));
        };
        let (rest, label) = head.rsplit_once('.').unwrap_or(("", head));
        let part = open.part(label)?;
        let fits = self.before.is_empty() || is_suffix(rest, &self.before);
        let region = open.is_region.then_some(part);
        fits.then_some((region, label.len() + self.before.len() + 1))
    }
}

/// True when `host` is `suffix` or ends in a dot and `suffix`.
fn is_suffix(host: &str, suffix: &str) -> bool {
    host.strip_suffix(suffix)
        .is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

/// Every suffix of `host` that begins at a label, the whole host first, with its offset.
fn tails(host: &str) -> impl Iterator<Item = (usize, &str)> {
    std::iter::once(0)
        .chain(host.match_indices('.').map(|(at, _)| at + 1))
        .take(16)
        .map(move |at| (at, &host[at..]))
}
