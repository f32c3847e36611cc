//! Who serves a flow: every common case has its name, and what misleads other tools is one line here.

mod facts;
mod named;
#[path = "../sketch/mod.rs"]
mod sketch;
mod together;

use headwater::attribution::{Attribution, Carrier, Examination, Speaks, own_rule};
use headwater::providers::catalogue;
use sketch::{Sketch, capture, judged};

/// `edge=aws/cloudfront@FRA strong origin=aws/s3 strong role=cdn strong`.
fn describe(attribution: &Attribution, found: &Examination) -> String {
    let part = |part: Option<Carrier>| {
        part.map_or_else(
            || "-".to_owned(),
            |part| {
                let region = part.region.map_or_else(String::new, |region| {
                    format!("@{}", attribution.region(region))
                });
                let path = catalogue().path(part.service);
                format!("{path}{region} {}", part.conclusiveness.word())
            },
        )
    };
    format!(
        "edge={} origin={} role={} {}",
        part(found.verdict.edge),
        part(found.verdict.origin),
        found.verdict.role.word(),
        found.verdict.conclusiveness.word()
    )
}

fn examine(flows: &[Sketch]) -> (Attribution, Vec<Examination>) {
    let capture = capture(flows);
    let attribution = judged(&capture);
    let found: Vec<Examination> = (0..capture.len())
        .map(|idx| attribution.examine(&capture, idx))
        .collect();
    for (found, idx) in found.iter().zip(0..) {
        assert_eq!(found.verdict, attribution.verdict(idx), "row {idx}");
        let is_named = found.verdict.terminating().is_some();
        let has_reason = found.evidence.iter().any(|item| item.speaks == Speaks::For);
        assert!(
            !is_named || has_reason,
            "row {idx} names somebody without evidence"
        );
        for item in &found.evidence {
            let is_known = catalogue().rule(&item.rule).is_some() || own_rule(&item.rule).is_some();
            assert!(is_known, "no rule {}", item.rule);
        }
    }
    (attribution, found)
}

fn check(flow: &Sketch, expected: &str) {
    let (attribution, found) = examine(std::slice::from_ref(flow));
    assert_eq!(describe(&attribution, &found[0]), expected, "{}", flow.text);
}

fn check_chain(flow: &Sketch, expected: &str) {
    let (_, found) = examine(std::slice::from_ref(flow));
    let chain: Vec<String> = found[0]
        .chain
        .iter()
        .map(|id| catalogue().path(*id))
        .collect();
    assert_eq!(chain.join(" "), expected, "{}", flow.text);
}

const S3_ANSWER: &str = "Server: AmazonS3\nx-amz-request-id: 8D27C5AB14F1A0B3\nx-amz-id-2: vRXA9nX0kqD4wPzS1mT7bLhJ3cVfYgR6oUeN8iKaZ2xQ5tWpBlGrFjHdMsCyEuOvIqAz+P/k3c4=";
