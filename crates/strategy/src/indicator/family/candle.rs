//! The candlestick patterns of TA-Lib, with its settings of what is long, short, near and equal.
//! Each is 100 where the pattern is there and bullish, -100 where it is bearish, and 0 where it is not there.

use super::super::param::{Param, real};
use super::super::{Category::Candlestick, Spec};
use super::{OHLC, spec};
use ta_lib::abstract_api::FuncId;

/// How deep a candle goes into the body before, as a part of it.
const THIRD: [Param; 1] = [real("penetration", 0.3, 0.0, 10.0)];
const HALF: [Param; 1] = [real("penetration", 0.5, 0.0, 10.0)];

const fn candle(name: &'static str, about: &'static str, function: FuncId) -> Spec {
    spec(name, Candlestick, about).reads(OHLC).outputs(&["pattern"]).library(function)
}

const fn deep(name: &'static str, about: &'static str, function: FuncId, params: &'static [Param]) -> Spec {
    candle(name, about, function).params(params)
}

pub const LIST: &[Spec] = &[
    candle(
        "cdl2crows",
        "two black candles after a gap up from a long white one, the second closing into it",
        FuncId::CDL2CROWS,
    ),
    candle(
        "cdl3blackcrows",
        "three long black candles in a row, each opening within the one before",
        FuncId::CDL3BLACKCROWS,
    ),
    candle("cdl3inside", "a harami whose third candle confirms the turn, up or down", FuncId::CDL3INSIDE),
    candle(
        "cdl3linestrike",
        "three candles one way and a fourth that takes all of them back",
        FuncId::CDL3LINESTRIKE,
    ),
    candle(
        "cdl3outside",
        "an engulfing whose third candle confirms the turn, up or down",
        FuncId::CDL3OUTSIDE,
    ),
    candle(
        "cdl3starsinsouth",
        "three black candles, each smaller and higher in its low than the one before",
        FuncId::CDL3STARSINSOUTH,
    ),
    candle(
        "cdl3whitesoldiers",
        "three long white candles in a row, each opening within the one before",
        FuncId::CDL3WHITESOLDIERS,
    ),
    deep(
        "cdlabandonedbaby",
        "a doji with gaps on both sides, between candles of opposite colours",
        FuncId::CDLABANDONEDBABY,
        &THIRD,
    ),
    candle(
        "cdladvanceblock",
        "three white candles whose bodies shrink and whose upper shadows grow",
        FuncId::CDLADVANCEBLOCK,
    ),
    candle("cdlbelthold", "a long candle that opens at its extreme and runs from there", FuncId::CDLBELTHOLD),
    candle(
        "cdlbreakaway",
        "a gap on a trend, three more candles of it, and one that closes into the gap",
        FuncId::CDLBREAKAWAY,
    ),
    candle(
        "cdlclosingmarubozu",
        "a long candle without a shadow where it closes",
        FuncId::CDLCLOSINGMARUBOZU,
    ),
    candle(
        "cdlconcealbabyswall",
        "four black candles, of which the last swallows the third with its shadow",
        FuncId::CDLCONCEALBABYSWALL,
    ),
    candle(
        "cdlcounterattack",
        "two long candles of opposite colours that close at one price",
        FuncId::CDLCOUNTERATTACK,
    ),
    deep(
        "cdldarkcloudcover",
        "a black candle that opens above a long white one and closes deep into it",
        FuncId::CDLDARKCLOUDCOVER,
        &HALF,
    ),
    candle("cdldoji", "open and close are nearly one", FuncId::CDLDOJI),
    candle("cdldojistar", "a doji beyond a gap from a long candle", FuncId::CDLDOJISTAR),
    candle("cdldragonflydoji", "a doji with a long lower shadow and no upper one", FuncId::CDLDRAGONFLYDOJI),
    candle("cdlengulfing", "a body that swallows the body before, of the other colour", FuncId::CDLENGULFING),
    deep(
        "cdleveningdojistar",
        "a long white candle, a doji above a gap, and a black candle deep into the first",
        FuncId::CDLEVENINGDOJISTAR,
        &THIRD,
    ),
    deep(
        "cdleveningstar",
        "a long white candle, a small body above a gap, and a black candle deep into the first",
        FuncId::CDLEVENINGSTAR,
        &THIRD,
    ),
    candle(
        "cdlgapsidesidewhite",
        "two white candles of one size side by side beyond a gap",
        FuncId::CDLGAPSIDESIDEWHITE,
    ),
    candle(
        "cdlgravestonedoji",
        "a doji with a long upper shadow and no lower one",
        FuncId::CDLGRAVESTONEDOJI,
    ),
    candle("cdlhammer", "a small body at the top of a long lower shadow, after a fall", FuncId::CDLHAMMER),
    candle(
        "cdlhangingman",
        "a small body at the top of a long lower shadow, after a rise",
        FuncId::CDLHANGINGMAN,
    ),
    candle("cdlharami", "a small body within the long body before", FuncId::CDLHARAMI),
    candle("cdlharamicross", "a doji within the long body before", FuncId::CDLHARAMICROSS),
    candle("cdlhighwave", "a small body between two very long shadows", FuncId::CDLHIGHWAVE),
    candle(
        "cdlhikkake",
        "an inside bar whose break turns out to be false; 200 where that is confirmed",
        FuncId::CDLHIKKAKE,
    ),
    candle(
        "cdlhikkakemod",
        "a hikkake after two candles that close near their extremes; 200 where it is confirmed",
        FuncId::CDLHIKKAKEMOD,
    ),
    candle(
        "cdlhomingpigeon",
        "a small black body within the long black body before",
        FuncId::CDLHOMINGPIGEON,
    ),
    candle(
        "cdlidentical3crows",
        "three black candles, each opening where the one before closed",
        FuncId::CDLIDENTICAL3CROWS,
    ),
    candle(
        "cdlinneck",
        "after a long black candle, a white one that opens below and closes just into it",
        FuncId::CDLINNECK,
    ),
    candle(
        "cdlinvertedhammer",
        "a small body under a long upper shadow, below a gap after a fall",
        FuncId::CDLINVERTEDHAMMER,
    ),
    candle(
        "cdlkicking",
        "two candles without shadows, of opposite colours, with a gap between them",
        FuncId::CDLKICKING,
    ),
    candle(
        "cdlkickingbylength",
        "a kicking whose side is that of the longer candle",
        FuncId::CDLKICKINGBYLENGTH,
    ),
    candle(
        "cdlladderbottom",
        "three black candles, one with an upper shadow, and a white one above its body",
        FuncId::CDLLADDERBOTTOM,
    ),
    candle("cdllongleggeddoji", "a doji with at least one long shadow", FuncId::CDLLONGLEGGEDDOJI),
    candle("cdllongline", "a long body with short shadows", FuncId::CDLLONGLINE),
    candle("cdlmarubozu", "a long body with hardly any shadow", FuncId::CDLMARUBOZU),
    candle("cdlmatchinglow", "two black candles that close at one price", FuncId::CDLMATCHINGLOW),
    deep(
        "cdlmathold",
        "a long white candle, a gap up, three small ones that hold, and a white one that goes on",
        FuncId::CDLMATHOLD,
        &HALF,
    ),
    deep(
        "cdlmorningdojistar",
        "a long black candle, a doji below a gap, and a white candle deep into the first",
        FuncId::CDLMORNINGDOJISTAR,
        &THIRD,
    ),
    deep(
        "cdlmorningstar",
        "a long black candle, a small body below a gap, and a white candle deep into the first",
        FuncId::CDLMORNINGSTAR,
        &THIRD,
    ),
    candle(
        "cdlonneck",
        "after a long black candle, a white one that opens below and closes at its low",
        FuncId::CDLONNECK,
    ),
    candle(
        "cdlpiercing",
        "a white candle that opens below a long black one and closes above its middle",
        FuncId::CDLPIERCING,
    ),
    candle(
        "cdlrickshawman",
        "a long-legged doji whose body is near the middle of its range",
        FuncId::CDLRICKSHAWMAN,
    ),
    candle(
        "cdlrisefall3methods",
        "a long candle, three small ones against it within its range, and one that goes on",
        FuncId::CDLRISEFALL3METHODS,
    ),
    candle(
        "cdlseparatinglines",
        "two candles of opposite colours that open at one price, the second going with the trend",
        FuncId::CDLSEPARATINGLINES,
    ),
    candle(
        "cdlshootingstar",
        "a small body under a long upper shadow, above a gap after a rise",
        FuncId::CDLSHOOTINGSTAR,
    ),
    candle("cdlshortline", "a short body with short shadows", FuncId::CDLSHORTLINE),
    candle("cdlspinningtop", "a small body whose shadows are both longer than it", FuncId::CDLSPINNINGTOP),
    candle(
        "cdlstalledpattern",
        "three white candles, of which the last is small and stalls at the top",
        FuncId::CDLSTALLEDPATTERN,
    ),
    candle(
        "cdlsticksandwich",
        "two black candles that close at one price, with a white one between them",
        FuncId::CDLSTICKSANDWICH,
    ),
    candle("cdltakuri", "a dragonfly doji with a very long lower shadow", FuncId::CDLTAKURI),
    candle(
        "cdltasukigap",
        "a gap between candles of one colour, and one of the other that closes into it",
        FuncId::CDLTASUKIGAP,
    ),
    candle(
        "cdlthrusting",
        "after a long black candle, a white one that opens below and closes under its middle",
        FuncId::CDLTHRUSTING,
    ),
    candle("cdltristar", "three dojis in a row, the middle one beyond gaps", FuncId::CDLTRISTAR),
    candle(
        "cdlunique3river",
        "a long black candle, a black hammer within it at a new low, and a small white one below",
        FuncId::CDLUNIQUE3RIVER,
    ),
    candle(
        "cdlupsidegap2crows",
        "two black candles above a gap, the second swallowing the first",
        FuncId::CDLUPSIDEGAP2CROWS,
    ),
    candle(
        "cdlxsidegap3methods",
        "a gap between candles of one colour, and one of the other that fills it",
        FuncId::CDLXSIDEGAP3METHODS,
    ),
];
