//! Sheets over roles that are made by hand.

use super::*;
use crate::attribution::roles::{Levels, NotAttributed, Standing, Weighed};
use crate::attribution::{Claim, Evidence, Family, Speaks, Strength};
use crate::providers::catalogue;

fn cited(flow: u32, n_flows: u32, quote: &str) -> Cited {
    Cited {
        flow: FlowId(flow),
        n_flows,
        flows: vec![FlowId(flow)],
        evidence: Evidence {
            family: Family::StorageId,
            rule: "aws/header-server-s3".to_owned(),
            claim: Claim::Void(Family::StorageId),
            speaks: Speaks::For,
            strength: Strength::Strong,
            quote: quote.to_owned(),
            span: None,
            source: String::new(),
            with: None,
        },
    }
}

fn relation(path: &str, role: RelationRole) -> Relation {
    let service = catalogue().find(path).expect("a service");
    Relation {
        service,
        name: catalogue().service(service).name.clone(),
        role,
        resources: Vec::new(),
        flows: vec![FlowId(0), FlowId(2)],
        bytes: 4_500_000,
        regions: Vec::new(),
        conclusiveness: Conclusiveness::Strong,
        levels: Levels::default(),
        supporting: vec![cited(0, 9, "Server: AmazonS3")],
        opposing: vec![cited(2, 1, "no header of its own")],
        behind: Vec::new(),
        n_origin_not_seen: 0,
        origin_words: Vec::new(),
        n_behind_an_edge: 0,
        is_tunnelled: false,
        whose: None,
        sentence: String::new(),
        would_settle_it: vec!["resolve it: `dig www.a.se CNAME`".to_owned()],
    }
}

fn party(relations: Vec<Relation>) -> PartyRoles {
    PartyRoles {
        party: "a.se".to_owned(),
        sites: Vec::new(),
        standing: Standing::FirstParty,
        flows: vec![FlowId(0), FlowId(1), FlowId(2)],
        bytes: 5_000_000,
        hosts: vec!["www.a.se".to_owned()],
        relations,
        questions: Vec::new(),
        not_attributed: NotAttributed::default(),
        validity: vec![Why {
            reason: "from-cache",
            words: "answered from the browser's cache".to_owned(),
            n_flows: 3,
        }],
        caveats: vec!["one capture shows one configuration".to_owned()],
        summary: "Akamai delivers a.se (#1).".to_owned(),
    }
}

fn question(answer: Option<Hypothesis>, lean: Option<Hypothesis>) -> Question {
    let weighed = |hypothesis| Weighed {
        hypothesis,
        conclusiveness: Conclusiveness::Insufficient,
        supporting: Vec::new(),
        opposing: vec![cited(1, 1, "x")],
    };
    Question {
        provider: catalogue().provider_of(catalogue().find("akamai/cdn").expect("a service")),
        answer,
        conclusiveness: Conclusiveness::Strong,
        lean,
        reason: "no upload was seen".to_owned(),
        hypotheses: Hypothesis::ALL.map(weighed).to_vec(),
        would_settle_it: Vec::new(),
    }
}

#[test]
fn the_sheet_of_a_relation_says_why_and_what_would_settle_it() {
    let mut party = party(vec![relation("akamai/cdn", RelationRole::Delivers)]);
    party
        .questions
        .push(question(None, Some(Hypothesis::CdnOnly)));
    let sheet = Sheet::of_relation(&party, &party.relations[0], 7);
    assert_eq!(sheet.title, "Akamai delivers a.se");
    assert_eq!(sheet.facts, "strong · 2 requests · 7 hosts · 4.5 MB");
    assert_eq!(sheet.why.len(), 2);
    assert_eq!(
        (sheet.why[0].is_for, sheet.why[0].more().as_str()),
        (true, "and 8 more")
    );
    assert!(!sheet.why[1].is_for);
    let code = Piece::Code("dig www.a.se CNAME".to_owned());
    assert_eq!(sheet.would_settle_it[0][1], code);
    let asked = &sheet.questions[0];
    assert_eq!(
        asked.answer,
        "Inconclusive, leaning to CDN only: no upload was seen"
    );
    let states: Vec<&str> = asked
        .hypotheses
        .iter()
        .map(|it| it.state.as_str())
        .collect();
    assert_eq!(states, ["1 against", "1 against", "leaning"]);
}

#[test]
fn an_answer_is_told_from_a_leaning() {
    let asked = Asked::of(&question(Some(Hypothesis::BackendStorage), None));
    assert_eq!(asked.answer, "Backend storage, strong: no upload was seen");
    assert!(asked.hypotheses[0].is_favoured);
    assert_eq!(asked.hypotheses[0].state, "answer");
    let open = Asked::of(&question(None, Some(Hypothesis::HostedThere)));
    assert!(
        open.answer
            .starts_with("Inconclusive, leaning to hosted there anyway")
    );
}

#[test]
fn the_sheet_of_a_party_lists_its_relations_and_what_is_not_known() {
    let mut store = relation("aws/s3", RelationRole::Stores);
    store.whose = Some(crate::attribution::roles::Whose {
        answer: Owner::Users,
        conclusiveness: Conclusiveness::Conclusive,
        n_flows: 1,
        lean: None,
        supporting: Vec::new(),
        opposing: Vec::new(),
        transfer: Some((FlowId(11), Some(FlowId(18)))),
    });
    let party = party(vec![store]);
    let sheet = Sheet::of_party(&party, &Subject::Party("a.se".to_owned()));
    assert_eq!(
        sheet.facts,
        "the site itself · 3 requests · 1 host · 5.0 MB"
    );
    assert_eq!(sheet.relations[0].1, "Amazon S3 stores users' data of a.se");
    assert_eq!(sheet.summary[1], Piece::Flow(1));
    assert_eq!(
        sheet.validity,
        ["3 requests: answered from the browser's cache"]
    );
    assert_eq!(sheet.caveats, ["One capture shows one configuration"]);
    let store = Sheet::of_relation(&party, &party.relations[0], 1);
    let whose = store.whose.expect("of a store");
    assert_eq!(whose.answer, "Users' data");
    assert_eq!(whose.transfer, [FlowId(11), FlowId(18)]);
}
