//! Rows of the lens by service over roles that are made by hand.

use super::*;
use crate::annotations::Change;
use crate::attribution::roles::{
    Behind as StandsBehind, Levels, NotAttributed, RelationRole, Resource, ResourceKind, Why,
};
use crate::attribution::{Attribution, Conclusiveness};
use crate::base::jobs::Progress;
use crate::formats::{self, Watch};
use crate::providers::{ServiceId, catalogue};
use crate::query::{Query, run};

/// A HAR with flows at these hosts, one second apart, of 100 bytes each.
fn document(hosts: &[&str]) -> Document {
    let entry = |(n, host): (usize, &&str)| {
        format!(
            r#"{{"startedDateTime":"2026-05-01T10:{:02}:{:02}.000Z","time":30,"request":{{"method":"GET","url":"https://{host}/{n}","headers":[]}},
            "response":{{"status":200,"headers":[],"bodySize":100,"headersSize":0,"content":{{"mimeType":"text/html","size":100}}}},"timings":{{"wait":20}}}}"#,
            n / 60,
            n % 60
        )
    };
    let entries: Vec<String> = hosts.iter().enumerate().map(entry).collect();
    let har = format!(
        r#"{{"log":{{"version":"1.2","creator":{{"name":"test","version":"1"}},"entries":[{}]}}}}"#,
        entries.join(",")
    );
    let watch = Watch {
        cancel: &Cancel::default(),
        progress: &Progress::default(),
        on_rows: &|_| {},
    };
    let options = formats::Options::default();
    let capture = formats::read_bytes("t.har", har.into_bytes(), &options, &watch).expect("a HAR");
    let attribution = Attribution::of(&capture, watch.cancel, watch.progress);
    let mut document = Document::new("ada");
    document.push(capture, attribution.expect("not cancelled"));
    document
}

fn service(path: &str) -> ServiceId {
    catalogue().find(path).expect("a service of the catalogue")
}

fn relation(path: &str, role: RelationRole, flows: &[u32]) -> Relation {
    Relation {
        service: service(path),
        name: catalogue().service(service(path)).name.clone(),
        role,
        resources: Vec::new(),
        flows: flows.iter().copied().map(FlowId).collect(),
        bytes: 0,
        regions: Vec::new(),
        conclusiveness: Conclusiveness::Strong,
        levels: Levels::default(),
        supporting: Vec::new(),
        opposing: Vec::new(),
        behind: Vec::new(),
        n_origin_not_seen: 0,
        origin_words: Vec::new(),
        n_behind_an_edge: 0,
        is_tunnelled: false,
        whose: None,
        sentence: String::new(),
        would_settle_it: Vec::new(),
    }
}

fn party(name: &str, standing: Standing, flows: &[u32], relations: Vec<Relation>) -> PartyRoles {
    PartyRoles {
        party: name.to_owned(),
        sites: Vec::new(),
        standing,
        flows: flows.iter().copied().map(FlowId).collect(),
        bytes: 0,
        hosts: Vec::new(),
        relations,
        questions: Vec::new(),
        not_attributed: NotAttributed::default(),
        validity: Vec::new(),
        caveats: Vec::new(),
        summary: String::new(),
    }
}

/// A site with an edge and a store behind one flow, two embedded parties, and one of which nothing is known.
fn sample() -> (Document, Arc<Roles>) {
    let hosts = ["www.a.se", "x.a.se", "b.com", "b.com", "c.com", "d.com"];
    let mut edge = relation("akamai/cdn", RelationRole::Delivers, &[0, 1]);
    edge.behind.push(StandsBehind {
        service: service("aws/s3"),
        name: "Amazon S3".to_owned(),
        n_flows: 1,
        conclusiveness: Conclusiveness::Strong,
    });
    edge.n_origin_not_seen = 1;
    let mut store = relation("aws/s3", RelationRole::Stores, &[1]);
    store.n_behind_an_edge = 1;
    store.resources.push(Resource {
        kind: ResourceKind::Bucket,
        id: "a-docs".to_owned(),
        flows: vec![FlowId(1)],
        bytes: 100,
        conclusiveness: Conclusiveness::Strong,
    });
    let mut unknown = party("d.com", Standing::Embedded, &[5], Vec::new());
    unknown.not_attributed.flows = vec![FlowId(5)];
    unknown.not_attributed.why = vec![Why {
        reason: "no-address",
        words: "the capture holds no server address".to_owned(),
        n_flows: 1,
    }];
    let own = relation("google/web", RelationRole::Own, &[2, 3]);
    let cloudflare = relation("cloudflare/cdn", RelationRole::Delivers, &[4]);
    let parties = vec![
        party("a.se", Standing::FirstParty, &[0, 1], vec![edge, store]),
        party("c.com", Standing::Embedded, &[4], vec![cloudflare]),
        party("b.com", Standing::Embedded, &[2, 3], vec![own]),
        unknown,
    ];
    let roles = Roles {
        parties,
        answer: Vec::new(),
    };
    (document(&hosts), Arc::new(roles))
}

