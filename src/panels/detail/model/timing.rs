//! The tab Timing: the phases on one scale.

use crate::base::text::thousands;
use crate::base::time::Time;
use crate::capture::{Exchange, Flow, PHASES, Phase, Phases};

/// One phase.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    /// Which.
    pub phase: Phase,
    /// When it began, in milliseconds after the request began.
    pub from_ms: f64,
    /// How long it took, in milliseconds.
    pub ms: f64,
    /// True for TLS within connect, which adds nothing to the total.
    pub is_inside: bool,
}

/// Content of the tab.
#[derive(Clone, Debug, PartialEq)]
pub struct TimingSheet {
    /// The phases that apply, in order; empty when the file gives none.
    pub bars: Vec<Bar>,
    /// The end of the scale in milliseconds; above 0.
    pub scale_ms: f64,
    /// The duration that the file states.
    pub total_ms: Option<f64>,
    /// Said when phases and total differ.
    pub remark: Option<String>,
    /// When the request began.
    pub start: Option<Time>,
    /// `+2.582 s after the first flow`.
    pub offset: Option<String>,
}

/// Phases are rounded to whole milliseconds by many programs; seven of them may miss the total by this much.
const ROUNDING_MS: f64 = 4.0;

impl TimingSheet {
    pub(super) fn of(flow: Flow<'_>, exchange: &Exchange, first: Option<Time>) -> Self {
        let phases = if exchange.phases.is_empty() {
            flow.row().phases
        } else {
            exchange.phases
        };
        let (bars, at) = bars(phases);
        let total_ms = flow.time_ms();
        let remark = total_ms
            .filter(|total| !bars.is_empty() && ROUNDING_MS < (total - at).abs())
            .map(|_| format!("The phases add up to {}", milliseconds(at)));
        let last_end = bars
            .iter()
            .map(|bar| bar.from_ms + bar.ms)
            .fold(at, f64::max);
        Self {
            scale_ms: last_end.max(total_ms.unwrap_or(0.0)).max(f64::MIN_POSITIVE),
            bars,
            total_ms,
            remark,
            start: flow.start(),
            offset: flow.start().zip(first).map(|(start, first)| {
                let seconds = start.ms_since(first) / 1e3;
                format!("{seconds:+.3} s after the first flow")
            }),
        }
    }
}

/// The phases one behind the other, and when the last one ends in milliseconds.
fn bars(phases: Phases) -> (Vec<Bar>, f64) {
    let mut bars: Vec<Bar> = Vec::new();
    let mut at = 0.0;
    for phase in PHASES {
        let Some(ms) = phases.get(phase) else {
            continue;
        };
        let connect = bars.last().filter(|bar| bar.phase == Phase::Connect);
        let outer = connect.filter(|_| phase == Phase::Ssl);
        // TLS ends with the connection; some programs write more than the whole of it.
        let inside = outer.map(|connect| connect.from_ms + (connect.ms - ms).max(0.0));
        bars.push(Bar {
            phase,
            from_ms: inside.unwrap_or(at),
            ms,
            is_inside: inside.is_some(),
        });
        if inside.is_none() {
            at += ms;
        }
    }
    (bars, at)
}

/// `0.4 ms`, `12 ms`, `2,095 ms`.
pub fn milliseconds(ms: f64) -> String {
    if ms < 10.0 && ms.fract() != 0.0 {
        format!("{ms:.1} ms")
    } else {
        format!("{} ms", thousands(ms.round() as u64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(given: &[(Phase, f64)], expected: &[(Phase, f64, bool)], end: f64) {
        let mut phases = Phases::default();
        for (phase, ms) in given {
            phases.set(*phase, *ms);
        }
        let (bars, at) = bars(phases);
        let found: Vec<_> = bars
            .iter()
            .map(|bar| (bar.phase, bar.from_ms, bar.is_inside))
            .collect();
        assert_eq!(found, expected);
        assert_eq!(at, end);
    }

    #[test]
    fn tls_lies_within_connect_and_adds_nothing() {
        use Phase::{Connect, Send, Ssl, Wait};
        check(
            &[(Connect, 100.0), (Ssl, 60.0), (Send, 1.0)],
            &[
                (Connect, 0.0, false),
                (Ssl, 40.0, true),
                (Send, 100.0, false),
            ],
            101.0,
        );
        check(
            &[(Connect, 10.0), (Ssl, 60.0), (Send, 1.0)],
            &[(Connect, 0.0, false), (Ssl, 0.0, true), (Send, 10.0, false)],
            11.0,
        );
        check(
            &[(Ssl, 60.0), (Wait, 5.0)],
            &[(Ssl, 0.0, false), (Wait, 60.0, false)],
            65.0,
        );
        check(&[(Wait, -1.0)], &[], 0.0);
    }

    #[test]
    fn durations_have_as_many_digits_as_they_deserve() {
        for (ms, expected) in [
            (0.0, "0 ms"),
            (0.44, "0.4 ms"),
            (12.4, "12 ms"),
            (2095.0, "2,095 ms"),
        ] {
            assert_eq!(milliseconds(ms), expected);
        }
    }
}
