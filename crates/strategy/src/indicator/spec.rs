//! The row of an indicator in the list: everything that documents, tests and users need to know of it.

use super::machine::Machine;
use super::{Args, Field, Kind, Param, library};
use std::fmt;
use ta_lib::abstract_api::FuncId;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Category {
    Overlap,
    Momentum,
    Volatility,
    Volume,
    Cycle,
    Statistics,
    Price,
    Structure,
    OrderFlow,
    Candlestick,
}

/// How many inputs bring no value before the first one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WarmUp {
    /// None for so many inputs, and a value from then on wherever it is defined.
    Exactly(usize),
    /// None for so many inputs; then it depends on what they say.
    AtLeast(usize),
}

#[derive(Clone, Copy)]
pub struct Spec {
    pub name: &'static str,
    pub category: Category,
    pub about: &'static str,
    pub reads: &'static [Field],
    pub params: &'static [Param],
    /// Pairs of parameters of which the first must be less than the second.
    pub ordered: &'static [(&'static str, &'static str)],
    pub outputs: &'static [&'static str],
    warm_up: fn(&Args) -> WarmUp,
    make: Make,
}

#[derive(Clone, Copy)]
pub(super) enum Make {
    /// A function of TA-Lib whose value is made from a bounded number of the last inputs.
    Library(FuncId),
    Own(fn(&Args) -> Box<dyn Machine>),
}

pub(super) const CLOSE: &[Field] = &[Field::Close];

/// A row that reads closes and has one output; the rest is said after it.
pub(super) const fn spec(name: &'static str, category: Category, about: &'static str) -> Spec {
    Spec {
        name,
        category,
        about,
        reads: CLOSE,
        params: &[],
        ordered: &[],
        outputs: &["value"],
        warm_up: |_| WarmUp::Exactly(0),
        make: Make::Library(FuncId::SMA),
    }
}

impl Spec {
    pub(super) const fn reads(mut self, reads: &'static [Field]) -> Self {
        self.reads = reads;
        self
    }

    pub(super) const fn params(mut self, params: &'static [Param]) -> Self {
        self.params = params;
        self
    }

    pub(super) const fn ordered(mut self, ordered: &'static [(&'static str, &'static str)]) -> Self {
        self.ordered = ordered;
        self
    }

    pub(super) const fn outputs(mut self, outputs: &'static [&'static str]) -> Self {
        self.outputs = outputs;
        self
    }

    pub(super) const fn own(
        mut self,
        warm_up: fn(&Args) -> WarmUp,
        make: fn(&Args) -> Box<dyn Machine>,
    ) -> Self {
        self.warm_up = warm_up;
        self.make = Make::Own(make);
        self
    }

    pub(super) const fn library(mut self, function: FuncId) -> Self {
        self.warm_up = |args| WarmUp::Exactly(library::lookback(args));
        self.make = Make::Library(function);
        self
    }

    pub(super) fn machine(&'static self, args: &Args) -> Box<dyn Machine> {
        match self.make {
            Make::Library(function) => Box::new(library::Library::new(function, args)),
            Make::Own(make) => make(args),
        }
    }

    pub(super) fn function(&self) -> Option<FuncId> {
        match self.make {
            Make::Library(function) => Some(function),
            Make::Own(_) => None,
        }
    }

    /// The kind of input that it takes.
    #[must_use]
    pub fn takes(&self) -> Kind {
        self.reads.first().map_or(Kind::Bar, |field| field.kind())
    }

    #[must_use]
    pub fn warm_up(&self, args: &Args) -> WarmUp {
        (self.warm_up)(args)
    }
}

impl fmt::Debug for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spec").field("name", &self.name).finish_non_exhaustive()
    }
}

impl PartialEq for Spec {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Overlap => "overlap",
            Self::Momentum => "momentum",
            Self::Volatility => "volatility",
            Self::Volume => "volume",
            Self::Cycle => "cycle",
            Self::Statistics => "statistics",
            Self::Price => "price",
            Self::Structure => "structure",
            Self::OrderFlow => "order flow",
            Self::Candlestick => "candlestick",
        })
    }
}

impl fmt::Display for WarmUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exactly(inputs) => write!(f, "{inputs}"),
            Self::AtLeast(inputs) => write!(f, "at least {inputs}"),
        }
    }
}
