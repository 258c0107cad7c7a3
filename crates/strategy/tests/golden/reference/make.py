"""Plain definitions of indicators that TA-Lib lacks, over the sample beside this folder, in Python's standard library.

Written from the definitions, row by row over whole lists, to be a second opinion of the code. Run `python3 make.py`
here; it writes reference.csv.gz: indicator, output, row, value.
"""

import csv
import gzip
import math
import os
import statistics as st
from collections import deque

HERE = os.path.dirname(os.path.abspath(__file__))


def rows(name):
    with open(os.path.join(HERE, "..", "sample", name + ".csv")) as file:
        return list(csv.DictReader(file))


bars = rows("bars")
T = [int(b["time"]) for b in bars]
O, H, L, C, V = ([float(b[k]) for b in bars] for k in ("open", "high", "low", "close", "volume"))
N = len(bars)
TP = [(h + l + c) / 3 for h, l, c in zip(H, L, C)]
MED = [(h + l) / 2 for h, l in zip(H, L)]
TR = [None] + [max(H[i] - L[i], abs(H[i] - C[i - 1]), abs(L[i] - C[i - 1])) for i in range(1, N)]
LR = [None] + [math.log(C[i] / C[i - 1]) for i in range(1, N)]
written = []


def digits(value):
    return f"{value:.11g}"


def put(name, series, output="value"):
    for row, value in enumerate(series):
        if value is not None and math.isfinite(value):
            written.append((name, output, row, digits(value)))


def win(xs, i, n):
    """The n values up to i, or None."""
    if i + 1 < n or any(x is None for x in xs[i + 1 - n:i + 1]):
        return None
    return xs[i + 1 - n:i + 1]


def roll(xs, n, f):
    return [None if (w := win(xs, i, n)) is None else f(w) for i in range(len(xs))]


def recur(xs, n, alpha):
    """An average seeded with the mean of the first n values that are there."""
    out, seed, value = [], [], None
    for x in xs:
        if x is None:
            out.append(None)
            continue
        if value is None:
            seed.append(x)
            if len(seed) == n:
                value = sum(seed) / n
        else:
            value = alpha * x + (1 - alpha) * value
        out.append(value)
    return out


def ema(xs, n):
    return recur(xs, n, 2 / (n + 1))


def wilder(xs, n):
    return recur(xs, n, 1 / n)


def sma(xs, n):
    return roll(xs, n, lambda w: sum(w) / n)


def lag(xs, n):
    return [None] * n + xs[:len(xs) - n] if n else list(xs)


def zipped(f, *series):
    return [None if any(x is None for x in xs) else f(*xs) for xs in zip(*series)]


def diff(xs):
    return zipped(lambda a, b: a - b, xs, lag(xs, 1))


def line(w):
    """Intercept, slope, and what is left over, of least squares over 0, 1, 2 …"""
    slope, intercept = st.linear_regression(range(len(w)), w)
    left = sum((y - intercept - slope * x) ** 2 for x, y in enumerate(w))
    return intercept, slope, left


atr = lambda n: wilder(TR, n)

# averages and bands
put("alligator", lag(wilder(MED, 13), 8), "jaw")
put("alligator", [j and v for j, v in zip(lag(wilder(MED, 13), 8), lag(wilder(MED, 8), 5))], "teeth")
put("alligator", [j and v for j, v in zip(lag(wilder(MED, 13), 8), lag(wilder(MED, 5), 3))], "lips")
put("least_squares_forecast", roll(C, 14, lambda w: line(w)[0] + line(w)[1] * 16))
for name, sign in (("upper", 1), ("lower", -1)):
    put("envelope", [x and x * (1 + sign * 0.025) for x in sma(C, 20)], name)
    put("regression_channel", roll(C, 100, lambda w: line(w)[0] + line(w)[1] * 99
                                   + sign * 2 * math.sqrt(line(w)[2] / 100)), name)
    put("starc", zipped(lambda m, a: m + sign * 2 * a, sma(C, 6), atr(15)), name)
ss, a1 = [None] * N, math.exp(-math.sqrt(2) * math.pi / 10)
b1 = 2 * a1 * math.cos(math.sqrt(2) * math.pi / 10)
ss[0], ss[1] = C[0], C[1]
for i in range(2, N):
    ss[i] = (1 - b1 + a1 * a1) * (C[i] + C[i - 1]) / 2 + b1 * ss[i - 1] - a1 * a1 * ss[i - 2]
