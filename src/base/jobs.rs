//! Background work: cancel tokens, progress, and "the newest request wins".

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::sync::{Arc, OnceLock};
use std::thread;

/// Flows or lines between two looks at the cancel token.
pub const STEP: u32 = 4_096;

/// Tells a worker that its result is no longer wanted. Clones share one state.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Asks the worker to stop at its next look.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// True once somebody asked to stop.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// How far a worker has come, in units that it chooses (bytes when reading). Clones share one state.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<ProgressState>);

#[derive(Debug, Default)]
struct ProgressState {
    done: AtomicU64,
    total: AtomicU64,
}

impl Progress {
    /// Sets what counts as complete.
    pub fn set_total(&self, total: u64) {
        self.0.total.store(total, Ordering::Relaxed);
    }

    /// Says that `done` units are finished.
    pub fn set_done(&self, done: u64) {
        self.0.done.store(done, Ordering::Relaxed);
    }

    /// Says that `n` more units are finished.
    pub fn add(&self, n: u64) {
        self.0.done.fetch_add(n, Ordering::Relaxed);
    }

    /// Units finished and units in all (0 while unknown).
    pub fn get(&self) -> (u64, u64) {
        (
            self.0.done.load(Ordering::Relaxed),
            self.0.total.load(Ordering::Relaxed),
        )
    }
}

/// How much less than the window a worker thread counts, on the scale of `nice`.
#[cfg(target_os = "linux")]
const BEHIND: i32 = 5;

/// Lets this thread give way to the window. Without that, a few workers on few cores make frames late. Elsewhere than on
/// Linux a single thread cannot say so, and nothing happens.
pub fn give_way() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(BEHIND) {
        log::debug!("a worker does not give way: {error}");
    }
}

/// Lets the threads that work in parallel give way to the window; has to come before their first work.
pub fn let_workers_give_way() {
    let threads = rayon::ThreadPoolBuilder::new()
        .thread_name(|idx| format!("worker {idx}"))
        .start_handler(|_| give_way());
    if let Err(error) = threads.build_global() {
        log::debug!("the workers are there already: {error}");
    }
}

/// Drops `value` on a worker: to free what belongs to a million flows takes longer than a frame.
pub fn free(value: impl Send + 'static) {
    rayon::spawn(move || drop(value));
}

/// Wakes whoever shows results, from any thread.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// One result that is computed on a worker thread for the newest key, while the last finished one stays readable.
///
/// [`Latest::request`] may be called in every frame: the same key costs a comparison; a new key cancels the running work.
#[derive(Debug)]
pub struct Latest<K, T> {
    name: &'static str,
    wanted: Option<K>,
    running: Option<(Cancel, Receiver<Outcome<T>>)>,
    value: Option<T>,
}

#[derive(Debug)]
enum Outcome<T> {
    Done(T),
    Panicked,
}

impl<K: PartialEq, T: Send + 'static> Latest<K, T> {
    /// An empty slot; `name` becomes the worker thread's name.
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            wanted: None,
            running: None,
            value: None,
        }
    }

    /// Makes sure that the value for `key` is there or under way.
    ///
    /// `compute` returns `None` when it saw its [`Cancel`]; `wake` runs when the result can be fetched.
    pub fn request(
        &mut self,
        key: K,
        wake: Wake,
        compute: impl FnOnce(&Cancel) -> Option<T> + Send + 'static,
    ) {
        if self.wanted.as_ref() == Some(&key) {
            return;
        }
        self.cancel();
        self.wanted = Some(key);
        let cancel = Cancel::default();
        let (sender, receiver) = channel();
        let token = cancel.clone();
        let spawned = thread::Builder::new()
            .name(self.name.to_owned())
            .spawn(move || {
                give_way();
                let outcome = match catch_unwind(AssertUnwindSafe(|| compute(&token))) {
                    Ok(Some(value)) => Outcome::Done(value),
                    Ok(None) => return,
                    Err(_panic) => Outcome::Panicked,
                };
                if sender.send(outcome).is_ok() {
                    wake();
                }
            });
        if spawned.is_ok() {
            self.running = Some((cancel, receiver));
        }
    }

    /// Takes over a finished result, if there is one. Returns true when the value changed.
    pub fn poll(&mut self) -> bool {
        let Some((_, receiver)) = &self.running else {
            return false;
        };
        match receiver.try_recv() {
            Ok(Outcome::Done(value)) => {
                // What a million flows need takes a while to be given back: not in a frame.
                if let Some(before) = self.value.replace(value) {
                    free(before);
                }
                self.running = None;
                true
            }
            Ok(Outcome::Panicked) => {
                log::error!("worker {} failed", self.name);
                self.running = None;
                false
            }
            Err(TryRecvError::Empty) => false,
            Err(TryRecvError::Disconnected) => {
                self.running = None;
                false
            }
        }
    }

    /// Stops the running work; the same key is not tried again until another one was asked for.
    pub fn cancel(&mut self) {
        if let Some((cancel, _)) = self.running.take() {
            cancel.cancel();
        }
    }

    /// The newest finished result, which may belong to an older key.
    pub fn get(&self) -> Option<&T> {
        self.value.as_ref()
    }

    /// True while a worker is busy for the newest key.
    pub fn is_running(&self) -> bool {
        self.running.is_some()
    }
}

/// A value that one thread computes once and others may wait for, such as a checksum.
#[derive(Clone, Debug)]
pub struct Pending<T>(Arc<OnceLock<T>>);

impl<T> Default for Pending<T> {
    fn default() -> Self {
        Self(Arc::new(OnceLock::new()))
    }
}

impl<T> Pending<T> {
    /// The value, if it is there already.
    pub fn get(&self) -> Option<&T> {
        self.0.get()
    }

    /// The value; computes it on this thread, or waits for the thread that does.
    pub fn wait(&self, compute: impl FnOnce() -> T) -> &T {
        self.0.get_or_init(compute)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    fn settle<K: PartialEq, T: Send + 'static>(latest: &mut Latest<K, T>) {
        let began = Instant::now();
        while latest.is_running() && began.elapsed() < Duration::from_secs(10) {
            latest.poll();
            thread::sleep(Duration::from_millis(1));
        }
    }

    #[test]
    fn the_newest_request_wins_and_cancels_the_older_one() {
        let mut latest = Latest::new("test");
        let wake: Wake = Arc::new(|| {});
        latest.request(1, Arc::clone(&wake), |cancel| {
            while !cancel.is_cancelled() {
                thread::yield_now();
            }
            None
        });
        latest.request(2, wake, |_| Some("second"));
        settle(&mut latest);
        assert_eq!(latest.get(), Some(&"second"));
    }

    #[test]
    fn a_worker_that_panics_leaves_the_last_value_on_screen() {
        let mut latest = Latest::new("test");
        let wake: Wake = Arc::new(|| {});
        latest.request(1, Arc::clone(&wake), |_| Some(7));
        settle(&mut latest);
        latest.request(2, wake, |_| {
            None::<i32>
                .map(|_| unreachable!())
                .or_else(|| panic!("on purpose"))
        });
        settle(&mut latest);
        assert_eq!(latest.get(), Some(&7));
        assert!(!latest.is_running());
    }
}
