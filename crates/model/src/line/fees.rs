//! Fee schedules in words: `maker -0.0001 taker 0.0005 basis per_share fee_asset other BNB cap 5`.

use super::LineError;
use super::pen::Pen;
use super::reader::{Reader, one_of};
use crate::{FeeAsset, FeeBasis, Fees, Money, Rate};

type Read<T> = Result<T, LineError>;

/// What a line may say of fees, each once.
#[derive(Default)]
pub(super) struct Said {
    maker: Option<Rate>,
    taker: Option<Rate>,
    basis: Option<FeeBasis>,
    asset: Option<FeeAsset>,
    cap: Option<Money>,
}

impl Said {
    pub(super) fn fees(self) -> Fees {
        Fees {
            maker: self.maker.unwrap_or_default(),
            taker: self.taker.unwrap_or_default(),
            basis: self.basis.unwrap_or_default(),
            asset: self.asset.unwrap_or_default(),
            cap: self.cap,
        }
    }
}

pub(super) fn read(reader: &mut Reader) -> Read<Fees> {
    let mut said = Said::default();
    while let Some(word) = reader.option() {
        if !read_fee(word, &mut said, reader)? {
            return Err(reader.unexpected(one_of("maker, taker, basis, fee_asset, cap")));
        }
    }
    Ok(said.fees())
}

/// Whether this word began a clause about fees.
pub(super) fn read_fee(word: &str, said: &mut Said, reader: &mut Reader) -> Read<bool> {
    match word {
        "maker" | "taker" => {
            let rate = reader.rate("a fee rate like 0.0005")?;
            reader.once(if word == "maker" { &mut said.maker } else { &mut said.taker }, rate)?;
        }
        "basis" => {
            let basis = reader.choice("what fees are counted on")?;
            reader.once(&mut said.basis, basis)?;
        }
        "fee_asset" => {
            let expected = "quote, base or other";
            let asset = match reader.word(expected)? {
                "quote" => FeeAsset::Quote,
                "base" => FeeAsset::Base,
                "other" => FeeAsset::Other(reader.asset()?),
                _ => return Err(reader.unexpected(expected)),
            };
            reader.once(&mut said.asset, asset)?;
        }
        "cap" => {
            let cap = reader.money("an amount")?;
            reader.once(&mut said.cap, cap)?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

pub(super) fn write_fees(fees: &Fees, pen: &mut Pen) {
    pen.word("maker").rate(fees.maker).word("taker").rate(fees.taker);
    if fees.basis != FeeBasis::Value {
        pen.word("basis").choice(fees.basis);
    }
    match fees.asset {
        FeeAsset::Quote => {}
        FeeAsset::Base => {
            pen.word("fee_asset base");
        }
        FeeAsset::Other(asset) => {
            pen.word("fee_asset other").asset(asset);
        }
    }
    if let Some(cap) = fees.cap {
        pen.word("cap").money(cap);
    }
}
