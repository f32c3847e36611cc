//! Uploads: what a store took, who handed out the URL, and whether the same bytes were read again.

use std::collections::{BTreeMap, HashMap};

use super::gather::Share;
use crate::attribution::context::across::{Note, Sign, keys};
use crate::attribution::context::control_plane::Handout;
use crate::attribution::party::is_lent;
use crate::attribution::session::Judged;
use crate::attribution::url::url_hash;
use crate::attribution::writes::{is_accepted_write, stores_bytes};
use crate::base::hash::hash;
use crate::base::time::Time;
use crate::capture::{Flow, FlowId};

/// One upload, perhaps in several parts, that a store accepted.
#[derive(Clone, Debug)]
pub(super) struct Transfer {
    /// The requests that brought the bytes, in session order.
    pub(super) writes: Vec<FlowId>,
    /// The flow that handed out the URL of one of them.
    pub(super) handed_out: Option<FlowId>,
    /// A later read of what was written.
    pub(super) read: Option<FlowId>,
}

/// A write or a read as it is found again in another capture.
#[derive(Clone, Copy, Debug)]
struct Access {
    flow: FlowId,
    start: Option<Time>,
    tag: Option<u64>,
}

/// What all captures of the session read, where there are several: one device may read what another one wrote.
#[derive(Default)]
pub(super) struct Reads {
    by_key: HashMap<u64, Vec<Access>>,
}

impl Reads {
    /// The reads of `session`; none of a single capture, which knows its own.
    pub(super) fn of(session: &[Judged<'_>]) -> Self {
        let mut reads = Self::default();
        if session.len() < 2 {
            return reads;
        }
        for judged in session {
            let flows = judged.capture.flows();
            let is_read = |flow: &Flow<'_>| {
                flow.has_method(&["GET"]) && matches!(flow.status(), Some(200 | 206))
            };
            for flow in flows.filter(is_read) {
                let access = access(judged, flow);
                for key in keys(flow) {
                    reads.by_key.entry(key).or_default().push(access);
                }
            }
        }
        reads
    }

    /// A read elsewhere of what `flow` wrote.
    fn of_write(&self, judged: &Judged<'_>, flow: Flow<'_>) -> Option<FlowId> {
        let write = access(judged, flow);
        let found = keys(flow).filter_map(|key| self.by_key.get(&key));
        let mut others = found.flatten();
        let read = others.find(|read| {
            let is_here = judged.flow(read.flow).is_some();
            let is_later = match (write.start, read.start) {
                (Some(write), Some(read)) => write <= read,
                _ => true,
            };
            let is_same = write.tag.is_none() || read.tag.is_none() || write.tag == read.tag;
            !is_here && is_later && is_same
        });
        read.map(|read| read.flow)
    }
}

fn access(judged: &Judged<'_>, flow: Flow<'_>) -> Access {
    let etag = flow.response_header("etag");
    Access {
        flow: judged.id(flow),
        start: flow.start(),
        tag: etag.map(|etag| hash(etag.value)),
    }
}

/// The uploads among the flows of `shares`, in session order.
pub(super) fn transfers(shares: &[Share<'_, '_>], reads: &Reads) -> Vec<Transfer> {
    let mut found: BTreeMap<u64, Transfer> = BTreeMap::new();
    for share in shares {
        let judged = &share.cell.judged;
        for id in &share.cell.flows {
            let Some(flow) = judged.flow(*id).filter(|flow| is_upload(*flow)) else {
                continue;
            };
            let transfer = found.entry(object(flow)).or_insert_with(|| Transfer {
                writes: Vec::new(),
                handed_out: None,
                read: None,
            });
            transfer.writes.push(*id);
            let by = handed_out_by(judged, flow);
            transfer.handed_out = transfer.handed_out.or(by);
            let read = read_again(judged, flow).or_else(|| reads.of_write(judged, flow));
            transfer.read = transfer.read.or(read);
        }
    }
    let mut transfers: Vec<Transfer> = found.into_values().collect();
    for transfer in &mut transfers {
        transfer.writes.sort_unstable();
    }
    transfers.sort_by_key(|transfer| transfer.writes.first().copied());
    transfers
}

/// True for a request that brought bytes to keep and succeeded.
fn is_upload(flow: Flow<'_>) -> bool {
    is_accepted_write(flow) && stores_bytes(flow)
}

/// What is written, as a hash: the parts of one upload share the URL without its query, unless the query names the object.
fn object(flow: Flow<'_>) -> u64 {
    let url = flow.url();
    let is_session = ["upload_id=", "uploadType=", "name="]
        .iter()
        .any(|word| url.contains(word));
    let end = url.find('?').filter(|_| !is_session).unwrap_or(url.len());
    url_hash(&url[..end])
}

/// The flow of another service that handed out the URL of `flow`, followed through the store's own sessions.
fn handed_out_by(judged: &Judged<'_>, flow: Flow<'_>) -> Option<FlowId> {
    /// A session is begun by one request, or by one more.
    const MAX_STEPS: usize = 4;
    let control_plane = &judged.attribution.context.control_plane;
    let mut handout: Handout = control_plane.handout(flow.idx())?;
    for _ in 0..MAX_STEPS {
        let by = judged.capture.flow(handout.by)?;
        if !is_lent(by.host()) {
            return Some(judged.id(by));
        }
        handout = control_plane.handout(handout.by)?;
    }
    None
}

/// The flow of the same capture that read what `flow` wrote.
fn read_again(judged: &Judged<'_>, flow: Flow<'_>) -> Option<FlowId> {
    let notes = judged.attribution.context.across.notes(flow.idx());
    let is_read = |note: &&Note| {
        let is_sign = matches!(
            note.sign,
            Sign::SameTagReadAfterWrite | Sign::ReadAfterWrite
        );
        is_sign && flow.idx() < note.other
    };
    let read = notes.iter().find(is_read)?;
    Some(FlowId(judged.first.0 + read.other))
}
