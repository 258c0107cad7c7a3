//! A running indicator: checks the input, takes the step, and can be saved and restored in between.
//!
//! A refused input changes nothing. A restored state continues bit for bit; a snapshot of anything else is refused.

use super::{Args, Bar, Error, Input, Pair, Print, Quote, Spec, Values, WarmUp, find, library};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// One step of an indicator on the input that it reads.
pub(super) trait Step {
    type In: Take;
    type Out: Into<Values>;

    fn step(&mut self, input: Self::In) -> Option<Self::Out>;
}

/// What a step can read of an input.
pub(super) trait Take: Sized {
    fn take(input: &Input) -> Option<Self>;
}

/// The close of a bar.
impl Take for f64 {
    fn take(input: &Input) -> Option<Self> {
        Bar::take(input).map(|bar| bar.close)
    }
}

impl Take for Bar {
    fn take(input: &Input) -> Option<Self> {
        if let Input::Bar(bar) = input { Some(*bar) } else { None }
    }
}

impl Take for Quote {
    fn take(input: &Input) -> Option<Self> {
        if let Input::Quote(quote) = input { Some(*quote) } else { None }
    }
}

impl Take for Print {
    fn take(input: &Input) -> Option<Self> {
        if let Input::Print(print) = input { Some(*print) } else { None }
    }
}

impl Take for Pair {
    fn take(input: &Input) -> Option<Self> {
        if let Input::Pair(pair) = input { Some(*pair) } else { None }
    }
}

/// A step whose input and state are closed over, so that all of them have one type.
pub(super) trait Machine: Send {
    fn advance(&mut self, input: &Input) -> Result<Option<Values>, Refused>;
    fn save(&self) -> Result<Vec<u8>, Refused>;
    fn load(&mut self, state: &[u8]) -> Result<(), Refused>;
    fn fork(&self) -> Box<dyn Machine>;
}

/// The machine could not; the caller says whose it is.
pub(super) struct Refused;

impl<S: Step + Clone + Send + Serialize + DeserializeOwned + 'static> Machine for S {
    fn advance(&mut self, input: &Input) -> Result<Option<Values>, Refused> {
        let input = S::In::take(input).ok_or(Refused)?;
        Ok(self.step(input).map(Into::into))
    }

    fn save(&self) -> Result<Vec<u8>, Refused> {
        postcard::to_allocvec(self).map_err(|_error| Refused)
    }

    fn load(&mut self, state: &[u8]) -> Result<(), Refused> {
        let (loaded, rest) = postcard::take_from_bytes(state).map_err(|_error| Refused)?;
        if !rest.is_empty() {
            return Err(Refused);
        }
        *self = loaded;
        Ok(())
    }

    fn fork(&self) -> Box<dyn Machine> {
        Box::new(self.clone())
    }
}

pub struct Indicator {
    args: Args,
    last: Option<i64>,
    machine: Box<dyn Machine>,
}

/// The form of all states; it goes up when any of them changes its shape.
const VERSION: u16 = 1;

/// All that is needed to continue: the name, the parameters and the state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    pub version: u16,
    pub name: String,
    pub params: Vec<(String, f64)>,
    pub last: Option<i64>,
    pub state: Vec<u8>,
}

impl Indicator {
    pub fn new(spec: &'static Spec, params: &[(&str, f64)]) -> Result<Self, Error> {
        let args = Args::resolve(spec, params)?;
        if !library::accepts(&args) {
            return Err(Error::Library { indicator: spec.name });
        }
        let machine = spec.machine(&args);
        Ok(Self { args, last: None, machine })
    }

    #[must_use]
    pub fn spec(&self) -> &'static Spec {
        self.args.spec()
    }

    #[must_use]
    pub fn args(&self) -> &Args {
        &self.args
    }

    #[must_use]
    pub fn warm_up(&self) -> WarmUp {
        self.spec().warm_up(&self.args)
    }

    /// The value at this input; none before it has seen enough, and where the value is not defined.
    pub fn update(&mut self, input: impl Into<Input>) -> Result<Option<Values>, Error> {
        let input = input.into();
        let indicator = self.spec().name;
        if input.kind() != self.spec().takes() {
            return Err(Error::WrongInput { indicator, needed: self.spec().takes(), given: input.kind() });
        }
        input.check()?;
        let given = input.time();
        if let Some(last) = self.last.filter(|last| given < *last) {
            return Err(Error::TimeWentBack { last, given });
        }
        let value = self.machine.advance(&input).map_err(|Refused| Error::Library { indicator })?;
        self.last = Some(given);
        Ok(value.filter(|value| value.iter().all(|number| number.is_finite())))
    }

    /// The value that `update` would give; nothing changes. For a bar that has not closed yet.
    pub fn peek(&self, input: impl Into<Input>) -> Result<Option<Values>, Error> {
        self.clone().update(input)
    }

    pub fn save(&self) -> Result<Snapshot, Error> {
        let indicator = self.spec().name;
        Ok(Snapshot {
            version: VERSION,
            name: indicator.to_owned(),
            params: self.args.pairs().map(|(name, value)| (name.to_owned(), value)).collect(),
            last: self.last,
            state: self.machine.save().map_err(|Refused| Error::BadSnapshot { indicator })?,
        })
    }

    pub fn restore(snapshot: &Snapshot) -> Result<Self, Error> {
        if snapshot.version != VERSION {
            return Err(Error::SnapshotVersion { found: snapshot.version, known: VERSION });
        }
        let params: Vec<(&str, f64)> =
            snapshot.params.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        let mut restored = Self::new(find(&snapshot.name)?, &params)?;
        let indicator = restored.spec().name;
        restored.machine.load(&snapshot.state).map_err(|Refused| Error::BadSnapshot { indicator })?;
        restored.last = snapshot.last;
        Ok(restored)
    }
}

impl Clone for Indicator {
    fn clone(&self) -> Self {
        Self { args: self.args.clone(), last: self.last, machine: self.machine.fork() }
    }
}

impl std::fmt::Debug for Indicator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Indicator")
            .field("args", &self.args)
            .field("last", &self.last)
            .finish_non_exhaustive()
    }
}
