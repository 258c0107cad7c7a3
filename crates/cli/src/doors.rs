//! What stands beside the line protocol: the archive, and the front desk over it. Both read behind the journal, and
//! trading goes on without them. Absent: what either does.

use crate::archive::{Archive, Database};
use crate::front::{self, Front};
use anyhow::Result;
use api::{Api, Parts};
use journal::FileDisk;
use node::{Names, Node};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use store::Store;

#[derive(clap::Args)]
pub struct Doors {
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    front: Front,
}

/// Places that are taken, with nobody behind them yet.
pub struct Bound {
    archive: Option<store::Config>,
    desk: Option<front::Bound>,
}

pub struct Open {
    archive: Option<Archive>,
    desk: Option<Api>,
}

impl Doors {
    /// Takes the port, so that one that is taken is known before the journal is opened.
    pub fn bind(&self, data: &Path) -> Result<Bound> {
        Ok(Bound { archive: self.database.config(data)?, desk: self.front.bind()? })
    }

    /// Opens them, and says where they are.
    pub fn open(
        &self,
        bound: Bound,
        (node, names): (&Node<FileDisk>, &Arc<Names<FileDisk>>),
        data: &Path,
        out: &mut impl Write,
    ) -> Result<Open> {
        let Bound { archive, desk } = bound;
        let opened = archive.as_ref().zip(desk).map(|(config, desk)| {
            let store = Arc::new(Store::later(config.clone()));
            (store.reach(), store, desk)
        });
        let archive = archive.map(|config| Archive::start(node, data, config)).transpose()?;
        if let Some(archive) = &archive {
            writeln!(out, "archive in {}", archive.place())?;
        }
        let mut desk = None;
        match (opened, &archive) {
            (Some((Err(error), ..)), _) if !error.passes() => {
                writeln!(out, "no HTTP: the archive cannot be used: {error}; trading goes on")?;
            }
            (Some((reached, store, listener)), Some(archive)) => {
                if let Err(error) = reached {
                    writeln!(
                        out,
                        "the archive does not answer yet: {error}; what needs it is refused until it does"
                    )?;
                }
                let parts = Parts { node, names, store: &store, projection: archive.status() };
                desk = Some(self.front.open(listener, data, parts)?);
            }
            _ => writeln!(out, "no HTTP: it needs an address and an archive")?,
        }
        if let Some(desk) = &desk {
            writeln!(out, "HTTP on {}", desk.address())?;
            if let Some(link) = desk.setup_link() {
                writeln!(out, "sign up as the first administrator at {link}")?;
            }
        }
        Ok(Open { archive, desk })
    }
}

impl Open {
    /// Before the node ends: what was asked is answered, and nothing new is taken.
    pub fn close(&mut self) {
        if let Some(desk) = &mut self.desk {
            desk.stop();
        }
    }

    /// After it: waits for what the archive lacks. Says what is left.
    pub fn finish(self) -> Option<String> {
        drop(self.desk);
        self.archive.and_then(Archive::finish)
    }
}
