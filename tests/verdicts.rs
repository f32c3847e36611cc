//! What a provider is to a party: each hypothesis wins where it should, and nowhere else.

mod sketch;

use headwater::attribution::{
    Attribution, Conclusiveness, Groups, Hypothesis, Judged, PartyVerdict, judge,
};
use headwater::base::jobs::{Cancel, Progress};
use headwater::capture::{Capture, Flags, FlowId};
use headwater::document::Document;
use headwater::formats::{self, Watch};
use headwater::providers::catalogue;
use sketch::{Sketch, capture, flow, judged};

/// The verdicts over several captures of one session.
fn verdicts_of(captures: &[Capture], groups: &Groups) -> Vec<PartyVerdict> {
    let attributions: Vec<Attribution> = captures.iter().map(judged_twice).collect();
    let mut first = 0;
    let session: Vec<Judged<'_>> = captures
        .iter()
        .zip(&attributions)
        .map(|(capture, attribution)| {
            let judged = Judged {
                capture,
                attribution,
                first: FlowId(first),
            };
            first += capture.len();
            judged
        })
        .collect();
    judge(&session, groups, &Cancel::default()).expect("not cancelled")
}

fn judged_twice(capture: &Capture) -> Attribution {
    judged(capture)
        .with_bodies(capture, &Cancel::default(), &Progress::default())
        .expect("not cancelled")
}

/// The verdict for the pair written `party/provider`.
fn pair<'v>(verdicts: &'v [PartyVerdict], pair: &str) -> &'v PartyVerdict {
    let name = |verdict: &PartyVerdict| {
        let provider = &catalogue().provider(verdict.provider).id;
        format!("{}/{provider}", verdict.party)
    };
    let names: Vec<String> = verdicts.iter().map(name).collect();
    let found = verdicts.iter().find(|verdict| name(verdict) == pair);
    found.unwrap_or_else(|| panic!("no {pair} among {names:?}"))
}

/// `backend-storage strong`, or `inconclusive insufficient`.
fn words(verdict: &PartyVerdict) -> String {
    let answer = verdict.verdict.map_or("inconclusive", Hypothesis::id);
    format!("{answer} {}", verdict.conclusiveness.word())
}

fn check(flows: &[Sketch], name: &str, expected: &str) -> PartyVerdict {
    let verdicts = verdicts_of(&[capture(flows)], &Groups::default());
    let verdict = pair(&verdicts, name);
    assert_eq!(words(verdict), expected, "{}", verdict.reason);
    assert!(!verdict.reason.is_empty());
    let is_settled = verdict.conclusiveness == Conclusiveness::Conclusive;
    assert_eq!(verdict.would_settle_it.is_empty(), is_settled, "{name}");
    let mut caveats = verdict.caveats.iter();
    assert!(caveats.any(|caveat| caveat.contains("one configuration")));
    verdict.clone()
}

