//! What providers are to parties: relations, whose data lies in stores, and the question of 2011.

mod sketch;

use headwater::attribution::roles::{
    Hypothesis, Owner, PartyRoles, Question, Relation, RelationRole, Roles, Standing, judge,
};
use headwater::attribution::{Attribution, Conclusiveness, Groups, Judged};
use headwater::base::jobs::{Cancel, Progress};
use headwater::capture::{Capture, Flags, FlowId};
use headwater::document::Document;
use headwater::formats::{self, Watch};
use headwater::providers::catalogue;
use sketch::{Sketch, capture, flow, judged};

/// The roles over several captures of one session.
fn roles_of(captures: &[Capture], groups: &Groups) -> Roles {
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

fn roles(flows: &[Sketch]) -> Roles {
    roles_of(&[capture(flows)], &Groups::default())
}

fn judged_twice(capture: &Capture) -> Attribution {
    judged(capture)
        .with_bodies(capture, &Cancel::default(), &Progress::default())
        .expect("not cancelled")
}

fn party<'r>(roles: &'r Roles, name: &str) -> &'r PartyRoles {
    let names: Vec<&str> = roles.parties.iter().map(|it| it.party.as_str()).collect();
    let found = roles.party(name);
    found.unwrap_or_else(|| panic!("no {name} among {names:?}"))
}

/// The question at the pair written `party/provider`.
fn question<'r>(roles: &'r Roles, pair: &str) -> &'r Question {
    let (name, provider) = pair.rsplit_once('/').expect(pair);
    let mut questions = party(roles, name).questions.iter();
    let found = questions.find(|it| catalogue().provider(it.provider).id == provider);
    found.unwrap_or_else(|| panic!("the question is not asked of {pair}"))
}

/// `backend-storage strong`, or `inconclusive insufficient`.
fn words(question: &Question) -> String {
    let answer = question.answer.map_or("inconclusive", Hypothesis::id);
    format!("{answer} {}", question.conclusiveness.word())
}

/// The relations of a party as `aws/s3 stores strong`.
fn relations(party: &PartyRoles) -> Vec<String> {
    let words = |relation: &Relation| {
        let service = catalogue().path(relation.service);
        let sure = relation.conclusiveness.word();
        format!("{service} {} {sure}", relation.role.word())
    };
    party.relations.iter().map(words).collect()
}

