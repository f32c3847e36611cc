//! Places for secrets within URLs, and URLs that are secret in themselves.

use serde_json::{Value, json};

use crate::kinds::{Encoding, Kind, component};
use crate::planted::Class;
use crate::planted::{Entry, Garden, Put, header};

/// Places within the URL of the request: name, what makes it secret there, and how it is put there.
pub(crate) const URL_PLACES: &[(&str, Class, Put)] = {
    use Class::{Named, Shape};
    &[
        ("url path", Shape, |entry, text| {
            entry.segments.push(text.to_owned());
        }),
        ("url path, file", Shape, |entry, text| {
            entry.segments.push(format!("{text}.json"));
        }),
        ("url path behind reset/", Named, |entry, text| {
            entry.segments.extend(["reset".to_owned(), text.to_owned()]);
        }),
        ("url path, key=value", Shape, |entry, text| {
            entry.segments.push(format!("id={text}"));
        }),
        ("url path, name~value", Shape, |entry, text| {
            entry.segments.push(format!("v1~{text}"));
        }),
        ("url matrix, jsessionid", Named, |entry, text| {
            entry.segments.push(format!("home;jsessionid={text}"));
        }),
        ("url matrix, other", Shape, |entry, text| {
            entry.segments.push(format!("list;v={text};w=2"));
        }),
        ("url query, secret name", Named, |entry, text| {
            entry.query.push(format!("access_token={text}"));
        }),
        ("url query, secret name encoded", Named, |entry, text| {
            entry.query.push(format!("user%5Bpassword%5D={text}"));
        }),
        ("url query, harmless name", Shape, |entry, text| {
            entry.query.push(format!("q={text}"));
        }),
        ("url query, list", Shape, |entry, text| {
            entry.query.push(format!("ids=1,{text},2"));
        }),
        ("url query, semicolon", Shape, |entry, text| {
            entry.query.push(format!("a=1;b={text}"));
        }),
        ("url query, name", Shape, |entry, text| {
            entry.query.push(format!("{text}=1"));
        }),
        ("url query, bare", Shape, |entry, text| {
            entry.query.push(text.to_owned());
        }),
        ("url query, oauth code", Named, |entry, text| {
            entry.query.push(format!("code={text}"));
        }),
        ("url query, oauth state", Named, |entry, text| {
            entry.query.push(format!("state={text}"));
        }),
        ("url query, SAMLResponse", Named, |entry, text| {
            entry.query.push(format!("SAMLResponse={text}"));
        }),
        ("url query, Azure sig", Named, |entry, text| {
            entry.query.push(format!("sv=2022-11-02&sr=b&sig={text}"));
        }),
        ("url query, CloudFront Signature", Named, |entry, text| {
            entry
                .query
                .push(format!("Expires=1777777777&Signature={text}"));
        }),
        ("url query, CloudFront Key-Pair-Id", Named, |entry, text| {
            entry.query.push(format!("Key-Pair-Id={text}"));
        }),
        ("url query, S3 signature", Named, |entry, text| {
            entry.query.push(format!(
                "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature={text}"
            ));
        }),
        ("url query, S3 credential", Named, |entry, text| {
            entry.query.push(format!(
                "X-Amz-Credential={text}%2F20260501%2Feu-west-1%2Fs3%2Faws4_request"
            ));
        }),
        ("url query, S3 security token", Named, |entry, text| {
            entry.query.push(format!("X-Amz-Security-Token={text}"));
        }),
        ("url query, Google signature", Named, |entry, text| {
            entry.query.push(format!("X-Goog-Signature={text}"));
        }),
        ("url query, Akamai hdnts", Named, |entry, text| {
            entry
                .query
                .push(format!("hdnts=exp=1777777777~acl=/*~hmac={text}"));
        }),
        ("url path, Akamai hdntl", Named, |entry, text| {
            entry
                .segments
                .push(format!("hdntl=exp=1777777777~acl=%2f*~hmac={text}"));
        }),
        ("url query, url within", Shape, |entry, text| {
            entry.query.push(format!(
                "next=https%3A%2F%2Fin.example%2F%3Fq%3D{}",
                component(text)
            ));
        }),
        ("url query, token in url within", Named, |entry, text| {
            entry.query.push(format!(
                "next=https%3A%2F%2Fin.example%2F%3Ftoken%3D{}",
                component(text)
            ));
        }),
        ("url query, path of url within", Shape, |entry, text| {
            entry.query.push(format!("u=https://in.example/x/{text}/y"));
        }),
        ("url query, JSON", Shape, |entry, text| {
            entry
                .query
                .push(format!("filter=%7B%22id%22%3A%22{text}%22%7D"));
        }),
        ("url query, secret key of JSON", Named, |entry, text| {
            entry
                .query
                .push(format!("filter=%7B%22password%22%3A%22{text}%22%7D"));
        }),
        ("url fragment", Shape, |entry, text| {
            entry.fragment = format!("#/inbox/{text}");
        }),
        ("url fragment, token", Named, |entry, text| {
            entry.fragment = format!("#access_token={text}&token_type=bearer");
        }),
        ("url user", Named, |entry, text| {
            entry.user_info = format!("{text}@");
        }),
        ("url password", Named, |entry, text| {
            entry.user_info = format!("jo:{text}@");
        }),
    ]
};

