//! The catalogue: every embedded pack is sound, names match at label boundaries, and the address table is fresh.

use std::collections::{BTreeMap, BTreeSet};

use headwater::providers::{Catalogue, Place, RangeInput, Strength, catalogue, is_evidence_header};

#[test]
fn every_pack_is_sound() {
    let (catalogue, problems) = Catalogue::load();
    assert_eq!(problems, Vec::<String>::new());
    let wanted = "aws azure google akamai fastly cloudflare apple edgio lumen meta x stackpath bunny imperva alibaba tencent";
    let ids: BTreeSet<&str> = catalogue
        .providers()
        .iter()
        .map(|provider| provider.id.as_str())
        .collect();
    for id in wanted.split(' ') {
        assert!(ids.contains(id), "{id}");
    }
    assert_eq!(
        ids.len(),
        catalogue.providers().len(),
        "an id is used twice"
    );
}

#[test]
fn services_are_found_by_the_path_they_have() {
    for service in [
        "aws/s3",
        "aws/cloudfront",
        "aws/ec2",
        "aws/elb",
        "aws/api-gateway",
        "azure/blob-storage",
        "azure/front-door",
        "azure/cdn",
        "azure/app-service",
        "google/cloud-storage",
        "google/front-end",
        "google/cloud-cdn",
        "google/load-balancer",
        "akamai/cdn",
        "fastly/cdn",
        "cloudflare/cdn",
        "cloudflare/r2",
        "apple/cdn",
        "apple/front-end",
        "edgio/cdn",
        "lumen/cdn",
        "meta/front-end",
        "x/front-end",
        "bunny/cdn",
        "bunny/storage",
        "stackpath/cdn",
    ] {
        let id = catalogue()
            .find(service)
            .unwrap_or_else(|| panic!("no {service}"));
        assert_eq!(catalogue().path(id), service);
    }
}

#[test]
fn the_common_providers_differ_in_colour() {
    let common = [
        "aws",
        "azure",
        "google",
        "akamai",
        "fastly",
        "cloudflare",
        "apple",
        "meta",
    ];
    let colours: Vec<[u8; 3]> = catalogue()
        .providers()
        .iter()
        .filter(|provider| common.contains(&provider.id.as_str()))
        .map(|provider| provider.colour)
        .collect();
    assert_eq!(colours.len(), common.len());
    for (at, one) in colours.iter().enumerate() {
        for other in &colours[at + 1..] {
            let distance: i32 = one
                .iter()
                .zip(other)
                .map(|(a, b)| (i32::from(*a) - i32::from(*b)).abs())
                .sum();
            assert!(90 <= distance, "{one:?} and {other:?}");
        }
    }
}

fn check_host(host: &str, expected: &str) {
    let found: Vec<String> = catalogue()
        .host_rules(host)
        .into_iter()
        .map(|found| {
            let rule = &found.rule.rule;
            let place = if rule.place == Place::Edge {
                "edge"
            } else {
                "origin"
            };
            let region = found
                .region
                .map_or_else(String::new, |region| format!("@{region}"));
            format!("{place}={}{region}", catalogue().path(rule.service))
        })
        .collect();
    assert_eq!(found.join(" "), expected, "{host}");
}

#[test]
fn host_names_match_at_label_boundaries() {
    check_host("d111111abcdef8.cloudfront.net", "edge=aws/cloudfront");
    check_host("cloudfront.net", "edge=aws/cloudfront");
    check_host("notcloudfront.net", "");
    check_host("notcloudfront.net.evil.test", "");
    check_host("cloudfront.net.evil.test", "");
    check_host("evil-s3.amazonaws.com.test", "");
    check_host("bucket.s3.amazonaws.com", "origin=aws/s3");
    check_host("s3.eu-west-1.amazonaws.com", "origin=aws/s3@eu-west-1");
    check_host(
        "bucket.s3-eu-west-1.amazonaws.com",
        "origin=aws/s3@eu-west-1",
    );
    check_host(
        "a.b.s3.dualstack.us-east-2.amazonaws.com",
        "origin=aws/s3@us-east-2",
    );
    check_host("us-std-00001.s3-external-1.amazonaws.com", "origin=aws/s3");
    check_host(
        "bucket.s3-accelerate.amazonaws.com",
        "origin=aws/s3 edge=aws/cloudfront",
    );
    check_host(
        "x1.execute-api.eu-central-1.amazonaws.com",
        "origin=aws/api-gateway@eu-central-1",
    );
    check_host(
        "lb-1.us-west-2.elb.amazonaws.com",
        "origin=aws/elb@us-west-2",
    );
    check_host("account.blob.core.windows.net", "origin=azure/blob-storage");
    check_host("blob.core.windows.net.evil.test", "");
    check_host("az1.vo.msecnd.net", "edge=azure/cdn");
    check_host("shop.trafficmanager.net", "");
    check_host("p05-content.icloud.com.akadns.net", "");
    check_host(
        "bucket.oss-cn-hangzhou.aliyuncs.com",
        "origin=alibaba/oss@cn-hangzhou",
    );
    check_host(
        "space.fra1.cdn.digitaloceanspaces.com",
        "origin=digitalocean/spaces@fra1 edge=digitalocean/spaces-cdn@fra1",
    );
    check_host("storage.bunnycdn.com", "origin=bunny/storage");
    check_host("", "");
    check_host("..", "");
}

fn check_address(address: &str, expected: &str) {
    let found = catalogue().address_rule(address.parse().expect("an address"), None);
    let found = found.map_or_else(String::new, |found| {
        let region = found
            .region
            .map_or_else(String::new, |region| format!("@{region}"));
        format!("{}{region}", catalogue().path(found.rule.service))
    });
    assert_eq!(found, expected, "{address}");
}

