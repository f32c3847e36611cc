//! A set of flows at one bit each: a million of them are copied, asked and compared within a frame.

use fixedbitset::FixedBitSet;

use super::FlowId;

/// Flows, each once, in session order.
#[derive(Clone, Debug, Default)]
pub struct FlowSet {
    bits: FixedBitSet,
    len: usize,
}

impl FlowSet {
    /// Adds `flow`; false when it was there before.
    pub fn insert(&mut self, flow: FlowId) -> bool {
        let place = flow.0 as usize;
        self.bits.grow(place + 1);
        let is_new = !self.bits.put(place);
        self.len += usize::from(is_new);
        is_new
    }

    /// Takes `flow` away; false when it was not there.
    pub fn remove(&mut self, flow: FlowId) -> bool {
        let was_there = self.contains(flow);
        if was_there {
            self.bits.remove(flow.0 as usize);
            self.len -= 1;
        }
        was_there
    }

    /// Adds `flow` when it is not there, and takes it away when it is.
    pub fn toggle(&mut self, flow: FlowId) {
        if !self.remove(flow) {
            self.insert(flow);
        }
    }

    /// True when `flow` is one of them.
    pub fn contains(&self, flow: FlowId) -> bool {
        self.bits.contains(flow.0 as usize)
    }

    /// How many there are.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// True when there is none.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// All of them in session order.
    pub fn iter(&self) -> impl Iterator<Item = FlowId> + '_ {
        self.bits.ones().map(flow_at)
    }

    /// The first one of the session.
    pub fn first(&self) -> Option<FlowId> {
        self.bits.minimum().map(flow_at)
    }

    /// The last one of the session.
    pub fn last(&self) -> Option<FlowId> {
        self.bits.maximum().map(flow_at)
    }
}

/// The flow of a bit; there are no others than those that were flows.
fn flow_at(place: usize) -> FlowId {
    FlowId(place as u32)
}

impl PartialEq for FlowSet {
    /// Sets with the same flows are equal, whatever room they have for others.
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && self.bits.is_subset(&other.bits)
    }
}

impl Eq for FlowSet {}

impl FromIterator<FlowId> for FlowSet {
    fn from_iter<T: IntoIterator<Item = FlowId>>(flows: T) -> Self {
        let mut set = Self::default();
        for flow in flows {
            set.insert(flow);
        }
        set
    }
}

impl<const N: usize> From<[FlowId; N]> for FlowSet {
    fn from(flows: [FlowId; N]) -> Self {
        flows.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn does_what_a_sorted_set_does(steps in prop::collection::vec((0_u32..300, any::<bool>()), 0..200)) {
            let mut set = FlowSet::default();
            let mut expected = BTreeSet::new();
            for (flow, is_added) in steps {
                let flow = FlowId(flow);
                if is_added {
                    prop_assert_eq!(set.insert(flow), expected.insert(flow));
                } else {
                    prop_assert_eq!(set.remove(flow), expected.remove(&flow));
                }
                prop_assert_eq!(set.contains(flow), is_added);
            }
            prop_assert_eq!(set.len(), expected.len());
            prop_assert_eq!(set.is_empty(), expected.is_empty());
            prop_assert_eq!(set.first(), expected.first().copied());
            prop_assert_eq!(set.last(), expected.last().copied());
            let flows: Vec<FlowId> = set.iter().collect();
            prop_assert_eq!(&flows, &expected.into_iter().collect::<Vec<_>>());
            prop_assert_eq!(&set, &flows.into_iter().collect::<FlowSet>());
        }
    }
}