fn services(document: &Document, roles: &Arc<Roles>, filter: &str) -> Services {
    let query = Query {
        filter: filter.to_owned(),
        ..Query::default()
    };
    let cancel = Cancel::default();
    let rows = run(document, &query, &cancel)
        .expect("not cancelled")
        .expect("a filter");
    Services::of(document, Arc::clone(roles), &rows, &cancel).expect("not cancelled")
}

/// Names and number of requests of the lines.
fn told(services: &Services, folds: &Folds, sorting: Sorting) -> Vec<String> {
    let lines = services.lines(folds, sorting);
    let words = lines.iter().map(|line| {
        let name = services.name(*line);
        let indent = if services.parent(*line).is_some() {
            "  "
        } else {
            ""
        };
        let n = services.tally(*line).requests;
        format!("{indent}{} {n}", name.name)
    });
    words.collect()
}

#[test]
fn the_site_comes_first_with_what_each_provider_is_to_it() {
    let (document, roles) = sample();
    let services = services(&document, &roles, "");
    assert_eq!(
        told(&services, &Folds::default(), None),
        [
            "a.se 2",
            "  Akamai CDN 2",
            "  Amazon S3 1",
            "c.com 1",
            "  Cloudflare CDN 1",
            "b.com 2",
            "  Google web services 2",
            "d.com 1",
            "  not attributed 1",
        ]
    );
    assert_eq!(services.n_relations(), 4);
    let edge = services.lines(&Folds::default(), None)[1];
    let behind: String = services
        .behind(edge)
        .iter()
        .map(|(words, _)| words.as_str())
        .collect();
    assert_eq!(behind, "Amazon S3 1 · not seen 1");
    let tally = services.tally(edge);
    assert_eq!((tally.hosts, tally.bytes), (2, 200));
    assert_eq!(tally.when.iter().sum::<u32>(), 2);
    assert_eq!(
        services.spoken(edge),
        "Akamai CDN, delivers, Amazon S3 1 · not seen 1, strong, 2 requests, 2 hosts, 200 B, 0 labelled"
    );
    let store = services.lines(&Folds::default(), None)[2];
    assert_eq!(services.name(store).about, "a-docs");
    let nobody = services.lines(&Folds::default(), None)[8];
    let words = "because the capture holds no server address";
    assert_eq!(services.name(nobody).about, words);
}

#[test]
fn a_filter_counts_only_what_is_shown() {
    let (document, roles) = sample();
    let narrowed = services(&document, &roles, "host:www.a.se | host:b.com");
    assert_eq!(
        told(&narrowed, &Folds::default(), None),
        [
            "a.se 1",
            "  Akamai CDN 1",
            "b.com 2",
            "  Google web services 2"
        ]
    );
    let edge = narrowed.lines(&Folds::default(), None)[1];
    let behind: String = narrowed
        .behind(edge)
        .iter()
        .map(|(words, _)| words.as_str())
        .collect();
    assert_eq!(behind, "Amazon S3 · not seen");
    let subject = narrowed.subject(edge).expect("a relation");
    assert_eq!(narrowed.flows(&subject), [FlowId(0)].into());
    assert!(services(&document, &roles, "host:nobody.example").is_empty());
}

#[test]
fn rows_are_sorted_within_their_structure() {
    let (document, roles) = sample();
    let services = services(&document, &roles, "");
    let by_requests = told(
        &services,
        &Folds::default(),
        Some((SortBy::Requests, false)),
    );
    assert_eq!(
        by_requests,
        [
            "a.se 2",
            "  Amazon S3 1",
            "  Akamai CDN 2",
            "c.com 1",
            "  Cloudflare CDN 1",
            "d.com 1",
            "  not attributed 1",
            "b.com 2",
            "  Google web services 2",
        ]
    );
}