#[test]
fn addresses_lie_in_the_ranges_of_their_providers() {
    check_address("104.64.74.82", "akamai/cdn");
    check_address("17.142.160.59", "apple/front-end");
    check_address("151.101.1.57", "fastly/cdn");
    check_address("104.16.1.1", "cloudflare/cdn");
    check_address("::ffff:104.16.1.1", "cloudflare/cdn");
    check_address("2606:4700::1", "cloudflare/cdn");
    check_address("13.32.1.1", "aws/cloudfront");
    check_address("8.254.1.1", "lumen/cdn");
    check_address("8.8.8.8", "google/front-end");
    check_address("157.240.1.35", "meta/front-end");
    check_address("4.0.0.1", "");
    check_address("192.0.2.1", "");
    check_address("255.255.255.255", "");
    check_address("0.0.0.0", "");
    check_address("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "");
}

#[test]
fn evidence_headers_are_known_in_any_case() {
    for name in [
        "Server",
        "VIA",
        "x-amz-cf-id",
        "X-Served-By",
        "CF-RAY",
        "Location",
        "Referer",
        "X-Ms-Version",
    ] {
        assert!(is_evidence_header(name), "{name}");
    }
    for name in [
        "",
        "Accept",
        "Access-Control-Expose-Headers",
        "Cookie",
        &"x".repeat(70_000),
        "сервер",
    ] {
        assert!(!is_evidence_header(name));
    }
}

#[test]
fn no_header_alone_is_conclusive_and_every_rule_is_dated() {
    for name in [
        "server",
        "via",
        "x-cache",
        "cf-ray",
        "x-amz-cf-id",
        "x-ms-request-id",
    ] {
        let rules = catalogue().header_rules(name);
        assert!(!rules.is_empty(), "{name}");
        for rule in rules {
            assert!(
                rule.rule.strength < Strength::Conclusive,
                "{}",
                rule.rule.id
            );
            let year = rule.rule.source.rsplit(", ").next().expect("never empty");
            assert!(
                year.starts_with("20"),
                "{} has no date: {}",
                rule.rule.id,
                rule.rule.source
            );
        }
    }
}

/// The inputs that the scripts name, by package.
fn inputs_of_scripts() -> BTreeMap<&'static str, (&'static str, &'static str)> {
    let scripts = [
        include_str!("../assets/providers/build_ranges.py"),
        include_str!("../assets/providers/build_networks.py"),
    ];
    let lines = scripts.into_iter().flat_map(str::lines);
    let sources = ["CLOUDIP = (", "ASN = (", "COUNTRY = ("];
    lines
        .filter(|line| sources.iter().any(|source| line.starts_with(source)))
        .map(|line| {
            let words: Vec<&str> = line.split('"').skip(1).step_by(2).collect();
            (words[0], (words[1], words[2]))
        })
        .collect()
}

#[test]
fn the_address_tables_were_built_from_what_the_scripts_and_the_readme_name() {
    let readme = include_str!("../assets/providers/README.md");
    let scripts = inputs_of_scripts();
    let ranges = catalogue().ranges();
    assert_eq!(ranges.inputs().len(), 2);
    assert!(30_000 < ranges.len(), "{} intervals", ranges.len());
    let inputs: Vec<&RangeInput> = catalogue().address_inputs().collect();
    assert_eq!(inputs.len(), scripts.len());
    for input in inputs {
        let known = scripts.get(input.package.as_str()).copied();
        assert_eq!(known, Some((input.version.as_str(), input.date.as_str())));
        let line = format!("`{}` {}, {}", input.package, input.version, input.date);
        assert!(readme.contains(&line), "the README does not name {line}");
    }
}

#[test]
fn every_rule_is_found_by_its_id_and_says_what_it_asks_for() {
    let n = catalogue().rules().count();
    assert!(300 < n, "{n} rules");
    for card in catalogue().rules() {
        assert_eq!(catalogue().rule(card.id).as_ref(), Some(&card));
        assert!(!card.condition.is_empty() && !card.source.is_empty());
        assert!(
            card.pack
                .starts_with(card.id.split_once('/').expect("provider/rule").0)
        );
    }
    let condition = |id: &str| catalogue().rule(id).expect(id).condition;
    assert_eq!(
        condition("aws/host-cloudfront.net"),
        "host is cloudfront.net or ends in .cloudfront.net"
    );
    assert_eq!(
        condition("aws/header-x-amz-cf-id"),
        "header x-amz-cf-id is present"
    );
    assert_eq!(
        condition("aws/header-server-s3"),
        "header server is AmazonS3"
    );
    assert_eq!(
        condition("aws/header-x-amz-id-2"),
        "header x-amz-id-2 matches ^[A-Za-z0-9+/]{75,}=*$ beside x-amz-request-id"
    );
    let ranges = condition("aws/range-aws-cloudfront");
    assert!(
        ranges.starts_with("address in aws-cloudfront, ") && ranges.ends_with(" ranges"),
        "{ranges}"
    );
    assert_eq!(catalogue().rule("aws/host-example.com"), None);
}

#[test]
fn request_ids_are_unique_and_properties_of_an_object_are_not() {
    let is_unique = |name: &str| {
        catalogue()
            .header_rules(name)
            .iter()
            .all(|rule| rule.is_unique)
    };
    for name in [
        "x-amz-request-id",
        "x-amz-cf-id",
        "x-ms-request-id",
        "cf-ray",
        "akamai-grn",
    ] {
        assert!(is_unique(name), "{name}");
    }
    for name in [
        "server",
        "x-amz-version-id",
        "etag",
        "x-ms-blob-type",
        "via",
    ] {
        assert!(!is_unique(name), "{name}");
    }
}
