//! Plain lists: one block of addresses a line, `#` begins a comment. Cloudflare's are known by its own blocks.

use super::Reading;
use crate::providers::block::Block;
use crate::providers::catalogue::Catalogue;

/// A block of Cloudflare since its beginnings, in each of its two lists.
const CLOUDFLARE_V4: &str = "104.16.0.0/12";
const CLOUDFLARE_V6: &str = "2606:4700::/32";

pub(super) fn read(
    text: &str,
    service: Option<&str>,
    catalogue: &Catalogue,
) -> Result<Reading, String> {
    let mut blocks = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        let entry = line.split('#').next().unwrap_or_default().trim();
        if entry.is_empty() {
            continue;
        }
        let block = Block::parse(entry.trim_end_matches(','))
            .ok_or_else(|| format!("line {number}: not a block of addresses: {entry}"))?;
        blocks.push(block);
    }
    let (mut reading, tag) = match service {
        Some(service) => named(service, catalogue)?,
        None => (cloudflare(&blocks)?, "cloudflare".to_owned()),
    };
    for block in blocks {
        reading.take(block, &tag, "");
    }
    Ok(reading)
}

fn named(service: &str, catalogue: &Catalogue) -> Result<(Reading, String), String> {
    let id = catalogue
        .find(service)
        .ok_or_else(|| format!("no service is called {service}: see `headwater providers list`"))?;
    let source = format!("list of {}", catalogue.service(id).name);
    let table = format!("list-{}", service.replace('/', "-"));
    Ok((Reading::new(&source, &table), service.to_owned()))
}

fn cloudflare(blocks: &[Block]) -> Result<Reading, String> {
    let has = |known: &str| {
        Block::parse(known).is_some_and(|known| blocks.iter().any(|block| known.contains(block)))
    };
    match (has(CLOUDFLARE_V4), has(CLOUDFLARE_V6)) {
        (true, true) => Ok(Reading::new("Cloudflare IP ranges", "cloudflare-ips")),
        (true, false) => Ok(Reading::new("Cloudflare ips-v4", "cloudflare-ips-v4")),
        (false, true) => Ok(Reading::new("Cloudflare ips-v6", "cloudflare-ips-v6")),
        (false, false) => Err(
            "a plain list does not say whose addresses it holds: add --service PROVIDER/SERVICE"
                .to_owned(),
        ),
    }
}
