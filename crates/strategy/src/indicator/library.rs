//! The bridge to TA-Lib, for functions whose value is made from a bounded number of the last inputs.
//!
//! Each value is the library's own batch call over exactly those inputs, so it is a function of the window alone:
//! nothing drifts over a long run, and the window is the whole state. Its streams are not used: their state cannot
//! be saved. What depends on all of the past is computed in the families, with a state of its own.

use super::machine::{Machine, Refused};
use super::{Args, Field, Input, Values};
use ta_lib::abstract_api::{FuncId, InputFlags, InputType, OptInputType, OutputType, ParamHolder};
use ta_lib::{Core, RetCode};

const PRICES: [(InputFlags, Field); 5] = [
    (InputFlags::PRICE_OPEN, Field::Open),
    (InputFlags::PRICE_HIGH, Field::High),
    (InputFlags::PRICE_LOW, Field::Low),
    (InputFlags::PRICE_CLOSE, Field::Close),
    (InputFlags::PRICE_VOLUME, Field::Volume),
];

const OUTPUTS: usize = 4;

#[derive(Clone)]
pub(super) struct Library {
    function: FuncId,
    reads: &'static [Field],
    options: Vec<f64>,
    lookback: usize,
    core: Core,
    /// One for each column that is read, of at most twice the inputs that a value needs.
    columns: Vec<Vec<f64>>,
}

impl Library {
    pub(super) fn new(function: FuncId, args: &Args) -> Self {
        let reads = args.spec().reads;
        let columns = vec![Vec::new(); reads.len()];
        let options = args.pairs().map(|(_, value)| value).collect();
        let core = Core::new();
        Self { function, reads, options, lookback: lookback(args), core, columns }
    }

    fn needed(&self) -> usize {
        self.lookback.saturating_add(1)
    }

    /// The last inputs that a value is made of; shorter while there are not enough.
    fn window(&self, at: usize) -> &[f64] {
        let column = self.columns.get(at).map_or(&[][..], Vec::as_slice);
        column.get(column.len().saturating_sub(self.needed())..).unwrap_or_default()
    }

    fn push(&mut self, input: &Input) -> Result<(), Refused> {
        let full = self.needed().saturating_mul(2);
        for (column, field) in self.columns.iter_mut().zip(self.reads) {
            let value = input.column(*field).ok_or(Refused)?;
            if column.len() >= full {
                column.drain(..=self.lookback);
            }
            column.push(value);
        }
        Ok(())
    }

    fn call(&self) -> Result<Values, RetCode> {
        let info = self.function.info();
        let (mut reals, mut wholes) = ([0.0; OUTPUTS], [0_i32; OUTPUTS]);
        let mut call = self.function.new_call(&self.core);
        self.bind_inputs(&mut call)?;
        bind_options(&mut call, &self.options)?;
        for (slot, (real, whole)) in reals.chunks_mut(1).zip(wholes.chunks_mut(1)).enumerate() {
            match info.outputs.get(slot).map(|output| output.kind) {
                Some(OutputType::Real) => call.set_output(slot, real)?,
                Some(OutputType::Integer) => call.set_int_output(slot, whole)?,
                None => break,
            };
        }
        let range = call.call(self.lookback, self.lookback)?;
        if range.count != 1 {
            return Err(RetCode::InternalError);
        }
        let mut numbers = [0.0; OUTPUTS];
        for (slot, output) in info.outputs.iter().enumerate().take(OUTPUTS) {
            numbers[slot] =
                if output.kind == OutputType::Real { reals[slot] } else { f64::from(wholes[slot]) };
        }
        Ok(Values::from_slice(numbers.get(..info.outputs.len()).unwrap_or(&numbers)))
    }

    /// A real input takes the next column of the row, a price input the columns that it names.
    fn bind_inputs<'a>(&'a self, call: &mut ParamHolder<'a>) -> Result<(), RetCode> {
        for (slot, input) in self.function.info().inputs.iter().enumerate() {
            if input.kind == InputType::Real {
                call.set_input(slot, self.window(slot))?;
                continue;
            }
            let [open, high, low, close, volume] = PRICES.map(|(flag, field)| {
                let at = self.reads.iter().position(|read| *read == field)?;
                input.flags.contains(flag).then(|| self.window(at))
            });
            call.set_price_input(slot, open, high, low, close, volume, None)?;
        }
        Ok(())
    }
}

/// Our parameters are the library's in its order, without those that choose a kind of average.
fn bind_options(call: &mut ParamHolder<'_>, options: &[f64]) -> Result<(), RetCode> {
    let mut options = options.iter();
    for (slot, option) in call.info().opt_inputs.iter().enumerate() {
        match option.kind {
            OptInputType::IntegerRange { .. } => {
                let value = options.next().ok_or(RetCode::BadParam)?;
                call.set_opt_input(slot, whole(*value))?;
            }
            OptInputType::RealRange { .. } => {
                let value = options.next().ok_or(RetCode::BadParam)?;
                call.set_opt_input(slot, *value)?;
            }
            _ => {}
        }
    }
    Ok(())
}

#[expect(clippy::cast_possible_truncation, reason = "a count was checked to be whole and at most 10,000")]
fn whole(value: f64) -> i32 {
    value as i32
}

/// How many inputs come before the first that has a value.
pub(super) fn lookback(args: &Args) -> usize {
    checked_lookback(args).unwrap_or_default()
}

/// False where the library knows better than the bounds of our row.
pub(super) fn accepts(args: &Args) -> bool {
    checked_lookback(args).is_ok()
}

fn checked_lookback(args: &Args) -> Result<usize, RetCode> {
    let core = Core::new();
    let Some(function) = args.spec().function() else { return Ok(0) };
    let mut call = function.new_call(&core);
    let options: Vec<f64> = args.pairs().map(|(_, value)| value).collect();
    bind_options(&mut call, &options)?;
    call.lookback()
}

impl Machine for Library {
    fn advance(&mut self, input: &Input) -> Result<Option<Values>, Refused> {
        self.push(input)?;
        if self.window(0).len() < self.needed() {
            return Ok(None);
        }
        self.call().map(Some).map_err(|_code| Refused)
    }

    fn save(&self) -> Result<Vec<u8>, Refused> {
        let windows: Vec<&[f64]> = (0..self.columns.len()).map(|at| self.window(at)).collect();
        postcard::to_allocvec(&windows).map_err(|_error| Refused)
    }

    fn load(&mut self, state: &[u8]) -> Result<(), Refused> {
        let (columns, rest): (Vec<Vec<f64>>, &[u8]) =
            postcard::take_from_bytes(state).map_err(|_error| Refused)?;
        let length = columns.first().map_or(0, Vec::len);
        let is_even =
            columns.len() == self.columns.len() && columns.iter().all(|column| column.len() == length);
        let is_finite = columns.iter().flatten().all(|value| value.is_finite());
        if !rest.is_empty() || !is_even || !is_finite || length > self.needed() {
            return Err(Refused);
        }
        self.columns = columns;
        Ok(())
    }

    fn fork(&self) -> Box<dyn Machine> {
        Box::new(self.clone())
    }
}
