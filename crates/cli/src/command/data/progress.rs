//! How far a long task is: a bar where a person watches, nothing where a script does. Ctrl-C ends the task at
//! the next safe place, a second one at once; both leave a catalogue that the same command goes on with.

use anyhow::{Context, Result};
use data::{BytesRead, Progress};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use std::io::{IsTerminal, stderr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What a shell gives for a program that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

/// The wish to stop.
#[derive(Clone)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    pub fn new() -> Result<Self> {
        let wish = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            flag::register_conditional_shutdown(signal, INTERRUPTED, wish.clone())
                .and_then(|_| flag::register(signal, wish.clone()))
                .context("signals cannot be listened to")?;
        }
        Ok(Self(wish))
    }

    pub fn is_wished(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

pub struct Shown {
    bar: ProgressBar,
    bytes: BytesRead,
    stop: Stop,
}

impl Shown {
    /// Of a file of so many bytes.
    pub fn of_bytes(label: &str, total: u64, stop: &Stop) -> Self {
        Self::new(label, Some(total), "{msg} {bar:30} {percent}% {prefix} {eta} left", stop)
    }

    /// Of a task whose end is not known.
    pub fn of_rows(label: &str, stop: &Stop) -> Self {
        Self::new(label, None, "{msg} {spinner} {prefix}", stop)
    }

    fn new(label: &str, total: Option<u64>, template: &str, stop: &Stop) -> Self {
        let target =
            if stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(total, target).with_message(label.to_owned());
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self { bar, bytes: BytesRead::default(), stop: stop.clone() }
    }

    /// What the reader of the file counts into.
    pub fn bytes(&self) -> BytesRead {
        self.bytes.clone()
    }

    /// Shows how far it is; answers whether to go on.
    pub fn step(&self, progress: Progress) -> bool {
        if self.bar.length().is_some() {
            self.bar.set_position(self.bytes.get());
        } else {
            self.bar.set_position(progress.rows);
        }
        self.bar.set_prefix(format!("{} rows", progress.rows));
        !self.stop.is_wished()
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
