//! What is known about a capture as a whole before one of its flows is judged.

pub(super) mod across;
pub(super) mod control_plane;
pub(super) mod header_names;
pub(super) mod void;

use super::withheld::Withheld;
use crate::base::jobs::Cancel;
use crate::capture::Capture;

use across::Across;
use control_plane::ControlPlane;
use header_names::HeaderNames;
use void::Gates;

/// What a capture as a whole shows.
#[derive(Clone, Debug, Default)]
pub(super) struct Context {
    pub(super) names: HeaderNames,
    pub(super) gates: Gates,
    pub(super) across: Across,
    pub(super) control_plane: ControlPlane,
    pub(super) withheld: Withheld,
}

impl Context {
    /// Looks at the whole of `capture`, but not at what is `withheld`.
    pub(super) fn of(capture: &Capture, withheld: Withheld, cancel: &Cancel) -> Self {
        let names = HeaderNames::of(capture);
        let across = || {
            let gates = Gates::of(capture, &names, cancel);
            if withheld.headers {
                return (gates, Across::default());
            }
            let across = Across::of(capture, &gates, &names, cancel);
            (gates, across)
        };
        let control_plane = || {
            if withheld.headers || withheld.names {
                return ControlPlane::default();
            }
            ControlPlane::of(capture)
        };
        let ((gates, across), control_plane) = rayon::join(across, control_plane);
        Self {
            names,
            gates,
            across,
            control_plane,
            withheld,
        }
    }
}
