//! Overlapping claims about addresses become disjoint ones: the most telling tag wins, then the narrowest block.
//!
//! AWS lists every S3 and CloudFront range again as its own and often inside EC2, so the narrowest block alone would be
//! wrong. Time grows with `n log n`, whatever the overlaps.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::block::Block;

/// A block and what its provider says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// The addresses.
    pub(super) block: Block,
    /// The tag that packs use, or `provider/service`.
    pub(super) tag: String,
    /// Region as the provider calls it; empty when it names none.
    pub(super) region: String,
}

/// Tags of official range files, with what wins where they overlap: the higher number.
///
/// Addresses from which a CDN *fetches* are no edges and have no tag.
pub(super) const RANKS: [(&str, u8); 15] = [
    ("aws-cloudfront", 90),
    ("aws-global-accelerator", 80),
    ("aws-s3", 70),
    ("aws-s3-or-ec2", 70),
    ("aws-ec2", 50),
    ("aws-other", 40),
    ("azure-front-door", 90),
    ("azure-storage", 70),
    ("azure-cloud", 40),
    ("cloudflare", 90),
    ("fastly", 90),
    ("google-cloud", 40),
    ("google-front-end", 30),
    ("oracle-object-storage", 70),
    ("oracle-cloud", 40),
];

/// How telling `tag` is; a service that a person named lies in the middle.
pub(super) fn rank(tag: &str) -> u8 {
    let known = RANKS.iter().find(|(known, _)| *known == tag);
    known.map_or(60, |(_, rank)| *rank)
}

/// Rows that are sorted and overlap nowhere, neighbours that say the same joined.
pub(super) fn flatten(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort_by(|a, b| a.block.cmp(&b.block).then_with(|| a.region.cmp(&b.region)));
    let behind = rows.partition_point(|row| !row.block.is_v6);
    let mut flat = Vec::with_capacity(rows.len());
    for family in [&rows[..behind], &rows[behind..]] {
        sweep(family, &mut flat);
    }
    flat
}

/// The rows of one address family, in order of their first addresses, from one border to the next.
fn sweep(rows: &[Row], flat: &mut Vec<Row>) {
    let mut borders: Vec<u128> = rows.iter().map(|row| row.block.first).collect();
    borders.extend(rows.iter().filter_map(|row| row.block.last.checked_add(1)));
    borders.sort_unstable();
    borders.dedup();
    let mut open = Open::default();
    let mut at = 0;
    for (idx, first) in borders.iter().enumerate() {
        while let Some(row) = rows.get(at).filter(|row| row.block.first <= *first) {
            open.enter(row);
            at += 1;
        }
        open.leave_before(*first);
        let Some(best) = open.best(*first) else {
            continue;
        };
        let last = borders
            .get(idx + 1)
            .map_or(best.block.last, |next| next - 1);
        let is_shared = best.tag == "aws-s3" && 0 < open.n_ec2;
        let tag = if is_shared {
            "aws-s3-or-ec2"
        } else {
            &best.tag
        };
        push(flat, best, (*first, last), tag);
    }
}

fn push(flat: &mut Vec<Row>, best: &Row, (first, last): (u128, u128), tag: &str) {
    let is_v6 = best.block.is_v6;
    if let Some(before) = flat.last_mut()
        && before.block.is_v6 == is_v6
        && before.block.last.checked_add(1) == Some(first)
        && before.tag == tag
        && before.region == best.region
    {
        before.block.last = last;
        return;
    }
    flat.push(Row {
        block: Block { is_v6, first, last },
        tag: tag.to_owned(),
        region: best.region.clone(),
    });
}

/// The rows that contain the current address.
#[derive(Default)]
struct Open<'a> {
    /// The best first; rows that ended are dropped when they come up.
    by_worth: BinaryHeap<Worth<'a>>,
    /// Ends of EC2 rows, the nearest first.
    ec2_ends: BinaryHeap<Reverse<u128>>,
    n_ec2: usize,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Worth<'a> {
    rank: u8,
    width: Reverse<u128>,
    region: &'a str,
    row: ByEnd<'a>,
}

/// A row that is compared by its end and tag only.
struct ByEnd<'a>(&'a Row);

impl ByEnd<'_> {
    fn key(&self) -> (u128, &str) {
        (self.0.block.last, &self.0.tag)
    }
}

impl PartialEq for ByEnd<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for ByEnd<'_> {}

impl PartialOrd for ByEnd<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ByEnd<'_> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

impl<'a> Open<'a> {
    fn enter(&mut self, row: &'a Row) {
        if row.tag == "aws-ec2" {
            self.ec2_ends.push(Reverse(row.block.last));
            self.n_ec2 += 1;
        }
        self.by_worth.push(Worth {
            rank: rank(&row.tag),
            width: Reverse(row.block.last - row.block.first),
            region: &row.region,
            row: ByEnd(row),
        });
    }

    fn leave_before(&mut self, first: u128) {
        while self.ec2_ends.peek().is_some_and(|end| end.0 < first) {
            self.ec2_ends.pop();
            self.n_ec2 -= 1;
        }
    }

    fn best(&mut self, first: u128) -> Option<&'a Row> {
        while let Some(worth) = self.by_worth.peek() {
            if first <= worth.row.0.block.last {
                return Some(worth.row.0);
            }
            self.by_worth.pop();
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rows: &[(&str, &str, &str)], expected: &[&str]) {
        let rows = rows.iter().map(|(block, tag, region)| Row {
            block: Block::parse(block).expect("a block"),
            tag: (*tag).to_owned(),
            region: (*region).to_owned(),
        });
        let flat: Vec<String> = flatten(rows.collect())
            .iter()
            .map(|row| {
                format!("{} {} {}", row.block, row.tag, row.region)
                    .trim_end()
                    .to_owned()
            })
            .collect();
        assert_eq!(flat, expected);
    }

    #[test]
    fn the_more_telling_tag_wins_and_the_rest_stays() {
        check(
            &[
                ("10.0.0.0/8", "aws-other", ""),
                ("10.0.0.0/16", "aws-ec2", "eu-west-1"),
                ("10.0.1.0/24", "aws-cloudfront", ""),
            ],
            &[
                "10.0.0.0/24 aws-ec2 eu-west-1",
                "10.0.1.0/24 aws-cloudfront",
                "10.0.2.0-10.0.255.255 aws-ec2 eu-west-1",
                "10.1.0.0-10.255.255.255 aws-other",
            ],
        );
    }

    #[test]
    fn storage_that_is_also_compute_says_so() {
        check(
            &[
                ("10.0.0.0/24", "aws-s3", "r"),
                ("10.0.0.0/25", "aws-ec2", "r"),
                ("10.0.2.0/24", "aws-ec2", "r"),
            ],
            &[
                "10.0.0.0/25 aws-s3-or-ec2 r",
                "10.0.0.128/25 aws-s3 r",
                "10.0.2.0/24 aws-ec2 r",
            ],
        );
    }

    #[test]
    fn neighbours_join_and_a_named_region_is_kept() {
        check(
            &[
                ("10.0.0.0/25", "azure-storage", ""),
                ("10.0.0.0/25", "azure-storage", "westeurope"),
                ("10.0.0.128/25", "azure-storage", "westeurope"),
                ("::/0", "aws-other", ""),
                ("255.255.255.255", "aws-other", ""),
            ],
            &[
                "10.0.0.0/24 azure-storage westeurope",
                "255.255.255.255/32 aws-other",
                "::/0 aws-other",
            ],
        );
    }
}
