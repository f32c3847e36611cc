//! What speaks for one provider in one place: the strongest observation of each family counts.

use std::cmp::Reverse;

use super::judgement::Part;
use crate::attribution::evidence::{Family, Strength};
use crate::attribution::findings::{Bearing, Finding};
use crate::attribution::verdict::Conclusiveness;
use crate::providers::{ProviderId, ServiceId, ServiceKind, catalogue};

/// What speaks for one provider in one place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate<'a> {
    /// Whose machines: one for providers that share theirs.
    pub(super) network: ProviderId,
    pub(super) service: ServiceId,
    /// The observation that decided the service.
    pub(super) best: Finding<'a>,
    /// The strongest observation of each family, whichever product of the provider it is about.
    pub(super) families: [Option<Strength>; 8],
    /// The strongest observation that bears on the answer itself.
    direct: Option<Strength>,
    /// The strongest name of the host itself that speaks for it.
    pub(super) named: Option<Strength>,
    /// The same, of those that are about this product.
    agreeing: [Option<Strength>; 8],
    /// With the rule that names it.
    region: Option<(&'a str, &'a str)>,
}

impl<'a> Candidate<'a> {
    pub(super) fn new(service: ServiceId, finding: &Finding<'a>) -> Self {
        Self {
            network: catalogue().network_of(service),
            service,
            best: *finding,
            families: [None; 8],
            direct: None,
            named: None,
            agreeing: [None; 8],
            region: None,
        }
    }

    pub(super) fn add(&mut self, service: ServiceId, finding: &Finding<'a>) {
        let family = &mut self.families[finding.family as usize];
        *family = (*family).max(Some(finding.strength));
        if finding.bearing != Bearing::Owner {
            self.direct = self.direct.max(Some(finding.strength));
        }
        if finding.family == Family::Name && finding.bearing == Bearing::Answer {
            self.named = self.named.max(Some(finding.strength));
        }
        if rank(self.service, &self.best) < rank(service, finding) {
            self.service = service;
            self.best = *finding;
        }
        // The place must not depend on the order of headers.
        let region = finding.region.map(|region| (finding.rule, region));
        self.region = match (self.region, region) {
            (Some(known), Some(other)) => Some(known.min(other)),
            (known, other) => known.or(other),
        };
    }

    /// Counts `finding` among those about this product: a range or a name of the provider as a whole fits all of them.
    pub(super) fn agree(&mut self, service: ServiceId, finding: &Finding<'a>) {
        let is_general = || catalogue().service(service).id == "other";
        if service == self.service || finding.family == Family::Address || is_general() {
            let family = &mut self.agreeing[finding.family as usize];
            *family = (*family).max(Some(finding.strength));
        }
    }

    /// The strongest observation that bears on the answer itself, not only on whose content it is.
    pub(super) const fn strength(&self) -> Option<Strength> {
        self.direct
    }

    pub(super) fn has(&self, family: Family) -> Option<Strength> {
        self.families[family as usize]
    }

    pub(super) fn count(&self, at_least: Strength) -> usize {
        let strengths = self.families.into_iter().flatten();
        strengths.filter(|strength| at_least <= *strength).count()
    }

    /// How conclusive it is when nothing else competes.
    pub(super) fn conclusiveness(&self, has_against: bool) -> Conclusiveness {
        if self.direct.is_none() {
            return Conclusiveness::Suggestive;
        }
        let agreeing = |at_least| {
            let strengths = self.agreeing.into_iter().flatten();
            strengths.filter(|strength| at_least <= *strength).count()
        };
        let strong = agreeing(Strength::Strong);
        let hints = agreeing(Strength::Suggestive);
        match (strong, has_against) {
            (2.., false) => Conclusiveness::Conclusive,
            (1, false) | (2.., true) => Conclusiveness::Strong,
            (0, false) if 2 <= hints => Conclusiveness::Strong,
            _ => Conclusiveness::Suggestive,
        }
    }

    pub(super) fn part(&self, conclusiveness: Conclusiveness) -> Part<'a> {
        Part {
            service: self.service,
            region: self.region.map(|(_, region)| region),
            conclusiveness,
        }
    }
}

/// Which observation names the product best: the stronger one; then a product rather than a company's front end or
/// cloud as a whole; then what the answer says rather than where it came from.
fn rank(service: ServiceId, finding: &Finding<'_>) -> (Strength, u8, bool, Reverse<ServiceId>) {
    let specific = match catalogue().service(service).kind {
        // A name that a platform hands out says more than the marks of the network that carries it.
        ServiceKind::Platform if finding.family == Family::Name => 3,
        ServiceKind::Cdn | ServiceKind::Storage => 2,
        ServiceKind::Platform | ServiceKind::FrontEnd => 1,
        ServiceKind::Compute | ServiceKind::Gateway => 0,
    };
    (
        finding.strength,
        specific,
        finding.family != Family::Address,
        // Whatever comes first must not depend on the order of headers.
        Reverse(service),
    )
}

/// What speaks for each network in one place, in the order of their numbers.
pub(super) fn candidates<'f, 'a: 'f>(
    findings: impl Iterator<Item = (ServiceId, &'f Finding<'a>)> + Clone,
) -> Vec<Candidate<'a>> {
    let mut candidates: Vec<Candidate<'a>> = Vec::new();
    for (service, finding) in findings.clone() {
        let network = catalogue().network_of(service);
        let at = candidates.iter().position(|known| known.network == network);
        let at = at.unwrap_or_else(|| {
            candidates.push(Candidate::new(service, finding));
            candidates.len() - 1
        });
        candidates[at].add(service, finding);
    }
    candidates.sort_by_key(|candidate| candidate.network);
    for (service, finding) in findings {
        let network = catalogue().network_of(service);
        let mut known = candidates.iter_mut();
        if let Some(candidate) = known.find(|known| known.network == network) {
            candidate.agree(service, finding);
        }
    }
    candidates
}