fn check(flows: &[Sketch], pair: &str, expected: &str) -> Question {
    let roles = roles(flows);
    let question = question(&roles, pair);
    assert_eq!(words(question), expected, "{}", question.reason);
    assert!(!question.reason.is_empty());
    let is_settled = question.conclusiveness == Conclusiveness::Conclusive;
    assert_eq!(question.would_settle_it.is_empty(), is_settled, "{pair}");
    question.clone()
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

/// Whose data lies in the only store of the only party.
fn whose(roles: &Roles) -> (Owner, Conclusiveness) {
    let mut stores = roles.parties.iter().flat_map(|party| &party.relations);
    let store = stores.find(|relation| relation.role == RelationRole::Stores);
    let whose = store
        .and_then(|store| store.whose.as_ref())
        .expect("a store");
    (whose.answer, whose.conclusiveness)
}

#[test]
fn an_upload_alone_is_a_hint() {
    let flows = [put("/a/photo-1.jpg")];
    let question = check(&flows, BUCKET, "inconclusive insufficient");
    assert_eq!(question.lean, Some(Hypothesis::BackendStorage));
    assert!(question.reason.contains("an upload was accepted"));
    assert_eq!(
        whose(&roles(&flows)),
        (Owner::Users, Conclusiveness::Suggestive)
    );
}

#[test]
fn an_upload_and_a_later_read_are_strong() {
    let flows = [put("/a/photo-1.jpg"), get("/a/photo-1.jpg")];
    let question = check(&flows, BUCKET, "backend-storage strong");
    assert!(question.reason.contains("(#2)"), "{}", question.reason);
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
fn a_url_that_the_party_handed_out_makes_an_upload_strong_and_gives_it_to_that_party() {
    let flows = [handing_out("/a/photo-1.jpg"), put("/a/photo-1.jpg")];
    check(&flows, "photos.example/aws", "backend-storage strong");
}

#[test]
fn all_three_of_one_transfer_are_conclusive() {
    let flows = [
        handing_out("/a/photo-1.jpg"),
        put("/a/photo-1.jpg"),
        get("/a/photo-1.jpg").with("> Referer: https://www.photos.example/album"),
    ];
    check(&flows, "photos.example/aws", "backend-storage conclusive");
}

#[test]
fn pieces_of_different_transfers_do_not_add_up() {
    let flows = [
        handing_out("/a/photo-1.jpg"),
        put("/a/photo-1.jpg"),
        put("/a/photo-2.jpg").with("> Referer: https://www.photos.example/album"),
        get("/a/photo-2.jpg").with("> Referer: https://www.photos.example/album"),
    ];
    check(&flows, "photos.example/aws", "backend-storage strong");
}

#[test]
fn another_device_may_have_read_it() {
    let sender = capture(&[put("/a/photo-1.jpg")]);
    let recipient = capture(&[get("/a/photo-1.jpg")]);
    let roles = roles_of(&[sender, recipient], &Groups::default());
    assert_eq!(words(question(&roles, BUCKET)), "backend-storage strong");
}

#[test]
fn a_session_that_the_store_opened_itself_belongs_to_who_asked_for_it() {
    let session = "https://storage.googleapis.com/docs/a.bin?upload_id=ABCDEFGH";
    let flows = [
        flow("POST https://api.docs.example/start 200 @- 12:00:00")
            .with("Location: https://storage.googleapis.com/docs/a.bin?X-Goog-Algorithm=A&X-Goog-Credential=B&X-Goog-Signature=0123456789"),
        flow("POST https://storage.googleapis.com/docs/a.bin?X-Goog-Algorithm=A&X-Goog-Credential=B&X-Goog-Signature=0123456789 201 @- 12:00:01")
            .with(&format!("Location: {session}")),
        flow(&format!("PUT {session} 200 @- 12:00:02")).with("Server: UploadServer"),
    ];
    check(&flows, "docs.example/google", "backend-storage strong");
}

#[test]
fn methods_are_uploads_in_any_case_and_through_an_edge() {
    let through = flow("put https://up.photos.example/a/photo-1.jpg 200 @13.224.0.10 12:00:10")
        .with("Via: 1.1 0123456789abcdef.cloudfront.net (CloudFront)")
        .with("X-Amz-Cf-Id: an-id-of-cloudfront")
        .with("Server: AmazonS3")
        .with("x-amz-request-id: AAAAAAAAAAAAAAAA")
        .with("x-amz-id-2: AAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    let roles = roles(&[through]);
    let of = party(&roles, "photos.example");
    let store = of
        .relations
        .iter()
        .find(|it| it.role == RelationRole::Stores);
    let store = store.expect("S3 stands behind CloudFront");
    assert_eq!(store.n_behind_an_edge, 1);
    let rules: Vec<&str> = store
        .whose
        .iter()
        .flat_map(|whose| whose.supporting.iter().chain(&whose.opposing))
        .map(|cited| cited.evidence.rule.as_str())
        .collect();
    assert!(rules.contains(&"party/upload"), "{rules:?}");
}

#[test]
fn a_recorder_that_writes_to_its_own_bucket_is_not_the_page_around_it() {
    let flows = [
        flow("GET https://www.shop.example/ 200 @- 12:00:00"),
        flow("POST https://api.recorder.example/session 201 @- 12:00:01")
            .with("> Referer: https://www.shop.example/")
            .with("Location: https://bucket.s3.eu-west-1.amazonaws.com/s/1"),
        put("/s/1").with("> Referer: https://www.shop.example/"),
    ];
    let roles = roles(&flows);
    assert_eq!(
        words(question(&roles, "recorder.example/aws")),
        "backend-storage strong"
    );
    assert!(party(&roles, "shop.example").questions.is_empty());
    assert_eq!(
        party(&roles, "recorder.example").standing,
        Standing::Embedded
    );
}

#[test]
fn reads_alone_leave_open_whose_data_it_is() {
    let flows = [get("/a/photo-1.jpg")];
    let question = check(&flows, BUCKET, "inconclusive insufficient");
    assert!(
        question.reason.contains("only reads"),
        "{}",
        question.reason
    );
    assert_eq!(
        whose(&roles(&flows)),
        (Owner::NotSeen, Conclusiveness::Insufficient)
    );
}

#[test]
fn what_the_pages_of_a_party_ask_for_may_be_its_own() {
    let flows = [get("/a/photo-1.jpg").with("> Referer: https://www.photos.example/album")];
    let question = check(&flows, "photos.example/aws", "inconclusive insufficient");
    assert_eq!(question.lean, Some(Hypothesis::HostedThere));
    assert_eq!(
        whose(&roles(&flows)),
        (Owner::Party, Conclusiveness::Suggestive)
    );
}

#[test]
fn a_store_under_the_partys_own_name_holds_its_own_files() {
    let own = flow("GET https://static.photos.example/app.js 200 @52.218.0.10 12:09:00");
    let flows = [own
        .with("Server: AmazonS3")
        .with("x-amz-request-id: BBBBBBBBBBBBBBBB")
        .with("x-amz-id-2: BBBBBBBBBBBBBBBBBBBBBBBBBBBBB")];
    check(&flows, "photos.example/aws", "hosted-there strong");
}

#[test]
fn an_old_object_in_the_bucket_of_another_party_lay_there_anyway() {
    let flows = [
        flow("GET https://www.stranger.example/ 200 @- 11:59:00"),
        flow("GET https://stranger-pics.s3.amazonaws.com/x.png 200 @- 12:00:00")
            .with("> Referer: https://www.photos.example/album")
            .with("Server: AmazonS3")
            .with("x-amz-request-id: BBBBBBBBBBBBBBBB")
            .with("x-amz-id-2: BBBBBBBBBBBBBBBBBBBBBBBBBBBBB")
            .with("Last-Modified: Mon, 01 Jun 2015 09:00:00 GMT"),
    ];
    check(&flows, "photos.example/aws", "hosted-there strong");
    assert_eq!(
        whose(&roles(&flows)),
        (Owner::Other, Conclusiveness::Strong)
    );
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
fn a_cache_at_work_before_a_server_of_the_origins_own_is_a_cdn_only() {
    let flows = cached(|flow| flow.with("Server: nginx"));
    let question = check(&flows, "photos.example/aws", "cdn-only strong");
    let cdn_only = &question.hypotheses[2];
    let mut cited = cdn_only.supporting.iter();
    assert!(cited.any(|it| it.evidence.rule == "behaviour/miss-then-hit"));
}

#[test]
fn an_edge_whose_origin_does_not_show_itself_is_not_enough() {
    for flows in [
        cached(|flow| flow),
        cached(|flow| flow.with("Server: CloudFront")),
    ] {
        let question = check(&flows, "photos.example/aws", "inconclusive insufficient");
        assert_eq!(question.lean, Some(Hypothesis::CdnOnly));
        let mut actions = question.would_settle_it.iter();
        assert!(actions.any(|action| action.contains("query string")));
    }
}

#[test]
fn a_store_of_the_provider_behind_its_edge_speaks_against_a_cdn_only() {
    let flows = cached(|flow| {
        flow.with("Server: AmazonS3")
            .with("x-amz-version-id: null")
            .with("x-amz-request-id: BBBBBBBBBBBBBBBB")
    });
    let roles = roles(&flows);
    let question = question(&roles, "photos.example/aws");
    let cdn_only = &question.hypotheses[2];
    assert_eq!(cdn_only.conclusiveness, Conclusiveness::Insufficient);
    assert!(!cdn_only.opposing.is_empty());
}

#[test]
fn a_store_of_somebody_else_behind_the_edge_settles_it() {
    let flows = cached(|flow| flow.with("x-goog-generation: 1").with("x-goog-hash: md5=A"));
    let roles = roles(&flows);
    assert_eq!(
        words(question(&roles, "photos.example/aws")),
        "cdn-only conclusive"
    );
    let delivers = &party(&roles, "photos.example").relations[0];
    assert_eq!(delivers.role, RelationRole::Delivers);
    assert_eq!(delivers.behind[0].name, "Google Cloud Storage");
    assert!(delivers.sentence.contains("stands behind all of them"));
}

#[test]
fn tunnels_are_inconclusive_and_say_so() {
    let flows = [flow("CONNECT bucket.s3.amazonaws.com:443 200 @52.216.1.1")];
    let pair = "bucket.s3.amazonaws.com/aws";
    let question = check(&flows, pair, "inconclusive insufficient");
    assert!(question.reason.contains("tunnels"));
    let mut actions = question.would_settle_it.iter();
    assert!(actions.any(|action| action.contains("inside the tunnels")));
}

#[test]
fn many_parties_are_answered_for_together() {
    let tunnels = (1..=6).map(|n| {
        flow(&format!(
            "CONNECT www.shop{n}.example:443 200 @13.224.0.{n}"
        ))
    });
    let others = (1..=3).map(|n| {
        flow(&format!(
            "GET http://www.paper{n}.example/ 200 @151.101.1.{n}"
        ))
        .with("X-Served-By: cache-fra-etou8220023-FRA")
    });
    let flows: Vec<Sketch> = tunnels.chain(others).collect();
    let answer = roles(&flows).answer;
    assert_eq!(
        answer[..2],
        [
            "9 requests to 9 parties: 6 went to AWS and 3 to Fastly.",
            "6 of them were tunnels: what was asked for in those, and who answered, was not seen.",
        ]
    );
    assert!(answer[2].starts_with("The largest "), "{answer:?}");
    assert!(
        answer[3].starts_with("Next: capture inside the tunnels"),
        "{answer:?}"
    );
}

#[test]
fn a_reply_that_an_edge_made_itself_does_not_name_an_origin() {
    let replied = flow("GET https://static.photos.example/ 503 @151.101.1.1")
        .with("X-Served-By: cache-fra-etou8220023-FRA")
        .with("Server: Varnish");
    let roles = roles(&[replied]);
    let relation = &party(&roles, "photos.example").relations[0];
    assert_eq!(relation.role, RelationRole::Delivers);
    assert!(relation.origin_words.is_empty(), "{}", relation.sentence);
}

#[test]
fn what_never_touched_the_network_is_no_relation() {
    let flows = [get("/a/photo-1.jpg").flagged(Flags::FROM_CACHE)];
    let roles = roles(&flows);
    let party = &roles.parties[0];
    assert!(party.relations.is_empty() && party.not_attributed.flows.is_empty());
    assert_eq!(party.validity[0].reason, "from-cache");
    assert!(party.summary.contains("Nothing"), "{}", party.summary);
}

#[test]
fn a_provider_answers_for_itself_under_its_own_name() {
    let flow = flow("GET https://www.icloud.com/ 200 @17.248.1.1");
    let roles = roles(&[flow.with("Server: AppleHttpServer/1")]);
    let party = party(&roles, "icloud.com");
    assert_eq!(
        party.relations[0].role,
        RelationRole::Own,
        "{:?}",
        relations(party)
    );
    assert!(party.questions.is_empty());
}

#[test]
fn hosts_grouped_by_hand_are_judged_together() {
    let mut groups = Groups::default();
    groups.set("bucket.s3.eu-west-1.amazonaws.com", "photos.example");
    let flows = [put("/a/photo-1.jpg"), get("/a/photo-1.jpg")];
    let roles = roles_of(&[capture(&flows)], &groups);
    assert_eq!(
        words(question(&roles, "photos.example/aws")),
        "backend-storage strong"
    );
}

#[test]
fn a_flow_belongs_to_who_operates_what_it_asked_for_and_is_seen_on_a_site() {
    let flows = [
        flow("GET https://www.news.example/ 200 @- 12:00:00"),
        flow("GET https://ads.tracker.example/pixel.gif 200 @- 12:00:01")
            .with("> Referer: https://www.news.example/"),
        flow("GET https://d111111abcdef8.cloudfront.net/app.js 200 @13.224.0.10 12:00:02")
            .with("> Referer: https://www.news.example/"),
    ];
    let roles = roles(&flows);
    let news = party(&roles, "news.example");
    assert_eq!((news.n_flows(), news.standing), (2, Standing::FirstParty));
    let tracker = party(&roles, "tracker.example");
    assert_eq!(
        (tracker.n_flows(), tracker.standing),
        (1, Standing::Embedded)
    );
    assert_eq!(tracker.sites, ["news.example"]);
    assert_eq!(roles.parties[0].party, "news.example");
}

#[test]
fn every_flow_of_a_party_is_told_of_once_at_least() {
    let flows = [
        get("/a/photo-1.jpg"),
        flow("GET https://bucket.s3.eu-west-1.amazonaws.com/b 200 @-").flagged(Flags::FROM_CACHE),
        flow("GET https://www.nobody.example/ 200 @192.0.2.1"),
    ];
    for party in &roles(&flows).parties {
        let mut told: Vec<FlowId> = party
            .relations
            .iter()
            .flat_map(|relation| relation.flows.iter().copied())
            .chain(party.not_attributed.flows.iter().copied())
            .collect();
        told.sort_unstable();
        told.dedup();
        let n_void: u32 = party.validity.iter().map(|why| why.n_flows).sum();
        assert_eq!(
            told.len() as u32 + n_void,
            party.n_flows(),
            "{}",
            party.party
        );
    }
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

fn sample(name: &str, bytes: &[u8]) -> Roles {
    let watch = Watch {
        cancel: &Cancel::default(),
        progress: &Progress::default(),
        on_rows: &|_| {},
    };
    let capture = formats::read_bytes(name, bytes.to_vec(), &formats::Options::default(), &watch)
        .expect("a sample");
    roles_of(&[capture], &Groups::default())
}

#[test]
fn the_log_of_2011_is_inconclusive_and_says_what_would_settle_it() {
    let bytes = include_bytes!("../assets/samples/wifi-proxy-2011.squid.log");
    let roles = sample("wifi-proxy-2011.squid.log", bytes);
    for pair in ["icloud.com/azure", "icloud.com/aws"] {
        let question = question(&roles, pair);
        assert_eq!(words(question), "inconclusive insufficient");
        assert_eq!(question.lean, Some(Hypothesis::BackendStorage));
        assert!(question.reason.contains("only tunnels"));
        assert!(question.would_settle_it[0].contains("inside the tunnels"));
    }
    let icloud = party(&roles, "icloud.com");
    assert!(icloud.caveats[0].contains("a hint"), "{:?}", icloud.caveats);
    assert!(roles.answer[0].contains("Only tunnels were seen"));
    assert!(roles.answer[1].contains("cannot be decided"));
}

#[test]
fn the_uploads_of_2011_are_the_users_and_the_transfer_is_shown() {
    let bytes = include_bytes!("../assets/samples/wifi-proxy-2011.har");
    let roles = sample("wifi-proxy-2011.har", bytes);
    for (pair, transfer) in [
        ("icloud.com/azure", "#2 → #8"),
        ("icloud.com/aws", "#3 → #9"),
    ] {
        let question = question(&roles, pair);
        assert_eq!(words(question), "backend-storage conclusive");
        for part in [
            "the store accepted",
            "handed out",
            "later read of the same bytes",
        ] {
            assert!(
                question.reason.contains(part),
                "{part}: {}",
                question.reason
            );
        }
        let cdn_only = &question.hypotheses[2];
        assert_eq!(cdn_only.conclusiveness, Conclusiveness::Insufficient);
        assert!(roles.answer[0].contains(transfer), "{}", roles.answer[0]);
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
    let roles = document.roles(watch.cancel).expect("not cancelled");
    let mut caveats = roles.parties[0].caveats.iter();
    assert!(caveats.any(|caveat| caveat.contains("not searched")));
    let (capture, attribution) = open();
    document.push(capture, attribution);
    assert!(document.is_looking());
}
