//! What speaks for one provider in one place: the strongest observation of each family counts.

use super::judgement::Part;
use crate::attribution::evidence::{Family, Strength};
use crate::attribution::findings::Finding;
use crate::attribution::verdict::Conclusiveness;
use crate::providers::{ProviderId, ServiceId, ServiceKind, catalogue};

/// What speaks for one provider in one place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate<'a> {
    pub(super) provider: ProviderId,
    pub(super) service: ServiceId,
    /// The observation that decided the service.
    pub(super) best: Finding<'a>,
    /// The strongest observation of each family, whichever product of the provider it is about.
    pub(super) families: [Option<Strength>; 8],
    /// The same, of those that are about this product.
    agreeing: [Option<Strength>; 8],
    pub(super) region: Option<&'a str>,
}

impl<'a> Candidate<'a> {
    pub(super) fn new(service: ServiceId, finding: &Finding<'a>) -> Self {
        Self {
            provider: catalogue().provider_of(service),
            service,
            best: *finding,
            families: [None; 8],
            agreeing: [None; 8],
            region: None,
        }
    }

    pub(super) fn add(&mut self, service: ServiceId, finding: &Finding<'a>) {
        let family = &mut self.families[finding.family as usize];
        *family = (*family).max(Some(finding.strength));
        if rank(self.service, &self.best) < rank(service, finding) {
            self.service = service;
            self.best = *finding;
        }
        self.region = self.region.or(finding.region);
    }

    /// Counts `finding` among those about this product: a range or a name of the provider as a whole fits all of them.
    pub(super) fn agree(&mut self, service: ServiceId, finding: &Finding<'a>) {
        let is_general = || catalogue().service(service).id == "other";
        if service == self.service || finding.family == Family::Address || is_general() {
            let family = &mut self.agreeing[finding.family as usize];
            *family = (*family).max(Some(finding.strength));
        }
    }

    pub(super) fn strength(&self) -> Option<Strength> {
        self.families.into_iter().flatten().max()
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
            region: self.region,
            conclusiveness,
        }
    }
}

/// Which observation names the product best: the stronger one; then a product rather than a company's front end or
/// cloud as a whole; then what the answer says rather than where it came from.
fn rank(service: ServiceId, finding: &Finding<'_>) -> (Strength, u8, bool) {
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
    )
}

pub(super) fn candidates<'f, 'a: 'f>(
    findings: impl Iterator<Item = (ServiceId, &'f Finding<'a>)> + Clone,
) -> Vec<Candidate<'a>> {
    let mut candidates: Vec<Candidate<'a>> = Vec::new();
    for (service, finding) in findings.clone() {
        let provider = catalogue().provider_of(service);
        let at = candidates
            .iter()
            .position(|known| known.provider == provider);
        let at = at.unwrap_or_else(|| {
            candidates.push(Candidate::new(service, finding));
            candidates.len() - 1
        });
        candidates[at].add(service, finding);
    }
    for (service, finding) in findings {
        let provider = catalogue().provider_of(service);
        let mut known = candidates.iter_mut();
        if let Some(candidate) = known.find(|known| known.provider == provider) {
            candidate.agree(service, finding);
        }
    }
    candidates
}
