//! A long list with gaps whose copies share what they have in common: a change copies one page, not the list.

use std::sync::Arc;

/// Places of one page.
const PAGE: usize = 512;

/// Values at places; most places may be empty.
#[derive(Clone, Debug)]
pub struct Paged<T> {
    pages: Vec<Option<Arc<[Option<T>; PAGE]>>>,
}

impl<T> Default for Paged<T> {
    fn default() -> Self {
        Self { pages: Vec::new() }
    }
}

impl<T: Clone> Paged<T> {
    /// What stands at `place`.
    pub fn get(&self, place: usize) -> Option<&T> {
        self.pages.get(place / PAGE)?.as_ref()?[place % PAGE].as_ref()
    }

    /// Sets or clears what stands at `place`, and returns what stood there.
    pub fn replace(&mut self, place: usize, value: Option<T>) -> Option<T> {
        let n_page = place / PAGE;
        if self.pages.len() <= n_page {
            value.as_ref()?;
            self.pages.resize_with(n_page + 1, || None);
        }
        let page = self.pages[n_page].get_or_insert_with(|| Arc::new([const { None }; PAGE]));
        std::mem::replace(&mut Arc::make_mut(page)[place % PAGE], value)
    }

    /// All values with their places, in order.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &T)> {
        let pages = self.pages.iter().enumerate();
        let pages = pages.filter_map(|(n_page, page)| Some((n_page, page.as_ref()?)));
        pages.flat_map(|(n_page, page)| {
            let values = page.iter().enumerate();
            values.filter_map(move |(place, value)| Some((n_page * PAGE + place, value.as_ref()?)))
        })
    }
}

impl<T: Clone + PartialEq> PartialEq for Paged<T> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<T: Clone + Eq> Eq for Paged<T> {}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn does_what_a_map_does_and_leaves_copies_alone(
            steps in prop::collection::vec((0_usize..3 * PAGE, prop::option::of(0_u8..9)), 0..100)
        ) {
            let mut list = Paged::default();
            let mut expected = BTreeMap::new();
            let mut copies = Vec::new();
            for (place, value) in steps {
                copies.push((list.clone(), expected.clone()));
                let before = match value {
                    Some(value) => expected.insert(place, value),
                    None => expected.remove(&place),
                };
                prop_assert_eq!(list.replace(place, value), before);
                prop_assert_eq!(list.get(place).copied(), value);
            }
            copies.push((list, expected));
            for (list, expected) in copies {
                let values: BTreeMap<usize, u8> = list.iter().map(|(place, value)| (place, *value)).collect();
                prop_assert_eq!(values, expected);
            }
        }
    }
}