put("super_smoother", [None, None] + ss[2:])


def laguerre(gamma):
    l0, l1, l2, l3 = [C[0]], [C[0]], [C[0]], [C[0]]
    for i in range(1, N):
        l0.append((1 - gamma) * C[i] + gamma * l0[-1])
        l1.append(-gamma * l0[-1] + l0[-2] + gamma * l1[-1])
        l2.append(-gamma * l1[-1] + l1[-2] + gamma * l2[-1])
        l3.append(-gamma * l2[-1] + l2[-2] + gamma * l3[-1])
    return l0, l1, l2, l3


put("laguerre", [(a + 2 * b + 2 * c + d) / 6 for a, b, c, d in zip(*laguerre(0.8))])
up = [max(a - b, 0) + max(b - c, 0) + max(c - d, 0) for a, b, c, d in zip(*laguerre(0.5))]
down = [max(b - a, 0) + max(c - b, 0) + max(d - c, 0) for a, b, c, d in zip(*laguerre(0.5))]
put("laguerre_rsi", [None] + [100 * u / (u + d) if u + d else 0.0 for u, d in zip(up[1:], down[1:])])

# volume weighted prices
day = [t // 86400 for t in T]
for i in range(N):
    same = [j for j in range(i + 1) if day[j] == day[i]]
    vol = sum(V[j] for j in same)
    mean = sum(TP[j] * V[j] for j in same) / vol
    dev = math.sqrt(sum(V[j] * (TP[j] - mean) ** 2 for j in same) / vol)
    for output, value in (("upper", mean + 2 * dev), ("vwap", mean), ("lower", mean - 2 * dev)):
        written.append(("vwap_session", output, i, digits(value)))
put("vwap_anchored", [sum(TP[j] * V[j] for j in range(i + 1)) / sum(V[:i + 1]) for i in range(N)])
put("vwap_rolling", [None if i < 49 else sum(TP[j] * V[j] for j in range(i - 49, i + 1)) / sum(V[i - 49:i + 1])
                     for i in range(N)])


def profile(i):
    span = range(i - 59, i + 1)
    floor, top = min(L[j] for j in span), max(H[j] for j in span)
    step = (top - floor) / 24
    held = [0.0] * 24
    for j in span:
        for r in range(24):
            a, b = floor + r * step, floor + (r + 1) * step
            if H[j] > L[j]:
                held[r] += V[j] * max(0.0, min(H[j], b) - max(L[j], a)) / (H[j] - L[j])
            elif a <= L[j] and (L[j] < b or r == 23):
                held[r] += V[j]
    lo = hi = max(range(24), key=lambda r: (held[r], -r))
    poc = floor + (lo + 0.5) * step
    while sum(held[lo:hi + 1]) < 0.7 * sum(held):
        below = held[lo - 1] if lo > 0 else -1
        above = held[hi + 1] if hi < 23 else -1
        if below >= above:
            lo -= 1
        else:
            hi += 1
    return poc, floor + (hi + 1) * step, floor + lo * step


found = [None if i < 59 else profile(i) for i in range(N)]
for at, output in enumerate(("point_of_control", "area_high", "area_low")):
    put("volume_profile", [f and f[at] for f in found], output)

# stops
put("chandelier", zipped(lambda h, a: h - 3 * a, roll(H, 22, max), atr(22)), "long_exit")
put("chandelier", zipped(lambda l, a: l + 3 * a, roll(L, 22, min), atr(22)), "short_exit")
stop, side, stops, sides = None, 1, [], []
for c, a in zip(C, atr(14)):
    if a is not None:
        if stop is None:
            stop = c - 3 * a
        elif side == 1:
            stop, side = (max(stop, c - 3 * a), 1) if c >= stop else (c + 3 * a, -1)
        else:
            stop, side = (min(stop, c + 3 * a), -1) if c <= stop else (c - 3 * a, 1)
    stops.append(stop)
    sides.append(None if stop is None else float(side))
put("atr_stop", stops, "stop")
put("atr_stop", sides, "trend")

# strength and momentum
def strength(moves, n):
    rise = wilder([None if m is None else max(m, 0) for m in moves], n)
    fall = wilder([None if m is None else max(-m, 0) for m in moves], n)
    return zipped(lambda r, f: 100 * r / (r + f) if r + f else 0.0, rise, fall)


rsi = lambda n: strength(diff(C), n)
put("momentum_index", strength(zipped(lambda a, b: a - b, C, lag(C, 5)), 20))
put("volume_rsi", strength(zipped(lambda d, v: d * v, diff(C), V), 14))
put("psychological_line", roll([None if d is None else float(d > 0) for d in diff(C)], 12, lambda w: 100 * sum(w) / 12))
wma = lambda xs, n: roll(xs, n, lambda w: sum((k + 1) * x for k, x in enumerate(w)) / (n * (n + 1) / 2))
put("inverse_fisher", [x if x is None else (math.exp(2 * x) - 1) / (math.exp(2 * x) + 1)
                       for x in wma([r if r is None else 0.1 * (r - 50) for r in rsi(5)], 9)])
smooth = ema(rsi(14), 5)
width = [x if x is None else 4.236 * x for x in ema(ema([d if d is None else abs(d) for d in diff(smooth)], 27), 27)]
trail, trails = None, []
for i in range(N):
    if width[i] is None:
        trails.append(None)
        continue
    longb, shortb = smooth[i] - width[i], smooth[i] + width[i]
    if trail is None:
        trail = longb
    elif smooth[i - 1] > trail and smooth[i] > trail:
        trail = max(trail, longb)
    elif smooth[i - 1] < trail and smooth[i] < trail:
        trail = min(trail, shortb)
    else:
        trail = longb if smooth[i] >= trail else shortb
    trails.append(trail)
put("qqe", [s if t is not None else None for s, t in zip(smooth, trails)], "rsi")
put("qqe", trails, "trail")
four = lambda xs: roll(xs, 4, lambda w: (w[0] + 2 * w[1] + 2 * w[2] + w[3]) / 6)
vigor = zipped(lambda a, b: a / b, roll(four([c - o for c, o in zip(C, O)]), 10, sum),
               roll(four([h - l for h, l in zip(H, L)]), 10, sum))
put("relative_vigor", zipped(lambda v, s: v, vigor, four(vigor)), "vigor")
put("relative_vigor", four(vigor), "signal")
roc = [None] + [100 * (C[i] / C[i - 1] - 1) for i in range(1, N)]
pmo = recur([x and 10 * x if x is not None else None for x in recur(roc, 35, 2 / 35)], 20, 2 / 20)
put("pmo", zipped(lambda p, s: p, pmo, ema(pmo, 10)), "pmo")
put("pmo", ema(pmo, 10), "signal")
macd = zipped(lambda a, b: a - b, [None] * 14 + ema(C[14:], 12), ema(C, 26))
hist = zipped(lambda a, b: a - b, macd, ema(macd, 9))
put("elder_impulse", zipped(lambda a, b: 1.0 if a > 0 and b > 0 else -1.0 if a < 0 and b < 0 else 0.0,
                            diff(ema(C, 13)), diff(hist)))
put("disparity", zipped(lambda c, m: 100 * (c / m - 1), C, sma(C, 14)))
put("pretty_good", zipped(lambda c, m, a: (c - m) / a, C, sma(C, 14), atr(14)))
dev = zipped(lambda c, m: c - m, C, sma(C, 60))
put("trend_intensity", roll(dev, 30, lambda w: 100 * sum(x for x in w if x > 0) / sum(abs(x) for x in w)))
setup, count = [], 0
for i in range(N):
    if i >= 4:
        sign = (C[i] > C[i - 4]) - (C[i] < C[i - 4])
        count = 0 if sign == 0 else sign if count * sign < 0 else count + sign
    setup.append(float(count) if i >= 4 else None)
put("td_setup", setup)

# volatility
year = math.sqrt(252)
put("historical_volatility", roll(LR, 20, lambda w: st.stdev(w) * year))
var, fading = None, [None]
for r in LR[1:]:
    var = r * r if var is None else 0.94 * var + 0.06 * r * r
    fading.append(math.sqrt(var * 252))
put("ewma_volatility", fading)
ln = math.log
put("parkinson", roll([ln(h / l) ** 2 / (4 * ln(2)) for h, l in zip(H, L)], 20, lambda w: math.sqrt(252 * sum(w) / 20)))
gk = [0.5 * ln(h / l) ** 2 - (2 * ln(2) - 1) * ln(c / o) ** 2 for o, h, l, c in zip(O, H, L, C)]
put("garman_klass", roll(gk, 20, lambda w: math.sqrt(252 * sum(w) / 20)))
rs = [ln(h / c) * ln(h / o) + ln(l / c) * ln(l / o) for o, h, l, c in zip(O, H, L, C)]
gap = [None] + [ln(O[i] / C[i - 1]) for i in range(1, N)]
k = 0.34 / (1.34 + 21 / 19)
put("yang_zhang", zipped(lambda g, b, r: math.sqrt(252 * (g + k * b + (1 - k) * r)), roll(gap, 20, st.variance),
                         roll([ln(c / o) for c, o in zip(C, O)], 20, st.variance), sma(rs, 20)))
put("ulcer_index", roll(roll(C, 14, lambda w: (100 * (w[-1] / max(w) - 1)) ** 2), 14, lambda w: math.sqrt(sum(w) / 14)))
put("volatility_ratio", zipped(lambda t, e: t / e, TR, ema(TR, 14)))
cs = [None]
for i in range(1, N):
    beta = ln(H[i] / L[i]) ** 2 + ln(H[i - 1] / L[i - 1]) ** 2
    gamma = ln(max(H[i], H[i - 1]) / min(L[i], L[i - 1])) ** 2
    d = 3 - 2 * math.sqrt(2)
    alpha = (math.sqrt(2 * beta) - math.sqrt(beta)) / d - math.sqrt(gamma / d)
    cs.append(max(0.0, 2 * (math.exp(alpha) - 1) / (1 + math.exp(alpha))))
put("corwin_schultz", sma(cs, 20))


def cov(xs, ys):
    return sum((x - st.fmean(xs)) * (y - st.fmean(ys)) for x, y in zip(xs, ys)) / len(xs)


D = diff(C)
put("roll_spread", [None if i < 21 else 2 * math.sqrt(max(0.0, -cov(D[i - 19:i + 1], D[i - 20:i]))) for i in range(N)])

# volume
put("volume_oscillator", zipped(lambda f, s: 100 * (f / s - 1), sma(V, 5), sma(V, 10)))
put("volume_roc", zipped(lambda a, b: 100 * (a / b - 1), V, lag(V, 14)))
put("volume_zscore", roll(V, 20, lambda w: (w[-1] - st.fmean(w)) / st.pstdev(w)))
ad = [None]
for i in range(1, N):
    hi, lo = max(H[i], C[i - 1]), min(L[i], C[i - 1])
    ad.append(V[i] * (2 * C[i] - hi - lo) / (hi - lo) if hi > lo else 0.0)
put("twiggs_money_flow", zipped(lambda a, b: a / b, wilder(ad, 21), wilder([None] + V[1:], 21)))
put("amihud", roll([None] + [1e6 * abs(C[i] / C[i - 1] - 1) / (C[i] * V[i]) for i in range(1, N)], 20, st.fmean))

# statistics
put("zscore", roll(C, 20, lambda w: (w[-1] - st.fmean(w)) / st.pstdev(w)))
put("skewness", roll(C, 30, lambda w: st.fmean([(x - st.fmean(w)) ** 3 for x in w]) / st.pstdev(w) ** 3))
put("r_squared", roll(C, 14, lambda w: st.correlation(range(14), w) ** 2))
put("standard_error", roll(C, 14, lambda w: math.sqrt(line(w)[2] / 12)))
put("median_deviation", roll(C, 20, lambda w: st.median(abs(x - st.median(w)) for x in w)))
put("drawdown", roll(C, 60, lambda w: 1 - w[-1] / max(w)))
put("max_drawdown", roll(C, 60, lambda w: max(1 - w[j] / max(w[:j + 1]) for j in range(60))))


def half_life(w):
    slope = st.linear_regression(w[:-1], [b - a for a, b in zip(w, w[1:])]).slope
    return -math.log(2) / math.log(1 + slope) if -1 < slope < 0 else None


put("half_life", roll(C, 60, half_life))
put("log_return", LR)
put("autocorrelation", [None if i < 61 else cov(LR[i - 59:i + 1], LR[i - 60:i])
                        / (st.pstdev(LR[i - 59:i + 1]) * st.pstdev(LR[i - 60:i])) for i in range(N)])


def entropy(w):
    counts = [0] * 10
    for x in w:
        counts[min(9, int((x - min(w)) / (max(w) - min(w)) * 10))] += 1
    return -sum(c / len(w) * math.log(c / len(w)) for c in counts if c) / math.log(10)


def hurst(w):
    xs, ys = [], []
    for size in (8, 16, 32, 64, 128):
        parts = []
        for start in range(0, len(w) - size + 1, size):
            part = w[start:start + size]
            path = [0.0]
            for x in part:
                path.append(path[-1] + x - st.fmean(part))
            parts.append((max(path) - min(path)) / st.pstdev(part))
        xs.append(math.log(size))
        ys.append(math.log(st.fmean(parts)))
    return st.linear_regression(xs, ys).slope


def variance_ratio(w, q=5):
    n, mean = len(w), st.fmean(w)
    one = sum((x - mean) ** 2 for x in w) / (n - 1)
    many = sum((sum(w[j:j + q]) - q * mean) ** 2 for j in range(n - q + 1))
    return many / (q * (n - q + 1) * (1 - q / n)) / one


put("entropy", roll(LR, 60, entropy))
put("hurst", roll(LR, 128, hurst))
put("variance_ratio", roll(LR, 60, variance_ratio))
put("rolling_sharpe", roll(LR, 60, lambda w: st.fmean(w) / st.stdev(w) * year))
put("rolling_sortino", roll(LR, 60, lambda w: st.fmean(w) / math.sqrt(st.fmean([min(x, 0) ** 2 for x in w])) * year))

# structure
sessions = sorted(set(day))
for i in range(N):
    past = [j for j in range(N) if day[j] == day[i] - 1]
    if not past:
        continue
    o, h, l, c = O[past[0]], max(H[j] for j in past), min(L[j] for j in past), C[past[-1]]
    p, r = (h + l + c) / 3, h - l
    w = (h + l + 2 * c) / 4
    x = h + 2 * l + c if c < o else 2 * h + l + c if c > o else h + l + 2 * c
    today = [j for j in range(i + 1) if day[j] == day[i]]
    levels = {
        "pivot_classic": dict(pivot=p, r1=2 * p - l, s1=2 * p - h, r2=p + r, s2=p - r, r3=h + 2 * (p - l), s3=l - 2 * (h - p)),
        "pivot_woodie": dict(pivot=w, r1=2 * w - l, s1=2 * w - h, r2=w + r, s2=w - r),
        "pivot_fibonacci": dict(r1=p + .382 * r, s1=p - .382 * r, r2=p + .618 * r, s2=p - .618 * r, r3=p + r, s3=p - r),
        "pivot_camarilla": dict(pivot=p, r1=c + r * 1.1 / 12, r2=c + r * 1.1 / 6, r3=c + r * 1.1 / 4, r4=c + r * 1.1 / 2,
                                s1=c - r * 1.1 / 12, s2=c - r * 1.1 / 6, s3=c - r * 1.1 / 4, s4=c - r * 1.1 / 2),
        "pivot_demark": dict(pivot=x / 4, r1=x / 2 - l, s1=x / 2 - h),
        "session_range": dict(high=max(H[j] for j in today), low=min(L[j] for j in today), last_close=c),
    }
    for name, level in levels.items():
        for output, value in level.items():
            written.append((name, output, i, digits(value)))
put("inside_bar", [None] + [1.0 if H[i] < H[i - 1] and L[i] > L[i - 1] else -1.0 if H[i] > H[i - 1] and L[i] < L[i - 1]
                            else 0.0 for i in range(1, N)])
extreme, up, confirmed, legs = L[0], False, [], []
for i in range(N):
    if i:
        if up and L[i] <= extreme * 0.95:
            confirmed.append(extreme)
            extreme, up = L[i], False
        elif not up and H[i] >= extreme * 1.05:
            confirmed.append(extreme)
            extreme, up = H[i], True
        else:
            extreme = max(extreme, H[i]) if up else min(extreme, L[i])
    legs.append((extreme, 1.0 if up else -1.0, list(confirmed)))
put("zigzag", [e if c else None for e, _, c in legs], "extreme")
put("zigzag", [s if c else None for _, s, c in legs], "direction")
put("zigzag", [c[-1] if c else None for _, _, c in legs], "confirmed")
put("swing_retracement", [(e - c[-1]) / (c[-2] - c[-1]) if len(c) > 1 else None for e, _, c in legs])

# pairs
pairs = rows("pairs")
X, Y = ([float(p[k]) for p in pairs] for k in "xy")
both = lambda n, f: [None if i + 1 < n else f(X[i + 1 - n:i + 1], Y[i + 1 - n:i + 1]) for i in range(len(X))]
put("covariance", both(30, cov))
put("hedge_ratio", both(60, lambda x, y: st.linear_regression(x, y).slope))


def spread_zscore(x, y):
    slope, intercept = st.linear_regression(x, y)
    left = [b - slope * a - intercept for a, b in zip(x, y)]
    return left[-1] / st.pstdev(left)


put("spread_zscore", both(60, spread_zscore))
put("ratio_zscore", roll([y / x for x, y in zip(X, Y)], 60, lambda w: (w[-1] - st.fmean(w)) / st.pstdev(w)))

# quotes
q = [{k: float(v) for k, v in r.items()} for r in rows("quotes")]
put("mid", [(r["bid"] + r["ask"]) / 2 for r in q])
put("microprice", [(r["bid"] * r["ask_qty"] + r["ask"] * r["bid_qty"]) / (r["bid_qty"] + r["ask_qty"]) for r in q])
put("quoted_spread", [2e4 * (r["ask"] - r["bid"]) / (r["ask"] + r["bid"]) for r in q])
put("book_imbalance", [(r["bid_qty"] - r["ask_qty"]) / (r["bid_qty"] + r["ask_qty"]) for r in q])
e = [None]
for a, b in zip(q, q[1:]):
    bid = b["bid_qty"] if b["bid"] > a["bid"] else -a["bid_qty"] if b["bid"] < a["bid"] else b["bid_qty"] - a["bid_qty"]
    ask = -a["ask_qty"] if b["ask"] > a["ask"] else b["ask_qty"] if b["ask"] < a["ask"] else b["ask_qty"] - a["ask_qty"]
    e.append(bid - ask)
put("order_flow_imbalance", roll(e, 50, sum))

# prints
prints = rows("prints")
P, Q = ([float(p[k]) for p in prints] for k in ("price", "qty"))
S = [x if p["aggressor"] == "buy" else -x for p, x in zip(prints, Q)]
keep = range(0, len(P), 7)
thin = lambda xs: [x if i in keep else None for i, x in enumerate(xs)]
put("print_imbalance", thin(roll(S, 50, lambda w: sum(w) / sum(map(abs, w)))))
total, cvd = 0.0, []
for s in S:
    total += s
    cvd.append(total)
put("cvd", thin(cvd))
put("print_vwap", thin([None if i < 49 else sum(p * x for p, x in zip(P[i - 49:i + 1], Q[i - 49:i + 1]))
                        / sum(Q[i - 49:i + 1]) for i in range(len(P))]))
times = [int(p["time"]) for p in prints]
put("print_rate", thin([None if i < 49 or times[i] == times[i - 49] else 49 / (times[i] - times[i - 49])
                        for i in range(len(P))]))
full, signs, vpin = deque(maxlen=50), [], []
for x, s in zip(Q, S):
    for _ in range(int(x)):
        signs.append(1 if s > 0 else -1)
        if len(signs) == 1000:
            full.append(abs(sum(signs)) / 1000)
            signs = []
    vpin.append(sum(full) / 50 if len(full) == 50 else None)
put("vpin", thin(vpin))
marks = [(P[i], sum(S[i - 19:i + 1])) for i in range(19, len(P), 20)]
kyle = []
for i in range(len(P)):
    done = (i + 1) // 20
    if done < 51:
        kyle.append(None)
        continue
    part = marks[done - 51:done]
    kyle.append(st.linear_regression([s for _, s in part[1:]], [b[0] - a[0] for a, b in zip(part, part[1:])]).slope)
put("kyle_lambda", thin(kyle))

text = "indicator,output,row,value\n" + "".join(",".join(map(str, row)) + "\n" for row in written)
with open(os.path.join(HERE, "reference.csv.gz"), "wb") as out:
    out.write(gzip.compress(text.encode(), mtime=0))
