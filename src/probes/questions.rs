//! What one UPS is asked for, put together once for all polls.

use std::sync::Arc;

use crate::ups::{Extent, Oid, SYS_UPTIME, Served, Wanted};

/// The objects of one device, in the order in which they are asked for.
#[derive(Debug)]
pub(super) struct Questions {
    status: Arc<[Oid]>,
    light: Rest,
    on_battery: Rest,
    full: Rest,
}

/// What one kind of poll asks for besides the status.
#[derive(Debug)]
struct Rest {
    columns: Arc<[Oid]>,
    scalars: Arc<[Oid]>,
}

impl Questions {
    pub(super) fn of(served: Served) -> Self {
        let mut status = scalars(served, Extent::Status);
        // Where it goes back the card was started anew, and may be another one.
        status.insert(1, SYS_UPTIME);
        let rest = |extent| {
            let mut scalars = scalars(served, extent);
            scalars.retain(|oid| !status.contains(oid));
            let columns = served.wanted(extent).into_iter();
            let columns = columns.filter_map(|wanted| match wanted {
                Wanted::Column(oid) => Some(oid),
                Wanted::Scalar(_) => None,
            });
            Rest {
                columns: columns.collect(),
                scalars: scalars.into(),
            }
        };
        Self {
            light: rest(Extent::Status),
            on_battery: rest(Extent::StatusOnBattery),
            full: rest(Extent::Full),
            status: status.into(),
        }
    }

    /// What every poll begins with.
    pub(super) fn status(&self) -> Arc<[Oid]> {
        Arc::clone(&self.status)
    }

    pub(super) fn columns(&self, extent: Extent) -> Arc<[Oid]> {
        Arc::clone(&self.of_extent(extent).columns)
    }

    /// The scalars that are not of the status.
    pub(super) fn rest(&self, extent: Extent) -> Arc<[Oid]> {
        Arc::clone(&self.of_extent(extent).scalars)
    }

    fn of_extent(&self, extent: Extent) -> &Rest {
        match extent {
            Extent::Status => &self.light,
            Extent::StatusOnBattery => &self.on_battery,
            Extent::Full => &self.full,
        }
    }
}

fn scalars(served: Served, extent: Extent) -> Vec<Oid> {
    let scalar = |wanted| match wanted {
        Wanted::Scalar(oid) => Some(oid),
        Wanted::Column(_) => None,
    };
    let wanted = served.wanted(extent).into_iter();
    wanted.filter_map(scalar).collect()
}
