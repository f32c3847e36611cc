//! Secrets in captures of other formats than HAR.

use std::io::{Cursor, Write as _};

use zip::write::{SimpleFileOptions, ZipWriter};

use crate::kinds::{BY_NAME, ENCODINGS, Encoding, Kind, SHAPES};
use crate::planted::Garden;

/// A capture: the name of its file, and its bytes.
pub(crate) type Written = (&'static str, Vec<u8>);

/// One capture per format.
pub(crate) fn captures(garden: &mut Garden) -> Vec<Written> {
    vec![
        ("access.log", squid(garden)),
        ("mime.log", squid_with_headers(garden)),
        ("combined.log", combined(garden)),
        ("u_ex260501.log", iis(garden)),
        ("items.xml", burp(garden)),
        ("session.chlsj", charles(garden)),
        ("session.saz", saz(garden)),
        ("http.log", zeek(garden)),
        ("edge.log", cloudfront(garden)),
        ("alb.log", load_balancer(garden)),
    ]
}

/// URLs with secrets in them: each a place, as path and query.
fn targets(garden: &mut Garden, format: &'static str) -> Vec<(String, String)> {
    const PATTERNS: &[(&str, bool, &str, &str)] = &[
        ("path", false, "/s/{}/x", ""),
        ("path, file", false, "/s/{}.js", ""),
        ("matrix", true, "/a;jsessionid={}", ""),
        ("query, secret name", true, "/a", "access_token={}"),
        ("query, harmless name", false, "/a", "q={}&page=2"),
        ("query, name", false, "/a", "{}=1"),
        ("signature", true, "/a", "Expires=1777777777&Signature={}"),
        (
            "url within",
            true,
            "/a",
            "next=https%3A%2F%2Fin.example%2F%3Ftoken%3D{}",
        ),
    ];
    let mut all = Vec::new();
    for (number, (place, is_named, path, query)) in PATTERNS.iter().enumerate() {
        let offset = format.len() + number * 3;
        let plain = (0..2).map(|idx| (SHAPES[(offset + idx) % SHAPES.len()], Encoding::Plain));
        let named = is_named.then(|| (BY_NAME[offset % BY_NAME.len()], Encoding::Plain));
        let encoded = (
            SHAPES[(offset + 2) % SHAPES.len()],
            ENCODINGS[offset % ENCODINGS.len()],
        );
        for (kind, encoding) in plain.chain(named).chain([encoded]) {
            let place = format!("url {place}");
            let text = garden.plant_in_url(format, &place, kind, encoding);
            all.push((path.replace("{}", &text), query.replace("{}", &text)));
        }
    }
    all
}

fn joined(path: &str, query: &str) -> String {
    if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{query}")
    }
}

/// A line that no reader of the format understands: what is said about it must not quote it.
fn broken_line(garden: &mut Garden, format: &'static str) -> String {
    let text = garden.plant(format, "broken line", Kind::Jwt, Encoding::Plain);
    let name = garden.plant(format, "broken line, name", Kind::Mail, Encoding::Plain);
    format!("??? token={text} {name} GET\n")
}

/// A page that a request came from.
fn referer(garden: &mut Garden, format: &'static str, number: usize) -> String {
    let kind = SHAPES[number % SHAPES.len()];
    let text = garden.plant_in_url(format, "referer", kind, Encoding::Plain);
    if number.is_multiple_of(2) {
        format!("https://ref.example/s/{text}/x")
    } else {
        format!("https://ref.example/?q={text}")
    }
}

fn squid(garden: &mut Garden) -> Vec<u8> {
    let mut log: Vec<String> = Vec::new();
    for (number, (path, query)) in targets(garden, "squid").into_iter().enumerate() {
        let url = format!("http://shop.example{}", joined(&path, &query));
        let user = if number < 4 {
            garden.plant("squid", "user name", Kind::Mail, Encoding::Plain)
        } else {
            "-".to_owned()
        };
        log.push(format!("1795371{:03}.178   1178 192.0.2.9 TCP_MISS/200 575 GET {url} {user} HIER_DIRECT/192.0.2.1 text/html\n", 100 + number));
    }
    log.push(broken_line(garden, "squid"));
    log.concat().into_bytes()
}