fn put(path: &str) -> Sketch {
    flow(&format!(
        "PUT https://bucket.s3.eu-west-1.amazonaws.com{path} 200 @- 12:00:10"
    ))
    .with("Server: AmazonS3")
    .with("x-amz-request-id: AAAAAAAAAAAAAAAA")
    .with("x-amz-id-2: AAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
    .with("ETag: \"0123456789abcdef0123456789abcdef\"")
}

fn get(path: &str) -> Sketch {
    flow(&format!(
        "GET https://bucket.s3.eu-west-1.amazonaws.com{path} 200 @- 12:09:00"
    ))
    .with("Server: AmazonS3")
    .with("x-amz-request-id: BBBBBBBBBBBBBBBB")
    .with("x-amz-id-2: BBBBBBBBBBBBBBBBBBBBBBBBBBBBB")
    .with("ETag: \"0123456789abcdef0123456789abcdef\"")
}

/// The host is its own party where nobody is seen to have handed it out.
const BUCKET: &str = "bucket.s3.eu-west-1.amazonaws.com/aws";

/// A redirect of the service that hands out the URL of a write.
fn handing_out(path: &str) -> Sketch {
    let location = format!("Location: https://bucket.s3.eu-west-1.amazonaws.com{path}");
    flow("POST https://api.photos.example/upload 307 @- 12:00:00").with(&location)
}

#[test]
fn a_write_alone_is_a_hint() {
    let verdict = check(
        &[put("/a/photo-1.jpg")],
        BUCKET,
        "inconclusive insufficient",
    );
    let storage = &verdict.hypotheses[0];
    assert_eq!(storage.conclusiveness, Conclusiveness::Suggestive);
    assert!(verdict.reason.contains("a write was accepted"));
}

#[test]
fn a_write_and_a_later_read_are_strong() {
    let flows = [put("/a/photo-1.jpg"), get("/a/photo-1.jpg")];
    let verdict = check(&flows, BUCKET, "backend-storage strong");
    assert!(verdict.reason.contains("(flow 2)"), "{}", verdict.reason);
}

#[test]
fn a_read_of_other_bytes_is_no_read_of_what_was_written() {
    let changed = get("/a/photo-1.jpg")
        .text
        .replace("0123456789abcdef", "fedcba9876543210");
    let flows = [put("/a/photo-1.jpg"), flow(&changed)];
    check(&flows, BUCKET, "inconclusive insufficient");
}

#[test]
fn a_url_that_the_party_handed_out_makes_a_write_strong_and_gives_it_to_that_party() {
    let flows = [handing_out("/a/photo-1.jpg"), put("/a/photo-1.jpg")];
    check(&flows, "photos.example/aws", "backend-storage strong");
}

#[test]
fn all_three_are_conclusive() {
    let flows = [
        handing_out("/a/photo-1.jpg"),
        put("/a/photo-1.jpg"),
        get("/a/photo-1.jpg").with("> Referer: https://www.photos.example/album"),
    ];
    check(&flows, "photos.example/aws", "backend-storage conclusive");
}

#[test]
fn another_device_may_have_read_it() {
    let sender = capture(&[put("/a/photo-1.jpg")]);
    let recipient = capture(&[get("/a/photo-1.jpg")]);
    let verdicts = verdicts_of(&[sender, recipient], &Groups::default());
    assert_eq!(words(pair(&verdicts, BUCKET)), "backend-storage strong");
}

#[test]
fn reads_alone_show_no_backend() {
    let old = "Last-Modified: Mon, 01 Jun 2026 09:00:00 GMT";
    let flows = [get("/a/photo-1.jpg").with(old)];
    let verdict = check(&flows, BUCKET, "inconclusive insufficient");
    let hosted = &verdict.hypotheses[1];
    assert_eq!(hosted.conclusiveness, Conclusiveness::Suggestive);
    let mut cited = hosted.supporting.iter();
    assert!(cited.any(|cited| cited.evidence.rule == "store/older-than-the-request"));
}

/// A response of CloudFront from one of its addresses.
fn cloudfront(time: &str, answer: &str, age: u32) -> Sketch {
    flow(&format!(
        "GET https://static.photos.example/app.js 200 @13.224.0.10 {time}"
    ))
    .with("Via: 1.1 0123456789abcdef.cloudfront.net (CloudFront)")
    .with(&format!("X-Cache: {answer} from cloudfront"))
    .with(&format!("X-Amz-Cf-Id: id-of-{time}"))
    .with(&format!("Age: {age}"))
}

/// The same resource twice: first a miss, then a hit whose Age has grown.
fn cached(with_origin: impl Fn(Sketch) -> Sketch) -> [Sketch; 2] {
    [
        with_origin(cloudfront("12:00:00", "Miss", 0)),
        with_origin(cloudfront("12:00:20", "Hit", 20)),
    ]
}

#[test]
fn an_edge_by_two_families_with_a_cache_at_work_is_a_cdn_only() {
    let flows = cached(|flow| flow);
    let verdict = check(&flows, "photos.example/aws", "cdn-only strong");
    assert!(verdict.reason.contains("miss that became a hit"));
}

#[test]
fn an_edge_that_was_asked_once_is_not_enough() {
    let flows = [cloudfront("12:00:00", "Hit", 7)];
    let verdict = check(&flows, "photos.example/aws", "inconclusive insufficient");
    let mut actions = verdict.would_settle_it.iter();
    assert!(actions.any(|action| action.contains("twice")));
}

#[test]
fn a_store_of_the_provider_behind_its_edge_speaks_against_a_cdn_only() {
    let flows = cached(|flow| flow.with("Server: AmazonS3").with("x-amz-version-id: null"));
    let verdict = check(&flows, "photos.example/aws", "inconclusive insufficient");
    assert!(!verdict.hypotheses[2].opposing.is_empty());
}

#[test]
fn a_store_of_somebody_else_behind_the_edge_settles_it() {
    let flows = cached(|flow| flow.with("x-goog-generation: 1").with("x-goog-hash: md5=A"));
    check(&flows, "photos.example/aws", "cdn-only conclusive");
}

#[test]
fn tunnels_are_inconclusive_and_say_so() {
    let flows = [flow("CONNECT bucket.s3.amazonaws.com:443 200 @52.216.1.1")];
    let verdict = check(
        &flows,
        "bucket.s3.amazonaws.com/aws",
        "inconclusive insufficient",
    );
    assert!(verdict.reason.contains("tunnels"));
    let mut actions = verdict.would_settle_it.iter();
    assert!(actions.any(|action| action.contains("inside the tunnels")));
}

#[test]
fn what_never_touched_the_network_is_an_artefact() {
    let flows = [get("/a/photo-1.jpg").flagged(Flags::FROM_CACHE)];
    check(&flows, BUCKET, "measurement-artefact strong");
}

#[test]
fn a_provider_is_not_judged_as_its_own_customer() {
    let flow = flow("GET https://www.icloud.com/ 200 @17.248.1.1");
    let flows = [flow.with("Server: AppleHttpServer/1")];
    assert!(verdicts_of(&[capture(&flows)], &Groups::default()).is_empty());
}

#[test]
fn hosts_grouped_by_hand_are_judged_together() {
    let mut groups = Groups::default();
    groups.set("bucket.s3.eu-west-1.amazonaws.com", "photos.example");
    let flows = [put("/a/photo-1.jpg"), get("/a/photo-1.jpg")];
    let verdicts = verdicts_of(&[capture(&flows)], &groups);
    let verdict = pair(&verdicts, "photos.example/aws");
    assert_eq!(words(verdict), "backend-storage strong");
}

#[test]
fn a_cancelled_judgement_is_none() {
    let capture = capture(&[put("/a/photo-1.jpg")]);
    let attribution = judged(&capture);
    let session = [Judged {
        capture: &capture,
        attribution: &attribution,
        first: FlowId(0),
    }];
    let cancel = Cancel::default();
    cancel.cancel();
    assert!(judge(&session, &Groups::default(), &cancel).is_none());
}

fn sample(name: &str, bytes: &[u8]) -> Vec<PartyVerdict> {
    let watch = Watch {
        cancel: &Cancel::default(),
        progress: &Progress::default(),
        on_rows: &|_| {},
    };
    let capture = formats::read_bytes(name, bytes.to_vec(), &formats::Options::default(), &watch)
        .expect("a sample");
    verdicts_of(&[capture], &Groups::default())
}

#[test]
fn the_log_of_2011_is_inconclusive_and_says_what_would_settle_it() {
    let bytes = include_bytes!("../assets/samples/wifi-proxy-2011.squid.log");
    let verdicts = sample("wifi-proxy-2011.squid.log", bytes);
    assert!(3 <= verdicts.len());
    for verdict in &verdicts {
        assert_eq!(words(verdict), "inconclusive insufficient");
        assert!(!verdict.reason.is_empty() && !verdict.would_settle_it.is_empty());
    }
}

#[test]
fn the_upload_of_2011_favours_backend_storage_over_a_cdn_and_says_what_carries_it() {
    let bytes = include_bytes!("../assets/samples/wifi-proxy-2011.har");
    let verdicts = sample("wifi-proxy-2011.har", bytes);
    for name in ["icloud.com/azure", "icloud.com/aws"] {
        let verdict = pair(&verdicts, name);
        assert_eq!(words(verdict), "backend-storage conclusive");
        for part in [
            "the store accepted",
            "handed out",
            "read of what was written",
        ] {
            assert!(verdict.reason.contains(part), "{part}: {}", verdict.reason);
        }
        let cdn_only = &verdict.hypotheses[2];
        assert_eq!(cdn_only.conclusiveness, Conclusiveness::Insufficient);
        assert!(!cdn_only.opposing.is_empty());
    }
}

#[test]
fn a_search_that_was_stopped_is_not_said_to_go_on() {
    let sample = include_str!("../assets/samples/wifi-proxy-2011.har");
    let watch = Watch {
        cancel: &Cancel::default(),
        progress: &Progress::default(),
        on_rows: &|_| {},
    };
    let open = || {
        let bytes = sample.as_bytes().to_vec();
        let capture = formats::read_bytes("trip.har", bytes, &formats::Options::default(), &watch)
            .expect("a sample");
        let first = Attribution::of(&capture, watch.cancel, watch.progress);
        (capture, first.expect("not cancelled"))
    };
    let mut document = Document::new("");
    let (capture, attribution) = open();
    document.push(capture, attribution);
    assert!(document.is_looking());
    document.stop_looking();
    assert!(!document.is_looking());
    let verdicts = document.judge_parties(watch.cancel).expect("not cancelled");
    let mut caveats = verdicts[0].caveats.iter();
    assert!(caveats.any(|caveat| caveat.contains("not searched")));
    let (capture, attribution) = open();
    document.push(capture, attribution);
    assert!(document.is_looking());
}
