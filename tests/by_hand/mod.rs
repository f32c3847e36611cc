//! A small capture with roles that are made by hand: a site with an edge and a store, and two embedded parties.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::sync::Arc;

use headwater::attribution::roles::{
    Behind, Cited, Hypothesis, Levels, NotAttributed, Owner, PartyRoles, Question, Relation,
    RelationRole, Resource, ResourceKind, Roles, Standing, Weighed, Whose, Why,
};
use headwater::attribution::{Attribution, Conclusiveness};
use headwater::attribution::{Claim, Evidence, Family, Speaks, Strength};
use headwater::base::jobs::{Cancel, Progress};
use headwater::capture::FlowId;
use headwater::document::Document;
use headwater::formats::{self, Watch};
use headwater::providers::catalogue;

/// Hosts of the flows, one second apart, of 1,000 bytes each.
const HOSTS: [&str; 8] = [
    "www.news.se",
    "www.news.se",
    "img.news.se",
    "files.news.se",
    "fonts.google.com",
    "fonts.google.com",
    "ads.example.com",
    "nobody.example.org",
];

pub(crate) fn document() -> Document {
    let entry = |(n, host): (usize, &&str)| {
        format!(
            r#"{{"startedDateTime":"2026-05-01T10:00:{n:02}.000Z","time":30,"request":{{"method":"GET","url":"https://{host}/{n}","headers":[]}},
            "response":{{"status":200,"headers":[],"bodySize":1000,"headersSize":0,"content":{{"mimeType":"text/html","size":1000}}}},"timings":{{"wait":20}}}}"#
        )
    };
    let entries: Vec<String> = HOSTS.iter().enumerate().map(entry).collect();
    let har = format!(
        r#"{{"log":{{"version":"1.2","creator":{{"name":"test","version":"1"}},"entries":[{}]}}}}"#,
        entries.join(",")
    );
    let (cancel, progress) = (Cancel::default(), Progress::default());
    let watch = Watch {
        cancel: &cancel,
        progress: &progress,
        on_rows: &|_| {},
    };
    let options = formats::Options::default();
    let capture = formats::read_bytes("news.har", har.into_bytes(), &options, &watch)
        .expect("the capture can be read");
    let attribution = Attribution::of(&capture, &cancel, &progress).expect("nobody cancels");
    let mut document = Document::new("ada");
    document.push(capture, attribution);
    document
}

fn cited(family: Family, quote: &str, flow: u32, n_flows: u32) -> Cited {
    Cited {
        flow: FlowId(flow),
        n_flows,
        flows: vec![FlowId(flow)],
        evidence: Evidence {
            family,
            rule: "akamai/asn-20940".to_owned(),
            claim: Claim::Void(family),
            speaks: Speaks::For,
            strength: Strength::Strong,
            quote: quote.to_owned(),
            span: None,
            source: String::new(),
            with: None,
        },
    }
}

fn relation(path: &str, role: RelationRole, flows: &[u32]) -> Relation {
    let service = catalogue().find(path).expect("a service of the catalogue");
    Relation {
        service,
        name: catalogue().service(service).name.clone(),
        role,
        resources: Vec::new(),
        flows: flows.iter().copied().map(FlowId).collect(),
        bytes: 1_000 * flows.len() as u64,
        regions: Vec::new(),
        conclusiveness: Conclusiveness::Strong,
        levels: Levels {
            strong: flows.len() as u32,
            ..Levels::default()
        },
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
        sites: vec!["news.se".to_owned()],
        standing,
        flows: flows.iter().copied().map(FlowId).collect(),
        bytes: 1_000 * flows.len() as u64,
        hosts: Vec::new(),
        relations,
        questions: Vec::new(),
        not_attributed: NotAttributed::default(),
        validity: Vec::new(),
        caveats: vec!["one capture shows one configuration at one time".to_owned()],
        summary: String::new(),
    }
}

/// What Akamai is to the site: it delivers, a store of Amazon behind it.
fn edge() -> Relation {
    let store = relation("aws/s3", RelationRole::Stores, &[3]);
    let mut edge = relation("akamai/cdn", RelationRole::Delivers, &[0, 1, 2, 3]);
    edge.behind.push(Behind {
        service: store.service,
        name: store.name,
        n_flows: 1,
        conclusiveness: Conclusiveness::Strong,
    });
    edge.n_origin_not_seen = 3;
    edge.supporting = vec![
        cited(Family::Address, "104.64.74.82", 0, 4),
        cited(Family::StorageId, "Server: AmazonS3", 3, 1),
    ];
    edge.opposing = vec![cited(Family::HeaderChain, "no header of its own", 0, 1)];
    "Akamai delivers news.se: 4 requests, strong.".clone_into(&mut edge.sentence);
    edge.would_settle_it = vec!["resolve it today: `dig www.news.se CNAME`".to_owned()];
    edge
}

fn question() -> Question {
    let weighed = |hypothesis, conclusiveness, supporting| Weighed {
        hypothesis,
        conclusiveness,
        supporting,
        opposing: Vec::new(),
    };
    let weak = Conclusiveness::Insufficient;
    let for_it = vec![cited(Family::Address, "104.64.74.82", 0, 4)];
    let suggestive = Conclusiveness::Suggestive;
    Question {
        provider: catalogue().provider_of(edge().service),
        answer: None,
        conclusiveness: weak,
        lean: Some(Hypothesis::CdnOnly),
        reason: "no upload was seen".to_owned(),
        hypotheses: vec![
            weighed(Hypothesis::BackendStorage, weak, Vec::new()),
            weighed(Hypothesis::HostedThere, weak, Vec::new()),
            weighed(Hypothesis::CdnOnly, suggestive, for_it),
        ],
        would_settle_it: Vec::new(),
    }
}

pub(crate) fn roles() -> Arc<Roles> {
    let mut store = relation("aws/s3", RelationRole::Stores, &[3]);
    store.resources.push(Resource {
        kind: ResourceKind::Bucket,
        id: "news-files".to_owned(),
        flows: vec![FlowId(3)],
        bytes: 1_000,
        conclusiveness: Conclusiveness::Strong,
    });
    store.whose = Some(Whose {
        answer: Owner::Party,
        conclusiveness: Conclusiveness::Strong,
        n_flows: 1,
        lean: None,
        supporting: Vec::new(),
        opposing: Vec::new(),
        transfer: None,
    });
    let mut site = party(
        "news.se",
        Standing::FirstParty,
        &[0, 1, 2, 3],
        vec![edge(), store],
    );
    "Akamai delivers news.se (#1)".clone_into(&mut site.summary);
    site.questions.push(question());
    let own = relation("google/web", RelationRole::Own, &[4, 5]);
    let ads = relation("cloudflare/cdn", RelationRole::Delivers, &[6]);
    let mut nobody = party("example.org", Standing::Embedded, &[7], Vec::new());
    nobody.not_attributed = NotAttributed {
        flows: vec![FlowId(7)],
        bytes: 1_000,
        why: vec![Why {
            reason: "no-address",
            words: "the capture holds no server address".to_owned(),
            n_flows: 1,
        }],
    };
    Arc::new(Roles {
        parties: vec![
            site,
            party("google.com", Standing::Embedded, &[4, 5], vec![own]),
            party("example.com", Standing::Embedded, &[6], vec![ads]),
            nobody,
        ],
        answer: vec!["news.se is delivered by Akamai (4 requests, strong).".to_owned()],
    })
}
