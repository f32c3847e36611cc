//! How the columns of the lens of hosts share its width; in a narrow window the less important ones give way.

use crate::query::hosts::{By, HostColumn};

/// A column with the stretch it takes, in points from the left edge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Place {
    pub(super) column: HostColumn,
    pub(super) left: f32,
    pub(super) width: f32,
}

/// What a column needs.
#[derive(Clone, Copy)]
struct Wish {
    column: HostColumn,
    /// Narrowest and usual width, in points.
    least: f32,
    usual: f32,
    /// The part of spare width that it takes.
    spare: f32,
    /// The columns with the smallest number give way first; 0 never does.
    gives_way: u8,
}

const fn wish(column: HostColumn, least: f32, usual: f32, spare: f32, gives_way: u8) -> Wish {
    Wish {
        column,
        least,
        usual,
        spare,
        gives_way,
    }
}

const WISHES: [Wish; 16] = [
    wish(HostColumn::Key, 160.0, 236.0, 0.5, 0),
    wish(HostColumn::Party, 80.0, 112.0, 0.1, 7),
    wish(HostColumn::Edge, 134.0, 146.0, 0.1, 0),
    wish(HostColumn::Origin, 110.0, 142.0, 0.1, 6),
    wish(HostColumn::Role, 66.0, 66.0, 0.0, 0),
    wish(HostColumn::Conclusive, 42.0, 44.0, 0.0, 0),
    wish(HostColumn::Region, 70.0, 80.0, 0.0, 4),
    wish(HostColumn::Hosts, 54.0, 54.0, 0.0, 5),
    wish(HostColumn::Requests, 80.0, 84.0, 0.0, 0),
    wish(HostColumn::Bytes, 64.0, 68.0, 0.0, 0),
    wish(HostColumn::Share, 36.0, 80.0, 0.0, 3),
    wish(HostColumn::Median, 66.0, 68.0, 0.0, 5),
    wish(HostColumn::Slowest, 68.0, 70.0, 0.0, 1),
    wish(HostColumn::Errors, 54.0, 54.0, 0.0, 2),
    wish(HostColumn::Labelled, 52.0, 80.0, 0.0, 8),
    wish(HostColumn::First, 60.0, 112.0, 0.2, 3),
];

/// The column's words for people; two of them are drawn here.
pub(super) const fn title_of(column: HostColumn, by: By) -> &'static str {
    match column {
        HostColumn::First => "When",
        other => other.title(by),
    }
}

/// What a column holds, in one phrase.
pub(super) const fn about_of(column: HostColumn) -> &'static str {
    match column {
        HostColumn::First => {
            "when the requests started, over the whole capture; sorted by the first one"
        }
        HostColumn::Labelled => "what a person said: origin, CDN, unknown",
        other => other.about(),
    }
}

/// Places the columns for rows that are grouped `by` into `available` points. That of parties says something only when there
/// are several of them.
pub(super) fn places(available: f32, by: By, are_several_parties: bool) -> Vec<Place> {
    let columns: Vec<HostColumn> = HostColumn::of(by)
        .filter(|column| *column != HostColumn::Party || are_several_parties)
        .collect();
    let mut wishes: Vec<Wish> = WISHES
        .into_iter()
        .filter(|wish| columns.contains(&wish.column))
        .collect();
    let usual = |wishes: &[Wish]| wishes.iter().map(|wish| wish.usual).sum::<f32>();
    let least = |wishes: &[Wish]| wishes.iter().map(|wish| wish.least).sum::<f32>();
    // The first two are worth no other column's room.
    for n in 1..=u8::MAX {
        let needed = if n <= 2 {
            usual(&wishes)
        } else {
            least(&wishes)
        };
        if needed <= available || wishes.iter().all(|wish| wish.gives_way == 0) {
            break;
        }
        wishes.retain(|wish| wish.gives_way != n);
    }
    let free = available - usual(&wishes);
    let slack = usual(&wishes) - least(&wishes);
    let spare: f32 = wishes.iter().map(|wish| wish.spare).sum();
    let mut left = 0.0;
    let place = |wish: Wish| {
        let more = if free < 0.0 {
            // Of what is missing each gives up as much as it can spare, in proportion.
            free.max(-slack) * (wish.usual - wish.least) / slack.max(1.0)
        } else {
            free * wish.spare / spare.max(0.01)
        };
        let width = (wish.usual + more).floor();
        let place = Place {
            column: wish.column,
            left,
            width,
        };
        left += width;
        place
    };
    wishes.into_iter().map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn right(places: &[Place]) -> f32 {
        places.last().map_or(0.0, |last| last.left + last.width)
    }

    #[test]
    fn columns_fill_the_width_and_never_exceed_it() {
        for by in By::ALL {
            for width in [548.0, 640.0, 900.0, 1_090.0, 1_440.0, 2_400.0] {
                let places = places(width, by, true);
                let right = right(&places);
                assert!(right <= width, "{by:?} {width}: {right}");
                assert!(
                    width - 20.0 < right || width < 1_000.0,
                    "{by:?} {width}: {right}"
                );
            }
        }
    }

    #[test]
    fn slowest_and_errors_give_way_first_and_the_host_never() {
        let has = |width, column| {
            places(width, By::Host, true)
                .iter()
                .any(|it| it.column == column)
        };
        assert!(has(1_600.0, HostColumn::Slowest) && has(1_600.0, HostColumn::Errors));
        assert!(!has(1_090.0, HostColumn::Slowest) && !has(1_090.0, HostColumn::Errors));
        assert!(has(1_090.0, HostColumn::First) && has(1_090.0, HostColumn::Region));
        for column in [HostColumn::Key, HostColumn::Edge, HostColumn::Bytes] {
            assert!(has(500.0, column), "{column:?}");
        }
    }

    #[test]
    fn a_column_that_only_repeats_the_first_is_left_out() {
        let has = |by, column| {
            places(1_600.0, by, true)
                .iter()
                .any(|it| it.column == column)
        };
        assert!(!has(By::Party, HostColumn::Party) && has(By::Party, HostColumn::Hosts));
        assert!(!has(By::Host, HostColumn::Hosts));
        let places = places(1_600.0, By::Host, false);
        assert!(places.iter().all(|it| it.column != HostColumn::Party));
    }
}
