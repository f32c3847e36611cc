//! The columns of the lens, and where they stand: in a narrow window the last ones give way.

use super::model::SortBy;

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Who,
    Role,
    Behind,
    Sure,
    Hosts,
    Requests,
    Bytes,
    Share,
    Labels,
    When,
}

/// A column with its place, in points from the left edge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Place {
    pub column: Column,
    pub left: f32,
    pub width: f32,
}

/// Least width of the names before other columns give way.
const LEAST_WHO: f32 = 220.0;

impl Column {
    const ALL: [Self; 10] = [
        Self::Who,
        Self::Role,
        Self::Behind,
        Self::Sure,
        Self::Hosts,
        Self::Requests,
        Self::Bytes,
        Self::Share,
        Self::Labels,
        Self::When,
    ];

    /// What gives way first.
    const DISPENSABLE: [Self; 5] = [
        Self::When,
        Self::Share,
        Self::Behind,
        Self::Labels,
        Self::Hosts,
    ];

    const fn width(self) -> f32 {
        match self {
            Self::Who => 0.0,
            Self::Role => 84.0,
            Self::Behind => 168.0,
            Self::Sure => 40.0,
            Self::Hosts => 48.0,
            Self::Requests => 70.0,
            Self::Bytes => 68.0,
            Self::Share => 92.0,
            Self::Labels => 110.0,
            Self::When => 116.0,
        }
    }

    /// The word above it.
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Who => "Who · what",
            Self::Role => "Role",
            Self::Behind => "Behind it",
            Self::Sure => "Sure",
            Self::Hosts => "Hosts",
            Self::Requests => "Requests",
            Self::Bytes => "Bytes",
            Self::Share => "",
            Self::Labels => "Labels",
            Self::When => "When",
        }
    }

    /// What it shows, in one sentence.
    pub(super) const fn about(self) -> &'static str {
        match self {
            Self::Who => "Whose traffic it is, and below it which services it gets something from",
            Self::Role => "What the party gets from the service",
            Self::Behind => {
                "Who stands behind a service that delivers, and whose data lies in a store"
            }
            Self::Sure => "How conclusive the best-supported evidence for it is",
            Self::Hosts => "How many hosts its shown requests went to",
            Self::Requests => "How many of the shown requests show it",
            Self::Bytes => "How much was received in them",
            Self::Share => "Its share of all shown requests",
            Self::Labels => "How many of them people labelled: origin, CDN, unknown",
            Self::When => "When its requests began, over the time of the capture",
        }
    }

    pub(super) const fn sort_by(self) -> Option<SortBy> {
        match self {
            Self::Who => Some(SortBy::Name),
            Self::Sure => Some(SortBy::Sure),
            Self::Hosts => Some(SortBy::Hosts),
            Self::Requests | Self::Share => Some(SortBy::Requests),
            Self::Bytes => Some(SortBy::Bytes),
            Self::Labels => Some(SortBy::Labels),
            Self::Role | Self::Behind | Self::When => None,
        }
    }

    pub(super) const fn is_number(self) -> bool {
        matches!(self, Self::Hosts | Self::Requests | Self::Bytes)
    }
}

/// The columns that fit `width`; the names take what the others leave.
pub(super) fn places(width: f32) -> Vec<Place> {
    let mut shown = Column::ALL.to_vec();
    let taken = |shown: &[Column]| shown.iter().map(|column| column.width()).sum::<f32>();
    for column in Column::DISPENSABLE {
        if width < LEAST_WHO + taken(&shown) {
            shown.retain(|other| *other != column);
        }
    }
    let who = (width - taken(&shown)).max(LEAST_WHO);
    let mut left = 0.0;
    let placed = shown.into_iter().map(|column| {
        let width = if column == Column::Who {
            who
        } else {
            column.width()
        };
        let place = Place {
            column,
            left,
            width,
        };
        left += width;
        place
    });
    placed.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_take_what_is_left_and_a_narrow_window_loses_the_last_columns() {
        let wide = places(1_100.0);
        assert_eq!(wide.len(), Column::ALL.len());
        assert_eq!(
            wide.last().map(|place| place.left + place.width),
            Some(1_100.0)
        );
        let narrow = places(640.0);
        assert!(narrow.iter().all(|place| place.column != Column::When));
        assert!(LEAST_WHO <= narrow[0].width);
        assert!(narrow.iter().any(|place| place.column == Column::Requests));
    }
}