/// URLs of other schemes, hosts that are wholly a token, and places that are secret as a whole.
const URLS: &[(&str, Kind, &str)] = {
    use Kind::{Hex32, Hex40, Jwt, Mail, Mixed22, Short, Telegram, UserName, Uuid, Words};
    &[
        ("blob: URL", Uuid, "blob:https://www.shop.example/{}"),
        ("blob: URL of nothing", Uuid, "blob:null/{}"),
        (
            "filesystem: URL",
            Hex32,
            "filesystem:https://www.shop.example/temporary/{}",
        ),
        ("file: URL, Linux", UserName, "file:///home/{}/report.html"),
        (
            "file: URL, macOS",
            UserName,
            "file:///Users/{}/Desktop/report.html",
        ),
        (
            "file: URL, Windows",
            UserName,
            "file:///C:/Users/{}/Documents/report.html",
        ),
        ("data: URL", Mixed22, "data:text/plain,{}"),
        ("data: URL, words", Words, "data:text/html,%3Cp%3E{}"),
        ("data: URL, base64", Jwt, "data:text/plain;base64,{}"),
        ("about: URL", Uuid, "about:blank#{}"),
        ("javascript: URL", Short, "javascript:login('password={}')"),
        (
            "WebSocket URL",
            Jwt,
            "wss://ws.shop.example/socket?token={}",
        ),
        (
            "WebSocket URL, path",
            Uuid,
            "wss://ws.shop.example/socket/{}/x",
        ),
        ("host", Uuid, "https://{}.shop.example/"),
        ("host", Hex32, "https://{}.shop.example/x"),
        ("host within", Hex40, "https://a.{}.shop.example/x"),
        ("host and port", Uuid, "https://{}.shop.example:8443/"),
        (
            "Telegram bot",
            Telegram,
            "https://api.telegram.example/bot{}/sendMessage",
        ),
        (
            "Slack webhook",
            Mixed22,
            "https://hooks.slack.com/services/T0AB12CD3/B0AB12CD3/{}",
        ),
        (
            "Discord webhook",
            Kind::Mixed43,
            "https://discord.example/api/webhooks/1777777777777777777/{}",
        ),
        (
            "Teams webhook",
            Hex32,
            "https://x.webhook.office.example/webhookb2/a/IncomingWebhook/{}/b",
        ),
        (
            "ASP.NET session",
            Kind::Lower24,
            "https://www.shop.example/(S({}))/Default.aspx",
        ),
        (
            "jsessionid",
            Kind::HexUpper32,
            "https://www.shop.example/cart;jsessionid={}?a=1",
        ),
        (
            "jsessionid with a node",
            Kind::HexUpper32,
            "https://www.shop.example/cart;jsessionid={}.node1",
        ),
        (
            "SID within a path",
            Short,
            "https://www.shop.example/sid/{}/inbox",
        ),
        (
            "unsubscribe",
            Mail,
            "https://www.shop.example/unsubscribe/{}",
        ),
        (
            "URL within a path",
            Mixed22,
            "https://proxy.example/https://in.example/s/{}",
        ),
        (
            "URL within a path, token",
            Words,
            "https://proxy.example/fetch/https%3A%2F%2Fin.example%2F%3Ftoken%3D{}",
        ),
        ("backslashes", Mixed22, "https://www.shop.example\\s\\{}\\x"),
        (
            "upper-case scheme",
            Words,
            "HTTPS://www.shop.example/?PASSWORD={}",
        ),
        ("no scheme", Words, "//www.shop.example/?password={}"),
        ("only a path", Words, "/?password={}"),
        ("no host", Uuid, "https:///{}"),
        (
            "port that is none",
            Words,
            "https://www.shop.example:99999/?password={}",
        ),
        ("user info with @", Words, "https://jo@{}@www.shop.example/"),
        (
            "two question marks",
            Words,
            "https://www.shop.example/?a=1?password={}",
        ),
        (
            "question mark encoded",
            Words,
            "https://www.shop.example/a%3Fpassword={}",
        ),
        (
            "encoded =",
            Words,
            "https://www.shop.example/?password%3D{}",
        ),
        (
            "encoded &",
            Words,
            "https://www.shop.example/?a=1%26password={}",
        ),
        (
            "entity &",
            Words,
            "https://www.shop.example/?a=1&amp;password={}",
        ),
        (
            "name with blanks",
            Words,
            "https://www.shop.example/?%20pass%77ord%20={}",
        ),
        (
            "tab within a name",
            Words,
            "https://www.shop.example/?pass\tword={}",
        ),
        (
            "full-width slash",
            Mixed22,
            "https://www.shop.example/s／{}",
        ),
        ("not UTF-8", Mixed22, "https://www.shop.example/%ff%fe{}"),
        (
            "hash route with query",
            Words,
            "https://www.shop.example/#!/login?password={}",
        ),
    ]
};

