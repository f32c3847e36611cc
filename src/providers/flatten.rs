//! Overlapping claims about addresses become disjoint ones: the most telling tag wins, then the narrowest block.
//!
//! AWS lists every S3 and CloudFront range again as its own and often inside EC2, so the narrowest block alone would be
//! wrong. Time grows with `n log n`, whatever the overlaps.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::block::Block;

/// A block and what its provider says of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
pub(super) const RANKS: [(&str, u8); 16] = [
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
    ("google-global", 45),
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
    rows.sort();
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
        let Some(best) = open.best(*first) else {
            continue;
        };
        let last = borders
            .get(idx + 1)
            .map_or(best.block.last, |next| next - 1);
        let is_shared = best.tag == "aws-s3" && open.has_ec2(*first);
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
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Worth<'a> {
    rank: u8,
    width: Reverse<u128>,
    region: &'a str,
    row: &'a Row,
}

impl<'a> Open<'a> {
    fn enter(&mut self, row: &'a Row) {
        if row.tag == "aws-ec2" {
            self.ec2_ends.push(Reverse(row.block.last));
        }
        self.by_worth.push(Worth {
            rank: rank(&row.tag),
            width: Reverse(row.block.last - row.block.first),
            region: &row.region,
            row,
        });
    }

    fn has_ec2(&mut self, first: u128) -> bool {
        while self.ec2_ends.peek().is_some_and(|end| end.0 < first) {
            self.ec2_ends.pop();
        }
        !self.ec2_ends.is_empty()
    }

    fn best(&mut self, first: u128) -> Option<&'a Row> {
        while let Some(worth) = self.by_worth.peek() {
            if first <= worth.row.block.last {
                return Some(worth.row);
            }
            self.by_worth.pop();
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

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

    /// What one address is, found the slow way.
    fn naive(rows: &[Row], address: u128) -> Option<(String, String)> {
        let holds = |row: &&Row| row.block.first <= address && address <= row.block.last;
        let best = rows.iter().filter(holds).max_by_key(|row| {
            let width = row.block.last - row.block.first;
            (rank(&row.tag), Reverse(width), row.region.clone())
        })?;
        let is_ec2 = rows.iter().filter(holds).any(|row| row.tag == "aws-ec2");
        let is_shared = best.tag == "aws-s3" && is_ec2;
        let tag = if is_shared {
            "aws-s3-or-ec2"
        } else {
            &best.tag
        };
        Some((tag.to_owned(), best.region.clone()))
    }

    fn any_row() -> impl Strategy<Value = Row> {
        let tags = ["aws-cloudfront", "aws-s3", "aws-ec2", "aws-other"];
        let parts = (0_u128..60, 0_u128..20, 0..tags.len(), 0_usize..3);
        parts.prop_map(move |(first, width, tag, region)| Row {
            block: Block {
                is_v6: false,
                first,
                last: first + width,
            },
            tag: tags[tag].to_owned(),
            region: ["", "a", "b"][region].to_owned(),
        })
    }

    proptest! {
        #[test]
        fn every_address_keeps_its_best_row(rows in vec(any_row(), 0..12)) {
            let flat = flatten(rows.clone());
            for pair in flat.windows(2) {
                prop_assert!(pair[0].block.last < pair[1].block.first);
            }
            for address in 0..90 {
                prop_assert_eq!(naive(&flat, address), naive(&rows, address), "{}", address);
            }
        }
    }
}