fn squid_with_headers(garden: &mut Garden) -> Vec<u8> {
    let mut log: Vec<String> = Vec::new();
    for (number, kind) in SHAPES.iter().enumerate().take(12) {
        let mut value =
            |place: &str, kind| garden.plant("squid, headers", place, kind, Encoding::Plain);
        let request = [
            format!("Cookie: sid={}", value("Cookie", Kind::Words)),
            format!(
                "Authorization: Bearer {}",
                value("Authorization", Kind::Short)
            ),
            format!("X-Auth: {}", value("X-Auth", Kind::Words)),
            format!("X-Foo-Bar: {}", value("X-Foo-Bar", *kind)),
            format!(
                "Referer: https://ref.example/s/{}/",
                value("Referer", Kind::Hex32)
            ),
        ];
        let reply = [
            format!(
                "Set-Cookie: sid={}; Path=/",
                value("Set-Cookie", Kind::Words)
            ),
            format!("Location: /s/{}", value("Location", Kind::Uuid)),
            "Server: AmazonS3".to_owned(),
        ];
        let (request, reply) = (request.join("\\r\\n"), reply.join("\\r\\n"));
        log.push(format!("1795371{:03}.178   1178 192.0.2.9 TCP_MISS/302 575 GET http://a.example/ - HIER_DIRECT/192.0.2.1 text/html [Host: a.example\\r\\n{request}\\r\\n] [HTTP/1.1 302 Found\\r\\n{reply}\\r\\n\\r]\n", 100 + number));
    }
    log.concat().into_bytes()
}

fn combined(garden: &mut Garden) -> Vec<u8> {
    let mut log: Vec<String> = Vec::new();
    for (number, (path, query)) in targets(garden, "combined").into_iter().enumerate() {
        let referer = referer(garden, "combined", number);
        let user = if number < 4 {
            garden.plant("combined", "user name", Kind::Mail, Encoding::Plain)
        } else {
            "-".to_owned()
        };
        let agent = if (4..8).contains(&number) {
            garden.plant("combined", "user agent", Kind::Mail, Encoding::Plain)
        } else {
            "Mozilla/5.0".to_owned()
        };
        log.push(format!("192.0.2.9 - {user} [23/Nov/2026:02:43:{:02} +0000] \"GET {} HTTP/1.1\" 200 148 \"{referer}\" \"{agent}\"\n", number % 60, joined(&path, &query)));
    }
    log.push(broken_line(garden, "combined"));
    log.concat().into_bytes()
}

fn iis(garden: &mut Garden) -> Vec<u8> {
    let mut log = vec!["#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n#Date: 2026-11-23 02:46:59\n#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) cs(Cookie) cs(X-Auth) cs(X-Foo-Bar) cs-host sc-status sc-substatus sc-win32-status time-taken\n".to_owned()];
    for (number, (path, query)) in targets(garden, "iis").into_iter().enumerate() {
        let referer = referer(garden, "iis", number);
        let mut value = |place: &str, kind| garden.plant("iis", place, kind, Encoding::Plain);
        let (cookie, auth) = (value("cookie", Kind::Words), value("X-Auth", Kind::Short));
        let user = if number < 4 {
            value("user name", Kind::Mail)
        } else {
            "-".to_owned()
        };
        let other = value("unknown header", Kind::Mixed22);
        let query = if query.is_empty() { "-" } else { &query };
        log.push(format!("2026-11-23 02:46:59 192.0.2.10 GET {path} {query} 443 {user} 192.0.2.1 curl/7.88.1 {referer} sid={cookie};+a=1 {auth} {other} shop.example 200 0 0 283\n"));
    }
    log.push(broken_line(garden, "iis"));
    log.concat().into_bytes()
}

/// A request and a reply as they went over the wire, with secrets in both.
fn messages(
    garden: &mut Garden,
    format: &'static str,
    target: &str,
    number: usize,
) -> (String, String) {
    let referer = referer(garden, format, number);
    let mut value = |place: &str, kind| garden.plant(format, place, kind, Encoding::Plain);
    let request = format!(
        "POST {target} HTTP/1.1\r\nHost: shop.example\r\nCookie: sid={}\r\nAuthorization: Bearer {}\r\nX-User: {}\r\nX-Foo-Bar: {}\r\nReferer: {referer}\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\nuser=jo&password={}",
        value("Cookie", Kind::Words),
        value("Authorization", Kind::Short),
        value("X-User", Kind::UserName),
        value("X-Foo-Bar", SHAPES[number % SHAPES.len()]),
        value("body of the request", Kind::Words),
    );
    let reply = format!(
        "HTTP/1.1 302 Found\r\nServer: AmazonS3\r\nSet-Cookie: sid={}; Path=/\r\nLocation: /cb?code={}\r\nContent-Type: application/json\r\n\r\n{{\"access_token\":\"{}\"}}",
        value("Set-Cookie", Kind::Words),
        value("Location", Kind::Short),
        value("body of the reply", Kind::Mixed22),
    );
    (request, reply)
}