/// One entry for each of them, and for hosts and addresses in headers.
pub(crate) fn special_entries(garden: &mut Garden, first: usize) -> Vec<Value> {
    let mut entries = Vec::new();
    for (place, kind, pattern) in URLS {
        let text = garden.plant_in_url("har", place, *kind, Encoding::Plain);
        let mut entry = Entry::new(first + entries.len());
        entry.set("/request/url", json!(pattern.replace("{}", &text)));
        entries.push(entry.finish());
    }
    hosts_in_headers(garden, first, &mut entries);
    addresses(garden, first, &mut entries);
    entries
}

/// Hosts whose first label is a token, in headers.
fn hosts_in_headers(garden: &mut Garden, first: usize, entries: &mut Vec<Value>) {
    for (name, pattern) in [
        ("Referer", "https://{}.shop.example/"),
        ("Origin", "https://{}.shop.example"),
        ("Location", "https://{}.shop.example/x"),
        ("Host", "{}.shop.example"),
        (":authority", "{}.shop.example"),
        ("X-Forwarded-Host", "{}.shop.example"),
        ("X-Original-Host", "{}.shop.example"),
        ("Link", "<https://{}.shop.example/>; rel=x"),
        ("Set-Cookie", "a=; Domain={}.shop.example"),
        (
            "Content-Security-Policy",
            "default-src https://{}.shop.example",
        ),
    ] {
        let text = garden.plant(
            "har",
            &format!("host in {name}"),
            Kind::Uuid,
            Encoding::Plain,
        );
        let mut entry = Entry::new(first + entries.len());
        let value = pattern.replace("{}", &text);
        entry.request_headers.push(header(name, &value));
        entry.response_headers.push(header(name, &value));
        entries.push(entry.finish());
    }
}

/// Addresses of machines within a private network, in headers of requests.
fn addresses(garden: &mut Garden, first: usize, entries: &mut Vec<Value>) {
    for name in [
        "X-Forwarded-For",
        "X-Real-IP",
        "Forwarded",
        "True-Client-IP",
        "X-Client-IP",
        "CF-Connecting-IP",
        "X-ProxyUser-Ip",
        "X-Azure-ClientIP",
        "X-Remote-Addr",
    ] {
        let place = format!("address in {name}");
        let text = garden.plant("har", &place, Kind::PrivateAddress, Encoding::Plain);
        let value = if name == "Forwarded" {
            format!("for={text};proto=https")
        } else {
            text
        };
        let mut entry = Entry::new(first + entries.len());
        entry.request_headers.push(header(name, &value));
        entries.push(entry.finish());
    }
}