#[test]
fn what_is_folded_hides_what_is_below_it() {
    let (document, roles) = sample();
    let services = services(&document, &roles, "");
    let mut folds = Folds::default();
    folds.set(Subject::Party("a.se".to_owned()), false);
    let lines = told(&services, &folds, None);
    assert_eq!(lines[..2], ["a.se 2", "c.com 1"]);
    let hidden = Subject::of("a.se", &roles.parties[0].relations[1]);
    let line = services.line_of(&hidden).expect("still there");
    assert_eq!(services.parent(line), Some(Line::Party(0)));
}

#[test]
fn small_embedded_parties_share_a_row() {
    let hosts: Vec<String> = (0..600)
        .map(|n| format!("h{}.com", n.min(511) % 512))
        .collect();
    let names: Vec<&str> = hosts.iter().map(String::as_str).collect();
    let document = document(&names);
    let own = |flows: &[u32]| vec![relation("google/web", RelationRole::Own, flows)];
    let big: Vec<u32> = (511..600).collect();
    let mut parties = vec![party("big.com", Standing::Embedded, &big, own(&big))];
    parties
        .extend((0..10).map(|n| party(&format!("p{n}.com"), Standing::Embedded, &[n], own(&[n]))));
    parties
        .extend((20..26).map(|n| party(&format!("n{n}.com"), Standing::Unknown, &[n], Vec::new())));
    let roles = Arc::new(Roles {
        parties,
        answer: Vec::new(),
    });
    let services = services(&document, &roles, "");
    let mut folds = Folds::default();
    let lines = told(&services, &folds, None);
    assert_eq!(lines[lines.len() - 2..], ["6 more 6", "6 parties 6"]);
    assert_eq!(lines.len(), 12);
    folds.set(Subject::Rest(Rest::Embedded), true);
    let unfolded = told(&services, &folds, None);
    assert_eq!(unfolded[10..13], ["6 more 6", "  p4.com 1", "  p5.com 1"]);
    let flows = services.flows(&Subject::Rest(Rest::NotAttributed));
    assert_eq!(flows.len(), 6);
}

#[test]
fn servers_in_two_networks_are_two_rows() {
    let (document, _) = sample();
    let mut two =
        [0, 2].map(|flow| relation("own-network/servers", RelationRole::Computes, &[flow]));
    for (relation, network) in two.iter_mut().zip(["A", "B"]) {
        relation.name = format!("Servers in {network}");
    }
    let roles = Arc::new(Roles {
        parties: vec![party("a.se", Standing::FirstParty, &[0, 2], two.to_vec())],
        answer: Vec::new(),
    });
    let services = services(&document, &roles, "");
    let lines = services.lines(&Folds::default(), None);
    let subjects: Vec<Subject> = lines
        .iter()
        .filter_map(|line| services.subject(*line))
        .collect();
    assert_eq!(services.flows(&subjects[1]), [FlowId(0)].into());
    assert_eq!(services.flows(&subjects[2]), [FlowId(2)].into());
    assert_eq!(services.line_of(&subjects[2]), Some(lines[2]));
}

#[test]
fn labels_are_counted_by_what_they_say() {
    let (mut document, roles) = sample();
    document.edit(&[FlowId(0)], &Change::Label(Some(Label::Cdn)));
    document.edit(&[FlowId(1)], &Change::Label(Some(Label::Origin)));
    let services = services(&document, &roles, "");
    let lines = services.lines(&Folds::default(), None);
    assert_eq!(services.tally(lines[1]).labels, [1, 1, 0]);
    assert_eq!(services.tally(lines[2]).labels, [1, 0, 0]);
}

#[test]
fn rows_are_copied_with_tabs() {
    let (document, roles) = sample();
    let services = services(&document, &roles, "");
    let lines = services.lines(&Folds::default(), None);
    let text = Copied(vec![services.cells(lines[2])]).to_tsv();
    let rows: Vec<&str> = text.lines().collect();
    assert_eq!(rows.len(), 2);
    assert_eq!(
        rows[1],
        "a.se\tthe site itself\tAmazon S3\ta-docs\tstores\tbehind an edge\tstrong\t1\t1\t100\t0"
    );
}

#[test]
fn a_cancelled_count_is_none() {
    let (document, roles) = sample();
    let cancel = Cancel::default();
    cancel.cancel();
    let rows = Rows {
        flows: vec![FlowId(0)],
        ..Rows::default()
    };
    assert!(Services::of(&document, roles, &rows, &cancel).is_none());
}