fn burp(garden: &mut Garden) -> Vec<u8> {
    let mut xml = vec!["<?xml version=\"1.0\"?>\n<items burpVersion=\"2024.9.5\" exportTime=\"Sun Nov 22 10:05:00 GMT 2026\">\n".to_owned()];
    for (number, (path, query)) in targets(garden, "burp").into_iter().enumerate() {
        let target = joined(&path, &query);
        let (request, reply) = messages(garden, "burp", &target, number);
        let comment = garden.plant("burp", "comment", Kind::Mail, Encoding::Plain);
        let packed =
            |text: &str| base64::Engine::encode(&base64::engine::general_purpose::STANDARD, text);
        xml.push(format!(
            "  <item>\n    <time>Sun Nov 22 10:00:00 GMT 2026</time>\n    <url><![CDATA[https://shop.example{target}]]></url>\n    <host ip=\"192.0.2.10\">shop.example</host>\n    <port>443</port>\n    <protocol>https</protocol>\n    <method><![CDATA[POST]]></method>\n    <path><![CDATA[{target}]]></path>\n    <extension>null</extension>\n    <request base64=\"true\"><![CDATA[{}]]></request>\n    <status>302</status>\n    <responselength>105</responselength>\n    <mimetype>JSON</mimetype>\n    <response base64=\"true\"><![CDATA[{}]]></response>\n    <comment>{comment}</comment>\n  </item>\n",
            packed(&request),
            packed(&reply),
        ));
    }
    xml.push("</items>\n".to_owned());
    xml.concat().into_bytes()
}

/// The headers of a message as Charles writes them.
fn charles_headers(message: &str) -> Vec<serde_json::Value> {
    let lines = message
        .split("\r\n")
        .skip(1)
        .take_while(|line| !line.is_empty());
    lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| serde_json::json!({"name": name, "value": value}))
        .collect()
}

fn charles(garden: &mut Garden) -> Vec<u8> {
    let mut transactions = Vec::new();
    for (number, (path, query)) in targets(garden, "charles").into_iter().enumerate() {
        let (request, reply) = messages(garden, "charles", &joined(&path, &query), number);
        let body = |message: &str| {
            message
                .split_once("\r\n\r\n")
                .map(|(_, body)| body.to_owned())
        };
        transactions.push(serde_json::json!({
            "status": "COMPLETE", "method": "POST", "protocolVersion": "HTTP/1.1", "scheme": "https", "host": "shop.example", "port": null, "actualPort": 443,
            "path": path, "query": if query.is_empty() { None } else { Some(query) }, "tunnel": false, "keptAlive": false, "webSocket": false,
            "remoteAddress": "shop.example/192.0.2.7", "clientAddress": "/127.0.0.1", "clientPort": 50100,
            "notes": garden.plant("charles", "notes", Kind::Mail, Encoding::Plain),
            "times": {"start": "2026-03-11T10:50:00.100+01:00", "end": "2026-03-11T10:50:00.260+01:00"}, "durations": {"total": 160}, "totalSize": 900,
            "request": {"sizes": {"headers": 120, "body": 20}, "mimeType": "application/x-www-form-urlencoded", "charset": null, "contentEncoding": null,
                "header": {"firstLine": "POST / HTTP/1.1", "headers": charles_headers(&request)}, "body": {"text": body(&request), "charset": "UTF-8"}},
            "response": {"status": 302, "sizes": {"headers": 200, "body": 34}, "mimeType": "application/json", "charset": null, "contentEncoding": null,
                "header": {"firstLine": "HTTP/1.1 302 Found", "headers": charles_headers(&reply)}, "body": {"text": body(&reply), "charset": "UTF-8"}},
        }));
    }
    serde_json::Value::Array(transactions)
        .to_string()
        .into_bytes()
}

fn saz(garden: &mut Garden) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let mut add = |name: String, text: &str| {
        archive
            .start_file(name, SimpleFileOptions::default())
            .expect("a member");
        archive.write_all(text.as_bytes()).expect("written");
    };
    for (number, (path, query)) in targets(garden, "saz").into_iter().enumerate() {
        let target = format!("https://shop.example{}", joined(&path, &query));
        let (request, reply) = messages(garden, "saz", &target, number);
        let comment = garden.plant("saz", "comment", Kind::Mail, Encoding::Plain);
        let n = number + 1;
        add(format!("raw/{n:03}_c.txt"), &request);
        add(format!("raw/{n:03}_s.txt"), &reply);
        add(
            format!("raw/{n:03}_m.xml"),
            &format!(
                "<?xml version=\"1.0\" encoding=\"utf-8\"?><Session SID=\"{n}\" BitFlags=\"0\"><SessionTimers ClientConnected=\"2026-05-01T10:00:00.0000000+00:00\" ClientBeginRequest=\"2026-05-01T10:00:00.0000000+00:00\" /><SessionFlags><SessionFlag N=\"ui-comments\" V=\"{comment}\" /><SessionFlag N=\"x-hostip\" V=\"192.0.2.7\" /></SessionFlags></Session>"
            ),
        );
    }
    archive.finish().expect("an archive").into_inner()
}

