//! Work that may hang in the kernel or the C library: a look-up of a name, a directory
//! on a share that is gone.
//!
//! It gets a thread of its own, of which there are few, and is left behind when whoever
//! waited has no more time: neither the runtime nor a shutdown waits for it.

use std::io;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How much may stand aside at a time.
#[derive(Clone, Debug)]
pub(crate) struct Aside {
    places: Arc<Semaphore>,
}

/// One place; free again when the work is really over, not when nobody waits any more.
#[derive(Debug)]
pub(crate) struct Place(OwnedSemaphorePermit);

impl Aside {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            places: Arc::new(Semaphore::new(most)),
        }
    }

    /// Waits for a place. Cancel safe.
    pub(crate) async fn place(&self) -> io::Result<Place> {
        let place = Arc::clone(&self.places).acquire_owned().await;
        place.map(Place).map_err(io::Error::other)
    }

    /// A place, if there is one now.
    pub(crate) fn free_place(&self) -> Option<Place> {
        let place = Arc::clone(&self.places).try_acquire_owned();
        place.map(Place).ok()
    }
}

impl Place {
    /// Begins the work on a thread of this name.
    pub(crate) fn begin(self, name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let thread = std::thread::Builder::new().name(name.to_owned());
        let begun = thread.spawn(move || {
            work();
            drop(self.0);
        });
        begun.map(drop)
    }
}