fn zeek(garden: &mut Garden) -> Vec<u8> {
    let mut log = vec!["#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\thttp\n#open\t2026-11-23-02-46-59\n#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\ttrans_depth\tmethod\thost\turi\treferrer\tversion\tuser_agent\torigin\trequest_body_len\tresponse_body_len\tstatus_code\tstatus_msg\tusername\tpassword\tproxied\n#types\ttime\tstring\taddr\tport\taddr\tport\tcount\tstring\tstring\tstring\tstring\tstring\tstring\tstring\tcount\tcount\tcount\tstring\tstring\tstring\tset[string]\n".to_owned()];
    for (number, (path, query)) in targets(garden, "zeek").into_iter().enumerate() {
        let referer = referer(garden, "zeek", number);
        let mut value = |place: &str, kind| garden.plant("zeek", place, kind, Encoding::Plain);
        let (user, password) = (
            value("user name", Kind::Mail),
            value("password", Kind::Words),
        );
        let proxied = value("proxied", Kind::PrivateAddress);
        log.push(format!("1795402019.{:06}\tCHhAvVGS1DHFjwGM9\t192.0.2.1\t49152\t192.0.2.10\t80\t1\tGET\tshop.example\t{}\t{referer}\t1.1\tcurl/7.88.1\t-\t0\t6640\t200\tOK\t{user}\t{password}\tX-FORWARDED-FOR -> {proxied}\n", 377_213 + number, joined(&path, &query)));
    }
    log.push(broken_line(garden, "zeek"));
    log.concat().into_bytes()
}

fn cloudfront(garden: &mut Garden) -> Vec<u8> {
    let mut log = vec!["#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version\n".to_owned()];
    for (number, (path, query)) in targets(garden, "cloudfront").into_iter().enumerate() {
        let referer = referer(garden, "cloudfront", number);
        let mut value =
            |place: &str, kind| garden.plant("cloudfront", place, kind, Encoding::Plain);
        let (cookie, address) = (
            value("cookie", Kind::Words),
            value("forwarded for", Kind::PrivateAddress),
        );
        let query = if query.is_empty() { "-" } else { &query };
        log.push(format!("2026-11-23\t02:46:59\tCDG50-P2\t703\t192.0.2.1\tGET\td111111abcdef8.cloudfront.net\t{path}\t200\t{referer}\tMozilla/5.0\t{query}\tsid={cookie};%20a=1\tHit\t375WZmnR4hhhnlZKNn0D_LvkWhAqvWvBsUqySq8f_GOoAPP3k8R8fw==\tshop.example\thttps\t62\t0.113\t{address}\tTLSv1.3\tTLS_AES_128_GCM_SHA256\tHit\tHTTP/2.0\n"));
    }
    log.push(broken_line(garden, "cloudfront"));
    log.concat().into_bytes()
}

fn load_balancer(garden: &mut Garden) -> Vec<u8> {
    let mut log: Vec<String> = Vec::new();
    for (number, (path, query)) in targets(garden, "elb").into_iter().enumerate() {
        let text = garden.plant_in_url(
            "elb",
            "redirect",
            SHAPES[(number * 3) % SHAPES.len()],
            Encoding::Plain,
        );
        log.push(format!("https 2026-11-23T02:47:{:02}.186641Z app/shop/490d68edf04676fe 192.0.2.1:2817 192.0.2.10:80 0.086 0.048 0.037 302 302 7 57 \"GET https://shop.example:443{} HTTP/1.1\" \"curl/7.46.0\" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/shop/73e2d6bc24d8a067 \"Root=1-58337281-1d84f3d73c47ec4e58577259\" \"shop.example\" \"-\" 1 2026-11-23T02:47:00.100000Z \"redirect\" \"https://shop.example:443/s/{text}\" \"-\" \"-\" \"192.0.2.10:80\" \"302\" \"-\" \"-\"\n", number % 60, joined(&path, &query)));
    }
    log.push(broken_line(garden, "elb"));
    log.concat().into_bytes()
}
